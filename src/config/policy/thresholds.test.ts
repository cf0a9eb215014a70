import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { defaultThresholds, thresholdSets } from '../../alert/signals/registry.ts';
import {
  defaultsText,
  given,
  optionKey,
  overridesOf,
  thresholdShape,
  thresholdsWith,
  writtenKeys,
} from './thresholds.ts';

const balanced = defaultThresholds('balanced');

test('an option is written in snake case', () => {
  assert.equal(optionKey('newFailure'), 'new_failure');
  assert.equal(optionKey('lost'), 'lost');
});

test('the defaults have a key for each declared set, and tasks and queues only for theirs', () => {
  const keysOf = (of?: 'tasks' | 'queues') =>
    thresholdSets.filter((set) => of === undefined || set.overriddenBy === of).map(({ option }) => optionKey(option));
  assert.deepEqual(Object.keys(thresholdShape()), keysOf());
  assert.deepEqual(Object.keys(thresholdShape('tasks')), keysOf('tasks'));
  assert.deepEqual(Object.keys(thresholdShape('queues')), ['queue_wait']);
});

const schema = z.strictObject(thresholdShape());
const values = [
  { name: 'a count below its range', text: { new_failure: { min: 0 } }, isOk: false },
  { name: 'the least count', text: { new_failure: { min: 1 } }, isOk: true },
  { name: 'the greatest count', text: { new_failure: { min: 10_000 } }, isOk: true },
  { name: 'a count above its range', text: { new_failure: { min: 10_001 } }, isOk: false },
  { name: 'one crash, which is no loop', text: { crash_loop: { times: 1 } }, isOk: false },
  { name: 'two crashes', text: { crash_loop: { times: 2 } }, isOk: true },
  { name: 'the longest window', text: { surge: { within: '30m' } }, isOk: true },
  { name: 'a longer window than the engine keeps', text: { surge: { within: '31m' } }, isOk: false },
  { name: 'a duration without a unit', text: { blind: { after: 20 } }, isOk: false },
  { name: 'a share above 1', text: { failure_rate: { over: '101%' } }, isOk: false },
  { name: 'a factor below 1', text: { surge: { factor: 0.5 } }, isOk: false },
  { name: 'the unit in a key', text: { surge: { withinMs: 1 } }, isOk: false },
  { name: 'a group', text: { new_failure: { after_deploy: { min: 2 } } }, isOk: true },
];
for (const { name, text, isOk } of values) {
  test(`${name} is ${isOk ? 'accepted' : 'refused'}`, () => assert.equal(schema.safeParse(text).success, isOk));
}

test('overrides contain the values of the entry and no others', () => {
  assert.deepEqual(overridesOf(balanced, { surge: { within: 60_000 }, lost: undefined, match: ['a'] }), {
    surge: { withinMs: 60_000 },
  });
});

test('a group that is written in part keeps the other values of its base', () => {
  const overrides = overridesOf(balanced, { new_failure: { after_deploy: { for: 60_000 } } });
  assert.deepEqual(overrides, { newFailure: { afterDeploy: { min: 2, forMs: 60_000 } } });
});

test('thresholds with an entry are the base, except for the values of the entry', () => {
  const thresholds = thresholdsWith(balanced, { stuck: { over: 900_000 } });
  assert.deepEqual(thresholds, { ...balanced, stuck: { ...balanced['stuck'], overMs: 900_000 } });
});

test('written keys are those of one option', () => {
  const [set] = thresholdSets.filter(({ option }) => option === 'newFailure');
  assert.deepEqual(writtenKeys({ new_failure: { min: 3, within: 1 } }, set!), ['min', 'within']);
  assert.deepEqual(writtenKeys({ surge: { min: 3 } }, set!), []);
  assert.deepEqual(writtenKeys(undefined, set!), []);
});

test('the text of the defaults has one line for each set, in the spelling of the file', () => {
  const lines = defaultsText({ withDescriptions: false }).split('\n');
  assert.equal(lines.length, thresholdSets.length);
  assert.ok(lines.includes('new_failure: { min: 3, within: 10m, share: 3%, after_deploy: { min: 2, for: 15m } }'));
  assert.ok(lines.includes('stuck: { p99_factor: 4, floor: 5m }'), 'a value without a default is left out');
  const described = defaultsText({ withDescriptions: true }).split('\n');
  assert.equal(described.filter((line) => line.startsWith('# ')).length, thresholdSets.length);
});

test('given leaves out what is undefined, and nothing else', () => {
  assert.deepEqual(given({ a: undefined, b: 0, c: '', d: false }), { b: 0, c: '', d: false });
});
