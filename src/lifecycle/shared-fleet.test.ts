/** Two sidecars, each with the events of its own host, report together what one instance with all events reports. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventOf, resultAt, type StoryEvent, storyStart } from '../../test/fakes/task-story.ts';
import { Lifecycle } from './lifecycle.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import type { Transition } from './transition.ts';

interface Run {
  readonly transitions: readonly Transition[];
}

/** `events` in the order of their receipt, with the result of the task 10 s after the last one. */
function run(events: readonly StoryEvent[], ownsAllWorkers: boolean, status: 'success' | 'failure'): Run {
  const lifecycle = new Lifecycle({
    ...defaultLifecycleOptions,
    witnesses: ['result-backend', 'broker'],
    ownsAllWorkers,
  });
  const transitions: Transition[] = [];
  for (const event of events) {
    transitions.push(...lifecycle.sweep(event.receivedAt).tasks);
    lifecycle.apply(event);
  }
  const end = events.at(-1)?.receivedAt ?? storyStart;
  lifecycle.apply(resultAt(end + 1_000, { status }));
  for (let at = end + 1_000; at < end + 60_000; at += 1_000) transitions.push(...lifecycle.sweep(at).tasks);
  return { transitions };
}

/** Each transition as a word; without its time, which the number of instances must not change either. */
function factsOf(transitions: readonly Transition[]): string[] {
  return transitions
    .map((one) => {
      switch (one.kind) {
        case 'attempt-started':
        case 'attempt-ended':
          return `${one.kind} ${one.attempt.number} ${one.kind === 'attempt-ended' ? one.attempt.outcome : ''}`;
        case 'task-ended':
          return `${one.kind} ${one.outcome}`;
        default:
          return one.kind;
      }
    })
    .sort();
}

/** A task with one attempt per host, retried until the last one. */
function storyOnHosts(hosts: readonly string[], end: 'succeeded' | 'failed'): StoryEvent[] {
  return hosts.flatMap((host, retries) => {
    const at = storyStart + retries * 5_000;
    const steps = [`received retry ${retries} on ${host}`, `started on ${host}`];
    const last = retries === hosts.length - 1 ? `${end} on ${host}` : `retried on ${host}`;
    return [...steps, last].map((step, index) => eventOf(step, at + index * 100));
  });
}

test('retries that hop between the hosts of two sidecars are reported once, with their numbers', () => {
  const hosts = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(hosts, fc.constantFrom('succeeded', 'failed'), (where, end) => {
      const events = storyOnHosts(where, end);
      const status = end === 'succeeded' ? 'success' : 'failure';
      const whole = run(events, true, status).transitions;
      const parts = ['w@a', 'w@b'].flatMap((host) => {
        const own = events.filter(({ hostname }) => hostname === host);
        return own.length === 0 ? [] : run(own, false, status).transitions;
      });
      assert.deepEqual(factsOf(parts), factsOf(whole));
    }),
  );
});

test('a task of this host whose result is known elsewhere is forgotten in silence', () => {
  const own = storyOnHosts(['a', 'b'], 'succeeded').filter(({ hostname }) => hostname === 'w@a');
  assert.deepEqual(factsOf(run(own, false, 'success').transitions), [
    'attempt-ended 1 retried',
    'attempt-started 1 ',
    'task-queued',
  ]);
});
