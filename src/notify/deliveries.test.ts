import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, openedAt } from '../../test/fakes/incident.ts';
import { allActions, receiverOf } from '../../test/fakes/receiver.ts';
import type { Incident } from '../alert/incident.ts';
import { claimDelivery, type DeliveryResult, leaseMs } from '../alert/outbox/claims.ts';
import { emptyLedger, type Ledger } from '../alert/outbox/ledger.ts';
import type { Notice } from '../report.ts';
import { createDeliveries, type UpdateLedger } from './deliveries.ts';
import type { Receiver } from './receiver.ts';

const now = openedAt;
const away = { reason: 'http-503', retryInMs: undefined };

/** One delivery of an incident with the given outcome; the ledger after it, and what was reported. */
async function deliver(
  deliverOne: Receiver['deliver'],
  {
    ledger = emptyLedger,
    facts = {},
    random = 0.5,
    receiver = {},
  }: {
    readonly ledger?: Ledger;
    readonly facts?: Partial<Incident>;
    readonly random?: number;
    readonly receiver?: Partial<Receiver>;
  } = {},
) {
  const notices: Notice[] = [];
  let stored: Ledger | undefined = ledger;
  const settled: Ledger[] = [];
  const update: UpdateLedger = async (_id, change) => {
    const { next, answer } = change(stored, now);
    stored = next ?? stored;
    return answer;
  };
  const deliveries = createDeliveries({
    receiver: receiverOf(deliverOne, { name: 'webhook', ...receiver }),
    update,
    onSettled: (_id, one) => settled.push(one),
    random: () => random,
    report: (notice) => notices.push(notice),
  });
  const about = { kind: 'incident', incident: incidentOf(facts) } as const;
  const claim = claimDelivery(about, ledger, { by: 'me/1', now, supported: allActions })!;
  stored = claim.next;
  deliveries.begin('7d3f9a1c2b', claim.claimed, now);
  const countDuring = deliveries.count();
  await deliveries.idle();
  return { ledger: stored as Ledger, notices, settled, countDuring, countAfter: deliveries.count() };
}

const outcome = (result: DeliveryResult) => async () => result;

test('a delivery is reported by the name of its receiver, and its ledger is settled', async () => {
  const { ledger, notices, settled, countDuring, countAfter } = await deliver(
    outcome({ outcome: 'delivered', ref: 'x' }),
  );
  assert.deepEqual(notices, [{ kind: 'delivered', sink: 'webhook', count: 1 }]);
  assert.deepEqual([ledger.ref, settled.length, countDuring, countAfter], ['x', 1, 1, 0]);
});

test('a request may start in the first half of the lease', async () => {
  let startBy = 0;
  await deliver(async (_notification, limits) => {
    startBy = limits.startBy;
    return { outcome: 'delivered', ref: 'x' };
  });
  assert.equal(startBy, now + leaseMs / 2);
});

describe('a failure is reported', () => {
  const cases: readonly { result: DeliveryResult; willRetry: boolean }[] = [
    { result: { outcome: 'not-delivered', ...away }, willRetry: true },
    { result: { outcome: 'unknown', ...away }, willRetry: true },
    { result: { outcome: 'gone', reason: 'http-503' }, willRetry: false },
    { result: { outcome: 'refused', reason: 'http-503', ref: 'x' }, willRetry: false },
  ];
  for (const { result, willRetry } of cases) {
    test(`${result.outcome}: ${willRetry ? 'with' : 'without'} a retry`, async () => {
      const { notices } = await deliver(outcome(result));
      assert.deepEqual(notices, [
        { kind: 'delivery-failed', sink: 'webhook', reason: 'http-503', count: 1, willRetry },
      ]);
    });
  }
});

test('a receiver that throws is a bug, with an unknown outcome', async () => {
  const { ledger, notices } = await deliver(async () => {
    throw new TypeError('a bug');
  });
  assert.deepEqual(
    notices.map(({ kind }) => kind),
    ['bug', 'delivery-failed'],
  );
  assert.deepEqual([ledger.firstTryAt, ledger.failures], [now, 1]);
});

describe('the wait before a retry', () => {
  const waitOf = async (result: DeliveryResult, more: Parameters<typeof deliver>[1] = {}) =>
    (await deliver(outcome(result), more)).ledger.notBefore - now;
  const notDelivered = { outcome: 'not-delivered', ...away } as const;
  const failedOften = { ...emptyLedger, failures: 20 };

  test('starts with up to a second and doubles', async () => {
    assert.equal(await waitOf(notDelivered, { random: 1 }), 1_000);
    assert.equal(await waitOf(notDelivered, { random: 1, ledger: { ...emptyLedger, failures: 3 } }), 8_000);
    assert.equal(await waitOf(notDelivered, { random: 0.25, ledger: { ...emptyLedger, failures: 3 } }), 2_000);
  });

  test('is at most a minute, and 15 seconds for severe incidents', async () => {
    assert.equal(await waitOf(notDelivered, { random: 1, ledger: failedOften }), 60_000);
    for (const severity of ['high', 'critical'] as const)
      assert.equal(await waitOf(notDelivered, { random: 1, ledger: failedOften, facts: { severity } }), 15_000);
  });

  test('is at least two seconds after an unknown outcome', async () => {
    assert.equal(await waitOf({ outcome: 'unknown', ...away }, { random: 0 }), 2_000);
    assert.equal(await waitOf(notDelivered, { random: 0 }), 0);
  });

  test('is the one that the receiver asks for', async () => {
    assert.equal(await waitOf({ ...notDelivered, retryInMs: 90_000 }), 90_000);
    assert.equal(await waitOf({ outcome: 'unknown', reason: 'x', retryInMs: 500 }), 2_000);
  });
});

describe('a message that was delivered twice', () => {
  const other: Ledger = { ...emptyLedger, ref: 'first', rev: 1 };
  /** Another instance records its root message while this one delivers. */
  async function duplicate(retract: NonNullable<Receiver['retract']> | undefined) {
    const notices: Notice[] = [];
    const deliveries = createDeliveries({
      receiver: receiverOf(outcome({ outcome: 'delivered', ref: 'second' }), retract === undefined ? {} : { retract }),
      update: async (_id, change) => change(other, now).answer,
      onSettled: () => {},
      random: () => 0,
      report: (notice) => notices.push(notice),
    });
    const about = { kind: 'incident', incident: incidentOf() } as const;
    const { claimed } = claimDelivery(about, emptyLedger, { by: 'me/1', now, supported: allActions })!;
    deliveries.begin('a', claimed, now);
    await deliveries.idle();
    return notices;
  }

  test('is retracted', async () => {
    const retracted: string[] = [];
    await duplicate(async (ref) => void retracted.push(ref));
    assert.deepEqual(retracted, ['second']);
  });

  test('is reported if it cannot be retracted now', async () => {
    const notices = await duplicate(async () => {
      throw new RangeError('no');
    });
    assert.deepEqual(notices.at(-1), {
      kind: 'delivery-failed',
      sink: 'slack',
      reason: 'retract: RangeError',
      count: 1,
      willRetry: false,
    });
  });

  test('stays where the receiver cannot retract', async () => {
    assert.deepEqual(
      (await duplicate(undefined)).map(({ kind }) => kind),
      ['delivered'],
    );
  });
});

test('four deliveries run at a time', async () => {
  const ends: (() => void)[] = [];
  const deliveries = createDeliveries({
    receiver: receiverOf(() => new Promise((resolve) => ends.push(() => resolve({ outcome: 'gone', reason: 'x' })))),
    update: async (_id, change) => change(undefined, now).answer,
    onSettled: () => {},
    random: () => 0,
    report: () => {},
  });
  const about = { kind: 'incident', incident: incidentOf() } as const;
  const { claimed } = claimDelivery(about, emptyLedger, { by: 'me/1', now, supported: allActions })!;
  for (let index = 0; index < 4; index += 1) {
    assert.equal(deliveries.hasRoom(), true);
    deliveries.begin(`${index}`, claimed, now);
  }
  assert.equal(deliveries.hasRoom(), false);
  for (const end of ends) end();
  await deliveries.idle();
  assert.equal(deliveries.hasRoom(), true);
});
