import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDetectorBench, type DetectorBench, hour, minute, taskPolicy } from '../../../test/fakes/detector.ts';
import type { SignalKey } from '../key.ts';
import { type CauseContext, causeCondition } from './cause-context.ts';
import { detectCauses } from './cause-detection.ts';
import { isSuppression, plainFigures } from './condition.ts';
import { type CauseSignal, defineCauseSignal } from './definition.ts';
import { failureWords } from './words.ts';

const key: SignalKey = { kind: 'cause', fingerprint: 'cause-1' };
const died = { cause: 'worker-lost', exception: 'WorkerLostError' } as const;

/** A signal that fires for every cause that it applies to. */
function signal(name: string, fields: Partial<CauseSignal> = {}): CauseSignal {
  return defineCauseSignal({
    name,
    severity: 'normal',
    needsHistory: false,
    thresholds: undefined,
    silences: 'task',
    joins: [],
    words: { ...failureWords, headline: name, short: name, meaning: undefined },
    firesWhen: 'always',
    appliesTo: () => true,
    windowMs: () => 10 * minute,
    judge: (context: CauseContext) =>
      causeCondition(context, { level: 'holds', figures: plainFigures(7, 7), lastAt: 'now' }),
    ...fields,
  });
}

function detected(bench: DetectorBench, ...signals: readonly CauseSignal[]): string[] {
  const found = detectCauses(bench.evaluation(), signals);
  return found.map(
    ({ definition, finding }) => `${definition.name} ${isSuppression(finding) ? finding.reason : finding.level}`,
  );
}

describe('signals', () => {
  test('the first signal that applies judges the cause, alone', () => {
    const bench = createDetectorBench();
    bench.fail(1);
    const never = signal('never', { appliesTo: () => false });
    assert.deepEqual(detected(bench, never, signal('first'), signal('second')), ['first holds']);
    assert.deepEqual(detected(bench, never), []);
  });

  test('each cause is judged by its own signal', () => {
    const bench = createDetectorBench();
    bench.fail(1);
    bench.fail(1, { fingerprint: 'cause-2', task: 'news.send' });
    const news = signal('news', { appliesTo: ({ task }) => task === 'news.send' });
    assert.deepEqual(detected(bench, news, signal('other')), ['other holds', 'news holds']);
  });
});

describe('causes', () => {
  test('a cause without a new failure is judged only while its signal fires', () => {
    const bench = createDetectorBench();
    bench.fail(1);
    bench.evidence.clearTouched();
    assert.deepEqual(detected(bench, signal('any')), []);
    bench.open(key);
    assert.deepEqual(detected(bench, signal('any')), ['any holds']);
  });

  test('a cause that fires and failed again is judged once', () => {
    const bench = createDetectorBench();
    bench.open(key);
    bench.fail(1);
    assert.deepEqual(detected(bench, signal('any')), ['any holds']);
  });

  test('a key that fires without evidence is not judged', () => {
    const bench = createDetectorBench();
    bench.open(key);
    assert.deepEqual(detected(bench, signal('any')), []);
  });

  test('the death of a worker is reported by pool, also if the worker is unknown', () => {
    const bench = createDetectorBench();
    bench.fail(1, died);
    assert.deepEqual(detected(bench, signal('any')), []);
    bench.fail(1, { ...died, host: undefined, fingerprint: 'cause-2' });
    assert.deepEqual(detected(bench, signal('any')), []);
  });

  test('a cause with other failures that were not reported is judged although its last one is a death', () => {
    const bench = createDetectorBench();
    bench.fail(1);
    bench.fail(1, died);
    assert.deepEqual(detected(bench, signal('any')), ['any holds']);
    bench.evidence.markReported(key, 1);
    assert.deepEqual(detected(bench, signal('any')), []);
  });
});

describe('reasons not to judge', () => {
  const reasons = [
    { title: 'a cancelled task', failure: { class: 'cancelled' }, ignore: [], want: 'cancelled' },
    { title: 'an ignored exception', failure: { exception: 'Timeout' }, ignore: ['Time*'], want: 'ignored' },
    { title: 'another exception is judged', failure: { exception: 'OSError' }, ignore: ['Time*'], want: 'holds' },
    {
      title: 'the ignored exception of another task is judged',
      failure: { task: 'news.send', exception: 'Timeout' },
      ignore: ['Time*'],
      want: 'holds',
    },
    {
      title: 'a failure without an exception is judged',
      failure: { exception: undefined },
      ignore: ['*'],
      want: 'holds',
    },
    {
      title: 'a cancelled task comes before an ignored exception',
      failure: { class: 'cancelled' },
      ignore: ['*'],
      want: 'cancelled',
    },
  ] as const;
  for (const { title, failure, ignore, want } of reasons) {
    test(`${title}: ${want}`, () => {
      const bench = createDetectorBench({ tasks: [taskPolicy({ match: ['mail.*'], ignore })] });
      bench.fail(1, failure);
      assert.deepEqual(detected(bench, signal('any')), [`any ${want}`]);
    });
  }

  const learning = [
    {
      title: 'a signal that needs a baseline is suppressed while learning',
      needsHistory: true,
      age: hour - 1,
      want: 'learning',
    },
    { title: 'a signal that needs a baseline is judged after learning', needsHistory: true, age: hour, want: 'holds' },
    { title: 'other signals are judged while learning', needsHistory: false, age: 0, want: 'holds' },
  ];
  for (const { title, needsHistory, age, want } of learning) {
    test(title, () => {
      const bench = createDetectorBench({}, { observedMs: age, listeningMs: 0 });
      bench.fail(1);
      assert.deepEqual(detected(bench, signal('any', { needsHistory })), [`any ${want}`]);
    });
  }

  test('learning does not suppress a signal that fires', () => {
    const bench = createDetectorBench({}, { observedMs: 0, listeningMs: 0 });
    bench.open(key);
    bench.fail(1);
    assert.deepEqual(detected(bench, signal('any', { needsHistory: true })), ['any holds']);
  });

  test('a suppression has the count of the window of its signal, and the failures that were not reported', () => {
    const bench = createDetectorBench({ tasks: [taskPolicy({ ignore: ['*'] })] });
    bench.fail(2);
    bench.pass(20 * minute);
    bench.fail(3);
    const [found] = detectCauses(bench.evaluation(), [signal('any')]);
    assert.deepEqual(found?.finding.figures, plainFigures(3, 1, 10 * minute));
    assert.equal(found?.finding.failures, 5);
    assert.deepEqual(found?.finding.key, key);
  });

  test('a suppression without failures to account for is left out', () => {
    const bench = createDetectorBench({ tasks: [taskPolicy({ ignore: ['*'] })] });
    bench.fail(2);
    bench.evidence.markReported(key, 2);
    assert.deepEqual(detected(bench, signal('any')), []);
  });
});
