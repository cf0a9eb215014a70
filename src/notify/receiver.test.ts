import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { notificationOf } from '../../test/fakes/incident.ts';
import { receiverOf } from '../../test/fakes/receiver.ts';
import { attemptDelivery, type Reconciliation } from './receiver.ts';

const limits = { startBy: 1_000 };
const delivered = { outcome: 'delivered', ref: 'new' } as const;
const failed = { outcome: 'not-delivered', reason: 'search: http-500', retryInMs: 7 } as const;

/** A receiver that records its calls. */
function open(reconciliation: Reconciliation = { kind: 'absent' }) {
  const calls: string[] = [];
  const receiver = receiverOf(
    async (_notification, { mayRepeat }) => {
      calls.push(mayRepeat === true ? 'deliver as a possible repeat' : 'deliver');
      return delivered;
    },
    {
      edit: async (_notification, ref) => {
        calls.push(`edit ${ref}`);
        return { outcome: 'delivered', ref };
      },
      reconcile: async () => {
        calls.push('reconcile');
        return reconciliation;
      },
    },
  );
  return { calls, receiver };
}

test('a first attempt delivers without a reconciliation', async () => {
  const { calls, receiver } = open();
  assert.deepEqual(await attemptDelivery(receiver, notificationOf(), limits), delivered);
  assert.deepEqual(calls, ['deliver']);
});

test('an edit changes the root message, also after an unknown outcome', async () => {
  const { calls, receiver } = open();
  const edit = notificationOf(undefined, { action: 'edit', ref: 'C1/1', mayBeThereSince: 5 });
  assert.deepEqual(await attemptDelivery(receiver, edit, limits), { outcome: 'delivered', ref: 'C1/1' });
  assert.deepEqual(calls, ['edit C1/1']);
});

describe('an attempt after an unknown outcome', () => {
  const cases: readonly { earlier: Reconciliation; calls: string[]; want: object }[] = [
    { earlier: { kind: 'found', ref: 'old' }, calls: ['reconcile'], want: { outcome: 'found', ref: 'old' } },
    { earlier: { kind: 'absent' }, calls: ['reconcile', 'deliver'], want: delivered },
    { earlier: { kind: 'impossible' }, calls: ['reconcile', 'deliver as a possible repeat'], want: delivered },
    { earlier: { kind: 'failed', result: failed }, calls: ['reconcile'], want: failed },
  ];
  for (const { earlier, calls, want } of cases) {
    test(`whose reconciliation is "${earlier.kind}"`, async () => {
      const one = open(earlier);
      const again = notificationOf(undefined, { mayBeThereSince: 5 });
      assert.deepEqual(await attemptDelivery(one.receiver, again, limits), want);
      assert.deepEqual(one.calls, calls);
    });
  }
});
