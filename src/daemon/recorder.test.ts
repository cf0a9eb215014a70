import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '../runtime/clock.ts';
import { createRecorder } from './recorder.ts';

function open() {
  const clock = createVirtualClock(100);
  const lines: unknown[] = [];
  const decisions: unknown[] = [];
  const recorder = createRecorder({
    clock,
    version: '1.2.3',
    policy: 'hash',
    write: (line) => lines.push(JSON.parse(line)),
    writeDecision: (line) => decisions.push(JSON.parse(line)),
  });
  return { clock, recorder, lines, decisions };
}

test('the first line names version, policy and witnesses, once', () => {
  const { recorder, lines } = open();
  recorder.watches(['broker']);
  recorder.watches(['workers']);
  assert.deepEqual(lines, [
    { taskvigil: 1, at: 100, recording: { version: '1.2.3', policy: 'hash', witnesses: ['broker'] } },
  ]);
});

test('events and other inputs have the time of their receipt', () => {
  const { clock, recorder, lines } = open();
  clock.advanceTo(150);
  recorder.input({ kind: 'event', event: { type: 'worker-online' } as never });
  clock.advanceTo(160);
  recorder.input({ kind: 'sweep', now: 160 });
  assert.deepEqual(lines, [
    { taskvigil: 1, at: 150, event: { type: 'worker-online' } },
    { taskvigil: 1, at: 160, input: { kind: 'sweep', now: 160 } },
  ]);
});

test('the clock of the recorder stands still between two inputs', () => {
  const { clock, recorder } = open();
  clock.advanceTo(150);
  assert.equal(recorder.now(), 100);
  recorder.input({ kind: 'sweep', now: 150 });
  clock.advanceTo(170);
  assert.equal(recorder.now(), 150);
});

test('decisions go to their own stream', () => {
  const { recorder, lines, decisions } = open();
  recorder.decision({ at: 1, failures: 2 } as never);
  assert.deepEqual([lines, decisions], [[], [{ at: 1, failures: 2 }]]);
});
