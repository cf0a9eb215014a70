import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../alert/evidence/observation.ts';
import { createObservationRelay, heldMax } from './observation-relay.ts';

const depth = (length: number): Observation => ({ kind: 'depth', at: 1, queue: 'q', length });

function open() {
  const dropped: number[] = [];
  const sent: string[] = [];
  const sharing = createObservationRelay((count) => dropped.push(count));
  return { sharing, dropped, sent, send: () => sharing.send(async (batch) => void sent.push(batch)) };
}

test('hands over what it holds, once, and what was heard in one word', async () => {
  const { sharing, sent, send } = open();
  await send();
  assert.deepEqual(sent, []);
  sharing.heard(4);
  sharing.heard(5);
  sharing.add(depth(1));
  await send();
  await send();
  assert.deepEqual(sent.map(sharing.read), [[{ kind: 'heard', at: 5 }, depth(1)]]);
});

test('keeps what could not be handed over, before what came since', async () => {
  const { sharing, sent, send } = open();
  sharing.add(depth(1));
  await sharing.send(() => Promise.reject(new Error('away')));
  sharing.add(depth(2));
  await send();
  assert.deepEqual(sent.map(sharing.read), [[depth(1), depth(2)]]);
});

test('is bounded, and says how much had no room', async () => {
  const { sharing, dropped, send, sent } = open();
  for (let length = 0; length < heldMax + 3; length += 1) sharing.add(depth(length));
  await send();
  assert.deepEqual([sharing.read(sent[0]!).length, dropped], [heldMax, [3]]);
});

test('gives what it holds to one that decides by itself now', () => {
  const { sharing } = open();
  sharing.add(depth(1));
  assert.deepEqual(sharing.take(), [depth(1)]);
  assert.deepEqual(sharing.take(), []);
});

test('takes a batch that it cannot read for none', () => {
  const { sharing, dropped } = open();
  assert.deepEqual(sharing.read('{'), []);
  assert.deepEqual(sharing.read('{"a":1}'), []);
  assert.deepEqual(dropped, [1, 1]);
});
