import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { defaultThresholds, thresholdSets } from '../../alert/signals/registry.ts';
import { section } from '../values/section.ts';
import {
  defaultsText,
  given,
  optionKey,
  overridesOf,
  thresholdShape,
  thresholdsWith,
  writtenKeys,
} from './thresholds.ts';

const base = defaultThresholds('balanced');
const schema = section(thresholdShape());

/** The values of the file as the schema returns them. */
function written(values: object): object {
  return schema.parse(values);
}

const keys: readonly (readonly [option: string, key: string])[] = [
  ['surge', 'surge'],
  ['newFailure', 'new_failure'],
  ['p99Factor', 'p99_factor'],
  ['ofAtLeast', 'of_at_least'],
];
for (const [option, key] of keys) test(`${option} is ${key} in the file`, () => assert.equal(optionKey(option), key));

test('every threshold set has a key, and entries of tasks and queues have some of them', () => {
  assert.deepEqual(
    Object.keys(thresholdShape()),
    thresholdSets.map(({ option }) => optionKey(option)),
  );
  for (const list of ['tasks', 'queues'] as const) {
    assert.deepEqual(
      Object.keys(thresholdShape(list)),
      thresholdSets.filter(({ overriddenBy }) => overriddenBy === list).map(({ option }) => optionKey(option)),
    );
  }
  assert.ok(Object.keys(thresholdShape('tasks')).includes('new_failure'));
  assert.deepEqual(Object.keys(thresholdShape('queues')), ['queue_wait']);
});

test('no value is required, and unknown keys are refused', () => {
  assert.equal(schema.safeParse({}).success, true);
  assert.equal(schema.safeParse({ surge: {} }).success, true);
  assert.equal(schema.safeParse({ surge: { mim: 1 } }).success, false);
  assert.equal(schema.safeParse({ serge: {} }).success, false);
});

const refused: readonly (readonly [values: object, want: RegExp])[] = [
  [{ new_failure: { min: 0 } }, /^expected a whole number between 1 and 10000, got 0$/],
  [{ new_failure: { within: '9s' } }, /^expected a duration like .* between 10s and 30m, got "9s"$/],
  [{ new_failure: { share: 3 } }, /^expected a share like "3%", got 3$/],
  [{ surge: { factor: 0.5 } }, /^expected a number between 1 and 1000, got 0\.5$/],
  [{ new_failure: { after_deploy: { min: 'x' } } }, /^expected a whole number between 1 and 10000, got "x"$/],
];
for (const [values, want] of refused) {
  test(`refuses the thresholds ${JSON.stringify(values)}`, () =>
    assert.match(schema.safeParse(values).error?.issues[0]?.message ?? '', want));
}

const overrides: readonly (readonly [title: string, values: object, want: object])[] = [
  ['nothing is written', {}, {}],
  ['an option without values', { surge: {} }, { surge: {} }],
  ['a count and a duration', { surge: { min: 9, within: '5m' } }, { surge: { min: 9, withinMs: 300_000 } }],
  ['a share', { new_failure: { share: '5%' } }, { newFailure: { share: 0.05 } }],
  ['two options', { stuck: { over: '15m' }, lost: { min: 1 } }, { stuck: { overMs: 900_000 }, lost: { min: 1 } }],
];
for (const [title, values, want] of overrides) {
  test(`overrides when ${title}`, () => assert.deepEqual(overridesOf(base, written(values)), want));
}

test('a group that is written in part is completed from the base', () => {
  const { newFailure } = overridesOf(base, written({ new_failure: { after_deploy: { min: 1 } } }));
  const group = base['newFailure']?.['afterDeploy'];
  assert.ok(typeof group === 'object');
  assert.deepEqual(newFailure, { afterDeploy: { ...group, min: 1 } });
});

test('values of an entry replace those of the base, and all others stay', () => {
  const thresholds = thresholdsWith(base, written({ surge: { min: 99 } }));
  assert.deepEqual(thresholds['surge'], { ...base['surge'], min: 99 });
  assert.deepEqual({ ...thresholds, surge: base['surge'] }, base);
});

test('the keys that an entry contains', () => {
  const surge = thresholdSets.find(({ option }) => option === 'surge')!;
  assert.deepEqual(writtenKeys({ surge: { min: 1, factor: 2 } }, surge), ['min', 'factor']);
  assert.deepEqual([writtenKeys({ lost: { min: 1 } }, surge), writtenKeys(undefined, surge)], [[], []]);
});

test('the text of the defaults is YAML that gives the defaults', () => {
  const text = defaultsText({ withDescriptions: true });
  assert.deepEqual(thresholdsWith(base, written(parse(text) as object)), base);
  assert.equal(text.split('\n').length, 2 * thresholdSets.length);
});

test('each line of the defaults has its description above it', () => {
  const lines = defaultsText({ withDescriptions: true }).split('\n');
  for (const { option, description } of thresholdSets) {
    const at = lines.findIndex((line) => line.startsWith(`${optionKey(option)}:`));
    assert.equal(lines[at - 1], `# ${description}`);
  }
});

test('the text of the defaults has the values of the profile balanced', () => {
  assert.match(defaultsText({ withDescriptions: false }), /^surge: \{ min: 8, factor: 4, within: 10m \}$/m);
  assert.match(defaultsText({ withDescriptions: false }), /share: 3%, after_deploy: \{ min: 2, for: 15m \} \}$/m);
});

test('undefined values are left out', () => {
  assert.deepEqual(given({ a: 1, b: undefined, c: false, d: null }), { a: 1, c: false, d: null });
});
