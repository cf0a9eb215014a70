import assert from 'node:assert/strict';
import test from 'node:test';
import { createDetectorBench, minute, taskPolicy } from '../../../test/fakes/detector.ts';
import { type CauseContext, causeCondition, causeSuppression } from './cause-context.ts';
import { detectCauses } from './cause-detection.ts';
import { isSuppression, plainFigures } from './condition.ts';
import { type CauseSignal, defineCauseSignal } from './definition.ts';
import { failureWords } from './words.ts';

const signal = (parts: Partial<Omit<CauseSignal, 'per'>> = {}): CauseSignal =>
  defineCauseSignal({
    name: 'failures.test',
    severity: 'normal',
    needsHistory: false,
    thresholds: undefined,
    silences: 'task',
    joins: [],
    words: { ...failureWords, headline: 'Test', short: 'test', meaning: undefined },
    firesWhen: 'a test',
    appliesTo: () => true,
    windowMs: () => 5 * minute,
    judge: (context: CauseContext) =>
      causeCondition(context, { level: 'holds', figures: plainFigures(1, 1, minute), lastAt: 'last-failure' }),
    ...parts,
  });
const outcomes = (bench: ReturnType<typeof createDetectorBench>, signals: readonly CauseSignal[]): string[] =>
  detectCauses(bench.evaluation(), signals).map(({ definition, finding }) =>
    isSuppression(finding) ? `${definition.name} ${finding.reason}` : `${definition.name} ${finding.level}`,
  );

test('the first signal that applies judges a cause', () => {
  const bench = createDetectorBench();
  bench.fail(1);
  const signals = [signal({ name: 'a', appliesTo: () => false }), signal({ name: 'b' }), signal({ name: 'c' })];
  assert.deepEqual(outcomes(bench, signals), ['b holds']);
  assert.deepEqual(outcomes(bench, signals.slice(0, 1)), [], 'no signal applies');
});

const exclusions = [
  { name: 'a cancelled task', fields: { class: 'cancelled' } as const, want: 'failures.test cancelled' },
  { name: 'an ignored exception', fields: { exception: 'ReadTimeout' }, want: 'failures.test ignored' },
  { name: 'another exception', fields: { exception: 'KeyError' }, want: 'failures.test holds' },
  {
    name: 'the same exception of another task',
    fields: { task: 'web.render', exception: 'ReadTimeout' },
    want: 'failures.test holds',
  },
];
for (const { name, fields, want } of exclusions) {
  test(`${name}: ${want}`, () => {
    const bench = createDetectorBench({ tasks: [taskPolicy({ match: ['mail.*'], ignore: ['Read*'] })] });
    bench.fail(1, fields);
    assert.deepEqual(outcomes(bench, [signal()]), [want]);
  });
}

test('learning suppresses signals that need a baseline, and no others', () => {
  const bench = createDetectorBench({}, { observedMs: 60 * minute - 1 });
  bench.fail(1);
  assert.deepEqual(outcomes(bench, [signal({ needsHistory: true })]), ['failures.test learning']);
  assert.deepEqual(outcomes(bench, [signal()]), ['failures.test holds']);
  const learned = createDetectorBench({}, { observedMs: 60 * minute });
  learned.fail(1);
  assert.deepEqual(outcomes(learned, [signal({ needsHistory: true })]), ['failures.test holds']);
});

test('learning does not end a signal that fires', () => {
  const bench = createDetectorBench({}, { observedMs: minute });
  bench.fail(1);
  bench.open({ kind: 'cause', fingerprint: 'cause-1' });
  assert.deepEqual(outcomes(bench, [signal({ needsHistory: true })]), ['failures.test holds']);
});

test('a suppression accounts for its failures with the count of the window', () => {
  const bench = createDetectorBench();
  bench.fail(2, { class: 'cancelled' });
  bench.pass(6 * minute);
  bench.fail(3, { class: 'cancelled' });
  const [found] = detectCauses(bench.evaluation(), [signal()]);
  assert.equal(found?.finding.failures, 5);
  assert.equal(found?.finding.figures.count, 3);
});

test('a cause without new failures is judged only while its signal is open', () => {
  const bench = createDetectorBench();
  bench.fail(1);
  bench.evidence.clearTouched();
  assert.deepEqual(outcomes(bench, [signal()]), []);
  bench.open({ kind: 'cause', fingerprint: 'cause-1' });
  assert.deepEqual(outcomes(bench, [signal()]), ['failures.test holds']);
});

test('an open cause without new failures has nothing to suppress', () => {
  const bench = createDetectorBench();
  bench.fail(1);
  bench.evidence.markReported({ kind: 'cause', fingerprint: 'cause-1' }, 1);
  const held = signal({ judge: (context) => causeSuppression(context, 'below-threshold', plainFigures(0, 1)) });
  assert.deepEqual(outcomes(bench, [held]), []);
});

test('deaths of workers are left to the signal about pools', () => {
  const bench = createDetectorBench();
  bench.fail(3, { cause: 'worker-lost', host: 'celery@mail-1' });
  assert.deepEqual(outcomes(bench, [signal()]), []);
  bench.fail(1, { cause: 'worker-lost', host: undefined, fingerprint: 'cause-2' });
  assert.deepEqual(outcomes(bench, [signal()]), ['failures.test holds'], 'without a host there is no pool');
});
