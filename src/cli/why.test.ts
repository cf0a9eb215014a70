import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultThresholds, thresholdSets } from '../alert/signals/registry.ts';
import { loadConfig } from '../config/load.ts';
import { problemLine } from '../config/problems.ts';
import { thresholdLine } from './policy-lines.ts';
import { type Question, whyLines } from './why.ts';

const anything: Question = { task: undefined, exception: undefined, queue: undefined, pool: undefined };
/** A Thursday, four in the morning in Berlin. */
const night = Date.parse('2026-11-26T03:00:00Z');

function why(text: string, question: Partial<Question>, now = night): string[] {
  const loaded = loadConfig({
    text: `broker: redis://a\nslack: { token: xoxb-1, channel: "#celery", mention: U0ONCALL }\n${text}`,
    file: 'tv.yaml',
    env: {},
    readFile: () => '',
  });
  if (!loaded.ok) assert.fail(loaded.problems.map(problemLine).join('\n'));
  return whyLines(loaded.config, { ...anything, ...question }, now);
}

test('without a question about a task: the rules for every task', () => {
  assert.deepEqual(why('', { task: 'mail.send' }), [
    'mail.send: no entry of its own.',
    'Severity: normal for failures, high where their share, a worker or a schedule is concerned.',
    'Posted 20s after one of these thresholds is crossed:',
    ...thresholdSets
      .filter(({ overriddenBy }) => overriddenBy === 'tasks')
      .map((set) => `  ${thresholdLine(set, defaultThresholds('balanced'))} (profile balanced)`),
    'Goes to #celery (slack.channel: everything else).',
    '  Mentions U0ONCALL when critical.',
    '  The channel takes 5 messages at once and 20 an hour.',
    'Reminders for an incident that is not acknowledged: after 4h, 1d, then every 1d. Resolved after 10m without failures.',
  ]);
});

const policy = `critical: [pay.*]
alerts:
  profile: sensitive
  defaults: { new_failure: { share: 4%, within: 5m }, queue_wait: { for: 4m } }
  tasks:
    - { match: "hooks.*", new_failure: { share: 5%, min: 10 }, ignore: "*Timeout", severity: high, idempotent: false }
    - { match: pay.charge, queue: payments }
    - { match: "tests.*", mute: always }
    - { match: "reports.*", mute: nights }
  queues: [{ match: pay*, queue_wait: { over: 20s } }]
  owners:
    - { match: { task: "pay.*|hooks.*", signal: failures }, channel: "#pay", mute: nights, also: "#ops" }
    - { match: { pool: "*-mail", class: bug }, channel: "#mail", mention: { high: S0MAILTEAM } }
  mute: { nights: { from: "19:00", to: "08:00", timezone: Europe/Berlin } }
  silences:
    - { match: { task: "hooks.*", exception: ReadTimeout }, until: 2026-11-30, reason: known, by: jo }
    - { match: { task: "hooks.*" }, until: 2026-11-01, reason: gone, by: jo }
  budget: { "#pay": { burst: 8 } }
schedules: [{ name: closing, task: pay.close, crontab: "30 2 * * *" }]
`;

const cases: readonly {
  readonly name: string;
  readonly question: Partial<Question>;
  readonly want: readonly string[];
  readonly not?: RegExp;
}[] = [
  {
    name: 'which entry set which number',
    question: { task: 'hooks.deliver' },
    want: [
      'hooks.deliver: alerts.tasks[0] (hooks.*).',
      'Severity: high.',
      'A second execution of one task opens an incident: idempotent: false.',
      '  A new cause: 10 failures in 5m and 5% of the task’s attempts; for 15m after a deploy 1. (min, share: alerts.tasks[0]; within: alerts.defaults; profile sensitive)',
      '  A known cause: 4 failures in 10m and 4 times its baseline. (profile sensitive)',
    ],
  },
  {
    name: 'an exception that is ignored, and silenced; its module does not matter',
    question: { task: 'hooks.deliver', exception: 'requests.exceptions.ReadTimeout' },
    want: [
      'ReadTimeout is ignored: counted and shown in the digest, but it never opens an incident by itself.',
      `Silenced: hooks.*, exception ReadTimeout until 2026-12-01 00:00 UTC, by jo: known (${'ID'}).`,
    ],
  },
  {
    name: 'a silence with a further condition, and one that has ended',
    question: { task: 'hooks.deliver' },
    want: [
      `Silenced if the exception is ReadTimeout: hooks.*, exception ReadTimeout until 2026-12-01 00:00 UTC, by jo: known (${'ID'}).`,
      `No longer silenced: hooks.* until 2026-11-02 00:00 UTC, by jo: gone (${'ID'}).`,
    ],
  },
  {
    name: 'a critical task, with what its entry adds',
    question: { task: 'pay.charge' },
    want: [
      'pay.charge: critical (pay.*) and alerts.tasks[1] (pay.charge).',
      'Severity: critical.',
      'Posted at its first failure, once its events have settled (limits.settle).',
      '  payments: A queue that waits: its oldest task for more than 20s, for 4m without a break. (over: alerts.queues[0]; for: alerts.defaults; profile sensitive)',
      'Goes to #pay if the signal is failures (alerts.owners[0]: pay.* or hooks.*, signal failures).',
      '  Mentions U0ONCALL when critical.',
      '  A link in #ops.',
      '  Mute hours now (nights), which let critical through.',
      '  The channel takes 8 messages at once and 20 an hour.',
      'Goes to #celery (slack.channel: everything else).',
    ],
    not: /A new cause/,
  },
  {
    name: 'a pool',
    question: { pool: 'celery@worker-mail' },
    want: [
      'A task of unknown name: no entry of alerts.tasks governs it.',
      '  Attempts that died with their process: 1 in 10m in one pool. (profile sensitive)',
      'Goes to #mail if the class is bug (alerts.owners[1]: pool *-mail, class bug).',
      '  Mentions S0MAILTEAM when high.',
    ],
  },
  { name: 'never', question: { task: 'tests.a' }, want: ['Never posted: mute: always.'] },
  {
    name: 'muted now',
    question: { task: 'reports.a' },
    want: ['Muted now, until 2026-11-26 07:00 UTC (nights).'],
  },
  {
    name: 'a run that is expected',
    question: { task: 'pay.close' },
    want: [
      '  A scheduled run that does not come: 2m or 10% of its period after it was due. (profile sensitive)',
      'Expected by the schedule closing, next at 2026-11-27 02:30 UTC.',
    ],
  },
];
for (const { name, question, want, not } of cases) {
  test(`why: ${name}`, () => {
    const lines = why(policy, question).map((line) => line.replace(/file-[0-9a-f]{8}/, 'ID'));
    for (const line of want) assert.ok(lines.includes(line), `${line}\n\n${lines.join('\n')}`);
    if (not !== undefined) assert.doesNotMatch(lines.join('\n'), not);
  });
}

test('why: the named entry is the one that applies', () => {
  const text = 'critical: [pay.*]\nalerts: { tasks: [{ match: "*.charge", queue: a }, { match: pay.ch*, queue: b }] }';
  assert.equal(why(text, { task: 'pay.charge' })[0], 'pay.charge: critical (pay.*) and alerts.tasks[1] (pay.ch*).');
  assert.equal(why(text, { task: 'card.charge' })[0], 'card.charge: alerts.tasks[0] (*.charge).');
});

test('outside of the mute hours a failure is not muted', () => {
  assert.ok(why(policy, { task: 'reports.a' }, night + 6 * 3_600_000).includes('Not muted now (nights).'));
});
