/**
 * A capture may be cut anywhere. The end of the input is not the death of the fleet: a cut recording reports nothing that the
 * whole recording does not report by then.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { defaultPolicy } from '../../src/alert/default-policy.ts';
import type { Policy } from '../../src/alert/policy.ts';
import { createPlayer } from '../../src/cli/playback/play.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import { celeryFormat } from '../../src/source/celery/format.ts';
import type { Recorded } from '../../src/source/recording.ts';
import { defaultRedactOptions } from '../fakes/redact-options.ts';
import { createShop } from '../fakes/shop.ts';

const data = new URL('../data/recordings/', import.meta.url).pathname;
const demo = new URL('../../config/demo/recording.ndjson.gz', import.meta.url).pathname;
const startAt = Date.UTC(2026, 10, 24, 8);
const minute = 60_000;
/** Without a learning period, so that everything that is detected is posted. */
const policy: Policy = { ...defaultPolicy('#test'), learningMs: 0 };
/** Evaluation once a second, delivery in the next one. */
const slackMs = 3_000;

interface Report {
  readonly at: number;
  readonly about: string;
}

function messagesIn(lines: string): Recorded[] {
  return lines.split('\n').flatMap((line): Recorded[] => {
    const message =
      line === '' ? undefined : celeryFormat.readCapture(JSON.parse(line) as Record<string, unknown>, line);
    return message === undefined ? [] : [{ kind: 'message', at: message.receivedAt, message }];
  });
}

/** Every message that is posted, every failure, and every worker that is reported lost. */
async function reportsOf(recorded: readonly Recorded[]): Promise<Report[]> {
  const reports: Report[] = [];
  let now = 0;
  const add = (about: string, at = now): void => void reports.push({ at, about });
  const player = createPlayer({
    decode: celeryFormat.decode,
    tracks: [
      {
        policy,
        onDecision: () => {},
        onNotification: ({ action, about }, at) => {
          if (action === 'edit') return;
          add(`${action} ${about.kind === 'incident' ? about.incident.id : about.bulletin.kind}`, at);
        },
      },
    ],
    redact: defaultRedactOptions,
    lifecycle: defaultLifecycleOptions,
    viewers: [
      {
        failure: ({ id }) => add(`failure ${id}`),
        worker: ({ kind, hostname }) => kind === 'worker-lost' && add(`lost ${hostname}`),
      },
    ],
    isOneFile: true,
  });
  for (const one of recorded) {
    now = one.at;
    await player.take(one);
  }
  player.settle();
  await player.runOut();
  return reports;
}

/** One worker that dies at 60 s while another goes on for three minutes. */
function deathStory(): string {
  const lines: string[] = [];
  const say = (seconds: number, host: string, type: string, fields: object = {}): void => {
    const timestamp = startAt / 1_000 + seconds;
    lines.push(
      JSON.stringify({
        type,
        hostname: host,
        timestamp,
        pid: 1,
        clock: lines.length,
        utcoffset: 0,
        ...fields,
        _at: timestamp,
      }),
    );
  };
  for (let at = 0; at < 240; at += 2) {
    if (at < 60) say(at, 'celery@a-1', 'worker-heartbeat', { freq: 2, active: at < 20 ? 0 : 1, processed: 1 });
    say(at, 'celery@b-1', 'worker-heartbeat', { freq: 2, active: 0, processed: 1 });
    if (at !== 20) continue;
    say(at, 'celery@a-1', 'task-received', { uuid: 'u1', name: 'a.long', args: '()', kwargs: '{}', retries: 0 });
    say(at, 'celery@a-1', 'task-started', { uuid: 'u1' });
  }
  return lines.join('\n');
}

const unpacked = (file: string): string => gunzipSync(readFileSync(file)).toString();
const stories: readonly { readonly name: string; readonly lines: () => string; readonly cuts: number }[] = [
  { name: 'the demo', lines: () => unpacked(demo), cuts: 25 },
  ...['shop-526-debian-prefork', 'shop-563-threads-solo', 'shop-563-rabbitmq', 'shop-563-edge-ids'].map((name) => ({
    name,
    lines: () => unpacked(join(data, `${name}.ndjson.gz`)),
    cuts: 25,
  })),
  { name: 'a worker that dies', lines: deathStory, cuts: 60 },
  { name: 'three hours of a shop', lines: () => createShop(startAt), cuts: 5 },
];

for (const { name, lines, cuts } of stories) {
  test(`${name}, cut anywhere: no report that the whole recording does not make by then`, {
    timeout: 5 * minute,
  }, async () => {
    const recorded = messagesIn(lines());
    const whole = await reportsOf(recorded);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: recorded.length }), async (length) => {
        const cut = recorded.slice(0, length);
        const endsAt = (cut.at(-1)?.at ?? 0) + policy.waitMs + slackMs;
        const expected = new Set(whole.filter(({ at }) => at <= endsAt).map(({ about }) => about));
        const extra = (await reportsOf(cut)).filter(({ about }) => !expected.has(about));
        assert.deepEqual(extra, []);
      }),
      { numRuns: cuts },
    );
  });
}

/** `lines` with a pause: everything from `index` on was captured `pauseMs` later. */
function paused(recorded: readonly Recorded[], index: number, pauseMs: number): Recorded[] {
  return recorded.map((one, position) => {
    if (position < index || one.kind !== 'message') return one;
    const at = one.at + pauseMs;
    const event = JSON.parse(one.message.payload) as { timestamp: number };
    const payload = JSON.stringify({ ...event, timestamp: event.timestamp + pauseMs / 1_000 });
    return { ...one, at, message: { ...one.message, receivedAt: at, payload } };
  });
}

test('a capture that was stopped and went on: the pause is the death of no worker', async () => {
  const recorded = messagesIn(deathStory());
  const deathAt = startAt + 60_000;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 4, max: recorded.length - 1 }),
      fc.integer({ min: 11, max: 7_200 }),
      async (index, seconds) => {
        const reports = await reportsOf(paused(recorded, index, seconds * 1_000));
        const isAliveInPause = (recorded[index]?.at ?? 0) < deathAt;
        const lost = reports.filter(({ about }) => about.startsWith('lost')).map(({ about }) => about);
        assert.deepEqual(
          lost.filter((about) => about !== 'lost celery@a-1'),
          [],
        );
        if (!isAliveInPause) return;
        // The worker dies after the pause, and is reported as before, once absence is evidence again.
        assert.ok(reports.every(({ at }) => at > deathAt + seconds * 1_000));
      },
    ),
    { numRuns: 60 },
  );
});

test('the only worker dies and producers go on: the capture goes on too, so the worker is lost', async () => {
  const alive = deathStory()
    .split('\n')
    .filter((line) => line.includes('celery@a-1'));
  const sent = Array.from({ length: 10 }, (_, index) => {
    const timestamp = startAt / 1_000 + 75 + 15 * index;
    const fields = { uuid: `s${index}`, name: 'a.long', args: '()', kwargs: '{}', retries: 0, queue: 'celery' };
    return JSON.stringify({
      type: 'task-sent',
      hostname: 'gen1@web',
      timestamp,
      pid: 1,
      clock: 1,
      utcoffset: 0,
      ...fields,
      _at: timestamp,
    });
  });
  const reports = await reportsOf(messagesIn([...alive, ...sent].join('\n')));
  const lost = reports.find(({ about }) => about === 'lost celery@a-1');
  assert.ok(lost !== undefined && lost.at <= startAt + 150_000, JSON.stringify(reports));
});

test('what happens in a recording is reported: the worker that dies, and its run', async () => {
  const about = (await reportsOf(messagesIn(deathStory()))).map((report) => report.about);
  assert.ok(about.includes('lost celery@a-1'));
  assert.equal(about.filter((one) => one.startsWith('failure')).length, 1);
  assert.equal(about.filter((one) => one.startsWith('post')).length, 1);
});
