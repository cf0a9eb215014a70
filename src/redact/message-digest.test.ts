import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Hostname, TaskId } from '../event/ids.ts';
import type { TaskReceived } from '../event/task-event.ts';
import { Untrusted } from '../event/untrusted.ts';
import { digestOf } from './message-digest.ts';

const first: TaskReceived<Untrusted> = {
  type: 'task-received',
  id: 't' as TaskId,
  hostname: 'w@a' as Hostname,
  pid: 1,
  at: 1,
  receivedAt: 1,
  name: new Untrusted('mill.page'),
  args: new Untrusted("('one',)"),
  kwargs: new Untrusted('{}'),
  retries: 0,
  rootId: 't' as TaskId,
  parentId: undefined,
  eta: undefined,
  expires: undefined,
};

const others: readonly { readonly field: string; readonly change: Partial<TaskReceived<Untrusted>> }[] = [
  { field: 'name', change: { name: new Untrusted('mill.pages') } },
  { field: 'args', change: { args: new Untrusted("('two',)") } },
  { field: 'missing args', change: { args: undefined } },
  { field: 'kwargs', change: { kwargs: new Untrusted("{'n': 1}") } },
  { field: 'parent', change: { parentId: 't' as TaskId } },
  { field: 'root', change: { rootId: 'r' as TaskId } },
  { field: 'retries', change: { retries: 1 } },
  { field: 'eta', change: { eta: 1_800_000_000_000 } },
  { field: 'expiry', change: { expires: 1_800_000_000_000 } },
];
for (const { field, change } of others) {
  test(`another ${field} gives another digest`, () =>
    assert.notEqual(digestOf({ ...first, ...change }), digestOf(first)));
}

test('the same message has the same digest on any worker and at any time', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.nat(), (host, pid, at) =>
      assert.equal(digestOf({ ...first, hostname: host as Hostname, pid, at, receivedAt: at + 1 }), digestOf(first)),
    ),
  );
});

test('a digest has 16 bits', () => {
  fc.assert(
    fc.property(fc.string(), (args) => {
      const digest = digestOf({ ...first, args: new Untrusted(args) });
      assert.ok(Number.isInteger(digest) && digest >= 0 && digest <= 0xffff);
    }),
  );
});
