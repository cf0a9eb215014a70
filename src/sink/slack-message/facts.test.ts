import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, notificationOf, openedAt, subjectOf } from '../../../test/fakes/incident.ts';
import { visibleLines } from '../../../test/fakes/slack-content.ts';
import type { Incident } from '../../alert/incident.ts';
import { keyText } from '../../alert/key.ts';
import { renderSlack } from './message.ts';

const minute = 60_000;

function shown(incident: Incident): string[] {
  return visibleLines(renderSlack(notificationOf(incident), { links: [] }).blocks);
}

const states: readonly { readonly name: string; readonly facts: Partial<Incident>; readonly want: RegExp }[] = [
  {
    name: 'the author of the acknowledgement',
    facts: { ack: { by: 'U0JO', at: openedAt } },
    want: /^👀 Acknowledged by U0JO, 2026/,
  },
  { name: 'the end of the snooze', facts: { snoozedUntil: openedAt }, want: /^💤 Snoozed until 2026-11-24 10:02/ },
  { name: 'one reopening', facts: { reopens: 1 }, want: /^↩️ Reopened once$/ },
  { name: 'several reopenings', facts: { reopens: 4 }, want: /^↩️ Reopened 4 times$/ },
  { name: 'the previous incident', facts: { regressionOf: 'abc' }, want: /^↩️ Previously resolved as incident abc$/ },
  {
    name: 'the silence',
    facts: { hidden: { reason: 'silenced', by: 's1', since: openedAt } },
    want: /^🔕 Silenced since/,
  },
  {
    name: 'the author of the resolution',
    facts: { phase: { name: 'resolved', at: openedAt, by: 'U0JO' } },
    want: /^Resolved by U0JO, 2026/,
  },
];
for (const { name, facts, want } of states) {
  test(`the state shows ${name}`, () => {
    const lines = shown(incidentOf(facts));
    assert.ok(
      lines.some((line) => want.test(line)),
      lines.join('\n'),
    );
  });
}

test('several tasks and related conditions are short lists', () => {
  const tasks = Array.from({ length: 9 }, (_, index) => `shop.tasks.t${index}`);
  const keys = [
    keyOf(),
    keyOf({ key: keyText({ kind: 'cause', fingerprint: '2' }) }),
    keyOf({ key: keyText({ kind: 'cause', fingerprint: '3' }) }),
    keyOf({
      key: keyText({ kind: 'queue', queue: 'mail' }),
      signal: 'latency',
      total: undefined,
      figures: { count: 6 * minute, limit: 2 * minute, withinMs: 0, baseline: 3_000, of: undefined },
    }),
  ];
  const lines = shown(incidentOf({ keys, subject: subjectOf({ tasks }) }));
  assert.equal(lines[0], '🟡 New failure · PaymentDeclined in 9 tasks');
  assert.deepEqual(lines.slice(2, 9), [...tasks.slice(0, 6), 'and 3 more tasks']);
  assert.ok(lines.includes('Queue wait · mail: oldest task has waited 6 min'), lines.join('\n'));
  assert.ok(lines.includes('2 related failures'));
});

test('the count adds up conditions of one unit, not failures and retries', () => {
  const storm = keyOf({
    key: keyText({ kind: 'retry', task: 'billing.tasks.charge', exception: 'Timeout' }),
    signal: 'retries.storm',
    total: 83,
  });
  const lines = shown(
    incidentOf({
      keys: [keyOf({ total: 7 }), keyOf({ key: keyText({ kind: 'cause', fingerprint: '2' }), total: 5 }), storm],
      count: 95,
    }),
  );
  assert.match(lines[2] ?? '', /^12 failures since/);
});

const figures: readonly (readonly [name: string, facts: Partial<Incident>, line: string])[] = [
  [
    'a single failure has a time',
    { lastAt: openedAt, keys: [keyOf({ total: 1 })] },
    '1 failure, 2026-11-24 10:02 UTC · 7 of 212 attempts in 10 min (3%)',
  ],
  ['several failures have a start', {}, '7 failures since 2026-11-24 10:02 UTC · 7 of 212 attempts in 10 min (3%)'],
  [
    'a level has a start',
    {
      keys: [
        keyOf({
          signal: 'latency',
          total: undefined,
          figures: { count: 6 * minute, limit: 2 * minute, withinMs: 0, baseline: undefined, of: undefined },
        }),
      ],
      count: 0,
    },
    'Oldest task has waited 6 min, since 2026-11-24 10:02 UTC',
  ],
  [
    'a missed run has its due time',
    { keys: [keyOf({ signal: 'schedule.missed', total: 1 })], count: 1 },
    '1 run missed, due 2026-11-24 10:02 UTC',
  ],
  [
    'several tasks have no common share',
    { subject: subjectOf({ tasks: ['a', 'b'] }) },
    '7 failures since 2026-11-24 10:02 UTC',
  ],
  ['a falling trend', { trend: 'falling' }, '📉 getting better'],
  ['a deploy after the start', { deploy: { version: 'v2', at: openedAt + 1, pools: [] } }, '🚀 just before deploy v2'],
  ['a deploy at the start', { deploy: { version: 'v2', at: openedAt, pools: [] } }, '🚀 0 s after deploy v2'],
];
for (const [name, facts, line] of figures) {
  test(`figures: ${name}`, () => {
    const lines = shown(incidentOf(facts));
    assert.ok(
      lines.some((one) => one.startsWith(line)),
      lines.join('\n'),
    );
  });
}

const places: readonly (readonly [name: string, facts: Parameters<typeof subjectOf>[0], line: string])[] = [
  ['workers contain their pool', {}, 'Where  queue payments · workers celery@pay-1, celery@pay-2'],
  ['a pool without workers', { hosts: [] }, 'Where  queue payments · pool celery@pay'],
  [
    'a pool of other names than its workers',
    { pools: ['reports'] },
    'Where  queue payments · pool reports · workers celery@pay-1, celery@pay-2',
  ],
  [
    'beyond three names the others are counted',
    { queues: ['a', 'b', 'c', 'd'], hosts: [], pools: [] },
    'Where  queues a, b, c and 1 more',
  ],
  ['a cause other than the program', { cause: 'worker-lost', class: 'resource' }, 'Cause  worker-lost · resource'],
  ['a class other than a bug', { class: 'transient' }, 'Cause  transient'],
];
for (const [name, facts, line] of places) {
  test(`places: ${name}`, () => {
    const lines = shown(incidentOf({ subject: subjectOf(facts) }));
    assert.ok(lines.includes(line), lines.join('\n'));
  });
}

test('an error of the program has no line for its cause, and nothing known has no line at all', () => {
  assert.ok(!shown(incidentOf()).some((line) => line.startsWith('Cause')));
  const subject = subjectOf({ queues: [], pools: [], hosts: [], example: undefined });
  assert.ok(!shown(incidentOf({ subject })).some((line) => /^(?:Where|Example)/.test(line)));
});

test('a resolved incident shows neither cause nor example', () => {
  const phase = { name: 'resolved', at: openedAt, by: undefined } as const;
  const lines = shown(incidentOf({ phase, subject: subjectOf({ class: 'resource' }) }));
  assert.ok(!lines.some((line) => /^(?:Cause|Example)/.test(line)), lines.join('\n'));
});

test('an incident resolved by a person was not quiet before', () => {
  const phase = { name: 'resolved', at: openedAt + 60 * minute, by: 'U0JO' } as const;
  assert.ok(!shown(incidentOf({ phase })).some((line) => line.includes('then quiet')));
});

test('beyond four related conditions the others are counted', () => {
  const queue = (name: string) =>
    keyOf({
      key: keyText({ kind: 'queue', queue: name }),
      signal: 'latency',
      total: undefined,
      figures: { count: minute, limit: 1, withinMs: 0, baseline: undefined, of: undefined },
    });
  const lines = shown(incidentOf({ keys: [keyOf(), ...['a', 'b', 'c', 'd', 'e', 'f'].map(queue)] }));
  assert.ok(lines.includes('Queue wait · d: oldest task has waited 1 min'));
  assert.ok(lines.includes('and 2 more'));
  assert.ok(!lines.some((line) => line.startsWith('Queue wait · e')));
});

const resolvedAt = (at: number, by?: string): Partial<Incident> => ({ phase: { name: 'resolved', at, by } });
const level = keyOf({ signal: 'latency', total: undefined });
const past: readonly (readonly [name: string, facts: Partial<Incident>, line: string])[] = [
  [
    'one occurrence',
    { ...resolvedAt(openedAt), lastAt: openedAt, count: 1, keys: [keyOf({ total: 1 })] },
    '1 failure, 2026-11-24 10:02 UTC',
  ],
  ['no time of quiet', resolvedAt(openedAt + 7 * minute), '7 failures within 7 min, 2026-11-24 10:02 UTC to 10:09 UTC'],
  [
    'a level',
    { ...resolvedAt(openedAt + 7 * minute), keys: [level], count: 0 },
    'Lasted 7 min, 2026-11-24 10:02 UTC to 10:09 UTC',
  ],
  [
    'a time of quiet',
    resolvedAt(openedAt + 17 * minute),
    '7 failures within 7 min, 2026-11-24 10:02 UTC to 10:09 UTC, then quiet for 10 min',
  ],
  [
    'a person',
    resolvedAt(openedAt + 17 * minute, 'U0JO'),
    '7 failures within 7 min, 2026-11-24 10:02 UTC to 10:09 UTC',
  ],
];
for (const [name, facts, line] of past) {
  test(`figures of a resolved incident: ${name}`, () => {
    const lines = shown(incidentOf(facts));
    assert.ok(lines.includes(line), lines.join('\n'));
  });
}

test('the line with the task is for an object that is no task, and for one task', () => {
  const taskLine = (facts: Partial<Incident>) => shown(incidentOf(facts)).find((line) => line.startsWith('Task  '));
  assert.equal(taskLine({ keys: [level] }), 'Task  billing.tasks.charge');
  assert.equal(taskLine({}), undefined);
  assert.equal(taskLine({ keys: [level], subject: subjectOf({ tasks: ['a', 'b'] }) }), undefined);
  assert.equal(taskLine({ keys: [level], subject: subjectOf({ tasks: [] }) }), undefined);
});

test('two tasks are a list, and six need no further entry', () => {
  const listOf = (count: number) => {
    const tasks = Array.from({ length: count }, (_, index) => `t${index}`);
    return shown(incidentOf({ subject: subjectOf({ tasks }) })).filter((line) => /^t\d$|more task/.test(line));
  };
  assert.deepEqual(listOf(1), []);
  assert.deepEqual(listOf(2), ['t0', 't1']);
  assert.equal(listOf(6).at(-1), 't5');
  assert.equal(listOf(7).at(-1), 'and 1 more task');
});

test('a condition of the same signal is named by its subject, one without a name is counted', () => {
  const [first, second] = ['a', 'b'].map((task) =>
    keyOf({ key: keyText({ kind: 'task', task }), signal: 'failures.ratio', total: undefined }),
  );
  const lines = shown(incidentOf({ keys: [first!, second!] }));
  assert.ok(lines.includes('Failure rate · b: 7 in 10 min, of 212 attempts (3%)'), lines.join('\n'));
  assert.ok(!lines.some((line) => line.includes('related')));
  const other = keyOf({ key: keyText({ kind: 'cause', fingerprint: '2' }), signal: 'failures.surge' });
  assert.ok(shown(incidentOf({ keys: [keyOf(), other] })).includes('Surge: 7 failures'));
});

test('one related failure is singular, and without related conditions there is no heading', () => {
  const other = keyOf({ key: keyText({ kind: 'cause', fingerprint: '2' }) });
  assert.ok(shown(incidentOf({ keys: [keyOf(), other] })).includes('1 related failure'));
  assert.ok(!shown(incidentOf()).includes('Also'));
});

test('four related conditions need no further entry', () => {
  const queue = (name: string) => keyOf({ key: keyText({ kind: 'queue', queue: name }), signal: 'latency' });
  const lines = shown(incidentOf({ keys: [keyOf(), ...['a', 'b', 'c', 'd'].map(queue)] }));
  assert.ok(!lines.some((line) => /^and \d more$/.test(line)), lines.join('\n'));
});

test('different exceptions are named as different, equal ones by their task', () => {
  const cause = (fingerprint: string, facts: Parameters<typeof keyOf>[0]) =>
    keyOf({ key: keyText({ kind: 'cause', fingerprint }), total: 4, ...facts });
  const title = 'PaymentDeclined: card was declined';
  const incident = incidentOf({
    keys: [keyOf({ title }), cause('2', { title: "KeyError: 'bed'" }), cause('3', { title, task: 'mail.send' })],
    subject: subjectOf({ title, tasks: ['billing.tasks.charge', 'mail.send'] }),
  });
  const lines = shown(incident);
  assert.ok(lines.includes("New failure: KeyError: 'bed' · 4 failures"), lines.join('\n'));
  assert.ok(lines.includes('New failure · mail.send: 4 failures'), lines.join('\n'));
});

test('repeated messages show their first ids and the number of the others', () => {
  const keys = [keyOf({ signal: 'redelivery', total: 100 })];
  const idsOf = (count: number) =>
    shown(
      incidentOf({ keys, subject: subjectOf({ taskIds: Array.from({ length: count }, (_, index) => `id-${index}`) }) }),
    );
  assert.ok(idsOf(20).includes('Ids  id-0, id-1, id-2, id-3, id-4 and 95 more'), idsOf(20).join('\n'));
  assert.ok(idsOf(1).some((line) => line.startsWith('Example')));
});

test('the share is that of all causes that the count adds up, in one window', () => {
  const cause = (count: number, of: number, facts: Parameters<typeof keyOf>[0] = {}) =>
    keyOf({ figures: { count, limit: 3, withinMs: 10 * minute, baseline: undefined, of }, total: count, ...facts });
  const second = { key: keyText({ kind: 'cause', fingerprint: '2' }) } as const;
  const figureLine = (...keys: ReturnType<typeof cause>[]) => shown(incidentOf({ keys }))[2] ?? '';
  assert.match(
    figureLine(cause(8, 18), cause(4, 12, second)),
    /^12 failures since .* · 12 of 18 attempts in 10 min \(67%\)$/,
  );
  const other = cause(4, 12, {
    ...second,
    figures: { count: 4, limit: 3, withinMs: minute, baseline: undefined, of: 9 },
  });
  assert.doesNotMatch(figureLine(cause(8, 18), other), /attempts/);
});

test('a related condition of several kinds names each with its count', () => {
  const key = keyText({ kind: 'pool', condition: 'lost', pool: 'celery@pay' });
  const lost = keyOf({ signal: 'lost', key, total: 4, title: 'x', parts: { SIGKILL: 3, SIGABRT: 1 } });
  const lines = shown(incidentOf({ keys: [keyOf(), lost] }));
  assert.ok(lines.includes('Attempts lost · celery@pay: 4 attempts lost: SIGKILL 3, SIGABRT 1'), lines.join('\n'));
});
