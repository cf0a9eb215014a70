import assert from 'node:assert/strict';
import test from 'node:test';
import { policyDefaults } from '../default-policy.ts';
import { familyOf } from '../matcher.ts';

import { defaultThresholds, definitionOf, signalNames, signals, thresholdSets } from './registry.ts';

test('each signal has a name of its own, and is found by it', () => {
  assert.equal(new Set(signals.map(({ name }) => name)).size, signals.length);
  for (const definition of signals) assert.equal(definitionOf(definition.name), definition);
  assert.equal(definitionOf('failures.unknown'), undefined);
});

test('matchers accept each signal and its family, each once', () => {
  assert.equal(new Set(signalNames).size, signalNames.length);
  for (const { name } of signals) assert.ok(signalNames.includes(name) && signalNames.includes(familyOf(name)), name);
});

test('rules name declared signals and families only', () => {
  const rules = signals.flatMap(({ joins }) =>
    joins.flatMap(({ openedBy, consistsOf = [] }) => [...openedBy, ...consistsOf]),
  );
  const inhibited = policyDefaults.inhibit.flatMap(({ source, target }) => [...source, ...target]);
  for (const name of [...rules, ...inhibited]) assert.ok(signalNames.includes(name), name);
});

test('each set of thresholds is listed once, those of tasks first', () => {
  assert.equal(new Set(thresholdSets.map(({ option }) => option)).size, thresholdSets.length);
  const ofTasks = thresholdSets.map(({ overriddenBy }) => overriddenBy === 'tasks');
  assert.deepEqual(
    ofTasks,
    ofTasks.toSorted((a, b) => Number(b) - Number(a)),
  );
  assert.deepEqual(
    Object.keys(defaultThresholds('quiet')),
    thresholdSets.map(({ option }) => option),
  );
});

test('profiles keep their documented values', () => {
  const counts = (['quiet', 'balanced', 'sensitive'] as const).map((profile) => {
    const { newFailure, surge, failureRate, retryStorm, lost, crashLoop } = defaultThresholds(profile);
    return [
      newFailure?.['min'],
      surge?.['min'],
      failureRate?.['ofAtLeast'],
      retryStorm?.['atLeast'],
      lost?.['min'],
      crashLoop?.['times'],
    ];
  });
  assert.deepEqual(counts, [
    [6, 16, 40, 10, 4, 6],
    [3, 8, 20, 5, 2, 3],
    [2, 4, 10, 3, 1, 2],
  ]);
});
