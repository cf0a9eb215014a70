import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../alert/decision.ts';
import { loadConfig } from '../../config/load.ts';
import { policyOf } from '../../config/policy/policy.ts';
import type { Notice } from '../../report.ts';
import { celeryFormat } from '../../source/celery/format.ts';
import type { Recorded } from '../../source/recording.ts';
import { createPlayer, type PlayOptions } from './play.ts';

const startAt = Date.UTC(2026, 10, 24, 8);
const loaded = loadConfig({
  text: 'broker: redis://a/0\nalerts: { learning: 0s }\n',
  file: 'c.yaml',
  env: {},
  hostname: 'h',
  readFile: () => '',
});
assert.ok(loaded.ok);
const { config } = loaded;
const policy = policyOf(config);

function open(changes: Partial<PlayOptions> = {}) {
  const decisions: Decision[] = [];
  const posts: number[] = [];
  const notices: Notice[] = [];
  const player = createPlayer({
    decode: celeryFormat.decode,
    tracks: [
      {
        policy,
        onDecision: (decision) => decisions.push(decision),
        onNotification: ({ action }, now) => {
          if (action === 'post') posts.push(now - startAt);
        },
      },
    ],
    redact: config.redact,
    lifecycle: {
      ...config.limits,
      ...config.workers,
      witnesses: [],
      ownsAllWorkers: true,
      openTasksMax: config.limits.openTasks,
      workersMax: config.limits.workers,
    },
    viewers: [],
    isOneFile: true,
    onNotice: (notice) => notices.push(notice),
    ...changes,
  });
  return { player, decisions, posts, notices };
}

const message = (ms: number, payload: string): Recorded => ({
  kind: 'message',
  at: startAt + ms,
  message: { source: 'test', receivedAt: startAt + ms, payload, form: 'event-body' },
});

/** The three events of a task that fails. */
function failure(ms: number, uuid: string): readonly Recorded[] {
  const common = { uuid, hostname: 'celery@a', timestamp: (startAt + ms) / 1_000, pid: 1, utcoffset: 0 };
  return [
    { ...common, clock: 1, type: 'task-received', name: 'shop.pay', args: '()', kwargs: '{}', retries: 0 },
    { ...common, clock: 2, type: 'task-started' },
    { ...common, clock: 3, type: 'task-failed', exception: "Declined('no')", traceback: 'Declined: no\n' },
  ].map((event) => message(ms, JSON.stringify(event)));
}

const begin = (hash: string): Recorded => ({
  kind: 'begin',
  at: startAt,
  value: { version: 'x', policy: hash, witnesses: ['broker', 'nonsense'] },
  place: 'f:1',
});
const input = (ms: number, value: Record<string, unknown>): Recorded => ({
  kind: 'input',
  at: startAt + ms,
  value,
  place: 'f:2',
});

test('a capture is evaluated once a second, and the wait of its last incident ends after its end', async () => {
  const { player, posts } = open();
  for (const index of [0, 1, 2]) for (const one of failure(index * 1_000, `t${index}`)) await player.take(one);
  player.settle();
  await player.runOut();
  assert.equal(posts.length, 1);
  const { failures, firstAt, lastAt, isStepped } = player.counts();
  assert.deepEqual([failures, firstAt, isStepped], [3, startAt, false]);
  const waitEndsAt = startAt + 3_000 + policy.waitMs;
  assert.ok(lastAt >= waitEndsAt && lastAt <= waitEndsAt + 2_000, `${lastAt - startAt}`);
});

test('a failure that arrives twice is counted once', async () => {
  const { player } = open();
  for (const one of [...failure(0, 't1'), ...failure(0, 't1')]) await player.take(one);
  player.settle();
  assert.equal(player.counts().failures, 1);
});

test('unreadable messages are counted by reason', async () => {
  const { player } = open();
  await player.take(message(0, 'not json'));
  await player.take(message(1, 'not json either'));
  assert.deepEqual(player.counts().rejected, { 'not-json': 2 });
});

test('a recording of the daemon is evaluated only where the daemon evaluated', async () => {
  const { player, decisions } = open();
  await player.take(begin(policy.hash));
  for (const index of [0, 1, 2, 3]) for (const one of failure(index, `t${index}`)) await player.take(one);
  await player.take(input(60_000, { kind: 'sweep', now: startAt + 60_000 }));
  assert.deepEqual(decisions, []);
  await player.take(input(60_001, { kind: 'look' }));
  assert.ok(decisions.length > 0);
  assert.equal(player.counts().isStepped, true);
});

test('a recording of the daemon neither settles nor runs out', async () => {
  const { player, decisions } = open();
  await player.take(begin(policy.hash));
  for (const one of failure(0, 't1')) await player.take(one);
  player.settle();
  await player.runOut();
  assert.deepEqual([decisions.length, player.counts().lastAt], [0, startAt]);
});

test('of several files the first line of a recording has no effect', async () => {
  const { player } = open({ isOneFile: false });
  await player.take(begin(policy.hash));
  assert.equal(player.counts().isStepped, false);
});

test('an input that no recorder writes is an error with its place', async () => {
  const { player } = open();
  await player.take(begin(policy.hash));
  await assert.rejects(player.take(input(0, { kind: 'dance' })), /^RecordingError: f:2: expected an input/);
});

test('viewers receive every failure of the pipeline', async () => {
  const seen: string[] = [];
  const { player } = open({ viewers: [{ failure: ({ task }) => seen.push(task.id) }] });
  for (const one of failure(0, 't1')) await player.take(one);
  player.settle();
  assert.deepEqual(seen, ['t1']);
});
