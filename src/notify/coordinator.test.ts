import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAlertFleet, incidentIn, minuteMs, opensAtOnce, opensAtThree } from '../../test/fakes/alert-fleet.ts';
import { failureOf } from '../../test/fakes/failure.ts';
import { type FakeSlack, type Fault, startFakeSlack } from '../../test/fakes/slack.ts';
import type { DeliveryResult } from '../alert/outbox/claims.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import type { Policy } from '../alert/policy.ts';
import { createSlackReceiver } from '../sink/slack/receiver.ts';
import { slackRefText } from '../sink/slack-message/message-ref.ts';
import type { AlertCoordinator } from './coordinator.ts';
import type { Receiver } from './receiver.ts';

type Fleet = ReturnType<typeof createAlertFleet>;

const reasonsOf = ({ decisions }: Fleet) => decisions.map(({ verdict: { reason } }) => reason);
const actionsOf = ({ channel }: Fleet) => channel.posts.map(({ notification: { action } }) => action);
const bugsOf = ({ notices }: Fleet) => notices.filter(({ kind }) => kind === 'bug');

test('posts one message for a failure, also if several instances report it several times', async () => {
  const fleet = createAlertFleet({ instances: 3 });
  for (let second = 0; second < 5; second += 1) {
    fleet.fail({ id: 'a' });
    await fleet.pass(1_000);
  }
  fleet.fail({ id: 'b' });
  await fleet.pass(31_000);
  assert.deepEqual(actionsOf(fleet), ['post']);
  assert.equal(incidentIn(fleet.channel.posts[0]!.says).count, 2);
  assert.equal(fleet.notices.filter(({ kind }) => kind === 'bug').length, 0);
});

test('sends no notification for what the policy suppresses, and records the reason', async () => {
  const fleet = createAlertFleet({ policy: opensAtThree });
  fleet.fail({ id: 'a', class: 'cancelled', cause: 'terminated' });
  fleet.fail({ id: 'b', fingerprint: 'other' });
  await fleet.pass(2_000);
  assert.deepEqual(reasonsOf(fleet).sort(), ['below-threshold', 'cancelled']);
  assert.deepEqual(actionsOf(fleet), []);
  const told = fleet.notices.filter(({ kind }) => kind === 'decided');
  assert.equal(told.length, 2, 'each is countable');
});

test('collects signals before the first message, if the policy asks for it', async () => {
  const fleet = createAlertFleet({ policy: { ...opensAtThree, waitMs: 20_000 } });
  for (const id of ['a', 'b', 'c']) fleet.fail({ id });
  await fleet.pass(19_000);
  assert.deepEqual(actionsOf(fleet), []);
  fleet.fail({ id: 'd' });
  await fleet.pass(2_000);
  assert.deepEqual(actionsOf(fleet), ['post']);
  assert.ok(reasonsOf(fleet).includes('collecting'));
});

test('edits the message as the incident grows, at most twice a minute', async () => {
  const fleet = createAlertFleet();
  for (let index = 0; index < 300; index += 1) {
    fleet.fail({ id: `${index}` });
    await fleet.pass(1_000);
  }
  const [message, ...others] = fleet.channel.roots();
  assert.deepEqual(others, []);
  assert.ok(message!.edits >= 8 && message!.edits <= 10, `${message!.edits} edits in five minutes`);
});

test('many ongoing incidents cost few writes of the book', async () => {
  const fleet = createAlertFleet({ instances: 4 });
  const failAll = (round: number) => {
    for (let cause = 0; cause < 200; cause += 1)
      fleet.fail({ id: `${round}-${cause}`, fingerprint: `${cause}`, title: `cause ${cause}`, task: `task-${cause}` });
  };
  for (let round = 0; round < 45; round += 1) {
    failAll(round);
    await fleet.pass(1_000);
  }
  assert.equal(fleet.channel.roots().length, 200);
  const before = fleet.bookWrites();
  for (let round = 100; round < 160; round += 1) {
    failAll(round);
    await fleet.pass(1_000);
  }
  // Two for the counts, two for the entry of each instance, and some for deliveries.
  assert.ok(fleet.bookWrites() - before < 40, `${fleet.bookWrites() - before} writes in a minute`);
});

test('sends reminders until a person acknowledges', async () => {
  const policy: Policy = { ...opensAtOnce, remindersMs: [5 * minuteMs, 10 * minuteMs] };
  const fleet = createAlertFleet({ policy, instances: 2 });
  const goOn = async (minutes: number, from: number): Promise<void> => {
    for (let minute = from; minute < from + minutes; minute += 1) {
      fleet.fail({ id: `${minute}` });
      await fleet.pass(minuteMs, 5_000);
    }
  };
  await goOn(21, 0);
  const reminders = () => fleet.channel.posts.filter(({ notification }) => notification.action === 'reminder');
  assert.deepEqual(
    reminders().map(({ at }) => Math.round((at - fleet.channel.posts[0]!.at) / minuteMs)),
    [5, 10, 20],
  );
  const answer = await fleet.sinks[1]!.execute({ what: 'ack', incident: fleet.book().incidents[0]!.id, by: 'U1' });
  assert.equal(answer.done, true);
  await goOn(30, 100);
  assert.equal(reminders().length, 3);
});

test('shows the end in the message and its thread, and a reopening in the same message', async () => {
  const fleet = createAlertFleet({ instances: 2 });
  fleet.fail({ id: 'a' });
  await fleet.pass(11 * minuteMs, 5_000);
  assert.equal(incidentIn(fleet.channel.posts[0]!.says).phase.name, 'resolved');
  assert.deepEqual(actionsOf(fleet), ['post', 'line']);
  fleet.fail({ id: 'b' });
  await fleet.pass(2_000);
  assert.equal(incidentIn(fleet.channel.posts[0]!.says).phase.name, 'open');
  assert.deepEqual(actionsOf(fleet), ['post', 'line', 'line']);
  await fleet.pass(90 * minuteMs, 30_000);
  assert.equal(incidentIn(fleet.channel.posts[0]!.says).phase.name, 'resolved');
  assert.deepEqual(fleet.book().incidents, [], 'and is removed later');
});

test('a condition that returns after the time for quiet reopening gets a new message', async () => {
  const resolve = { ...opensAtOnce.resolve, afterMs: 30_000, reopenQuietlyWithinMs: 0 };
  const fleet = createAlertFleet({ instances: 2, policy: { ...opensAtOnce, resolve } });
  await fleet.pass(30_000);
  for (let time = 0; time < 3; time += 1) {
    fleet.fail({ id: `${time}` });
    await fleet.pass(2 * minuteMs);
  }
  assert.equal(fleet.channel.roots().length, 3);
  assert.ok(fleet.channel.roots().every(({ says }) => incidentIn(says).phase.name === 'resolved'));
});

test('an instance that lost the last failures does not resolve an incident that another still observes', async () => {
  const fleet = createAlertFleet({ instances: 2 });
  const phase = () => fleet.book().incidents[0]!.phase.name;
  fleet.fail({ id: 'a' });
  await fleet.pass(8 * minuteMs, 5_000);
  fleet.fail({ id: 'b' }, [fleet.sinks[1]!]);
  await fleet.pass(5 * minuteMs, 5_000);
  assert.equal(phase(), 'open');
  await fleet.pass(6 * minuteMs, 5_000);
  assert.equal(phase(), 'resolved');
});

test('a failure shortly before the clear time keeps the incident open on an instance that lost it', async () => {
  const fleet = createAlertFleet({ instances: 2 });
  await fleet.pass(40_000);
  fleet.fail({ id: 'a' });
  await fleet.pass(593_000);
  fleet.fail({ id: 'b' }, [fleet.sinks[1]!]);
  await fleet.pass(30_000);
  assert.equal(fleet.book().incidents[0]!.phase.name, 'open');
  assert.deepEqual(actionsOf(fleet), ['post']);
});

test('executes a command once, and answers with the reason if it changes nothing', async () => {
  const fleet = createAlertFleet({ instances: 2 });
  fleet.fail();
  await fleet.pass(1_000);
  const { id } = fleet.book().incidents[0]!;
  const by = 'U1';
  assert.deepEqual(await fleet.sinks[1]!.execute({ what: 'resolve', incident: id, by }), { done: true, incident: id });
  const again = await fleet.sinks[0]!.execute({ what: 'resolve', incident: id, by });
  assert.deepEqual(again, { done: false, reason: 'already-so' });
  const unknown = await fleet.sinks[0]!.execute({ what: 'ack', incident: 'unknown', by });
  assert.deepEqual(unknown, { done: false, reason: 'no-such-incident' });
  await fleet.pass(2_000);
  assert.equal(incidentIn(fleet.channel.posts[0]!.says).phase.name, 'resolved');
});

test('after ten minutes without a receiver each incident gets one message, the most severe first', async () => {
  const tasks = opensAtOnce.tasks.map((task) => ({ ...task, match: ['critical'] }));
  const fleet = createAlertFleet({ instances: 2, policy: { ...opensAtOnce, tasks } });
  fleet.channel.away(true);
  for (const task of ['a', 'b', 'critical', 'c'])
    for (const id of ['1', '2', '3']) fleet.fail({ id: `${task}-${id}`, task, fingerprint: task, title: task });
  await fleet.pass(5 * minuteMs);
  fleet.fail({ id: 'more', task: 'a', fingerprint: 'a', title: 'a' });
  await fleet.pass(5 * minuteMs);
  assert.deepEqual(actionsOf(fleet), []);
  fleet.channel.away(false);
  await fleet.pass(3 * minuteMs);
  const roots = fleet.channel.roots();
  assert.equal(roots.length, 4);
  assert.equal(incidentIn(roots[0]!.notification).severity, 'critical');
  assert.equal(incidentIn(roots.find(({ says }) => incidentIn(says).subject.tasks[0] === 'a')!.says).count, 4);
  assert.ok(
    roots.every(({ notification }) => notification.at - fleet.channel.posts[0]!.at < 2 * minuteMs),
    'each shows the present state',
  );
});

test('an incident that started and ended without a receiver is one message about both', async () => {
  const fleet = createAlertFleet();
  fleet.channel.away(true);
  fleet.fail();
  await fleet.pass(30 * minuteMs, 5_000);
  fleet.channel.away(false);
  await fleet.pass(3 * minuteMs);
  assert.deepEqual(actionsOf(fleet), ['post']);
  assert.equal(incidentIn(fleet.channel.posts[0]!.notification).phase.name, 'resolved');
});

test('a bug in the policy costs only the incident that it concerns, and is reported', async () => {
  const owners = [
    {
      ...opensAtOnce.owners[0]!,
      match: { ...opensAtOnce.owners[0]!.match, tasks: ['broken'] },
      get mentions(): never {
        throw new RangeError('a bug');
      },
    },
    ...opensAtOnce.owners,
  ];
  const fleet = createAlertFleet({ policy: { ...opensAtOnce, owners } });
  fleet.fail({ id: 'a', task: 'broken', fingerprint: 'a', title: 'one' });
  fleet.fail({ id: 'b', task: 'fine', fingerprint: 'b', title: 'another' });
  await fleet.pass(2_000);
  assert.ok(bugsOf(fleet).length > 0);
  assert.deepEqual(
    fleet.channel.roots().map(({ says }) => incidentIn(says).subject.tasks),
    [['fine']],
  );
});

test('runs four deliveries at a time', async () => {
  const waiting: (() => void)[] = [];
  const fleet = createAlertFleet({
    deliver: async (notification) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return fleet.channel.deliver(notification);
    },
  });
  for (let index = 0; index < 6; index += 1) fleet.fail({ id: `${index}`, fingerprint: `${index}` });
  const [sink] = fleet.sinks;
  await sink!.tick();
  assert.equal(waiting.length, 4);
  for (const go of waiting.splice(0)) go();
  await sink!.idle();
  await sink!.tick();
  assert.equal(waiting.length, 2);
  for (const go of waiting.splice(0)) go();
  await sink!.idle();
  assert.equal(fleet.channel.posts.length, 6);
});

test('a receiver that throws leaves an unknown outcome', async () => {
  const seen: Notification[] = [];
  const fleet = createAlertFleet({
    deliver: async (notification) => {
      seen.push(notification);
      if (seen.length === 1) throw new TypeError('a bug');
      return { outcome: 'found', ref: 'C1/1.1' };
    },
  });
  fleet.fail();
  await fleet.pass(4_000);
  assert.ok(seen[1]!.mayBeThereSince! <= seen[0]!.at);
  assert.deepEqual(
    seen.slice(0, 3).map(({ action }) => action),
    ['post', 'post', 'edit'],
  );
});

test('retracts its message if another instance has delivered one meanwhile', async () => {
  const gates: ((delivery: DeliveryResult) => void)[] = [];
  const fleet = createAlertFleet({
    instances: 2,
    deliver: () => new Promise((resolve) => gates.push(resolve)),
  });
  const [slow, quick] = fleet.sinks;
  fleet.fail({}, [slow!]);
  await slow!.tick();
  fleet.advance(13_000);
  await quick!.tick();
  assert.equal(gates.length, 2, 'the lease of the slow one has run out');
  gates[1]!({ outcome: 'delivered', ref: 'C1/2.0' });
  await quick!.idle();
  gates[0]!({ outcome: 'delivered', ref: 'C1/1.0' });
  await slow!.idle();
  assert.deepEqual(fleet.channel.retracted, ['C1/1.0']);
});

test('a stop returns the number of undelivered messages, or 0 if other instances can deliver them', async () => {
  for (const [isShared, owed] of [
    [false, 1],
    [true, 0],
  ] as const) {
    const fleet = createAlertFleet({ isShared });
    fleet.channel.away(true);
    fleet.fail();
    assert.equal(await fleet.sinks[0]!.stop(), owed);
    assert.equal(await fleet.sinks[0]!.stop(), owed, 'and may be stopped twice');
  }
});

test('a stop delivers the latest failure', async () => {
  const fleet = createAlertFleet({ isShared: false });
  fleet.fail();
  assert.equal(await fleet.sinks[0]!.stop(), 0);
  assert.deepEqual(actionsOf(fleet), ['post']);
});

test('a new instance takes over the baselines', async () => {
  const fleet = createAlertFleet({ policy: opensAtThree });
  for (let hour = 0; hour < 6; hour += 1) {
    fleet.fail({ id: `${hour}`, task: undefined });
    await fleet.pass(60 * minuteMs, 20_000);
  }
  const heir = fleet.create('heir');
  for (const id of ['x', 'y', 'z']) heir.failure(failureOf({ id, task: undefined, at: fleet.clock.now() }));
  await heir.tick();
  await heir.idle();
  assert.deepEqual(actionsOf(fleet), [], 'three at once of an hourly failure are within chance');
});

test('a restart of all instances in the middle of an incident posts nothing new', async () => {
  const fleet = createAlertFleet({ instances: 3 });
  fleet.fail({ id: 'a' });
  await fleet.pass(10_000);
  for (const sink of fleet.sinks) await sink.stop();
  const heirs = ['x', 'y', 'z'].map((name) => fleet.create(name));
  fleet.fail({ id: 'b' }, heirs);
  await fleet.pass(2 * minuteMs, 1_000, () => heirs);
  assert.deepEqual(actionsOf(fleet), ['post']);
  await fleet.pass(12 * minuteMs, 5_000, () => heirs);
  assert.equal(incidentIn(fleet.channel.posts[0]!.says).phase.name, 'resolved', 'and the new instances show its end');
});

test('without the store one of the instances delivers, after a while, and the others do not repeat it', async () => {
  const fleet = createAlertFleet({ instances: 4 });
  fleet.fail({ id: 'a', fingerprint: 'a', title: 'before' });
  await fleet.pass(40_000);
  fleet.storeAway(true);
  fleet.fail({ id: 'b', fingerprint: 'b', title: 'meanwhile' });
  await fleet.pass(8_000);
  assert.equal(fleet.channel.roots().length, 1, 'a restarting store is waited for');
  await fleet.pass(5 * minuteMs);
  fleet.fail({ id: 'c', fingerprint: 'c', title: 'later' });
  await fleet.pass(5 * minuteMs);
  assert.equal(fleet.channel.roots().length, 3, 'also long after the instances last read of one another');
  fleet.storeAway(false);
  await fleet.pass(15 * minuteMs);
  assert.equal(fleet.channel.roots().length, 3);
  assert.ok(fleet.channel.roots().every(({ says }) => incidentIn(says).phase.name === 'resolved'));
  const ends = fleet.channel.lines().filter(({ notification }) => notification.about.kind === 'incident');
  assert.equal(ends.length, 3, 'and each end has one line');
});

test('without the store and without reconciliation there is at most one message per instance', async () => {
  const posts: string[] = [];
  const fleet = createAlertFleet({
    instances: 3,
    deliver: async ({ id, action }) => {
      if (action === 'post') posts.push(id);
      return { outcome: 'delivered', ref: `${posts.length}` };
    },
  });
  await fleet.pass(35_000);
  fleet.storeAway(true);
  fleet.fail();
  await fleet.pass(5 * minuteMs);
  assert.equal(posts.length, 3);
  fleet.storeAway(false);
  await fleet.pass(minuteMs);
  assert.equal(posts.length, 3);
  assert.equal(fleet.channel.retracted.length, 2, 'duplicates are retracted when the store is back');
});

test('without the store an instance posts no more than the policy allows per hour, and the rest afterwards', async () => {
  const fleet = createAlertFleet({ policy: { ...opensAtOnce, degradedPerHour: 3 } });
  await fleet.pass(1_000);
  fleet.storeAway(true);
  for (let index = 0; index < 8; index += 1)
    fleet.fail({ id: `${index}`, fingerprint: `${index}`, title: `number ${index}` });
  await fleet.pass(5 * minuteMs);
  assert.ok(fleet.channel.roots().length >= 3 && fleet.channel.roots().length <= 6, `${fleet.channel.roots().length}`);
  fleet.storeAway(false);
  await fleet.pass(10_000);
  assert.equal(fleet.channel.roots().length, 8);
});

test('a store that fails during a claim makes the instances wait for their turns', async () => {
  const fleet = createAlertFleet({ instances: 3 });
  await fleet.pass(35_000);
  fleet.fail();
  // Each has opened the incident; none can claim its message.
  for (const sink of fleet.sinks) {
    const update = fleet.memory().updateLedger;
    Object.assign(fleet.memory(), { updateLedger: () => Promise.reject(new Error('away')) });
    await sink.tick();
    await sink.idle();
    Object.assign(fleet.memory(), { updateLedger: update });
  }
  assert.deepEqual(actionsOf(fleet), []);
  await fleet.pass(5_000);
  assert.deepEqual(actionsOf(fleet), ['post']);
});

test('a store that lost its data gets the book back, and no message is repeated', async () => {
  const policy: Policy = { ...opensAtOnce, remindersMs: [minuteMs] };
  const fleet = createAlertFleet({ instances: 2, policy });
  fleet.fail({ id: 'a' });
  await fleet.pass(90_000);
  assert.deepEqual(actionsOf(fleet), ['post', 'reminder']);
  fleet.flush();
  // An instance without any knowledge detects the same condition first.
  const fresh = fleet.create('fresh');
  fleet.fail({ id: 'b' }, [fresh]);
  fleet.advance(6 * minuteMs);
  fleet.fail({ id: 'c' }, [fresh, ...fleet.sinks]);
  await fresh.tick();
  await fleet.pass(10_000, 1_000, () => [fresh, ...fleet.sinks]);
  assert.equal(fleet.book().incidents.filter(({ phase }) => phase.name === 'open').length, 1);
  assert.ok(fleet.book().lostAt !== undefined);
  await fleet.pass(30 * minuteMs, 5_000, () => [fresh, ...fleet.sinks]);
  const withoutFresh = fleet.channel.roots().filter(({ says }) => incidentIn(says).phase.name !== 'resolved');
  assert.deepEqual(withoutFresh, []);
});

test('after a flush the instances repeat no root message, no line and no reminder', async () => {
  const policy: Policy = { ...opensAtOnce, remindersMs: [minuteMs, 60 * minuteMs] };
  const fleet = createAlertFleet({ instances: 3, policy });
  for (const name of ['a', 'b', 'c']) fleet.fail({ id: name, fingerprint: name, title: name });
  await fleet.pass(90_000);
  const { id } = fleet.book().incidents[0]!;
  await fleet.sinks[0]!.execute({ what: 'ack', incident: id, by: 'U1' });
  await fleet.pass(10_000);
  const before = actionsOf(fleet);
  assert.deepEqual(before.toSorted(), ['line', 'post', 'post', 'post', 'reminder', 'reminder', 'reminder']);
  fleet.flush();
  for (const name of ['a', 'b', 'c']) fleet.fail({ id: `${name}2`, fingerprint: name, title: name });
  await fleet.pass(minuteMs);
  assert.deepEqual(actionsOf(fleet), before);
});

test('after a flush between a delivery and its record, the receiver reconciles', async () => {
  const fleet = createAlertFleet({ instances: 2 });
  const [one, other] = fleet.sinks;
  fleet.fail();
  await one!.tick();
  await other!.tick();
  await one!.idle();
  // The first instance dies here; the other one knows the incident and no message.
  fleet.flush();
  await fleet.pass(20_000, 1_000, () => [other!]);
  assert.deepEqual(actionsOf(fleet), ['post']);
  assert.equal(fleet.channel.retracted.length, 0);
});

test('sidecars that receive events of their own pods only open one incident for a cause on two pods', async () => {
  let decider = 0;
  const fleet = createAlertFleet({ instances: 0, policy: opensAtThree });
  const sidecars = [0, 1, 2].map((number) => fleet.create(`pod-${number}`, { decides: () => number === decider }));
  const turn = (): readonly AlertCoordinator[] => sidecars;
  await fleet.pass(2_000, 1_000, turn);
  fleet.fail({ id: 'a', hostname: 'celery@pod-1' }, [sidecars[1]!]);
  fleet.fail({ id: 'b', hostname: 'celery@pod-2' }, [sidecars[2]!]);
  await fleet.pass(3_000, 1_000, turn);
  assert.deepEqual(actionsOf(fleet), []);
  fleet.fail({ id: 'c', hostname: 'celery@pod-2' }, [sidecars[2]!]);
  await fleet.pass(3_000, 1_000, turn);
  assert.deepEqual(actionsOf(fleet), ['post']);
  assert.deepEqual(incidentIn(fleet.channel.posts[0]!.says).subject.hosts, ['celery@pod-1', 'celery@pod-2']);

  // Another one takes over, with its own observations of the meantime.
  fleet.fail({ id: 'd', task: 'b', fingerprint: 'other', title: 'another' }, [sidecars[1]!]);
  decider = 1;
  await fleet.pass(1_000, 1_000, turn);
  for (const id of ['e', 'f']) fleet.fail({ id, task: 'b', fingerprint: 'other', title: 'another' }, [sidecars[0]!]);
  await fleet.pass(3_000, 1_000, turn);
  assert.deepEqual(actionsOf(fleet), ['post', 'post']);
});

test('a sidecar keeps observations that it cannot share, and counts those without room', async () => {
  const fleet = createAlertFleet({ instances: 0 });
  const decider = fleet.create('decider');
  const sidecar = fleet.create('sidecar', { decides: () => false });
  fleet.storeAway(true);
  for (let index = 0; index < 5_010; index += 1)
    sidecar.failure(
      failureOf({ id: `${index}`, at: fleet.clock.now(), fingerprint: `${index % 3}`, title: `${index % 3}` }),
    );
  await sidecar.tick();
  await sidecar.tick();
  fleet.storeAway(false);
  await sidecar.tick();
  const dropped = fleet.notices.filter(({ kind }) => kind === 'items-dropped');
  assert.deepEqual(dropped, [{ kind: 'items-dropped', queue: 'alerts', reason: 'full', count: 10 }]);
  await decider.tick();
  assert.equal(
    decider.book().incidents.reduce((sum, { count }) => sum + count, 0),
    5_000,
  );
});

const opened: (() => Promise<unknown>)[] = [];
after(() => Promise.all(opened.map((close) => close())));

async function openSlack() {
  const slack = await startFakeSlack();
  opened.push(() => slack.stop());
  return slack;
}

function slackSinkOf(slack: FakeSlack, clock: { readonly now: () => number }) {
  return createSlackReceiver({
    token: () => slack.token,
    apiUrl: slack.apiUrl,
    clock,
    sleep: async () => {},
    links: () => [],
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
    const receiver = slackSinkOf(slack, { now: () => fleet.clock.now() });
    const fleet = createAlertFleet({ receivers: [receiver], beginAt: Date.now(), instances: 2 });
    fleet.fail();
    await fleet.pass(20 * minuteMs, 2_000);
    const roots = slack.messages('alerts').filter(({ threadTs }) => threadTs === undefined);
    assert.equal(roots.length, 1);
    assert.match(roots[0]!.text, /resolved/i);
    const posts = slack.log.filter(({ method }) => method === 'chat.postMessage').length;
    assert.equal(posts, slack.messages('alerts').length, 'nothing had to be retracted');
  });
}

test('finds the message of an instance that died between a delivery and its record', async () => {
  const slack = await openSlack();
  const receiver = slackSinkOf(slack, { now: () => fleet.clock.now() });
  let isAlive = false;
  const dying: Receiver = {
    ...receiver,
    async deliver(notification, limits) {
      const delivery = await receiver.deliver(notification, limits);
      return isAlive ? delivery : new Promise(() => {});
    },
  };
  const fleet = createAlertFleet({ receivers: [dying], beginAt: Date.now() });
  const heir = fleet.create('heir', { receivers: [receiver] });
  fleet.fail();
  await fleet.sinks[0]!.tick();
  await until(() => slack.messages('alerts').length === 1);
  isAlive = true;
  await fleet.pass(15_000, 1_000, () => [heir]);
  assert.equal(slack.messages('alerts').length, 1);
  assert.ok(slack.calls.includes('conversations.history'));
  assert.equal(heir.book().incidents[0]!.receipts.slack!.ref, slackRefText(slack.messages('alerts')[0]!));
});

async function until(isDone: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (isDone()) return;
    await sleep(10);
  }
  assert.fail('waited five seconds in vain');
}
