import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, type StoryEvent } from '../../../test/fakes/task-story.ts';
import type { TaskId } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { mergeAttributes, noAttributes, parentIdOf, type StoredAttributes } from './task-attributes.ts';

type Sent = Extract<StoryEvent, { type: 'task-sent' }>;
type Received = Extract<StoryEvent, { type: 'task-received' }>;
const sent = (fields: Partial<Sent> = {}): Sent => ({ ...(eventOf('sent', 1) as Sent), ...fields });
const received = (fields: Partial<Received> = {}): Received => ({ ...(eventOf('received', 1) as Received), ...fields });
const stored = (fields: Partial<StoredAttributes>): StoredAttributes => ({ ...noAttributes, ...fields });

test('a send sets name, arguments, queue, eta and expiry', () => {
  const event = sent({ args: redactedText`(1,)`, kwargs: redactedText`{}`, eta: 5, expires: 9 });
  assert.deepEqual(mergeAttributes(noAttributes, event, true), {
    name: 'mill.grind',
    args: '(1,)',
    kwargs: '{}',
    groupId: undefined,
    queue: 'flour',
    eta: 5,
    expires: 9,
  });
});

test('a receipt sets no queue', () => {
  assert.equal(mergeAttributes(noAttributes, received(), true).queue, undefined);
});

const merges = [
  { name: 'an earlier event replaces the stored name', isFirst: true, want: 'mill.grind' },
  { name: 'a later event keeps the stored name', isFirst: false, want: 'other' },
] as const;
for (const { name, isFirst, want } of merges) {
  test(name, () => {
    assert.equal(mergeAttributes(stored({ name: redactedText`other` }), sent(), isFirst).name, want);
  });
}

test('a later event fills in what is missing', () => {
  const merged = mergeAttributes(stored({ name: redactedText`other` }), sent({ eta: 7 }), false);
  assert.deepEqual([merged.name, merged.queue, merged.eta], ['other', 'flour', 7]);
});

test('an earlier event without a value keeps the stored one', () => {
  const merged = mergeAttributes(stored({ eta: 7, groupId: 'g' as TaskId }), sent({ eta: undefined }), true);
  assert.deepEqual([merged.eta, merged.groupId], [7, 'g']);
});

test('events without attributes change nothing', () => {
  const attributes = stored({ name: redactedText`other` });
  for (const step of ['started', 'succeeded', 'retried', 'requeued', 'revoked', 'cancelled', 'failed']) {
    assert.equal(mergeAttributes(attributes, eventOf(step, 1), true), attributes);
  }
});

test('the exception of an unregistered task gives its name', () => {
  assert.equal(mergeAttributes(noAttributes, eventOf('unregistered', 1), false).name, 'mill.grind');
});

test('another exception gives no name', () => {
  assert.equal(mergeAttributes(noAttributes, eventOf('failed', 1), false), noAttributes);
});

test('the exception of an unregistered task replaces no known name', () => {
  const attributes = stored({ name: redactedText`other` });
  assert.equal(mergeAttributes(attributes, eventOf('unregistered', 1), true), attributes);
});

const [id, root, other] = ['id', 'root', 'other'] as TaskId[];
const parents: readonly { readonly name: string; readonly event: Partial<Sent>; readonly want: TaskId | undefined }[] =
  [
    { name: 'another task is the parent', event: { rootId: root, parentId: other }, want: other },
    { name: 'the root itself may be the parent', event: { rootId: root, parentId: root }, want: root },
    { name: 'a root task has no parent', event: { rootId: id, parentId: other }, want: undefined },
    { name: 'a task is not its own parent', event: { rootId: root, parentId: id }, want: undefined },
    { name: 'a task without a parent has none', event: { rootId: root, parentId: undefined }, want: undefined },
  ];
for (const { name, event, want } of parents) {
  test(name, () => assert.equal(parentIdOf(sent({ id, ...event } as Sent)), want));
}
