import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Hostname, TaskId } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Said } from './lives.ts';
import { pack, unpack } from './packed.ts';

const id = 't-1' as TaskId;
const plain = { noNullPrototype: true } as const;
const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(some, { nil: undefined });
const millis = fc.double({ min: 1e12, max: 1e13, noNaN: true });
const head = {
  id: fc.constant(id),
  hostname: fc.string().map((name) => name as Hostname),
  pid: maybe(fc.nat()),
  at: millis,
  receivedAt: millis,
};
const publication = { retries: fc.nat(), eta: maybe(millis) };
const where = { queue: maybe(fc.string()), exchange: maybe(fc.string()), routingKey: maybe(fc.string()) };
const said: fc.Arbitrary<Said> = fc.oneof(
  fc.record({ type: fc.constant('task-sent' as const), ...head, ...publication, ...where }, plain),
  fc.record({ type: fc.constant('task-received' as const), ...head, ...publication }, plain),
  fc.record({ type: fc.constant('task-started' as const), ...head }, plain),
  fc.record(
    {
      type: fc.constant('task-succeeded' as const),
      ...head,
      result: fc.constant(undefined),
      runtimeMs: maybe(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })),
    },
    plain,
  ),
);

test('what is packed comes out as it went in, to the last digit', () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 6 }), (events) => {
      assert.deepEqual(unpack(pack(events) ?? '', id), events);
    }),
  );
});

test('an end that carries a text is not packed', () => {
  const about = { id, hostname: 'w@a' as Hostname, pid: 1, at: 1e12, receivedAt: 1e12 };
  assert.equal(pack([{ type: 'task-succeeded', ...about, result: '4' as Redacted, runtimeMs: 3 }]), undefined);
  assert.equal(pack([{ type: 'task-failed', ...about, exception: undefined, traceback: undefined }]), undefined);
});
