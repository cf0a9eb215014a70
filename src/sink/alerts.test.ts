import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { type FailureFacts, failureOf } from '../../test/fakes/failure.ts';
import { type RedisServer, startRedis, whyNoRedis } from '../../test/fakes/redis.ts';
import { type FakeSlack, type FakeSlackOptions, type Fault, startFakeSlack } from '../../test/fakes/slack.ts';
import type { Decision } from '../alert/decide.ts';
import type { Notification } from '../alert/notification.ts';
import type { Delivery } from '../alert/outbox.ts';
import { defaultRules, type Rule } from '../alert/rule.ts';
import type { Notice } from '../report.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createRedisStore } from '../store/redis.ts';
import type { AlertStore } from '../store/store.ts';
import type { Deliver } from './alert-deliveries.ts';
import { type AlertSinkOptions, createAlertSink } from './alerts.ts';
import { createMemoryReceiver } from './memory-receiver.ts';
import { createSlackSink } from './slack.ts';

const minuteMs = 60_000;
const rule: Rule = { ...defaultRules({ channel: '#alerts' })[0]!, threshold: 1, waitMs: 0 };

/** A fleet of alert sinks on one virtual clock; what is not given is in memory. */
function createFleet(
  given: Partial<AlertSinkOptions> & { readonly instances?: number; readonly beginAt?: number } = {},
) {
  let now = given.beginAt ?? 0;
  const clock = { now: () => now };
  const notices: Notice[] = [];
  const decisions: Decision[] = [];
  const receiver = createMemoryReceiver(clock);
  const store = createMemoryStore(clock);
  const sinks = Array.from({ length: given.instances ?? 1 }, (_, index) =>
    createAlertSink({
      rules: () => [rule],
      store,
      clock,
      random: () => 0.5,
      report: (notice) => notices.push(notice),
      onDecision: (decision) => decisions.push(decision),
      deliver: receiver.deliver,
      instance: `sidecar-${index}`,
      ...given,
    }),
  );
  const sink = sinks[0]!;
  return {
    sink,
    sinks,
    notices,
    decisions,
    clock,
    store,
    fail: (facts: FailureFacts = {}) => sink.offer(failureOf(facts)),
    messages: () => receiver.messages().map(({ notification }) => notification),
    advance: (ms: number) => {
      now += ms;
    },
    /** Lets `ms` pass, a tick each `stepMs`, every sidecar in turn. */
    async pass(ms: number, stepMs = 1_000) {
      for (const until = now + ms; now < until; ) {
        now += stepMs;
        for (const one of sinks) {
          await one.tick();
          await one.idle();
        }
      }
    },
  };
}

test('tells nobody of a failure that no rule governs, and says why', async () => {
  const fleet = createFleet({ rules: () => defaultRules({ channel: '#alerts' }) });
  fleet.fail({ class: 'cancelled', cause: 'terminated' });
  await fleet.pass(1_000);
  assert.deepEqual(
    fleet.decisions.map(({ reason }) => reason),
    ['no-rule'],
  );
  assert.deepEqual(fleet.messages(), []);
});

test('counts a failure into the rule that matches first', async () => {
  const payments: Rule = {
    ...rule,
    name: 'payments',
    match: { ...rule.match, queues: ['pay*'] },
    channel: '#payments',
  };
  const fleet = createFleet({ rules: () => [payments, rule] });
  fleet.fail({ id: 'a', queue: 'payments' });
  fleet.fail({ id: 'b', queue: 'mail' });
  await fleet.pass(1_000);
  assert.deepEqual(
    fleet
      .messages()
      .map(({ channel }) => channel)
      .sort(),
    ['#alerts', '#payments'],
  );
});

test('drops and counts what comes after ten thousand failures that could not be counted', async () => {
  const fleet = createFleet({ store: brokenStore() });
  for (let index = 0; index < 10_005; index += 1) fleet.fail({ id: `${index}` });
  await fleet.sink.tick();
  assert.deepEqual(
    fleet.notices.filter(({ kind }) => kind === 'items-dropped'),
    [{ kind: 'items-dropped', queue: 'alerts', reason: 'full', count: 5 }],
  );
  assert.equal(await fleet.sink.stop(), 10_000);
});

test('holds failures while the store is away and counts them at the time they came', async () => {
  let isAway = true;
  const clockOf: { now?: () => number } = {};
  const memory = createMemoryStore({ now: () => clockOf.now?.() ?? 0 });
  const store: AlertStore = {
    ...memory,
    update: async (key, change) => (isAway ? Promise.reject(new Error('away')) : memory.update(key, change)),
    due: async (limit) => (isAway ? Promise.reject(new Error('away')) : memory.due(limit)),
  };
  const fleet = createFleet({ store, rules: () => [{ ...rule, threshold: 3 }] });
  clockOf.now = fleet.clock.now;
  for (const id of ['a', 'b', 'c']) {
    fleet.fail({ id });
    await fleet.pass(minuteMs);
  }
  await fleet.pass(60 * minuteMs);
  assert.deepEqual(fleet.messages(), []);
  const triesWhileAway = fleet.notices.filter(({ kind }) => kind === 'delivery-failed').length;
  assert.ok(triesWhileAway > 10 && triesWhileAway < 120, `backs off, yet keeps trying: ${triesWhileAway}`);

  isAway = false;
  await fleet.pass(2 * minuteMs);
  const [message, ...none] = fleet.messages();
  assert.deepEqual(none, []);
  assert.deepEqual([message!.state, message!.count, message!.firstAt], ['resolved', 3, 0]);
});

test('loses one group to a bug in the policy, not the others, and says so', async () => {
  const broken: Rule = { ...rule, name: 'broken', match: { ...rule.match, tasks: ['broken'] } };
  Object.defineProperty(broken, 'windowMs', {
    enumerable: true,
    get() {
      throw new RangeError('a bug');
    },
  });
  const fleet = createFleet({ rules: () => [broken, rule] });
  fleet.fail({ id: 'a', task: 'broken' });
  fleet.fail({ id: 'b', task: 'fine' });
  await fleet.pass(1_000);
  assert.equal(fleet.notices.filter(({ kind }) => kind === 'bug').length, 1);
  assert.equal(fleet.messages().length, 1);
});

test('delivers four at a time and the others when there is room', async () => {
  const waiting: (() => void)[] = [];
  const receiver = createMemoryReceiver({ now: () => 0 });
  const deliver: Deliver = async (notification, limits) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return receiver.deliver(notification, limits);
  };
  const fleet = createFleet({ deliver });
  for (let index = 0; index < 6; index += 1) fleet.fail({ id: `${index}`, fingerprint: `${index}` });
  await fleet.sink.tick();
  assert.equal(waiting.length, 4);
  for (const go of waiting.splice(0)) go();
  await fleet.sink.idle();
  await fleet.sink.tick();
  assert.equal(waiting.length, 2);
  for (const go of waiting.splice(0)) go();
  await fleet.sink.idle();
  assert.equal(receiver.messages().length, 6);
});

test('takes a receiver that throws for one whose outcome nobody knows', async () => {
  const seen: Notification[] = [];
  const fleet = createFleet({
    deliver: async (notification) => {
      seen.push(notification);
      if (seen.length === 1) throw new TypeError('a bug');
      return { outcome: 'found', ref: { channel: 'C1', ts: '1.1' } };
    },
  });
  fleet.fail();
  await fleet.pass(4_000);
  assert.equal(seen[0]!.mayBeThereSince, undefined);
  assert.equal(seen[1]!.mayBeThereSince, 1_000);
  assert.deepEqual(
    seen.slice(0, 3).map(({ action }) => action),
    ['post', 'post', 'edit'],
  );
});

test('removes its message when another one became the root meanwhile', async () => {
  const gates: ((delivery: Delivery) => void)[] = [];
  const retracted: string[] = [];
  const fleet = createFleet({
    instances: 2,
    deliver: () => new Promise((resolve) => gates.push(resolve)),
    retract: async ({ ts }) => void retracted.push(ts),
  });
  const [slow, quick] = fleet.sinks;
  fleet.fail();
  await slow!.tick();
  fleet.advance(13_000);
  await quick!.tick();
  assert.equal(gates.length, 2, 'the lease of the slow one has run out');
  gates[1]!({ outcome: 'delivered', ref: { channel: 'C1', ts: '2.0' } });
  await quick!.idle();
  gates[0]!({ outcome: 'delivered', ref: { channel: 'C1', ts: '1.0' } });
  await slow!.idle();
  assert.deepEqual(retracted, ['1.0']);
});

test('stops twice, counts what it holds and takes nothing more', async () => {
  const fleet = createFleet();
  fleet.fail({ id: 'a' });
  assert.equal(await fleet.sink.stop(), 0);
  assert.deepEqual(
    fleet.decisions.map(({ reason }) => reason),
    ['threshold-crossed'],
  );
  fleet.fail({ id: 'b' });
  assert.equal(await fleet.sink.stop(), 0);
  assert.equal(fleet.notices.filter(({ kind }) => kind === 'items-dropped').length, 1);
});

/** When something fails, who hears of it, and in which order the sidecars come round. */
const anyStream = fc.record({
  replicas: fc.integer({ min: 2, max: 4 }),
  threshold: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(),
  events: fc.array(
    fc.record({ gapMs: fc.oneof(fc.nat(900), fc.nat(30_000), fc.nat(200_000)), heardBy: fc.nat(15), group: fc.nat(1) }),
    { minLength: 1, maxLength: 25 },
  ),
});

test('however failures are spread over sidecars, there is one message for each incident, as if there were one sidecar', async () => {
  await fc.assert(
    fc.asyncProperty(anyStream, async (stream) => {
      const together = await shownBy({ ...stream, replicas: 1 });
      assert.deepEqual(await shownBy(stream), together);
    }),
    { numRuns: 100 },
  );
});

async function shownBy(stream: typeof anyStream extends fc.Arbitrary<infer T> ? T : never) {
  const rules = [{ ...rule, threshold: stream.threshold, windowMs: minuteMs, resolveAfterMs: 2 * minuteMs }];
  const fleet = createFleet({ instances: stream.replicas, rules: () => rules });
  let at = 0;
  let turn = stream.seed;
  for (const [index, { gapMs, heardBy, group }] of stream.events.entries()) {
    at += gapMs;
    while (fleet.clock.now() + 1_000 <= at) {
      // Each second another one comes first.
      turn = (turn * 1_103_515_245 + 12_345) % 2_147_483_648;
      fleet.sinks.push(...fleet.sinks.splice(0, turn % stream.replicas));
      await fleet.pass(1_000);
    }
    const inSecond = at - fleet.clock.now();
    fleet.advance(inSecond);
    const heard = fleet.sinks.filter((_, number) => ((heardBy >> number) & 1) === 1);
    const facts = { id: `failure-${index}`, fingerprint: `group-${group}` };
    for (const sink of heard.length === 0 ? fleet.sinks.slice(0, 1) : heard) sink.offer(failureOf(facts));
    fleet.advance(-inSecond);
  }
  await fleet.pass(70 * minuteMs, 30_000);
  return fleet
    .messages()
    .map(({ action, state, count, firstAt, lastAt, fingerprint }) => ({
      action,
      state,
      count,
      firstAt,
      lastAt,
      fingerprint,
    }))
    .sort((a, b) => a.firstAt - b.firstAt || a.fingerprint.localeCompare(b.fingerprint));
}

const anyHistory = fc.array(
  fc.record({ gapMs: fc.oneof(fc.nat(10_000), fc.nat(300_000), fc.nat(7_200_000)), isSlackAway: fc.boolean() }),
  { minLength: 1, maxLength: 30 },
);

test('never puts two things into the channel within one repeat interval, and always ends on the final state', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (history) => {
      const repeatIntervalMs = 30 * minuteMs;
      let isSlackAway = false;
      const inChannel: { at: number; incident: string }[] = [];
      const receiver = createMemoryReceiver({ now: () => fleet.clock.now() });
      const fleet = createFleet({
        rules: () => [{ ...rule, threshold: 2, repeatIntervalMs }],
        deliver: async (notification, limits) => {
          if (isSlackAway) return { outcome: 'not-delivered', reason: 'away', retryInMs: undefined };
          const { action, incident } = notification;
          if (action !== 'edit') inChannel.push({ at: fleet.clock.now(), incident });
          return receiver.deliver(notification, limits);
        },
      });
      for (const [index, step] of history.entries()) {
        await fleet.pass(step.gapMs);
        isSlackAway = step.isSlackAway;
        fleet.fail({ id: `failure-${index}` });
      }
      isSlackAway = false;
      await fleet.pass(15 * minuteMs);

      for (const [index, { at, incident }] of inChannel.entries()) {
        const before = inChannel.slice(0, index).findLast((one) => one.incident === incident);
        assert.ok(before === undefined || at - before.at >= repeatIntervalMs);
      }
      const roots = receiver.messages().filter(({ notification }) => notification.action !== 'reply');
      assert.deepEqual(
        new Set(roots.map(({ notification }) => notification.state)),
        new Set(roots.length > 0 ? ['resolved'] : []),
      );
    }),
    { numRuns: 15 },
  );
});

const opened: (() => Promise<unknown>)[] = [];
after(() => Promise.all(opened.map((close) => close())));

async function openSlack(options: FakeSlackOptions = {}) {
  const slack = await startFakeSlack(options);
  opened.push(() => slack.stop());
  return slack;
}

function slackSinkOf(slack: FakeSlack, clock: { readonly now: () => number }) {
  return createSlackSink({
    token: () => slack.token,
    apiUrl: slack.apiUrl,
    clock,
    sleep: async () => {},
    links: [],
    namespace: 'shop',
    postIntervalMs: 0,
    timeoutMs: 300,
  });
}

const faults: readonly { readonly name: string; readonly faults: readonly Fault[] }[] = [
  { name: 'the connection breaks after acceptance', faults: [{ kind: 'accept-then-reset' }] },
  { name: 'the answer never comes', faults: [{ kind: 'accept-then-stall' }] },
  { name: 'a 502 follows acceptance', faults: [{ kind: 'status', status: 502, isAccepted: true }] },
  {
    name: 'Slack limits twice',
    faults: [
      { kind: 'rate-limit', retryAfterS: 3, isAccepted: false },
      { kind: 'rate-limit', retryAfterS: 5, isAccepted: false },
    ],
  },
  { name: 'Slack limits and takes it', faults: [{ kind: 'rate-limit', retryAfterS: 3, isAccepted: true }] },
  {
    name: 'everything goes wrong, one after the other',
    faults: [
      { kind: 'reset' },
      { kind: 'status', status: 503, isAccepted: false },
      { kind: 'error', error: 'fatal_error', isAccepted: false },
      { kind: 'error', error: 'invalid_auth', isAccepted: false },
      { kind: 'accept-then-reset' },
    ],
  },
];
for (const { name, faults: script } of faults) {
  test(`posts once and shows the end when ${name}`, async () => {
    const slack = await openSlack();
    slack.fault('chat.postMessage', ...script);
    const beginAt = Date.now();
    const clock = { now: () => fleet.clock.now() };
    const { deliver, retract } = slackSinkOf(slack, clock);
    const fleet = createFleet({ deliver, retract, beginAt, instances: 2 });
    fleet.fail();
    await fleet.pass(20 * minuteMs);
    assert.equal(slack.log.filter(({ method }) => method === 'chat.postMessage').length, 1);
    assert.match(slack.messages('alerts')[0]!.text, /Resolved/);
  });
}

test('finds the message of a sidecar that died between posting and writing it down', async () => {
  const slack = await openSlack();
  const clock = { now: () => fleet.clock.now() };
  const { deliver } = slackSinkOf(slack, clock);
  // The first instance posts and is never heard of again.
  let isAlive = false;
  const dying: Deliver = async (notification, limits) => {
    const delivery = await deliver(notification, limits);
    return isAlive ? delivery : new Promise(() => {});
  };
  const fleet = createFleet({ deliver: dying, beginAt: Date.now() });
  const heir = createAlertSink({
    rules: () => [rule],
    store: fleet.store,
    clock: fleet.clock,
    random: () => 0.5,
    report: () => {},
    deliver,
    instance: 'heir',
  });
  fleet.fail();
  await fleet.sink.tick();
  await until(() => slack.messages('alerts').length === 1);
  isAlive = true;

  for (let second = 0; second < 15; second += 1) {
    fleet.advance(1_000);
    await heir.tick();
    await heir.idle();
  }
  assert.equal(slack.messages('alerts').length, 1);
  assert.ok(slack.calls.includes('conversations.history'));
  const [state] = await fleet.store.incidents(1);
  assert.equal(state!.incident!.showing.root!.ts, slack.messages('alerts')[0]!.ts);
});

describe('two sidecars over one Redis', { skip: whyNoRedis() }, () => {
  const server: { current?: RedisServer } = {};
  after(() => server.current?.stop());

  test('post once, whoever hears of what', async () => {
    server.current = await startRedis();
    const { url } = server.current;
    const slack = await openSlack();
    const namespace = randomUUID();
    const sinks = ['one', 'two'].map((instance) => {
      const store = createRedisStore({ url, namespace, report: () => {}, random: Math.random, sleep });
      opened.push(() => store.stop());
      const { deliver, retract } = slackSinkOf(slack, { now: Date.now });
      const rules = [{ ...rule, threshold: 4 }];
      const clock = { now: Date.now };
      return createAlertSink({
        rules: () => rules,
        store,
        clock,
        random: Math.random,
        report: () => {},
        deliver,
        retract,
        instance,
      });
    });
    // Each hears two of its own and one in common for each of five groups: together five, alone three.
    for (const fingerprint of ['a', 'b', 'c', 'd', 'e']) {
      for (const [number, sink] of sinks.entries()) {
        for (const id of [`${number}-1`, `${number}-2`, 'common'])
          sink.offer(failureOf({ id: `${fingerprint}-${id}`, fingerprint }));
      }
    }
    await until(async () => {
      await Promise.all(sinks.map((sink) => sink.tick()));
      await Promise.all(sinks.map((sink) => sink.idle()));
      return slack.messages('alerts').length >= 5;
    });
    for (let round = 0; round < 3; round += 1) await Promise.all(sinks.map((sink) => sink.tick()));
    await Promise.all(sinks.map((sink) => sink.stop()));
    assert.equal(slack.messages('alerts').length, 5);
    for (const { text } of slack.messages('alerts')) assert.match(text, /\(5\)/);
  });
});

function brokenStore(): AlertStore {
  const away = () => Promise.reject(new Error('away'));
  return { update: away, due: away, incidents: away, stop: async () => {} };
}

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await isDone()) return;
    await sleep(10);
  }
  assert.fail('waited five seconds in vain');
}
