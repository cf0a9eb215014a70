import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Hostname, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { TaskRecordEvent } from '../derive/record-event.ts';
import { noAttributes } from '../derive/task-attributes.ts';
import { pack, unpack } from './packed-events.ts';

const id = 't-1' as TaskId;
const plain = { noNullPrototype: true } as const;
const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(some, { nil: undefined });
const millis = fc.double({ min: 1e12, max: 1e13, noNaN: true });
const head = {
  id: fc.constant(id),
  hostname: fc.string().map((name) => name as Hostname),
  pid: maybe(fc.nat()),
  at: millis,
  skewMs: maybe(fc.integer({ min: -3_600_000, max: 3_600_000 })),
  receivedAt: millis,
};
const publication = { retries: fc.nat(), eta: maybe(millis) };
const digest = maybe(fc.nat({ max: 0xffff }));
const where = { queue: maybe(fc.string()), exchange: maybe(fc.string()), routingKey: maybe(fc.string()) };
const recordEvents: fc.Arbitrary<TaskRecordEvent> = fc.oneof(
  fc.record({ type: fc.constant('task-sent' as const), ...head, ...publication, ...where }, plain),
  fc.record({ type: fc.constant('task-received' as const), ...head, ...publication, digest }, plain),
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

const text = maybe(fc.string().map((some) => some as Redacted));
const anyAttributes = fc.record(
  {
    name: text,
    args: text,
    kwargs: text,
    groupId: maybe(fc.string().map((some) => some as TaskId)),
    queue: maybe(fc.string()),
    eta: maybe(millis),
    expires: maybe(millis),
  },
  plain,
);

test('unpacked contents equal the packed ones to the last digit', () => {
  fc.assert(
    fc.property(anyAttributes, fc.array(recordEvents, { maxLength: 6 }), (words, events) => {
      const packed = pack({ attributes: words, events });
      // Two doubles that are far apart need not have a difference that is one.
      fc.pre(packed !== undefined);
      assert.deepEqual(unpack(packed, id), { attributes: words, events });
    }),
  );
});

test('events within a week, by clocks that differ by a year, are packed', () => {
  const from = Date.UTC(2026, 10, 25);
  const offset = (days: number): fc.Arbitrary<number> =>
    fc.double({ min: -days * 86_400_000, max: days * 86_400_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(offset(7), offset(365)), { maxLength: 6 }), (times) => {
      const events = times.map(([at, later]): TaskRecordEvent => {
        return {
          type: 'task-started',
          id,
          hostname: 'w@a' as Hostname,
          pid: 1,
          at: from + at,
          skewMs: undefined,
          receivedAt: from + later,
        };
      });
      assert.deepEqual(unpack(pack({ attributes: noAttributes, events }) ?? '', id).events, events);
    }),
  );
});

test('an end event with a text is not packed', () => {
  const about = { id, hostname: 'w@a' as Hostname, pid: 1, at: 1e12, receivedAt: 1e12 };
  const packed = (event: TaskRecordEvent): string | undefined => pack({ attributes: noAttributes, events: [event] });
  assert.equal(packed({ type: 'task-succeeded', ...about, result: '4' as Redacted, runtimeMs: 3 }), undefined);
  assert.equal(packed({ type: 'task-failed', ...about, exception: undefined, traceback: undefined }), undefined);
});
