import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, heartbeatAt, storyOf, storyStart } from '../../test/fakes/task-story.ts';
import type { Hostname, TaskId } from '../event/ids.ts';
import { releaseWorkers, restoreState, saveState } from './handover.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import { createLifecycleState, type LifecycleState } from './lifecycle-state.ts';
import { settle } from './settle.ts';

const now = storyStart + 1_000;
const isHost =
  (name: string) =>
  (hostname: Hostname): boolean =>
    hostname === name;

/** Two workers with one running task each, a sent task, and an ended one. */
function stateWith(): LifecycleState {
  const state = createLifecycleState(defaultLifecycleOptions);
  for (const name of ['w@a', 'w@b']) state.workers.apply(heartbeatAt(storyStart, { hostname: name as Hostname }));
  for (const [name, story] of [
    ['sent', 'sent'],
    ['on-a', 'received, started'],
    ['on-b', 'received on b, started on b'],
    ['ended', 'received, started, succeeded'],
  ] as const) {
    const record = state.tasks.recordOf(name as TaskId);
    for (const event of storyOf(story)) record.add({ ...event, id: record.id });
    settle(state, record, now);
  }
  return state;
}

function restored(saved: string): LifecycleState {
  const state = createLifecycleState(defaultLifecycleOptions);
  restoreState(state, saved, now);
  return state;
}

const tasksIn = (state: LifecycleState): string[] => [...state.tasks.all()].map(({ id }) => id);
const hostsIn = (state: LifecycleState): string[] => [...state.workers.names()];

test('open tasks and workers are restored, ended tasks are not', () => {
  const state = restored(saveState(stateWith(), 100_000).text);
  assert.deepEqual(tasksIn(state), ['on-a', 'on-b', 'sent']);
  assert.deepEqual(hostsIn(state), ['w@a', 'w@b']);
});

test('a restored task settles with its open attempt and reports nothing twice', () => {
  const state = restored(saveState(stateWith(), 100_000).text);
  const [record] = state.tasks.takeSettled(now);
  assert.ok(record !== undefined);
  assert.deepEqual(settle(state, record, now), []);
  assert.equal(record.openAttempt?.hostname, 'w@a');
});

test('with a filter only its workers and their running tasks are saved', () => {
  const state = restored(saveState(stateWith(), 100_000, isHost('w@b')).text);
  assert.deepEqual([tasksIn(state), hostsIn(state)], [['on-b'], ['w@b']]);
});

test('running tasks come first within the limit', () => {
  const whole = saveState(stateWith(), 100_000).text;
  const withoutLast = whole.slice(0, whole.lastIndexOf('\n'));
  assert.deepEqual(tasksIn(restored(saveState(stateWith(), whole.length).text)), ['on-a', 'on-b']);
  assert.equal(saveState(stateWith(), withoutLast.length + 1).text, withoutLast);
});

test('the workers are saved whatever the limit', () => {
  assert.deepEqual(hostsIn(restored(saveState(stateWith(), 0).text)), ['w@a', 'w@b']);
});

test('a cut text is marked', () => {
  const { text } = saveState(stateWith(), 100_000);
  assert.equal(saveState(stateWith(), text.length + 1).isCut, false);
  assert.equal(saveState(stateWith(), text.length - 1).isCut, true);
});

test('a worker that is silent in the saved text is lost only after a silence here', () => {
  const saved = saveState(stateWith(), 100_000).text;
  const state = createLifecycleState(defaultLifecycleOptions);
  const later = now + 10 * 60_000;
  restoreState(state, saved, later);
  assert.deepEqual(state.workers.sweep(later + 1_000).lost, []);
  assert.equal(state.workers.sweep(later + 10 * 60_000).lost.length, 2);
});

test('of a worker the later event counts', () => {
  const state = createLifecycleState(defaultLifecycleOptions);
  const offline = {
    ...heartbeatAt(storyStart + 500, { hostname: 'w@a' as Hostname }),
    type: 'worker-offline',
  } as const;
  state.workers.apply(offline);
  restoreState(state, saveState(stateWith(), 100_000).text, now);
  assert.deepEqual(
    state.workers.views().map(({ hostname, state: is }) => `${hostname} ${is}`),
    ['w@a offline', 'w@b online'],
  );
});

test('restoring adds to the events that arrived before', () => {
  const state = createLifecycleState(defaultLifecycleOptions);
  const record = state.tasks.recordOf('on-a' as TaskId);
  record.add({ ...eventOf('succeeded', storyStart + 500), id: record.id });
  restoreState(state, saveState(stateWith(), 100_000).text, now);
  assert.deepEqual(
    record.events.map(({ type }) => type),
    ['task-received', 'task-started', 'task-succeeded'],
  );
});

test('an empty text restores nothing', () => {
  const state = restored('');
  assert.deepEqual([tasksIn(state), hostsIn(state)], [[], []]);
});

test('a text that was not saved is refused', () => {
  assert.throws(() => restored('no json'), SyntaxError);
});

test('released workers leave with their running tasks', () => {
  const state = stateWith();
  state.uncertain.add(state.tasks.find('on-a' as TaskId) as never);
  releaseWorkers(state, isHost('w@a'));
  assert.deepEqual(tasksIn(state), ['sent', 'on-b', 'ended']);
  assert.deepEqual([hostsIn(state), state.uncertain.size, state.tasks.openCount], [['w@b'], 0, 2]);
});

test('releasing no worker changes nothing', () => {
  const state = stateWith();
  releaseWorkers(state, () => false);
  assert.deepEqual([tasksIn(state).length, hostsIn(state).length], [4, 2]);
});
