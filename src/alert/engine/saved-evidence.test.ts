import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { tuesday } from '../../../test/fakes/engine.ts';
import type { Fingerprint, Hostname, TaskId } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { defaultPolicy } from '../default-policy.ts';
import { Episodes } from '../detection/episodes.ts';
import { Evidence } from '../evidence/evidence.ts';
import type { Observation } from '../evidence/observation.ts';
import { emptyBook } from '../incident.ts';
import { createAlertEngine } from './engine.ts';
import { type AlertMemory, loadEvidence, saveEvidence } from './saved-evidence.ts';

const second = 1_000;
const hosts = ['celery@pay-1', 'celery@pay-2', 'celery@mail-1', 'celery@mail-2'] as Hostname[];

type Draw = readonly [what: number, which: number, other: number, waitMs: number];

/** An observation of every kind that a later evaluation depends on. `waiting` is left out: it is not saved. */
function observationOf([what, which, other]: Draw, at: number, index: number): Observation {
  const host = hosts[which % hosts.length]!;
  const task = redactedText`shop.task_${other % 3}`;
  const taskId = `task-${index}` as TaskId;
  const common = { at, attempt: `attempt-${index}`, taskId, retries: 0, task, queue: 'shop', host };
  switch (what) {
    case 0:
    case 1: {
      const died = which % 3 === 0;
      const failure = {
        id: `failure-${other % 7 === 0 ? index - 1 : index}`,
        fingerprint: `cause-${other % 6}` as Fingerprint,
        task,
        queue: 'shop',
        host,
        title: redactedText`KeyError: ${other}`,
        exception: died ? 'WorkerLostError' : 'KeyError',
        class: died ? 'resource' : 'bug',
        cause: died ? 'worker-lost' : 'app-error',
        isExhausted: false,
        taskId,
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      } as const;
      return { kind: 'failed', at, failure };
    }
    case 2:
      return { kind: 'attempt-ended', ...common, outcome: 'succeeded', runtimeMs: 100, retry: undefined };
    case 3: {
      const retry = { exception: `Timeout${other % 2}`, title: redactedText`Timeout: ${other}`, traceId: 'a' };
      return { kind: 'attempt-ended', ...common, outcome: 'retried', runtimeMs: undefined, retry };
    }
    case 4:
      return { kind: 'attempt-started', ...common, traceId: 'a' };
    case 5: {
      const what = which % 2 === 0 ? 'poison-loop' : 'run-twice';
      const id = `message-${other}` as TaskId;
      return { kind: 'noted', at, what, taskId: id, traceId: 'a', task, queue: 'shop', host, times: 3 + which };
    }
    case 6:
      return { kind: 'depth', at, queue: 'shop', length: other };
    default: {
      const change = other === 0 ? 'offline' : other < 3 ? 'online' : 'heartbeat';
      const counts = { active: other, processed: index };
      return { kind: 'worker', at, change, host, pid: 1 + (other % 2), heartbeatMs: 2 * second, ...counts };
    }
  }
}

const draws: fc.Arbitrary<readonly Draw[]> = fc.array(
  fc.tuple(
    fc.nat(9),
    fc.nat(3),
    fc.nat(9),
    fc.oneof({ weight: 20, arbitrary: fc.nat(3 * second) }, { weight: 1, arbitrary: fc.nat(200 * second) }),
  ),
  { minLength: 20, maxLength: 300 },
);

function newEngine() {
  const policy = { ...defaultPolicy('#alerts'), learningMs: 0 };
  const engine = createAlertEngine(() => policy);
  engine.restore({ since: tuesday - 86_400_000, causes: [], tasks: [] });
  return engine;
}

describe('an engine that continues from a text', () => {
  test('finds what the first one finds, whatever was observed before and after', () => {
    const property = fc.property(draws, fc.nat(100), (steps, percent) => {
      const first = newEngine();
      let second = newEngine();
      let now = tuesday;
      const restartAt = Math.floor((steps.length * percent) / 100);
      for (const [index, step] of steps.entries()) {
        now += step[3];
        if (index === restartAt) {
          second = newEngine();
          second.restore(first.snapshot()!);
          assert.equal(second.load(first.save(now, 1e7).text, 0), now);
        }
        const observation = observationOf(step, now, index);
        for (const engine of [first, second]) {
          engine.noteEvent(now);
          engine.observe(observation);
        }
        assert.deepEqual(second.evaluate(emptyBook, now), first.evaluate(emptyBook, now));
      }
    });
    fc.assert(property, { numRuns: 100 });
  });

  test('does not take the time before it listened for a silence', () => {
    const [first, second] = [newEngine(), newEngine()];
    for (const [index, which] of [0, 1, 2, 3].entries()) {
      first.noteEvent(tuesday);
      first.observe(observationOf([7, which, 3, 0], tuesday, index));
    }
    first.evaluate(emptyBook, tuesday);
    const backAt = tuesday + 60_000;
    second.load(first.save(tuesday, 1e6).text, backAt);
    assert.deepEqual(second.evaluate(emptyBook, backAt + 1_000).signals, []);
    assert.equal(second.canJudgeAbsence(backAt + 29_000), false);
    const late = second.evaluate(emptyBook, backAt + 120_000).signals;
    assert.deepEqual(
      late.map(({ name }) => name),
      ['self.blind'],
      'a silence since then is one',
    );
  });

  test('counts a failure once that it observes again', () => {
    const [first, second] = [newEngine(), newEngine()];
    const failed = observationOf([0, 1, 1, 0], tuesday, 1);
    first.observe(failed);
    second.load(first.save(tuesday, 1e6).text, 0);
    second.observe(failed);
    const { suppressed } = second.evaluate(emptyBook, tuesday + 1_000);
    assert.deepEqual(
      suppressed.map(({ failures }) => failures),
      [1],
    );
  });
});

describe('a text', () => {
  const memoryOf = (): AlertMemory => ({
    evidence: new Evidence({ queueOf: () => undefined, isIgnored: () => false }),
    episodes: new Episodes(),
  });

  function filled(): AlertMemory {
    const memory = memoryOf();
    for (let index = 0; index < 400; index += 1)
      memory.evidence.observe(observationOf([index % 8, index % 4, index % 10, 0], tuesday + index * second, index));
    return memory;
  }

  const now = tuesday + 400 * second;

  test('that is loaded and saved again stays the same', () => {
    const { text, isCut } = saveEvidence(filled(), now, 1e7);
    const loaded = memoryOf();
    assert.equal(loadEvidence(loaded, text), now);
    assert.equal(isCut, false);
    assert.deepEqual(linesOf(saveEvidence(loaded, now, 1e7).text), linesOf(text));
  });

  test('has a limit, keeps the parts of most importance, and reports that it is cut', () => {
    const whole = saveEvidence(filled(), now, 1e7).text;
    const { text, isCut } = saveEvidence(filled(), now, whole.length / 2);
    assert.ok(text.length <= whole.length / 2);
    assert.ok(isCut);
    assert.ok(text.includes('["host"'), 'workers come first');
    assert.equal(loadEvidence(memoryOf(), text), now);
  });

  for (const text of ['', 'no text of ours', '{"format":0}\n', '{"format":1}\n["host"', 'null']) {
    test(`${JSON.stringify(text)} is not read`, () => assert.equal(loadEvidence(memoryOf(), text), undefined));
  }
});

function linesOf(text: string): string[] {
  return text.split('\n').sort();
}
