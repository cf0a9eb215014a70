import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultPolicy } from '../alert/default-policy.ts';
import { matchesEverything } from '../alert/matcher.ts';
import type { Policy } from '../alert/policy.ts';
import { defaultThresholds, thresholdSets } from '../alert/signals/registry.ts';
import { matcherText, mentionText, policyLines, reminderText, silenceText, thresholdLine } from './policy-lines.ts';

const sentences: Readonly<Record<string, string>> = {
  newFailure: 'A new cause: 3 failures in 10m and 3% of the task’s attempts; for 15m after a deploy 2.',
  surge: 'A known cause: 8 failures in 10m and 4 times its baseline.',
  failureRate:
    'Failures of a task, whatever their cause: 20% of at least 20 attempts in 5m and 4 times its baseline; over below 10%.',
  retryStorm: 'Retries for one cause: 40% of the attempts and at least 5, in each of 3 periods of 30s.',
  stuck: 'An attempt that is stuck: longer than 5m and 4 times the 99th percentile of the run time.',
  lost: 'Attempts that died with their process: 2 in 10m in one pool.',
  queueWait: 'A queue that waits: its oldest task for more than 2m, for 3m without a break.',
  workerShort: 'A pool that is short of workers: for 90s, and none of them shut down.',
  crashLoop: 'Workers that crash: 3 times in 15m in one pool.',
  schedule: 'A scheduled run that does not come: 2m or 10% of its period after it was due.',
  blind: 'No event received from any worker for 20s while workers are online.',
};
for (const [option, sentence] of Object.entries(sentences)) {
  test(`the sentence about ${option}`, () => {
    const set = thresholdSets.find((one) => one.option === option);
    assert.equal(set && thresholdLine(set, defaultThresholds('balanced')), sentence);
  });
}

test('one failure has no plural', () => {
  const set = thresholdSets.find(({ option }) => option === 'surge')!;
  const thresholds = { surge: { ...defaultThresholds('balanced')['surge'], min: 1 } };
  assert.match(thresholdLine(set, thresholds), /: 1 failure in/);
});

test('an explicit limit for stuck attempts replaces both others', () => {
  const set = thresholdSets.find(({ option }) => option === 'stuck')!;
  const thresholds = { stuck: { ...defaultThresholds('balanced')['stuck'], overMs: 900_000 } };
  assert.equal(thresholdLine(set, thresholds), 'An attempt that is stuck: longer than 15m.');
});

test('the policy lists its thresholds, and only the lists that have entries', () => {
  const lines = policyLines(defaultPolicy('#alerts'));
  for (const sentence of Object.values(sentences)) assert.ok(lines.includes(`  ${sentence}`), sentence);
  assert.ok(!lines.some((line) => line.startsWith('Tasks with their own policy') || line.startsWith('Mute hours')));
  assert.match(lines.at(-1) ?? '', /Policy default\.$/);
});

test('a queue lists only the thresholds that its entry overrides', () => {
  const policy: Policy = {
    ...defaultPolicy('#alerts'),
    queues: [{ match: ['pay*', 'mail'], thresholds: { queueWait: { overMs: 20_000 } } }],
  };
  const line = '  1. pay* or mail: A queue that waits: its oldest task for more than 20s, for 3m without a break.';
  assert.ok(policyLines(policy).includes(line));
});

const task: Policy['tasks'][number] = {
  match: ['mail.*'],
  severity: undefined,
  mute: undefined,
  ignore: [],
  isIdempotent: true,
  queue: undefined,
  thresholds: {},
};
const tasks = [
  { own: {}, want: 'mail.*: no policy of its own' },
  { own: { severity: 'critical' }, want: 'mail.*: critical, reported at the first failure' },
  { own: { severity: 'high', mute: 'always' }, want: 'mail.*: high, never notified' },
  { own: { mute: 'nights' }, want: 'mail.*: muted in nights' },
  { own: { ignore: ['ReadTimeout', 'Gone'] }, want: 'mail.*: ReadTimeout and Gone ignored' },
  { own: { isIdempotent: false, queue: 'mail' }, want: 'mail.*: a second execution is reported, waits in mail' },
  { own: { thresholds: { newFailure: { min: 9 } } }, want: 'mail.*: own thresholds for new_failure' },
] as const;
for (const { own, want } of tasks) {
  test(`a task policy in words: ${want}`, () => {
    const policy: Policy = { ...defaultPolicy('#alerts'), tasks: [{ ...task, ...own }] };
    assert.ok(policyLines(policy).includes(`  1. ${want}`), policyLines(policy).join('\n'));
  });
}

test('a matcher lists its parts, and an empty one is everything else', () => {
  assert.equal(matcherText(matchesEverything), 'everything else');
  const matcher = { ...matchesEverything, tasks: ['a.*', 'b'], exceptions: ['Gone'], signals: ['worker'] };
  assert.equal(matcherText(matcher), 'a.* or b, exception Gone, signal worker');
});

test('an owner has a channel, links, mentions by severity, and mute hours', () => {
  const owner = {
    match: { ...matchesEverything, pools: ['*-pay'] },
    channel: '#pay',
    mentions: { critical: ['S0PAY'], normal: ['U1', 'U2'] },
    mute: 'nights',
    also: ['#ops'],
  };
  const want =
    'pool *-pay → #pay, with a link in #ops, mentions S0PAY when critical, U1 U2 when normal, muted in nights';
  assert.ok(policyLines({ ...defaultPolicy('#alerts'), owners: [owner] }).includes(`  1. ${want}`));
  assert.equal(mentionText({}), '');
});

const hours = { name: 'nights', days: [1, 2, 3, 4, 5], from: 19 * 60, to: 8 * 60, timezone: 'UTC' } as const;
const mutes = [
  {
    hours: { ...hours, letThrough: ['critical'], atEnd: 'summary' },
    want: 'nights: Mon-Fri 19:00 to 08:00 UTC, lets critical through, then a summary',
  },
  {
    hours: { ...hours, days: [0, 6], to: 0, letThrough: [], atEnd: 'digest' },
    want: 'nights: Sat Sun 19:00 to 24:00 UTC, lets nothing through, then a line in the digest',
  },
  {
    hours: { ...hours, days: [0, 1, 2, 3, 4, 5, 6], letThrough: [], atEnd: 'digest' },
    want: 'nights: every day 19:00 to 08:00 UTC, lets nothing through, then a line in the digest',
  },
] as const;
for (const { hours: one, want } of mutes) {
  test(`mute hours in words: ${want}`, () => {
    assert.ok(policyLines({ ...defaultPolicy('#alerts'), mutes: [one] }).includes(`  1. ${want}`));
  });
}

test('a silence has an end or none', () => {
  const silence = { id: 'x', match: matchesEverything, until: undefined, reason: 'known', by: 'jo' };
  assert.equal(silenceText(silence), 'everything else without end, by jo: known (x)');
  const until = Date.UTC(2026, 11, 31, 23);
  assert.match(silenceText({ ...silence, until }), /^everything else until 2026-12-31 23:00 UTC, by jo/);
});

test('reminders and digests can be off', () => {
  const policy = defaultPolicy('#alerts');
  assert.match(reminderText(policy), /after 4h, 1d, then every 1d\.$/);
  assert.equal(reminderText({ ...policy, remindersMs: [] }), 'No reminders.');
  const digestOf = (digest: Partial<Policy['digest']>): string | undefined =>
    policyLines({ ...policy, digest: { ...policy.digest, ...digest } }).at(-2);
  assert.equal(digestOf({}), 'A digest Mon-Fri at 09:00 UTC, unless it is empty.');
  assert.equal(digestOf({ skipEmpty: false }), 'A digest Mon-Fri at 09:00 UTC.');
  assert.equal(digestOf({ at: undefined }), 'No digest.');
});
