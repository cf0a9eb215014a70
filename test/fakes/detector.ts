/** Evidence, policy and clock for tests of one detector: observations in, findings of one signal out, without the engine. */
import assert from 'node:assert/strict';
import { defaultPolicy } from '../../src/alert/default-policy.ts';
import { detectCauses } from '../../src/alert/detection/cause-detection.ts';
import { type Condition, type Evaluation, type Finding, isSuppression } from '../../src/alert/detection/condition.ts';
import type { SignalDefinition } from '../../src/alert/detection/definition.ts';
import { Episodes } from '../../src/alert/detection/episodes.ts';
import { Evidence } from '../../src/alert/evidence/evidence.ts';
import type { Observation } from '../../src/alert/evidence/observation.ts';
import { newFailure } from '../../src/alert/failure-signals/new-failure.ts';
import type { CauseMark } from '../../src/alert/incident.ts';
import type { SignalKey } from '../../src/alert/key.ts';
import { matchesEverything } from '../../src/alert/matcher.ts';
import type { Policy, TaskPolicy } from '../../src/alert/policy.ts';
import type { DeployMark } from '../../src/alert/signal.ts';
import type { Fingerprint, Hostname, Millis, TaskId } from '../../src/event/ids.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import { type ObservedFailureFields, observedFailure } from './observed-failure.ts';

export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
/** 10:00 on a Tuesday, UTC; the start of an hour and of a window's bucket. */
export const start = Date.UTC(2026, 10, 24, 10);

type AttemptEnded = Extract<Observation, { kind: 'attempt-ended' }>;
type WorkerEvent = Extract<Observation, { kind: 'worker' }>;
type Noted = Extract<Observation, { kind: 'noted' }>;

export interface AttemptFields {
  readonly task?: string;
  readonly queue?: string;
  readonly host?: string;
  readonly outcome?: AttemptEnded['outcome'];
  readonly runtimeMs?: number;
  /** Exception of a retry. */
  readonly retryOf?: string;
}

export interface DetectorBench {
  readonly evidence: Evidence;
  readonly episodes: Episodes;
  readonly policy: Policy;
  now(): Millis;
  /** Advances the clock and records one event of the fleet. */
  pass(ms: Millis): void;
  fail(times: number, fields?: ObservedFailureFields): void;
  /** Attempts that ended; by default successfully. */
  attempts(times: number, fields?: AttemptFields): void;
  startAttempt(attempt: string, fields?: AttemptFields): void;
  worker(host: string, change?: WorkerEvent['change'], fields?: Partial<WorkerEvent>): void;
  noted(
    what: Noted['what'],
    fields?: Partial<Omit<Noted, 'kind' | 'what' | 'task'>> & { readonly task?: string | undefined },
  ): void;
  /** Adds failures of a cause, and attempts of a task, five hours before the start. */
  history(facts: {
    readonly failures?: number;
    readonly fingerprint?: string;
    readonly firstAgoMs?: Millis;
    readonly task?: string;
    readonly runs?: number;
    readonly failed?: number;
    readonly retried?: number;
  }): void;
  /** Records that a signal for the key fires. */
  open(key: SignalKey): void;
  evaluation(parts?: Partial<Evaluation>): Evaluation;
  /** Runs the detector twice, and asserts that it changed nothing. */
  detect(signal: SignalDefinition, parts?: Partial<Evaluation>): readonly Finding[];
}

/** `observedMs`: age of the baseline at the start. `listeningMs`: time without a gap before the start. */
export function createDetectorBench(
  given: Partial<Policy> = {},
  { observedMs = day, listeningMs = hour }: { readonly observedMs?: Millis; readonly listeningMs?: Millis } = {},
): DetectorBench {
  const policy: Policy = { ...defaultPolicy('#alerts'), ...given };
  const evidence = new Evidence({ queueOf: () => undefined, isIgnored: () => false });
  const episodes = new Episodes();
  const since = start - observedMs;
  evidence.restore({ since, causes: [], tasks: [] });
  evidence.noteEvent(start - listeningMs);
  let now = start;
  let ids = 0;
  const nextId = (): number => {
    ids += 1;
    return ids;
  };
  evidence.noteEvent(now);

  const bench: DetectorBench = {
    evidence,
    episodes,
    policy,
    now: () => now,
    pass(ms) {
      now += ms;
      evidence.noteEvent(now);
    },
    fail(times, fields = {}) {
      for (let count = 0; count < times; count += 1)
        evidence.observe({
          kind: 'failed',
          at: now,
          failure: observedFailure({ id: `failure-${nextId()}`, ...fields }),
        });
    },
    attempts(times, fields = {}) {
      for (let count = 0; count < times; count += 1) evidence.observe(attemptEnded(nextId(), now, fields));
    },
    startAttempt(attempt, { task = 'mail.send', queue, host = 'celery@mail-1' } = {}) {
      evidence.observe({
        kind: 'attempt-started',
        at: now,
        attempt,
        taskId: `task-${attempt}` as TaskId,
        traceId: 'trace-1',
        retries: 0,
        task,
        queue,
        host: host as Hostname,
      });
    },
    worker(host, change = 'heartbeat', fields = {}) {
      evidence.observe({ ...workerEvent(host, change, now), ...fields });
    },
    noted(what, fields = {}) {
      evidence.observe({
        kind: 'noted',
        at: now,
        what,
        taskId: 'task-1' as TaskId,
        traceId: 'trace-1',
        queue: 'mail',
        host: 'celery@mail-1' as Hostname,
        ...fields,
        task: ('task' in fields ? fields.task : 'mail.send') as Redacted | undefined,
        times: fields.times ?? 3,
      });
    },
    history({ failures, fingerprint = 'cause-1', firstAgoMs = 5 * hour, task = 'mail.send', runs, failed, retried }) {
      const at = Math.floor(start / hour) - 5;
      const counts = (count = 0) => [[at, count]] as const;
      const causes =
        failures === undefined
          ? []
          : [[fingerprint as Fingerprint, { firstAt: start - firstAgoMs, hours: counts(failures) }] as const];
      const tasks =
        runs === undefined
          ? []
          : [[task, { runs: counts(runs), failed: counts(failed), retried: counts(retried), runTimes: [] }] as const];
      evidence.restore({ since, causes, tasks });
    },
    open(key) {
      episodes.apply(
        {
          key,
          severity: undefined,
          level: 'holds',
          firstAt: now,
          lastAt: now,
          clearMs: 0,
          waitMs: 0,
          failures: 0,
          counter: undefined,
          figures: { count: 1, limit: 1, withinMs: 0, baseline: undefined, of: undefined },
          trend: 'steady',
          subject: { ...subjectless },
          causeText: undefined,
          deploy: undefined,
        },
        { name: 'opened', severity: 'normal', words: newFailure.words },
        now,
      );
    },
    evaluation: (parts = {}) => ({
      evidence,
      policy,
      now,
      marks: [],
      deploys: [],
      episodes,
      silenceLimitMs: Number.POSITIVE_INFINITY,
      ...parts,
    }),
    detect(signal, parts) {
      const evaluation = bench.evaluation(parts);
      const before = contentOf(evaluation);
      const findings = findingsOf(signal, evaluation);
      assert.deepEqual(contentOf(evaluation), before, 'a detector changed the evidence');
      assert.deepEqual(findingsOf(signal, evaluation), findings, 'a second run found something else');
      return findings;
    },
  };
  return bench;
}

const subjectless = {
  tasks: [],
  exceptions: [],
  hosts: [],
  pools: [],
  queues: [],
  title: 'opened' as Redacted,
  fingerprint: undefined,
  class: undefined,
  cause: undefined,
  example: undefined,
};

function attemptEnded(id: number, at: Millis, fields: AttemptFields): AttemptEnded {
  const { task = 'mail.send', queue, host = 'celery@mail-1', outcome, runtimeMs, retryOf } = fields;
  return {
    kind: 'attempt-ended',
    at,
    attempt: `attempt-${id}`,
    taskId: `task-${id}` as TaskId,
    retries: 0,
    task,
    queue,
    host: host as Hostname,
    outcome: outcome ?? (retryOf === undefined ? 'succeeded' : 'retried'),
    runtimeMs,
    retry:
      retryOf === undefined
        ? undefined
        : { exception: retryOf, title: `${retryOf}: no answer` as Redacted, traceId: 'trace-1' },
  };
}

function workerEvent(host: string, change: WorkerEvent['change'], at: Millis): WorkerEvent {
  return {
    kind: 'worker',
    at,
    change,
    host: host as Hostname,
    pid: 1,
    heartbeatMs: 2 * second,
    active: undefined,
    processed: undefined,
  };
}

function findingsOf(signal: SignalDefinition, evaluation: Evaluation): readonly Finding[] {
  if (signal.per === 'fleet') return signal.detect(evaluation);
  return detectCauses(evaluation, [signal]).map(({ finding }) => finding);
}

/** Everything that detectors read, as plain data. */
function contentOf({ evidence, now }: Evaluation): unknown {
  const halfHour = 30 * minute;
  return {
    baselines: evidence.snapshot(),
    touched: [...evidence.causes.touched()].map(({ fingerprint, total, unreported, firstAt, lastAt, window }) => {
      return { fingerprint, total, unreported, firstAt, lastAt, count: window.count(now, halfHour) };
    }),
    tasks: [...evidence.tasks.all()].map(({ name, runs, failed, lastRuns }) => {
      return { name, lastRuns: [...lastRuns], runs: runs.count(now, halfHour), failed: failed.count(now, halfHour) };
    }),
    retries: [...evidence.retries.touched()].map(({ key, total }) => ({ key, total })),
    lost: [...evidence.lost.all()].map(({ pool, total, unreported }) => ({ pool, total, unreported })),
    pools: [...evidence.workers.pools()].map(({ name, missing, deaths }) => {
      return { name, missing: [...missing], deaths: [...deaths] };
    }),
    queues: [...evidence.queues.all()].map(({ waiting, overLimitSince, idleSince, lastTaken }) => {
      return { waiting: [...waiting], overLimitSince, idleSince, lastTaken: [...lastTaken] };
    }),
    attempts: evidence.runs.longRunning(now, () => 0),
    redeliveries: (['poison-loop', 'run-twice'] as const).flatMap((what) =>
      evidence.redeliveries.all(what).map(({ task, total, times, messages }) => [task, total, times, [...messages]]),
    ),
    times: [evidence.since, evidence.lastEventAt, evidence.listeningSince],
    openIncidentKeys: [...evidence.openIncidentKeys],
  };
}

/** The level of each condition, and the reason of each suppression. */
export function outcomesOf(findings: readonly Finding[]): string[] {
  return findings.map((finding) => (isSuppression(finding) ? finding.reason : finding.level));
}

/** The only finding, which must be a condition. */
export function conditionOf(findings: readonly Finding[]): Condition {
  const [finding] = findings;
  assert.equal(findings.length, 1, `expected one finding, got ${outcomesOf(findings).join(', ') || 'none'}`);
  assert.ok(finding !== undefined && !isSuppression(finding), `expected a condition, got ${outcomesOf(findings)}`);
  return finding;
}

export function taskPolicy(fields: Partial<TaskPolicy> = {}): TaskPolicy {
  return {
    match: ['*'],
    severity: undefined,
    mute: undefined,
    ignore: [],
    isIdempotent: true,
    queue: undefined,
    thresholds: {},
    ...fields,
  };
}

/** A deploy of these pools; by default of all. */
export function deployAt(at: Millis, pools: readonly string[] = []): DeployMark {
  return { version: 'v2', at, pools };
}

/** The mark of an operator on all causes. */
export function markAt(state: CauseMark['state'], at: Millis, fields: Partial<CauseMark> = {}): CauseMark {
  return { match: matchesEverything, state, at, by: 'U1', incident: undefined, ...fields };
}
