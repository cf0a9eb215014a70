import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAttempt, anException, aSend, aTask } from '../../../test/fakes/transition.ts';
import type { TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { Attempt } from '../../lifecycle/transition.ts';
import {
  type Attributes,
  defined,
  isBad,
  isoOf,
  names,
  put,
  putAttempt,
  putSend,
  taskAttributes,
} from './attributes.ts';

test('every attribute name is used once', () => {
  const all = Object.values(names);
  assert.equal(new Set(all).size, all.length);
});

test('a task has its ids, its name and its queue', () => {
  assert.deepEqual(taskAttributes(aTask({ parentId: 'p' as TaskId, groupId: 'g' as TaskId })), {
    'messaging.system': 'celery',
    'messaging.message.id': 'task-1',
    'messaging.message.conversation_id': 'root-1',
    'celery.task_id': 'task-1',
    'celery.task_name': 'mail.send',
    'messaging.destination.name': 'mail',
    'celery.parent_id': 'p',
    'celery.group_id': 'g',
  });
});

test('unknown values have no attribute', () => {
  const attributes = taskAttributes(aTask({ name: undefined, queue: undefined }));
  assert.deepEqual(Object.keys(attributes).sort(), [
    'celery.task_id',
    'messaging.message.conversation_id',
    'messaging.message.id',
    'messaging.system',
  ]);
});

describe('attributes of an attempt', () => {
  function attributesOf(fields: Partial<Attempt>): Attributes {
    const attributes: Attributes = {};
    putAttempt(attributes, anAttempt(fields));
    return attributes;
  }
  const timeout = anException('Timeout', 'no answer');
  const cases = [
    { fields: { outcome: 'succeeded', result: 'ok' as Redacted }, name: 'celery.result', want: 'ok' },
    { fields: { outcome: 'failed', exception: timeout }, name: 'error.type', want: 'Timeout' },
    { fields: { outcome: 'failed', cause: 'worker-lost' }, name: 'error.type', want: 'worker-lost' },
    { fields: { outcome: 'succeeded', cause: 'app-error' }, name: 'error.type', want: undefined },
    { fields: { outcome: 'retried', exception: timeout }, name: 'celery.retry.reason', want: 'no answer' },
    { fields: { outcome: 'failed', exception: timeout }, name: 'celery.retry.reason', want: undefined },
    { fields: { outcome: 'revoked', cause: 'expired' }, name: 'celery.revoked.reason', want: 'expired' },
    { fields: { isRedelivery: true }, name: 'taskvigil.redelivery', want: true },
    { fields: { isRedelivery: false }, name: 'taskvigil.redelivery', want: undefined },
    { fields: { signal: 'SIGKILL' }, name: 'taskvigil.signal', want: 'SIGKILL' },
    { fields: { pid: undefined }, name: 'celery.worker.pid', want: undefined },
    { fields: { retries: 3 }, name: 'celery.retries', want: 3 },
    { fields: { number: 4 }, name: 'taskvigil.attempt', want: 4 },
  ] as const;
  for (const { fields, name, want } of cases)
    test(`${name} of ${JSON.stringify(fields).slice(0, 60)} is ${want}`, () =>
      assert.equal(attributesOf(fields)[name], want));
});

describe('attributes of a publication', () => {
  const cases = [
    { fields: {}, want: 'mail' },
    { fields: { queue: undefined, routingKey: 'mail.fast' as never }, want: 'mail.fast' },
    { fields: { queue: undefined }, want: undefined },
  ];
  for (const { fields, want } of cases)
    test(`its destination is ${want}`, () => {
      const attributes: Attributes = {};
      putSend(attributes, aSend(fields));
      assert.equal(attributes['messaging.destination.name'], want);
      assert.equal(attributes['messaging.operation.name'], 'apply_async');
    });
});

describe('outcomes of attempts that are errors', () => {
  const outcomes = {
    succeeded: false,
    failed: true,
    retried: true,
    rejected: false,
    revoked: false,
    cancelled: false,
    replaced: false,
    lost: true,
    unknown: false,
  } as const;
  for (const [outcome, want] of Object.entries(outcomes))
    test(`${outcome}: ${want}`, () =>
      assert.equal(isBad(anAttempt({ outcome: outcome as keyof typeof outcomes })), want));
});

describe('values', () => {
  test('put leaves out only undefined', () => {
    const attributes: Attributes = {};
    put(attributes, 'a', 0);
    put(attributes, 'b', '');
    put(attributes, 'c', false);
    put(attributes, 'd', undefined);
    assert.deepEqual(attributes, { a: 0, b: '', c: false });
    assert.deepEqual(defined({ a: 0, d: undefined }), { a: 0 });
  });

  test('times are ISO 8601, as far as a date can show them', () => {
    assert.equal(isoOf(0), '1970-01-01T00:00:00.000Z');
    assert.equal(isoOf(undefined), undefined);
    assert.equal(isoOf(8.64e15), '+275760-09-13T00:00:00.000Z');
    assert.equal(isoOf(8.64e15 + 1), undefined);
    assert.equal(isoOf(-8.64e15 - 1), undefined);
  });
});

for (const [outcome, want] of [
  ['lost', true],
  ['unknown', true],
  ['succeeded', undefined],
  ['failed', undefined],
  [undefined, undefined],
] as const) {
  test(`the end of an attempt that is ${outcome ?? 'open'} is ${want ? '' : 'not '}inferred`, () => {
    const attributes: Attributes = {};
    putAttempt(attributes, anAttempt({ outcome }));
    assert.equal(attributes['taskvigil.end.inferred'], want);
  });
}
