import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultPolicy } from '../../alert/default-policy.ts';
import { type Policy, taskPolicyOf, thresholdsOf } from '../../alert/policy.ts';
import { defaultThresholds } from '../../alert/signals/registry.ts';
import { type Loaded, loadConfig } from '../load.ts';
import { problemLine } from '../problems.ts';
import { policyOf } from './policy.ts';
import { thresholdShape } from './thresholds.ts';

const minute = 60_000;
const hour = 60 * minute;
const slack = 'slack: { token: xoxb-1, channel: "#celery", mention: U0ONCALL }\n';

function load(text: string, now?: number): Loaded {
  const input = { text: `broker: redis://a\n${text}`, file: 'tv.yaml', env: {}, readFile: () => '' };
  return loadConfig(now === undefined ? input : { ...input, now });
}

function policyIn(text: string): Policy {
  const loaded = load(text);
  if (!loaded.ok) assert.fail(loaded.problems.map(problemLine).join('\n'));
  return policyOf(loaded.config);
}

test('an empty file gives the default policy of each profile', () => {
  for (const profile of ['quiet', 'balanced', 'sensitive'] as const) {
    const { hash, ...policy } = policyIn(
      `${slack}alerts: { profile: ${profile}, owners: [{ channel: "#celery" , mention: {}}] }`,
    );
    const { hash: _, ...built } = defaultPolicy('#celery', profile);
    assert.deepEqual(policy, built);
    assert.match(hash, /^[0-9a-f]{12}$/);
  }
});

test('a profile scales only the thresholds that the file leaves out', () => {
  const { thresholds } = policyIn(
    'alerts: { profile: quiet, defaults: { new_failure: { min: 3 }, lost: { within: 5m } } }',
  );
  const { newFailure, surge, lost } = thresholds;
  assert.equal(newFailure?.['min'], 3);
  assert.deepEqual(newFailure?.['afterDeploy'], { min: 4, forMs: 15 * minute });
  assert.equal(surge?.['min'], 16);
  assert.deepEqual(lost, { min: 4, withinMs: 5 * minute });
});

test('every threshold of the file reaches the policy', () => {
  const { thresholds } = policyIn(`alerts:
  defaults:
    new_failure: { min: 4, within: 11m, share: 5%, after_deploy: { min: 1, for: 20m } }
    surge: { min: 9, factor: 4.5, within: 12m }
    failure_rate: { over: 25%, of_at_least: 21, within: 6m, clear: 12.5%, factor: 3 }
    retry_storm: { over: 0.5, at_least: 6, periods: 4, period: 40s }
    lost: { min: 3, within: 13m }
    stuck: { p99_factor: 7, floor: 6m, over: 1h }
    queue_wait: { over: 3m, for: 4m }
    worker_short: { for: 91s }
    crash_loop: { times: 4, within: 16m }
    schedule: { grace: 3m, grace_share: 11% }
    blind: { after: 21s }`);
  const expected = {
    newFailure: { min: 4, withinMs: 11 * minute, share: 0.05, afterDeploy: { min: 1, forMs: 20 * minute } },
    surge: { min: 9, factor: 4.5, withinMs: 12 * minute },
    failureRate: { over: 0.25, ofAtLeast: 21, withinMs: 6 * minute, clear: 0.125, factor: 3 },
    retryStorm: { over: 0.5, atLeast: 6, periods: 4, periodMs: 40_000 },
    lost: { min: 3, withinMs: 13 * minute },
    stuck: { p99Factor: 7, floorMs: 6 * minute, overMs: hour },
    queueWait: { overMs: 3 * minute, forMs: 4 * minute },
    workerShort: { forMs: 91_000 },
    crashLoop: { times: 4, withinMs: 16 * minute },
    schedule: { graceMs: 3 * minute, graceShare: 0.11 },
    blind: { afterMs: 21_000 },
  };
  for (const [option, terms] of Object.entries(expected)) assert.deepEqual(thresholds[option], terms, option);
});

test('a task has its own thresholds, and those of defaults otherwise', () => {
  const policy = policyIn(`alerts:
  defaults: { new_failure: { share: 4% } }
  tasks:
    - { match: reports.*, stuck: { over: 15m }, new_failure: { after_deploy: { for: 5m } }, queue: reports, idempotent: false }
    - { match: [hooks.*, mail.send], ignore: ReadTimeout, mute: always, severity: high }`);
  assert.deepEqual(thresholdsOf(policy, 'reports.build'), {
    ...defaultThresholds('balanced'),
    stuck: { ...defaultThresholds('balanced')['stuck'], overMs: 15 * minute },
    newFailure: {
      ...defaultThresholds('balanced')['newFailure'],
      share: 0.04,
      afterDeploy: { min: 2, forMs: 5 * minute },
    },
  });
  const reports = taskPolicyOf(policy, 'reports.build');
  assert.deepEqual([reports?.queue, reports?.isIdempotent, reports?.severity], ['reports', false, undefined]);
  const mail = taskPolicyOf(policy, 'mail.send');
  assert.deepEqual(
    [mail?.ignore, mail?.mute, mail?.severity, mail?.isIdempotent],
    [['ReadTimeout'], 'always', 'high', true],
  );
  assert.equal(taskPolicyOf(policy, 'other'), undefined);
});

const criticalCases: readonly {
  readonly name: string;
  readonly text: string;
  readonly task: string;
  readonly want: string;
}[] = [
  { name: 'on its own', text: 'critical: pay.*', task: 'pay.charge', want: 'critical/-' },
  {
    name: 'with an entry for one of them',
    text: 'critical: pay.*\nalerts: { tasks: [{ match: pay.charge, queue: own }] }',
    task: 'pay.charge',
    want: 'critical/own',
  },
  {
    name: 'with an entry for the others',
    text: 'critical: pay.*\nalerts: { tasks: [{ match: pay.charge, queue: own }] }',
    task: 'pay.refund',
    want: 'critical/-',
  },
  {
    name: 'below an entry for more than it',
    text: 'critical: pay.charge\nalerts: { tasks: [{ match: "pay.*", severity: high, queue: own }] }',
    task: 'pay.charge',
    want: 'critical/own',
  },
  {
    name: 'beside an entry for more than it',
    text: 'critical: pay.charge\nalerts: { tasks: [{ match: "pay.*", severity: high, queue: own }] }',
    task: 'pay.refund',
    want: 'high/own',
  },
];
test('an entry that mutes many tasks does not mute a critical one', () => {
  const policy = policyIn('critical: pay.charge\nalerts: { tasks: [{ match: "pay.*", mute: always, queue: own }] }');
  assert.deepEqual(
    [taskPolicyOf(policy, 'pay.charge')?.mute, taskPolicyOf(policy, 'pay.charge')?.queue],
    [undefined, 'own'],
  );
  assert.equal(taskPolicyOf(policy, 'pay.refund')?.mute, 'always');
});

for (const { name, text, task, want } of criticalCases) {
  test(`critical ${name}`, () => {
    const own = taskPolicyOf(policyIn(text), task);
    assert.equal(`${own?.severity}/${own?.queue ?? '-'}`, want);
  });
}

test('owners keep their order, and Slack’s channel comes last', () => {
  const { owners } = policyIn(`${slack}alerts:
  mute: { nights: { from: "19:00", to: "08:00", timezone: America/New_York } }
  owners:
    - match: { task: "billing.*|payouts.*", signal: failures, class: [bug, resource] }
      channel: "#pay"
      mention: { critical: S0PAYTEAM, high: [U0ANNA1, U0BERT1] }
      mute: nights
      also: "#ops"
    - { match: { pool: "*-reports*", queue: reports, exception: "*Timeout" }, channel: C0123456 }`);
  assert.deepEqual(owners, [
    {
      match: {
        tasks: ['billing.*', 'payouts.*'],
        exceptions: [],
        queues: [],
        pools: [],
        signals: ['failures'],
        classes: ['bug', 'resource'],
      },
      channel: '#pay',
      mentions: { critical: ['S0PAYTEAM'], high: ['U0ANNA1', 'U0BERT1'] },
      mute: 'nights',
      also: ['#ops'],
    },
    {
      match: {
        tasks: [],
        exceptions: ['*Timeout'],
        queues: ['reports'],
        pools: ['*-reports*'],
        signals: [],
        classes: [],
      },
      channel: 'C0123456',
      mentions: { critical: ['U0ONCALL'] },
      mute: undefined,
      also: [],
    },
    {
      match: { tasks: [], exceptions: [], queues: [], pools: [], signals: [], classes: [] },
      channel: '#celery',
      mentions: { critical: ['U0ONCALL'] },
      mute: undefined,
      also: [],
    },
  ]);
});

test('an owner of everything is the last one, and without Slack there is a default channel', () => {
  assert.deepEqual(
    policyIn('alerts: { owners: [{ channel: "#a" }] }').owners.map(({ channel }) => channel),
    ['#a'],
  );
  assert.deepEqual(
    policyIn('').owners.map(({ channel }) => channel),
    ['#celery-alerts'],
  );
});

test('mute hours, one or several per name, in their own time zone or the default one', () => {
  const { mutes, timezone } = policyIn(
    `alerts:
  timezone: Europe/Berlin
  mute:
    nights: { days: [mon-thu, sun], from: "19:00", to: "24:00", timezone: Asia/Kolkata, let_through: [], at_end: digest }
    off:
      - { days: sat, from: "0:00", to: "00:00" }
      - { days: fri-mon, from: "12:00", to: "13:30", let_through: [critical, high] }`,
  );
  assert.equal(timezone, 'Europe/Berlin');
  assert.deepEqual(mutes, [
    {
      name: 'nights',
      days: [0, 1, 2, 3, 4],
      from: 1_140,
      to: 0,
      timezone: 'Asia/Kolkata',
      letThrough: [],
      atEnd: 'digest',
    },
    { name: 'off', days: [6], from: 0, to: 0, timezone: 'Europe/Berlin', letThrough: ['critical'], atEnd: 'summary' },
    {
      name: 'off',
      days: [0, 1, 5, 6],
      from: 720,
      to: 810,
      timezone: 'Europe/Berlin',
      letThrough: ['critical', 'high'],
      atEnd: 'summary',
    },
  ]);
});

test('silences end at the end of a day, at a local time, at an instant, or never', () => {
  const { silences } = policyIn(`alerts:
  timezone: Europe/Berlin
  silences:
    - { match: { task: a }, until: 2026-12-31, reason: "removed in Q1", by: jo }
    - { match: { task: b }, until: 2026-07-01 18:00, reason: r, by: jo }
    - { match: { task: c }, until: "2026-07-01T18:00:00Z", reason: r, by: jo }
    - { match: { exception: DeprecationWarning }, reason: r, by: jo }`);
  assert.deepEqual(
    silences.map(({ until }) => until && new Date(until).toISOString()),
    ['2026-12-31T23:00:00.000Z', '2026-07-01T16:00:00.000Z', '2026-07-01T18:00:00.000Z', undefined],
  );
  assert.equal(new Set(silences.map(({ id }) => id)).size, 4);
  assert.match(silences[0]?.id ?? '', /^file-[0-9a-f]{8}$/);
  assert.deepEqual([silences[0]?.reason, silences[0]?.by], ['removed in Q1', 'jo']);
});

test('a silence that has ended is a warning', () => {
  const text = 'alerts: { silences: [{ match: { task: a }, until: 2026-12-31, reason: gone, by: jo }] }';
  assert.deepEqual(load(text, Date.parse('2026-12-31T23:59:59Z')).warnings, []);
  assert.deepEqual(load(text, Date.parse('2027-01-01T00:00:00Z')).warnings, [
    'alerts.silences[0]: over since 2027-01-01T00:00:00.000Z (gone)',
  ]);
});

test('budgets and mute hours without a user are warnings', () => {
  const text = `alerts:
  timezone: UTC
  mute: { nights: { from: "19:00", to: "08:00" } }
  budget: { "#nowhere": { burst: 1 } }`;
  assert.deepEqual(load(text).warnings, [
    'alerts.budget: no owner has the channel #nowhere',
    'alerts.mute.nights: no owner and no task has it',
  ]);
});

test('budgets, digest, reminders and the rest', () => {
  const policy = policyIn(`${slack}alerts:
  learning: 30m
  wait: 10s
  reminders: [1h, 2h, 8h]
  resolve: { after: 5m, reopen_quietly_within: 30m, show: channel }
  queues: [{ match: pay*, queue_wait: { over: 20s } }]
  budget: { default: { per_hour: 30 }, "#celery": { burst: 8 } }
  digest: { at: "07:30", days: [sat], skip_empty: false }
  deploys: { worker_grace: 5m }
  degraded: { per_hour: 3 }`);
  assert.deepEqual([policy.learningMs, policy.waitMs], [30 * minute, 10_000]);
  assert.deepEqual(policy.remindersMs, [hour, 2 * hour, 8 * hour]);
  assert.deepEqual(policy.resolve, { afterMs: 5 * minute, reopenQuietlyWithinMs: 30 * minute, show: 'channel' });
  assert.deepEqual(policy.queues, [{ match: ['pay*'], thresholds: { queueWait: { overMs: 20_000 } } }]);
  assert.deepEqual(policy.budgets, {
    default: { burst: 5, perHour: 30 },
    byChannel: { '#celery': { burst: 8, perHour: 30 } },
  });
  assert.deepEqual(policy.digest, { at: 450, days: [6], skipEmpty: false });
  assert.deepEqual([policy.deploys.workerGraceMs, policy.degradedPerHour], [5 * minute, 3]);
  assert.equal(policyIn('alerts: { digest: { at: "off" }, reminders: [] }').digest.at, undefined);
});

test('schedules: an interval with an offset, or a crontab in a time zone', () => {
  const [hourly, nightly] = policyIn(`schedules:
  - { task: reports.hourly, every: 1h, offset: 5m }
  - { name: nightly, task: reports.nightly, crontab: "30 2 * * mon-fri", timezone: Europe/Berlin }`).schedules;
  assert.deepEqual([hourly?.name, hourly?.task, hourly?.periodMs], ['reports.hourly', 'reports.hourly', hour]);
  assert.equal(new Date(hourly?.dueAfter(0) ?? 0).toISOString(), '1970-01-01T00:05:00.000Z');
  assert.deepEqual([nightly?.name, nightly?.task, nightly?.periodMs], ['nightly', 'reports.nightly', 24 * hour]);
  const after = Date.parse('2026-07-03T01:00Z');
  assert.equal(new Date(nightly?.dueAfter(after) ?? 0).toISOString(), '2026-07-06T00:30:00.000Z');
});

const hashes: readonly { readonly name: string; readonly a: string; readonly b: string; readonly isSame: boolean }[] = [
  { name: 'the same words', a: 'alerts: { wait: 10s }', b: 'alerts: { wait: 10s }', isSame: true },
  { name: 'a default that is written', a: 'alerts: { wait: 20s }', b: '', isSame: true },
  {
    name: 'another order of keys',
    a: 'alerts: { wait: 1s, learning: 2h }',
    b: 'alerts: { learning: 2h, wait: 1s }',
    isSame: true,
  },
  { name: 'what is no policy', a: 'log: { level: debug }', b: '', isSame: true },
  { name: 'another number', a: 'alerts: { wait: 10s }', b: '', isSame: false },
  {
    name: 'another crontab',
    a: 'schedules: [{ task: a, crontab: "0 1 * * *" }]',
    b: 'schedules: [{ task: a, crontab: "0 2 * * *" }]',
    isSame: false,
  },
  { name: 'a critical task', a: 'critical: a', b: '', isSame: false },
];
for (const { name, a, b, isSame } of hashes) {
  test(`the hash: ${name}`, () => assert.equal(policyIn(a).hash === policyIn(b).hash, isSame));
}

test('halved and doubled minima never fall below one', () => {
  assert.equal(defaultThresholds('sensitive')['lost']?.['min'], 1);
});

/** Options that a task may override, as an error lists them. */
const taskOptions = Object.keys(thresholdShape('tasks')).join(', ');

const bad: readonly { readonly name: string; readonly text: string; readonly want: readonly string[] }[] = [
  {
    name: 'a key that is like another one',
    text: 'alerts: { tasks: [{ match: a, sevrity: high }] }',
    want: ['2:31: alerts.tasks[0].sevrity: unknown key; did you mean severity?'],
  },
  {
    name: 'the keys of before',
    text: 'alerts: { threshold: 3 }',
    want: [
      '2:11: alerts.threshold: unknown key, expected one of profile, timezone, learning, wait, reminders, resolve, defaults, tasks, queues, owners, mute, silences, budget, digest, inhibit, deploys, degraded',
    ],
  },
  {
    name: 'an owner without a channel, and one whose mention is a name',
    text: 'alerts:\n  owners:\n    - match: { task: a }\n    - { channel: "@jo", mention: { critical: "@jo" } }',
    want: [
      '4:7: alerts.owners[0].channel: expected a channel like "#celery-alerts" (quoted) or its id, got nothing',
      '5:18: alerts.owners[1].channel: expected a channel like "#celery-alerts" (quoted) or its id, got another text',
      '5:46: alerts.owners[1].mention.critical: expected the id of a user (U…, W…) or a user group (S…) or a list of them, got another text',
    ],
  },
  {
    name: 'entries that never apply',
    text: `alerts:
  tasks:
    - { match: [mail.*, a.?] }
    - { match: mail.send* }
    - { match: [a.b, a.c] }
    - { match: "*" }
    - { match: z }
  queues: [{ match: "*" }, { match: x }]
  owners:
    - { match: { task: a.*, signal: failures }, channel: "#a" }
    - { match: { task: a.b, signal: [failures.new], class: bug }, channel: "#b" }
    - { match: { task: a.b }, channel: "#b" }
    - { channel: "#c" }
    - { match: { pool: x }, channel: "#d" }
    - { channel: "#e" }`,
    want: [
      '5:16: alerts.tasks[1].match: never applies: alerts.tasks[0] comes before it and matches everything it matches',
      '6:16: alerts.tasks[2].match: never applies: alerts.tasks[0] comes before it and matches everything it matches',
      '8:16: alerts.tasks[4].match: never applies: alerts.tasks[3] comes before it and matches everything it matches',
      '9:37: alerts.queues[1].match: never applies: alerts.queues[0] comes before it and matches everything it matches',
      '12:16: alerts.owners[1].match: never applies: alerts.owners[0] comes before it and matches everything it matches',
      '15:16: alerts.owners[4].match: never applies: alerts.owners[3] comes before it and matches everything it matches',
      '16:7: alerts.owners[5]: never applies: alerts.owners[3] comes before it and matches everything it matches',
    ],
  },
  {
    name: 'mute hours without a zone, in an unknown zone, at no time, and undefined names',
    text: `alerts:
  mute:
    nights: { from: "19:00", to: "08:00" }
    noon: { from: 12, to: "25:00", timezone: Europe/Berlni, days: [mon-wat] }
    always: { from: "0:00", to: "0:00", timezone: UTC }
  tasks: [{ match: a, mute: nigths }]
  owners: [{ channel: "#a", mute: always }, { match: { task: x }, channel: "#a", mute: weekends }]`,
    want: [
      '4:13: alerts.mute.nights.timezone: expected a time zone like "Europe/Berlin", here or in alerts.timezone, got nothing',
      '5:19: alerts.mute.noon.from: expected a time of day like "09:00", got 12',
      '5:27: alerts.mute.noon.to: expected a time of day like "09:00", got "25:00"',
      '5:46: alerts.mute.noon.timezone: expected a time zone like "Europe/Berlin", got "Europe/Berlni"; did you mean Europe/Berlin?',
      '5:67: alerts.mute.noon.days: expected days like "mon-fri" or a list of them, got a list with "mon-wat"',
      '6:5: alerts.mute.always: expected another name, this one means for ever',
      '7:29: alerts.tasks[0].mute: expected the name of mute hours under alerts.mute, got "nigths"; did you mean nights?',
      '8:54: alerts.owners[1].match: never applies: alerts.owners[0] comes before it and matches everything it matches',
      '8:88: alerts.owners[1].mute: expected the name of mute hours under alerts.mute, got "weekends": nights, noon, always',
    ],
  },
  {
    name: 'numbers that are none, or contradict each other',
    text: `alerts:
  reminders: [4h, 1h]
  defaults:
    new_failure: { min: 0, share: 3, within: 2h }
    failure_rate: { over: 10%, clear: 20% }
  tasks: [{ match: a, failure_rate: { over: 5% } }, { match: b, lost: { min: 1 } }]
  budget: { default: { burst: 0, per_hour: -1 }, everywhere: { burst: 1 } }`,
    want: [
      '3:19: alerts.reminders[1]: expected more than the reminder before it, each counts from the opening',
      '5:25: alerts.defaults.new_failure.min: expected a whole number between 1 and 10000, got 0',
      '5:35: alerts.defaults.new_failure.share: expected a share like "3%", got 3',
      '5:46: alerts.defaults.new_failure.within: expected a duration like "30s", "5m" or "1h" between 10s and 30m, got "2h"',
      '6:39: alerts.defaults.failure_rate.clear: expected clear below over, got 20% and 10%',
      '7:45: alerts.tasks[0].failure_rate.over: expected clear below over, got 20% and 5%',
      `7:65: alerts.tasks[1].lost: unknown key, expected one of match, severity, mute, ignore, idempotent, queue, ${taskOptions}`,
      '8:31: alerts.budget.default.burst: expected a whole number between 1 and 1000, got 0',
      '8:44: alerts.budget.default.per_hour: expected a whole number between 1 and 3600, got -1',
      '8:50: alerts.budget.everywhere: expected "default" or a channel like "#celery-alerts" (quoted) or its id',
    ],
  },
  {
    name: 'what contradicts critical',
    text: 'critical: pay.*\nalerts:\n  tasks:\n    - { match: pay.charge, severity: high }\n    - { match: b, severity: critical, mute: always }',
    want: [
      '5:38: alerts.tasks[0].severity: contradicts critical, which lists this task',
      '6:45: alerts.tasks[1].mute: contradicts its severity: a critical task cannot be muted for ever',
    ],
  },
  {
    name: 'silences of everything, without a reason, and until no day',
    text: 'alerts:\n  silences:\n    - { match: {}, reason: r, by: jo }\n    - { match: { exception: requests.ReadTimeout }, until: 2026-02-30 }',
    want: [
      '4:16: alerts.silences[0].match: expected what to silence, this is everything',
      '5:7: alerts.silences[1].reason: expected why, for those who will wonder, got nothing',
      '5:7: alerts.silences[1].by: expected who, got nothing',
      '5:29: alerts.silences[1].match.exception: expected the name of an exception class without its module, like "ReadTimeout" or a list of them, got "requests.ReadTimeout"',
      '5:60: alerts.silences[1].until: expected a date like "2026-12-31" or a time like "2026-12-31 18:00", got "2026-02-30"',
    ],
  },
  {
    name: 'schedules that are due never, twice or somehow',
    text: `schedules:
  - { task: a }
  - { task: b, every: 1h, crontab: "* * * * *" }
  - { task: c, crontab: "0 0 31 2 *" }
  - { task: d, crontab: "* * * *", offset: 1m }
  - { task: d, every: 1h, timezone: UTC }
  - { task: "e.*", every: 0s, offset: 10 }`,
    want: [
      '3:5: schedules[0]: expected either every or crontab, got neither',
      '4:5: schedules[1]: expected either every or crontab, got both',
      '5:25: schedules[2].crontab: expected a day that comes, this one never does',
      '6:25: schedules[3].crontab: expected five fields (minute hour day month weekday), got 4',
      '6:36: schedules[3].offset: expected it with every',
      '7:13: schedules[4].task: expected a name of its own, another one has it already',
      '7:27: schedules[4].timezone: expected it with crontab',
      '8:13: schedules[5].task: expected the name of a task, got "e.*"',
      '8:27: schedules[5].every: expected a duration like "30s", "5m" or "1h" between 1s and 366d, got "0s"',
      '8:39: schedules[5].offset: expected a duration like "30s", "5m" or "1h" between 0s and 366d, got 10',
    ],
  },
  {
    name: 'buttons without the secret they need',
    text: 'slack: { token: xoxb-1, channel: "#a", actions: socket, signing_secret: abc }',
    want: [
      '2:8: slack.app_token: expected the app-level token (xapp-…) for actions: socket, got nothing',
      '2:73: slack.signing_secret: expected the signing secret of the app, got another text',
    ],
  },
];
for (const { name, text, want } of bad) {
  test(`problems: ${name}`, () => {
    const loaded = load(text);
    assert.deepEqual(
      loaded.ok ? [] : loaded.problems.map(problemLine),
      want.map((line) => `tv.yaml:${line}`),
    );
  });
}

test('a problem in a list of mute hours has the index', () => {
  const loaded = load(
    'alerts:\n  mute:\n    off:\n      - { from: "0:00", to: "1:00", timezone: UTC }\n      - { from: "0:00", to: "1:00" }',
  );
  assert.deepEqual(loaded.ok ? [] : loaded.problems.map(({ where, path }) => [where, path]), [
    ['tv.yaml:6:9', 'alerts.mute.off[1].timezone'],
  ]);
});

test('any value gives a configuration or problems with a place', () => {
  const leaf = fc.oneof(
    fc.constantFrom(
      '3%',
      '10m',
      'mon-fri',
      '19:00',
      'nights',
      'always',
      '#a',
      'U0ONCALL',
      'a.*|b',
      '2026-12-31',
      'UTC',
      'off',
      '',
    ),
    fc.constantFrom('* * * * *', 'critical', 'failures'),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
  );
  const keys = [
    ...[
      'profile',
      'timezone',
      'reminders',
      'resolve',
      'defaults',
      'tasks',
      'queues',
      'owners',
      'mute',
      'silences',
      'budget',
    ],
    ...[
      'digest',
      'match',
      'task',
      'severity',
      'new_failure',
      'failure_rate',
      'over',
      'clear',
      'channel',
      'mention',
      'critical',
    ],
    ...[
      'nights',
      'always',
      'from',
      'to',
      'days',
      'until',
      'reason',
      'by',
      'default',
      '#a',
      'burst',
      'every',
      'crontab',
    ],
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(tree, tree, (alerts, schedules) => {
      const loaded = load(
        `alerts: ${JSON.stringify(alerts)}\nschedules: ${JSON.stringify(schedules)}\ncritical: [a.*]\n`,
        0,
      );
      if (loaded.ok) assert.ok(policyOf(loaded.config).owners.length > 0);
      else
        for (const { where, message } of loaded.problems) assert.match(`${where} ${message}`, /^tv\.yaml:\d+:\d+ \S/);
    }),
    { numRuns: 1_000 },
  );
});
