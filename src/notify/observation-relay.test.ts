import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../alert/evidence/observation.ts';
import { createObservationRelay } from './observation-relay.ts';

const itemsMax = 5_000;
const depth = (length: number): Observation => ({ kind: 'depth', at: 1, queue: 'q', length });

function open() {
  const dropped: number[] = [];
  const sent: string[] = [];
  const relay = createObservationRelay((count) => dropped.push(count));
  return { relay, dropped, sent, send: () => relay.send(async (batch) => void sent.push(batch)) };
}

test('sends waiting observations once, with the time of the latest event', async () => {
  const { relay, sent, send } = open();
  await send();
  assert.deepEqual(sent, []);
  relay.noteEvent(4);
  relay.noteEvent(5);
  relay.add(depth(1));
  await send();
  await send();
  assert.deepEqual(sent.map(relay.read), [[{ kind: 'event', at: 5 }, depth(1)]]);
});

test('keeps observations that could not be sent, before later ones', async () => {
  const { relay, sent, send } = open();
  relay.add(depth(1));
  await relay.send(() => Promise.reject(new Error('unreachable')));
  relay.add(depth(2));
  await send();
  assert.deepEqual(sent.map(relay.read), [[depth(1), depth(2)]]);
});

test('keeps 5,000 observations and counts the others', async () => {
  const { relay, dropped, send, sent } = open();
  for (let length = 0; length < itemsMax + 3; length += 1) relay.add(depth(length));
  await send();
  assert.deepEqual([relay.read(sent[0]!).length, dropped], [itemsMax, [3]]);
});

test('counts the latest observations that find no room after a failed send', async () => {
  const { relay, dropped, sent, send } = open();
  for (let length = 0; length < itemsMax; length += 1) relay.add(depth(length));
  relay.noteEvent(9);
  await relay.send(() => Promise.reject(new Error('unreachable')));
  await send();
  assert.equal(relay.read(sent[0]!).length, itemsMax);
  assert.deepEqual(dropped, [1]);
});

test('hands waiting observations to an instance that starts to decide by itself', () => {
  const { relay } = open();
  relay.add(depth(1));
  assert.deepEqual(relay.take(), [depth(1)]);
  assert.deepEqual(relay.take(), []);
});

test('counts a batch of another format and reads nothing from it', () => {
  const { relay, dropped } = open();
  assert.deepEqual(relay.read('{'), []);
  assert.deepEqual(relay.read('{"a":1}'), []);
  assert.deepEqual(dropped, [1, 1]);
});
