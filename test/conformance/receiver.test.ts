/**
 * Conformance of receivers, over the real delivery loop, coordinator and store, against a faithful Slack and a real HTTP
 * server: each message takes effect once, whatever the network does and wherever an instance dies; changes arrive in order; the
 * final state arrives; and an outage of one receiver does not delay another.
 */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Policy } from '../../src/alert/policy.ts';
import type { ReceiverName } from '../../src/alert/receipts.ts';
import type { AlertCoordinator } from '../../src/notify/coordinator.ts';
import type { Receiver } from '../../src/notify/receiver.ts';
import { createSlackReceiver } from '../../src/sink/slack/receiver.ts';
import { createWebhookReceiver } from '../../src/sink/webhook/receiver.ts';
import { createAlertFleet, minuteMs, opensAtOnce } from '../fakes/alert-fleet.ts';
import { type Fault, startFakeSlack } from '../fakes/slack.ts';
import { startFakeWebhook, type WebhookFault, webhookSecret } from '../fakes/webhook.ts';

/** The fault of the next request that posts. `accepted`: it takes effect, and its response is lost or an error. */
type Mishap =
  | { readonly kind: 'lost'; readonly accepted: boolean }
  | { readonly kind: 'stalled' }
  | { readonly kind: 'server-error'; readonly accepted: boolean }
  | { readonly kind: 'rate-limited'; readonly seconds: number };

interface Effect {
  readonly incident: string;
  readonly isResolved: boolean;
}

interface OpenReceiver {
  readonly receiver: Receiver;
  mishap(...mishaps: readonly Mishap[]): void;
  /** Every request fails while it is down. */
  down(is: boolean): void;
  /** The messages as people or programs see them, in the order of their first appearance, each with its latest state. */
  effects(): readonly Effect[];
  /** Requests that the other side accepted, and that posted or changed a message. */
  acceptedCount(): number;
}

interface Subject {
  readonly name: ReceiverName;
  open(t: TestContext, now: () => number): Promise<OpenReceiver>;
}

const requestTimeoutMs = 150;
const clockOf = (now: () => number) => ({ now, timeoutSignal: (ms: number) => AbortSignal.timeout(ms) });

const slack: Subject = {
  name: 'slack',
  async open(t, now) {
    let isDown = false;
    const fake = await startFakeSlack({
      weather: (method) =>
        isDown && method !== 'auth.test' ? { kind: 'status', status: 503, isAccepted: false } : { kind: 'none' },
    });
    t.after(() => fake.stop());
    const receiver = createSlackReceiver({
      token: () => fake.token,
      apiUrl: fake.apiUrl,
      clock: { now },
      sleep: async () => {},
      links: () => [],
      namespace: 'shop',
      postIntervalMs: 0,
      timeoutMs: requestTimeoutMs,
    });
    return {
      receiver,
      mishap: (...mishaps) => fake.fault('chat.postMessage', ...mishaps.map(slackFault)),
      down(is) {
        isDown = is;
      },
      effects: () =>
        fake
          .messages('alerts')
          .filter(({ threadTs }) => threadTs === undefined)
          .map(({ metadata, text }) => ({
            incident: (metadata as { event_payload: { incident: string } }).event_payload.incident,
            isResolved: /resolved/i.test(text),
          })),
      acceptedCount: () => fake.messages('alerts').filter(({ threadTs }) => threadTs === undefined).length,
    };
  },
};

function slackFault(mishap: Mishap): Fault {
  switch (mishap.kind) {
    case 'lost':
      return mishap.accepted ? { kind: 'accept-then-reset' } : { kind: 'reset' };
    case 'stalled':
      return { kind: 'accept-then-stall' };
    case 'server-error':
      return { kind: 'status', status: 502, isAccepted: mishap.accepted };
    case 'rate-limited':
      return { kind: 'rate-limit', retryAfterS: mishap.seconds, isAccepted: false };
    default:
      return mishap satisfies never;
  }
}

const webhook: Subject = {
  name: 'webhook',
  async open(t, now) {
    const fake = await startFakeWebhook();
    t.after(() => fake.stop());
    const receiver = createWebhookReceiver({
      settings: () => ({ url: fake.url, secret: webhookSecret, timeoutMs: requestTimeoutMs }),
      clock: clockOf(now),
      namespace: 'shop',
      linksOf: () => [],
      userAgent: 'taskvigil/test',
    });
    return {
      receiver,
      mishap: (...mishaps) => fake.fault(...mishaps.map(webhookFault)),
      down: fake.down,
      effects() {
        const latest = new Map<string, Effect>();
        let revisions = new Map<string, number>();
        for (const { payload } of fake.effects()) {
          const { id, revision, phase } = payload.incident;
          assert.ok(revision > (revisions.get(id) ?? 0), 'revisions arrive in order');
          revisions = revisions.set(id, revision);
          latest.set(id, { incident: id, isResolved: phase === 'resolved' });
        }
        return [...latest.values()];
      },
      acceptedCount: () => new Set(fake.accepted.map(({ payload }) => payload.incident.id)).size,
    };
  },
};

function webhookFault(mishap: Mishap): WebhookFault {
  switch (mishap.kind) {
    case 'lost':
      return mishap.accepted ? { kind: 'accept-then-reset' } : { kind: 'reset' };
    case 'stalled':
      return { kind: 'accept-then-stall' };
    case 'server-error':
      return { kind: 'status', status: 502, isAccepted: mishap.accepted };
    case 'rate-limited': {
      const headers = { 'retry-after': `${mishap.seconds}` };
      return { kind: 'status', status: 429, isAccepted: false, headers };
    }
    default:
      return mishap satisfies never;
  }
}

/** A fleet of instances that deliver to receivers of the given kinds. */
async function openFleet(
  t: TestContext,
  subjects: readonly Subject[],
  instances: number,
  policy: Policy = opensAtOnce,
) {
  let fleet: ReturnType<typeof createAlertFleet> | undefined;
  const beginAt = Date.now();
  const now = (): number => fleet?.clock.now() ?? beginAt;
  const opened = await Promise.all(subjects.map((subject) => subject.open(t, now)));
  const receivers = opened.map(({ receiver }) => receiver);
  fleet = createAlertFleet({ instances, beginAt, policy, receivers });
  return { fleet, opened, receivers };
}

const mishaps: readonly { readonly name: string; readonly mishaps: readonly Mishap[] }[] = [
  { name: 'nothing goes wrong', mishaps: [] },
  { name: 'the response of an accepted request is lost', mishaps: [{ kind: 'lost', accepted: true }] },
  { name: 'the request is lost', mishaps: [{ kind: 'lost', accepted: false }] },
  { name: 'the response never comes', mishaps: [{ kind: 'stalled' }] },
  { name: 'an accepted request gets a server error', mishaps: [{ kind: 'server-error', accepted: true }] },
  {
    name: 'the rate is limited twice',
    mishaps: [
      { kind: 'rate-limited', seconds: 3 },
      { kind: 'rate-limited', seconds: 5 },
    ],
  },
  {
    name: 'all of this happens in a row',
    mishaps: [
      { kind: 'lost', accepted: false },
      { kind: 'server-error', accepted: false },
      { kind: 'lost', accepted: true },
      { kind: 'stalled' },
      { kind: 'rate-limited', seconds: 2 },
    ],
  },
];

for (const subject of [slack, webhook]) {
  describe(subject.name, () => {
    for (const { name, mishaps: script } of mishaps) {
      test(`an incident takes effect once and ends when ${name}`, async (t) => {
        const { fleet, opened } = await openFleet(t, [subject], 2);
        opened[0]!.mishap(...script);
        fleet.fail();
        await fleet.pass(20 * minuteMs, 2_000);
        const [effect, ...more] = opened[0]!.effects();
        assert.deepEqual(more, []);
        assert.equal(effect?.isResolved, true);
        assert.equal(opened[0]!.acceptedCount(), 1);
      });
    }

    for (const step of ['deliver', 'edit'] as const) {
      for (const point of ['before', 'after'] as const) {
        test(`another instance completes what one that died ${point} its ${step} left`, async (t) => {
          const { fleet, opened, receivers } = await openFleet(t, [subject], 0);
          const dying = fleet.create('dying', { receivers: [dyingReceiver(receivers[0]!, step, point)] });
          const heir = fleet.create('heir', { receivers });
          fleet.fail({ id: 'a' }, [dying]);
          await dying.tick();
          if (step === 'edit') await growUntilEdit(fleet, dying);
          await settled();
          fleet.fail({ id: 'c' }, [heir]);
          await fleet.pass(20 * minuteMs, 2_000, () => [heir]);
          const [effect, ...more] = opened[0]!.effects();
          assert.deepEqual(more, []);
          assert.equal(effect?.isResolved, true);
        });
      }
    }

    test('after an outage each incident arrives once, with its present state', async (t) => {
      const { fleet, opened } = await openFleet(t, [subject], 2);
      opened[0]!.down(true);
      for (const id of ['a', 'b', 'c']) fleet.fail({ id, fingerprint: id, task: id, title: id });
      await fleet.pass(20 * minuteMs, 5_000);
      assert.deepEqual(opened[0]!.effects(), []);
      opened[0]!.down(false);
      await fleet.pass(3 * minuteMs, 2_000);
      assert.deepEqual(
        opened[0]!.effects().map(({ isResolved }) => isResolved),
        [true, true, true],
      );
    });

    test('its metrics carry its own name', async (t) => {
      const { fleet } = await openFleet(t, [subject], 1);
      fleet.fail();
      await fleet.pass(5_000);
      const sinks = fleet.notices.flatMap((notice) => (notice.kind === 'delivered' ? [notice.sink] : []));
      assert.deepEqual([...new Set(sinks)], [subject.name]);
    });
  });
}

describe('two receivers', () => {
  test('both get the same incidents, each once', async (t) => {
    const { fleet, opened } = await openFleet(t, [slack, webhook], 2);
    for (const id of ['a', 'b']) fleet.fail({ id, fingerprint: id, task: id, title: id });
    await fleet.pass(20 * minuteMs, 5_000);
    const [inSlack, inWebhook] = opened.map((one) =>
      one
        .effects()
        .map(({ incident }) => incident)
        .sort(),
    );
    assert.equal(inSlack!.length, 2);
    assert.deepEqual(inWebhook, inSlack);
  });

  for (const [down, up] of [
    [0, 1],
    [1, 0],
  ] as const) {
    test(`an outage of ${[slack, webhook][down]!.name} does not delay ${[slack, webhook][up]!.name}`, async (t) => {
      const { fleet, opened } = await openFleet(t, [slack, webhook], 2);
      opened[down]!.down(true);
      for (let index = 0; index < 6; index += 1)
        fleet.fail({ id: `${index}`, fingerprint: `${index}`, title: `${index}`, task: `t${index}` });
      await fleet.pass(6_000);
      assert.equal(opened[up]!.effects().length, 6);
      assert.equal(opened[down]!.effects().length, 0);
      await fleet.pass(20 * minuteMs, 5_000);
      assert.ok(
        opened[up]!.effects().every(({ isResolved }) => isResolved),
        'the end arrives where it can',
      );
      opened[down]!.down(false);
      await fleet.pass(3 * minuteMs, 2_000);
      assert.equal(opened[down]!.effects().length, 6);
      assert.equal(opened[up]!.effects().length, 6);
    });
  }
});

/** Dies right before or after its first call of `step`: nothing of the outcome is recorded. */
function dyingReceiver(receiver: Receiver, step: 'deliver' | 'edit', point: 'before' | 'after'): Receiver {
  const never = new Promise<never>(() => {});
  return {
    ...receiver,
    [step]: async (...parameters: [never, never, never]) => {
      if (point === 'after') await (receiver[step] as (...all: unknown[]) => Promise<unknown>)(...parameters);
      return never;
    },
  };
}

/** Lets the incident grow until its message is due for an edit, which the dying instance then begins. */
async function growUntilEdit(fleet: ReturnType<typeof createAlertFleet>, dying: AlertCoordinator): Promise<void> {
  await settled();
  for (let round = 0; round < 5; round += 1) {
    fleet.advance(16_000);
    fleet.fail({ id: `more-${round}` }, [dying]);
    await dying.tick();
    await settled();
  }
}

/** Time for requests to the servers of this process. */
async function settled(): Promise<void> {
  await sleep(20);
}
