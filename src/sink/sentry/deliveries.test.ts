import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { failureOf } from '../../../test/fakes/failure.ts';
import type { Notice } from '../../report.ts';
import { createVirtualClock } from '../../runtime/clock.ts';
import type { SentryClient, SentryResponse } from './client.ts';
import { SentryDeliveries, type SentryDeliveriesOptions } from './deliveries.ts';
import { sentryEventOf } from './event.ts';
import type { Occurrence } from './group-budget.ts';

const startAt = 1_700_000_000_000;

function occurrenceOf(id: string): Occurrence {
  const failure = failureOf({ id, at: startAt });
  const group = { fingerprint: failure.fingerprint, count: 1, firstAt: startAt, lastAt: startAt };
  return { failure, group, occurrences: 1 };
}

const delivered: SentryResponse = { outcome: 'delivered', reason: 'http-200', restMs: 0 };
const failed: SentryResponse = { outcome: 'failed', reason: 'http-503', restMs: 0 };
const refused: SentryResponse = { outcome: 'refused', reason: 'http-413', restMs: 0 };
const limitedFor = (restMs: number): SentryResponse => ({ outcome: 'limited', reason: 'http-429', restMs });

/** Deliveries over a client that the test answers request by request. */
function openDeliveries(options: Partial<SentryDeliveriesOptions> = {}) {
  const clock = createVirtualClock(startAt);
  const requests: {
    readonly id: string | undefined;
    readonly at: number;
    readonly answer: (r: SentryResponse) => void;
  }[] = [];
  const notices: Notice[] = [];
  const undelivered: string[] = [];
  let spentCount = 0;
  let isAborted = false;
  let isClosed = false;
  const client: SentryClient = {
    send(event) {
      const { promise, resolve } = Promise.withResolvers<SentryResponse>();
      requests.push({ id: event.tags['celery.task_id'], at: clock.now() - startAt, answer: resolve });
      if (isAborted) resolve({ outcome: 'failed', reason: 'no-answer', restMs: 0 });
      return promise;
    },
    abort() {
      isAborted = true;
      for (const { answer } of requests) answer({ outcome: 'failed', reason: 'no-answer', restMs: 0 });
    },
    async close() {
      isClosed = true;
    },
  };
  const deliveries = new SentryDeliveries({
    client: Promise.resolve(client),
    lanes: 1,
    itemsMax: 10,
    eventOf: ({ failure, group, occurrences }) =>
      sentryEventOf(
        failure,
        { environment: undefined, release: undefined, grouping: 'taskvigil' },
        { occurrences, group },
      ),
    isSpent: async () => false,
    onUndelivered: ({ failure }) => undelivered.push(failure.id),
    onSpent: () => {
      spentCount += 1;
    },
    report: (notice) => notices.push(notice),
    clock,
    random: () => 1,
    ...options,
  });
  return {
    deliveries,
    requests,
    notices,
    undelivered,
    spentCount: () => spentCount,
    isClosed: () => isClosed,
    async answer(response: SentryResponse) {
      requests.at(-1)?.answer(response);
      await settle();
    },
    async enqueue(...ids: string[]) {
      for (const id of ids) deliveries.enqueue(occurrenceOf(id));
      await settle();
    },
    async pass(ms: number) {
      clock.advanceTo(clock.now() + ms);
      await settle();
    },
  };
}

const outcomesOf = (notices: readonly Notice[]): string[] =>
  notices.map((notice) => {
    if (notice.kind === 'delivered') return 'delivered';
    if (notice.kind === 'delivery-failed') return `${notice.reason} ${notice.willRetry ? 'retried' : 'given up'}`;
    if (notice.kind === 'items-dropped') return `dropped ${notice.reason}`;
    return notice.kind;
  });

describe('an event', () => {
  for (const { name, responses, outcomes, undelivered } of [
    { name: 'that Sentry takes is delivered', responses: [delivered], outcomes: ['delivered'], undelivered: [] },
    {
      name: 'that fails once is delivered by its second attempt',
      responses: [failed, delivered],
      outcomes: ['http-503 retried', 'delivered'],
      undelivered: [],
    },
    {
      name: 'that Sentry refuses is given up, and no later event accounts for it',
      responses: [refused],
      outcomes: ['http-413 given up'],
      undelivered: [],
    },
    {
      name: 'that fails and is refused then is not accounted for either',
      responses: [failed, refused],
      outcomes: ['http-503 retried', 'http-413 given up'],
      undelivered: [],
    },
    {
      name: 'that fails five times is delivered by its sixth attempt',
      responses: [failed, failed, failed, failed, failed, delivered],
      outcomes: [...Array(5).fill('http-503 retried'), 'delivered'],
      undelivered: [],
    },
    {
      name: 'that fails six times is left to a later event of its group',
      responses: [failed, failed, failed, failed, failed, failed],
      outcomes: [...Array(5).fill('http-503 retried'), 'http-503 given up'],
      undelivered: ['a'],
    },
    {
      name: 'that is rate-limited seven times is delivered, because a rate limit is no failed attempt',
      responses: [...Array(7).fill(limitedFor(60_000)), delivered],
      outcomes: [...Array(7).fill('http-429 retried'), 'delivered'],
      undelivered: [],
    },
  ])
    test(name, async () => {
      const bench = openDeliveries();
      await bench.enqueue('a');
      for (const response of responses) {
        await bench.answer(response);
        await bench.pass(60_000);
      }
      assert.equal(bench.requests.length, responses.length);
      assert.deepEqual(outcomesOf(bench.notices), outcomes);
      assert.deepEqual(bench.undelivered, undelivered);
      assert.equal(bench.deliveries.has(occurrenceOf('a').failure), false, 'its place is free again');
    });
});

test('the waits between failed attempts double from two seconds', async () => {
  const bench = openDeliveries();
  await bench.enqueue('a');
  for (const waitMs of [2_000, 4_000, 8_000, 16_000, 32_000]) {
    const { length } = bench.requests;
    await bench.answer(failed);
    await bench.pass(waitMs - 1);
    assert.equal(bench.requests.length, length, `none before ${waitMs} ms`);
    await bench.pass(1);
    assert.equal(bench.requests.length, length + 1, `one at ${waitMs} ms`);
  }
});

describe('a rate limit', () => {
  test('that comes with a delivery delays the next event, and not longer than Sentry asks', async () => {
    const bench = openDeliveries();
    await bench.enqueue('a', 'b');
    await bench.answer({ ...delivered, restMs: 30_000 });
    await bench.pass(29_999);
    assert.equal(bench.requests.length, 1);
    await bench.pass(1);
    assert.deepEqual(
      bench.requests.map(({ at }) => at),
      [0, 30_000],
    );
  });

  test('is not shortened by a later, shorter one', async () => {
    const bench = openDeliveries({ lanes: 2 });
    await bench.enqueue('a', 'b', 'c');
    const [first, second] = bench.requests;
    first?.answer({ ...delivered, restMs: 30_000 });
    await settle();
    second?.answer({ ...delivered, restMs: 5_000 });
    await settle();
    await bench.pass(29_999);
    assert.equal(bench.requests.length, 2);
    await bench.pass(1);
    assert.equal(bench.requests.length, 3);
  });

  for (const { name, restMs, outcomes, undelivered } of [
    {
      name: 'of an hour delays the event',
      restMs: 3_600_000,
      outcomes: ['http-429 retried', 'delivered'],
      undelivered: [],
    },
    {
      name: 'of more than an hour drops the event and leaves it to a later one of its group',
      restMs: 3_600_001,
      outcomes: ['http-429 retried', 'dropped rate-limited'],
      undelivered: ['a'],
    },
  ])
    test(name, async () => {
      const bench = openDeliveries();
      await bench.enqueue('a');
      await bench.answer(limitedFor(restMs));
      await bench.pass(restMs);
      await bench.answer(delivered);
      assert.deepEqual(outcomesOf(bench.notices), outcomes);
      assert.deepEqual(bench.undelivered, undelivered);
    });
});

describe('an occurrence beyond the limit', () => {
  test('is dropped as full, and the ones being sent count too', async () => {
    const bench = openDeliveries({ itemsMax: 2 });
    await bench.enqueue('a', 'b', 'c');
    assert.deepEqual(outcomesOf(bench.notices), ['dropped full']);
    assert.deepEqual(bench.undelivered, ['c']);
  });

  test('is dropped as rate-limited while Sentry asks for no requests', async () => {
    const bench = openDeliveries({ itemsMax: 1 });
    await bench.enqueue('a');
    await bench.answer(limitedFor(10_000));
    await bench.enqueue('b');
    assert.deepEqual(outcomesOf(bench.notices), ['http-429 retried', 'dropped rate-limited']);
  });
});

test('at most as many requests run at once as there are lanes', async () => {
  const bench = openDeliveries({ lanes: 2 });
  await bench.enqueue('a', 'b', 'c');
  assert.equal(bench.requests.length, 2);
  await bench.answer(delivered);
  assert.equal(bench.requests.length, 3);
});

test('an event of a group whose budget other replicas have used up is not sent, and the next one is', async () => {
  const bench = openDeliveries({ isSpent: async ({ failure }) => failure.id === 'a' });
  await bench.enqueue('a', 'b');
  assert.deepEqual([bench.spentCount(), bench.requests.length, bench.undelivered], [1, 1, []]);
  assert.deepEqual(bench.notices, []);
});

test('an event that cannot be built is reported as a bug, and the next one is sent', async () => {
  const error = new TypeError('no such field');
  let calls = 0;
  const bench = openDeliveries({
    eventOf: ({ failure }) => {
      calls += 1;
      if (calls === 1) throw error;
      return sentryEventOf(failure, { environment: undefined, release: undefined, grouping: 'default' });
    },
  });
  await bench.enqueue('a', 'b');
  assert.deepEqual(bench.notices, [{ kind: 'bug', where: 'sentry sink', error }]);
  assert.equal(bench.requests.length, 1);
});

describe('a stop', () => {
  test('of idle deliveries closes the client at once', async () => {
    const bench = openDeliveries();
    await bench.deliveries.stop(1_000, () => []);
    assert.deepEqual([bench.isClosed(), bench.deliveries.isStopped, bench.notices], [true, true, []]);
  });

  test('sends what waits and the rest of the budget, without asking for the shared budget', async () => {
    const bench = openDeliveries({ isSpent: async () => true });
    const rest = [occurrenceOf('suppressed')];
    const stopped = bench.deliveries.stop(1_000, () => rest.splice(0));
    await settle();
    await bench.answer(delivered);
    await stopped;
    assert.deepEqual(outcomesOf(bench.notices), ['delivered']);
    assert.equal(bench.spentCount(), 0);
  });

  test('drops at its deadline what still waits, and aborts the request in progress', async () => {
    const bench = openDeliveries();
    await bench.enqueue('sent', 'waiting');
    const stopped = bench.deliveries.stop(1_000, () => []);
    await bench.pass(999);
    assert.deepEqual(bench.notices, []);
    await bench.pass(1);
    await stopped;
    assert.deepEqual(outcomesOf(bench.notices), ['dropped stopping', 'no-answer given up']);
    assert.deepEqual(bench.undelivered, [], 'no later event can account for them');
  });

  test('does not wait for the end of a back-off', async () => {
    const bench = openDeliveries();
    await bench.enqueue('a');
    await bench.answer(failed);
    const stopped = bench.deliveries.stop(500, () => []);
    await bench.pass(500);
    await stopped;
    assert.equal(bench.requests.length, 1);
    assert.deepEqual(outcomesOf(bench.notices), ['http-503 retried', 'dropped stopping']);
  });
});
