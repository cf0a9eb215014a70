import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createVirtualClock } from '../runtime/clock.ts';
import { celeryFormat } from './celery/format.ts';
import { createPacedRecording } from './paced-recording.ts';
import type { Decoded, Outlet } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'paced-'));
after(() => rmSync(folder, { recursive: true }));

const startAt = 1_800_000_000_000;
const recordedAt = 1_700_000_000;

function stage(lines: readonly object[]) {
  const file = join(folder, 'recording.ndjson');
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  const clock = createVirtualClock(startAt);
  const events: (Decoded & { readonly deliveredAt: number })[] = [];
  let isEnded = false;
  const source = createPacedRecording({
    name: 'recording',
    files: [file],
    format: celeryFormat,
    clock,
    ended: () => {
      isEnded = true;
    },
  });
  const states: boolean[] = [];
  const outlet: Outlet = {
    message: () => assert.fail('messages are decoded'),
    decoded: (decoded) => events.push({ ...decoded, deliveredAt: clock.now() }),
    gap: () => assert.fail('a recording has no gap'),
    connected: (isConnected) => states.push(isConnected),
  };
  /** Waits for the file, then lets the time pass. */
  async function passTo(ms: number): Promise<void> {
    for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    clock.advanceTo(startAt + ms);
    for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { source, outlet, events, states, passTo, isEnded: () => isEnded };
}

function started(uuid: string, afterSeconds: number, more: object = {}) {
  const timestamp = recordedAt + afterSeconds;
  return { type: 'task-started', uuid, hostname: 'w@a', timestamp, _at: timestamp + 0.5, ...more };
}

test('the first event arrives now, the next at its recorded interval, with times moved alike', async () => {
  const { source, outlet, events, states, passTo, isEnded } = stage([started('a', 0), started('b', 10)]);
  await source.start(outlet);
  assert.deepEqual(states, [true]);
  await passTo(9_999);
  assert.equal(events.length, 1);
  await passTo(10_000);
  assert.deepEqual(
    events.map((one) => one.ok && [one.deliveredAt, one.event.receivedAt, one.event.at]),
    [
      [startAt, startAt, startAt - 500],
      [startAt + 10_000, startAt + 10_000, startAt + 9_500],
    ],
  );
  assert.equal(isEnded(), true);
});

test('eta and expiry are moved too', async () => {
  const eta = new Date((recordedAt + 60) * 1_000).toISOString();
  const { source, outlet, events, passTo } = stage([started('a', 0, { type: 'task-received', eta, expires: null })]);
  await source.start(outlet);
  await passTo(0);
  const [first] = events;
  assert.ok(first?.ok && first.event.type === 'task-received');
  assert.deepEqual([first.event.eta, first.event.expires], [startAt + 59_500, undefined]);
});

test('a rejected message is delivered as rejected, queue lengths are not delivered', async () => {
  const lines = [
    { at: recordedAt, queues: { a: 1 } },
    { at: recordedAt, exchange: 'e', payload: '{' },
  ];
  const { source, outlet, events, passTo } = stage(lines);
  await source.start(outlet);
  await passTo(0);
  assert.deepEqual(events, [{ ok: false, reason: 'not-json', deliveredAt: startAt }]);
});

test('a stop ends the wait, and nothing is delivered after it', async () => {
  const { source, outlet, events, passTo, isEnded } = stage([started('a', 0), started('b', 10)]);
  await source.start(outlet);
  await passTo(1);
  await source.stop();
  await source.stop();
  await passTo(20_000);
  assert.deepEqual([events.length, isEnded()], [1, false]);
});
