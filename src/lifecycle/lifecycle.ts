/**
 * Events → what happened to each task. Keeps the events of the live tasks, sorted; a short settle window after the first
 * new event of a task lets the others of the same moment arrive; then the task's attempts are derived from all of its
 * events, and what has not been told yet becomes transitions. So order and duplicates cannot matter, and each transition
 * is told once. Where the events are silent, tasks become suspects, and second witnesses are asked.
 */
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { Event, TaskEvent, TaskResult, WorkerEvent } from '../event/task-event.ts';
import type { WitnessKind } from '../event/testimony.ts';
import type { Redacted } from '../event/untrusted.ts';
import { derivePublications, type Publication, type ReceivedRecordEvent, stateOf } from './derive/attempts.ts';
import { type Evidence, evidenceOf, resultGraceMs } from './derive/evidence.ts';
import { findingsOf } from './derive/findings.ts';
import { endOfPublication, taskOf } from './derive/task-view.ts';
import { causeOf, deriveConcluded, deriveNote, deriveTransitions } from './derive/transitions.ts';
import { Gaps } from './gap.ts';
import { judge, type Suspicion, type SuspicionKind, type SuspicionResult, type WitnessAnswer } from './suspicion.ts';
import { EarlyResults } from './tables/early-results.ts';
import { RunningAttempts } from './tables/running-attempts.ts';
import { TaskBaseline } from './tables/task-baseline.ts';
import type { OpenAttempt, SavedRecord, TaskRecord } from './tables/task-record.ts';
import { TaskTable } from './tables/task-table.ts';
import { type WorkerOptions, WorkerTable, type WorkerTransition, type WorkerView } from './tables/worker-table.ts';
import { spanIdOf, taskPart } from './trace-id.ts';
import type { NextAttempt, Note, Outcome, Task, Transition } from './transition.ts';

export interface LifecycleOptions extends WorkerOptions {
  /** How long a task's events may come in any order before they are taken as told. */
  readonly settleMs: number;
  /** Tasks tracked at once; the oldest leaves first and is counted. */
  readonly openTasksMax: number;
  /** How long an ended task is remembered, for words about it that come late. */
  readonly rememberMs: number;
  /** A task that was sent and not received for so long may have vanished. */
  readonly vanishedAfterMs: number;
  /** A task that runs at least so long, and far longer than it ever did, is overdue. */
  readonly overdueAfterMs: number;
  /** Whom questions go to; with nobody to ask, silence has to do. */
  readonly witnesses: readonly WitnessKind[];
}

export const defaultLifecycleOptions: LifecycleOptions = {
  settleMs: 1_500,
  openTasksMax: 100_000,
  rememberMs: 600_000,
  silentAfterMs: 30_000,
  workersMax: 10_000,
  vanishedAfterMs: 900_000,
  overdueAfterMs: 1_800_000,
  witnesses: [],
};

/** A worker holds back the events of its tasks for up to a second and a half when it has little to do. */
const idleGraceMs = 5_000;
/** A worker that executes nothing takes up what it has reserved at once; only a rate limit holds it back longer. */
const idleReservedMs = 60_000;
const askAgainMs = 10_000;
/** A task that a witness cleared is looked at again after so long. */
const lookAgainMs = 600_000;
/** Redis looks for messages to restore every ten seconds and acts one time in ten. */
const comesBackGraceMs = 180_000;
/** Nobody answers for so long: the question was lost. */
const answerWithinMs = 120_000;
/** Sweeps that a round through all open tasks takes: some ten seconds of them while there are any. */
const sweepsPerRound = 100;
/** Evicted tasks that are told of between two sweeps; more leave only when the table is far too small. */
const evictedToldMax = 1_000;

/** One line for each task: what is known of it now. */
export interface TaskSummary {
  readonly task: Task;
  /** Runs that were seen to start, over all lives of the id. */
  readonly startedCount: number;
  readonly outcome: string;
  readonly cause: string | undefined;
  readonly worker: Hostname | undefined;
  /** Why and when another attempt follows; undefined when none is expected. */
  readonly nextAttempt: NextAttempt | undefined;
  readonly findings: readonly Note[];
}

export interface SweepResult {
  readonly tasks: Transition[];
  readonly workers: WorkerTransition[];
  /** Tasks to ask every witness about; each is to be answered by `testify`. */
  readonly questions: TaskId[];
}

export interface Lifecycle {
  apply(event: Event<Redacted>): WorkerTransition[];
  /** What has settled by `now`, and what time alone has shown. */
  sweep(now: Millis): SweepResult;
  /** Takes everything as settled: nothing more will be heard. */
  settleAll(now: Millis): Transition[];
  /** What a witness answered of a task it was asked about; what follows is told by the next sweep. */
  testify(witness: WitnessKind, id: TaskId, answer: WitnessAnswer, now: Millis): void;
  /** Whether events can reach us; while they cannot, nobody's silence counts. */
  setListening(isListening: boolean): void;
  /** We were deaf from `from` to `to`: what was open meanwhile is unsure until a witness tells. */
  addGap(from: Millis, to: Millis): void;
  /** Tasks that left the table before they ended, since the last call. */
  takeEvicted(): number;
  trackedCount(): number;
  /** Open tasks whose end may have been missed. */
  uncertainCount(): number;
  isTracked(id: TaskId): boolean;
  workers(): WorkerView[];
  summaries(): Iterable<TaskSummary>;
  /** The open tasks and the workers as text, for another instance to go on with; at most so many characters. */
  save(charsMax: number, isTheirs?: (hostname: Hostname) => boolean): string;
  /** Takes up what another instance saved. */
  restore(saved: string, now: Millis): void;
  /** Forgets the workers that `isTheirs` and what runs there: another instance looks after them. */
  release(isTheirs: (hostname: Hostname) => boolean): void;
}

export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const table = new TaskTable({ openMax: options.openTasksMax, rememberMs: options.rememberMs }, evict);
  const workers = new WorkerTable(options);
  const running = new RunningAttempts();
  const usual = new TaskBaseline();
  const gaps = new Gaps();
  const unsure = new Set<TaskRecord>();
  const early = new EarlyResults();
  let questions: TaskId[] = [];
  let askAgain: { readonly at: Millis; readonly record: TaskRecord }[] = [];
  let pending: Transition[] = [];
  let evicted: TaskRecord[] = [];
  let evictedCount = 0;
  let isListening = true;

  function applyTask(event: TaskEvent<Redacted>): void {
    workers.noteTaskEvent(event.hostname, event.pid, event.receivedAt);
    if (event.type === 'task-received') usual.noteReceived(event.name);
    const record = table.recordOf(event.id);
    if (record.isEmpty) {
      const result = early.take(event.id);
      if (result !== undefined) takeResult(record, result);
    }
    if (record.add(event)) table.settleAt(record, event.receivedAt + options.settleMs);
  }

  function applyResult(result: TaskResult<Redacted>): void {
    const known = table.find(result.id);
    if (known !== undefined) takeResult(known, result);
    else if (result.status !== 'started' && result.name === undefined) early.put(result);
    else if (result.status !== 'started') takeResult(table.recordOf(result.id), result);
  }

  function takeResult(record: TaskRecord, result: TaskResult<Redacted>): void {
    record.addResult(result);
    if (result.status !== 'started') table.addResultDue(record, result.receivedAt + resultGraceMs);
  }

  function settle(record: TaskRecord, now: Millis): Transition[] {
    const evidence = evidenceOf(record.events, record.results, now);
    const last = evidence.publications.at(-1) as Publication;
    if (evidence.events.length === 0) return [];
    const told = deriveTransitions(record, evidence, parentSpanId(table, record));
    for (const transition of told) usual.noteTransition(transition);
    for (const note of findingsOf(last))
      told.push(...noted(record, evidence, note, `${note.what}.${last.number}`, now));
    if (endOfPublication(last) === undefined) {
      table.reopen(record);
      running.update(record, last);
      if (record.openAttempt !== undefined) record.nextAttempt = undefined;
      if (isOutdated(record)) {
        told.push(...clearedByEvents(record, evidence, now));
        record.suspicion = undefined;
        unsure.delete(record);
      }
      record.pack();
      return told;
    }
    told.push(...clearedByEvents(record, evidence, now));
    running.forget(record);
    unsure.delete(record);
    table.ended(record, evidence.events.at(-1)?.receivedAt ?? now);
    record.pack();
    return told;
  }

  /** Its events came after all. */
  function clearedByEvents(record: TaskRecord, evidence: Evidence, now: Millis): Transition[] {
    const of = record.suspicion?.kind;
    if (of !== 'lost' && of !== 'vanished') return [];
    return noted(record, evidence, { what: 'cleared', of, by: 'events' }, `cleared.${of}`, now);
  }

  function noted(record: TaskRecord, evidence: Evidence, note: Note, once: string, now: Millis): Transition[] {
    return record.reportOnce(once) ? [deriveNote(record, evidence, note, now, parentSpanId(table, record))] : [];
  }

  /**
   * Runs that are open on this worker although it is gone. It said how many it was at: where more than those are open, some
   * had ended unheard, and nobody can tell which. One that was never heard while it was at something may be at something.
   */
  function loseAll(
    { hostname, pid, active, activeAt, hasReportedActive }: WorkerTransition,
    now: Millis,
  ): Transition[] {
    const open = running.onWorker(hostname).filter(({ openAttempt }) => {
      return pid === undefined || openAttempt?.pid === undefined || openAttempt.pid === pid;
    });
    const isCounted = ({ openAttempt }: TaskRecord): boolean => (openAttempt?.startedAt ?? 0) <= (activeAt ?? 0);
    const isMore = active !== undefined && open.filter(isCounted).length > active;
    return open.flatMap((record) => suspect(record, 'lost', now, !hasReportedActive || (isMore && isCounted(record))));
  }

  function suspect(record: TaskRecord, kind: SuspicionKind, now: Millis, isUncertain = false): Transition[] {
    const { suspicion, openAttempt } = record;
    if (suspicion !== undefined && (suspicion.kind === kind || suspicion.kind === 'lost')) return [];
    const hasGap = openAttempt !== undefined && gaps.hasOneAfter(openAttempt.startedAt);
    const attemptStartedAt = openAttempt?.startedAt;
    record.suspicion = { kind, since: now, attemptStartedAt, hasGap, isUncertain, answers: new Map(), asked: 1 };
    const told: Transition[] = [];
    if (kind === 'lost' || kind === 'vanished' || kind === 'overdue') {
      const isWorthTelling = kind === 'overdue' || options.witnesses.length > 0;
      const evidence = evidenceOf(record.events, record.results, now);
      if (isWorthTelling)
        told.push(...noted(record, evidence, { what: 'suspected', of: kind }, `suspected.${kind}`, now));
    }
    if (options.witnesses.length > 0) questions.push(record.id);
    return told.concat(act(record, judge(record.suspicion, options.witnesses), now));
  }

  /** Where some of a worker's open runs have ended unheard, and nobody can tell which, each is asked about now and then. */
  function suspectUnseen(record: TaskRecord, isSure: boolean, now: Millis): Transition[] {
    if (isSure) return suspect(record, 'ended-unseen', now);
    const canAsk = options.witnesses.length > 0 && now >= record.nextCheckAt;
    return canAsk ? suspect(record, 'missed', now) : [];
  }

  function act(record: TaskRecord, judgement: SuspicionResult, now: Millis): Transition[] {
    const { suspicion } = record;
    if (suspicion === undefined || judgement.is === 'waiting') return [];
    if (judgement.is === 'undecided') {
      record.suspicion = undefined;
      record.nextCheckAt = now + lookAgainMs;
      return [];
    }
    const evidence = evidenceOf(record.events, record.results, now);
    const { kind } = suspicion;
    unsure.delete(record);
    switch (judgement.is) {
      case 'cleared': {
        record.suspicion = undefined;
        record.nextCheckAt = now + lookAgainMs;
        const isTold = kind === 'lost' || kind === 'vanished' || kind === 'overdue';
        return isTold
          ? noted(record, evidence, { what: 'cleared', of: kind, by: judgement.by }, `cleared.${kind}`, now)
          : [];
      }
      case 'comes-back': {
        const { because, at } = judgement;
        record.suspicion = undefined;
        record.nextAttempt = { because, at };
        record.nextCheckAt = Math.max(at ?? now, now) + comesBackGraceMs;
        const told = endRun(record, evidence, now, 'lost', false);
        const once = `comes-back.${record.events.length}`;
        return told.concat(noted(record, evidence, { what: 'comes-back', because, at }, once, now));
      }
      case 'confirmed':
        if (kind === 'overdue') {
          record.nextCheckAt = now + lookAgainMs;
          record.suspicion = undefined;
          const runningMs = now - (record.openAttempt?.startedAt ?? now);
          return noted(record, evidence, { what: 'overdue', runningMs }, 'overdue', now);
        }
        return endRun(record, evidence, now, kind === 'vanished' ? vanishedOrExpired(record, now) : 'lost', true);
      case 'ended-unseen':
        return endRun(record, evidence, now, 'unknown', true);
      default:
        return judgement satisfies never;
    }
  }

  /** Time, not an event, ended what is open; a later event can correct that. */
  function endRun(
    record: TaskRecord,
    evidence: Evidence,
    now: Millis,
    outcome: 'lost' | 'vanished' | 'expired' | 'unknown',
    isLast: boolean,
  ): Transition[] {
    const life = evidence.publications.at(-1) as Publication;
    if (endOfPublication(life) !== undefined) return [];
    running.forget(record);
    const told = deriveConcluded(record, evidence, now, outcome, isLast, parentSpanId(table, record));
    if (isLast) table.ended(record, now);
    return told;
  }

  /** One look at an open task: has it been silent for longer than silence is innocent? */
  function lookAt(record: TaskRecord, now: Millis): Transition[] {
    const { suspicion, openAttempt } = record;
    if (suspicion !== undefined) return isForgotten(suspicion, now) ? giveUp(record, suspicion, now) : [];
    if (record.dueAt !== undefined || now < record.nextCheckAt) return [];
    if (record.nextAttempt !== undefined) {
      record.nextAttempt = undefined;
      return suspect(record, 'lost', now);
    }
    if (openAttempt !== undefined) return lookAtRun(record, openAttempt, now);
    const last = record.events.findLast(({ type }) => type !== 'task-sent');
    switch (last?.type) {
      case undefined:
      case 'task-retried':
        return lookAtPublished(record, now);
      case 'task-received':
        return lookAtReceived(record, last, now);
      case 'task-rejected':
      case 'task-cancelled':
        // It is put back, unless it was acknowledged at its begin: then nobody has it any more. Only the broker knows.
        return options.witnesses.includes('broker') && last.receivedAt + idleReservedMs <= now
          ? suspect(record, 'returned', now)
          : [];
      default:
        return [];
    }
  }

  function lookAtRun(record: TaskRecord, { hostname, pid, startedAt }: OpenAttempt, now: Millis): Transition[] {
    const runningMs = now - startedAt;
    // A worker that said that it goes may finish what it runs, but not for ever, and nobody would tell of its death.
    if (runningMs > options.overdueAfterMs && workers.isGone(hostname, pid)) return suspect(record, 'lost', now, true);
    if (runningMs <= options.overdueAfterMs) return [];
    return runningMs > 3 * usual.longestMs(record.attributes.name) ? suspect(record, 'overdue', now) : [];
  }

  function lookAtPublished(record: TaskRecord, now: Millis): Transition[] {
    const isDue = dueAt(record) + options.vanishedAfterMs <= now;
    // Where no worker ever told of receiving such a task, silence is how that fleet speaks.
    return isDue && usual.isReceived(record.attributes.name) ? suspect(record, 'vanished', now) : [];
  }

  function lookAtReceived(record: TaskRecord, received: ReceivedRecordEvent, now: Millis): Transition[] {
    const { hostname, pid, at, receivedAt } = received;
    if (receivedAt + idleReservedMs > now) return [];
    // What a dead worker had reserved comes back, if it had not begun it unheard.
    if (options.witnesses.length > 0 && workers.isGone(hostname, pid)) return suspect(record, 'lost', now, true);
    const idleSince = workers.idleSince(hostname);
    const isIdle = idleSince !== undefined && Math.max(idleSince, at) + idleReservedMs < now;
    // Some pools lose the events of short tasks: received, and never heard of again.
    return isIdle && dueAt(record) + idleReservedMs <= now ? suspect(record, 'ended-unseen', now) : [];
  }

  function giveUp(record: TaskRecord, suspicion: Suspicion, now: Millis): Transition[] {
    record.suspicion = { ...suspicion, asked: Number.POSITIVE_INFINITY };
    return act(record, judge(record.suspicion, options.witnesses), now);
  }

  function evict(record: TaskRecord): void {
    running.forget(record);
    unsure.delete(record);
    evictedCount += 1;
    if (evicted.length < evictedToldMax) evicted.push(record);
  }

  /** What leaves for want of room ends as unknown, so that its trace is whole. */
  function tellEvicted(now: Millis): Transition[] {
    const records = evicted;
    evicted = [];
    return records.flatMap((record) => {
      const evidence = evidenceOf(record.events, record.results, now);
      if (evidence.events.length === 0) return [];
      return deriveConcluded(record, evidence, now, 'unknown', true, parentSpanId(table, record));
    });
  }

  function sweep(now: Millis): SweepResult {
    if (!isListening) workers.skipGap(now);
    const lost = workers.sweep(now);
    const tasks = pending;
    pending = [];
    for (const record of table.takeSettled(now)) tasks.push(...settle(record, now));
    for (const record of table.takeResultsDue(now)) tasks.push(...settle(record, now));
    for (const worker of [...lost, ...workers.takeReplaced(now)]) tasks.push(...loseAll(worker, now));
    for (const { record, isSure } of running.takeUnreportedEnds(now)) tasks.push(...suspectUnseen(record, isSure, now));
    if (isListening) for (const record of table.walk(sweepsPerRound)) tasks.push(...lookAt(record, now));
    tasks.push(...tellEvicted(now));
    table.forget(now);
    early.forget(now);
    askAgainAt(now);
    const asked = questions;
    questions = [];
    return { tasks, workers: lost, questions: asked };
  }

  function askAgainAt(now: Millis): void {
    const due = askAgain.filter(({ at }) => at <= now);
    if (due.length === 0) return;
    askAgain = askAgain.filter(({ at }) => at > now);
    for (const { record } of due) {
      if (record.suspicion === undefined) continue;
      const answers = new Map([...record.suspicion.answers].filter(([, { kind }]) => kind !== 'unanswered'));
      record.suspicion = { ...record.suspicion, answers, asked: record.suspicion.asked + 1 };
      questions.push(record.id);
    }
  }

  return {
    apply(event) {
      if (event.type === 'task-result') {
        applyResult(event);
        return [];
      }
      if (!isWorkerEvent(event)) {
        applyTask(event);
        return [];
      }
      running.noteActiveCount(event, event.receivedAt + idleGraceMs);
      return workers.apply(event);
    },
    sweep,
    settleAll(now) {
      const told = table.takeSettled(Number.POSITIVE_INFINITY).flatMap((record) => settle(record, now));
      const late = table.takeResultsDue(Number.POSITIVE_INFINITY);
      return told.concat(
        late.flatMap((record) => settle(record, Number.POSITIVE_INFINITY)),
        sweep(now).tasks,
      );
    },
    testify(witness, id, answer, now) {
      const record = table.find(id);
      if (record?.suspicion === undefined) return;
      // An id can be used again, and the backend may keep the end of an earlier life.
      const isOld = answer.kind === 'ended' && answer.at < deliveredAt(record);
      const answers = new Map(record.suspicion.answers).set(witness, isOld ? { kind: 'absent' } : answer);
      record.suspicion = { ...record.suspicion, answers };
      const judgement = judge(record.suspicion, options.witnesses);
      if (judgement.is !== 'waiting') pending.push(...act(record, judgement, now));
      else if (answers.size === options.witnesses.length) askAgain.push({ at: now + askAgainMs, record });
    },
    setListening(isNow) {
      isListening = isNow;
    },
    addGap(from, to) {
      gaps.add(from, to);
      workers.skipGap(to);
      if (options.witnesses.length === 0) return;
      for (const record of table.open()) {
        unsure.add(record);
        pending.push(...suspect(record, 'missed', to));
      }
    },
    takeEvicted() {
      const count = evictedCount;
      evictedCount = 0;
      return count;
    },
    trackedCount: () => table.openCount,
    uncertainCount: () => unsure.size,
    isTracked: (id) => table.find(id) !== undefined,
    workers: () => workers.views(),
    *summaries() {
      for (const record of table.all()) yield verdictOf(record, parentSpanId(table, record));
    },
    save(charsMax, isTheirs) {
      const lines = workers
        .lastEvents()
        .filter(({ hostname }) => isTheirs?.(hostname) ?? true)
        .map((event) => JSON.stringify(event));
      const isMeant = (record: TaskRecord): boolean =>
        record.openAttempt === undefined ? isTheirs === undefined : (isTheirs?.(record.openAttempt.hostname) ?? true);
      let chars = lines.reduce((sum, line) => sum + line.length + 1, 0);
      // Runs come first: what executes is what a death destroys.
      const open = [...table.open()]
        .filter(isMeant)
        .sort((a, b) => Number(b.openAttempt !== undefined) - Number(a.openAttempt !== undefined));
      for (const record of open) {
        const line = JSON.stringify(record.save());
        chars += line.length + 1;
        if (chars > charsMax) break;
        lines.push(line);
      }
      return lines.join('\n');
    },
    restore(saved, now) {
      for (const line of saved.split('\n')) {
        if (line === '') continue;
        const entry = JSON.parse(line) as WorkerEvent | SavedRecord;
        if ('type' in entry) {
          workers.apply(entry);
          continue;
        }
        const record = table.recordOf(entry.attributes.id);
        record.restore(entry);
        table.settleAt(record, now);
      }
    },
    release(isTheirs) {
      for (const hostname of [...workers.names()].filter(isTheirs)) {
        for (const record of running.onWorker(hostname)) {
          running.forget(record);
          unsure.delete(record);
          table.remove(record);
        }
        workers.forget(hostname);
      }
    },
  };
}

/** Events have come that silence was not to be expected before: another run, or the first sign that anybody has it. */
function isOutdated({ suspicion, openAttempt, events }: TaskRecord): boolean {
  if (suspicion === undefined) return false;
  if (suspicion.kind === 'vanished') return events.some(({ type }) => type !== 'task-sent');
  return suspicion.attemptStartedAt !== openAttempt?.startedAt;
}

function isWorkerEvent(event: Event<Redacted>): event is WorkerEvent {
  return event.type === 'worker-heartbeat' || event.type === 'worker-online' || event.type === 'worker-offline';
}

function isForgotten(suspicion: Suspicion, now: Millis): boolean {
  return suspicion.since + answerWithinMs < now && suspicion.asked !== Number.POSITIVE_INFINITY;
}

/** When the run that is open was delivered, or begun where nobody told of that; the first word where none is open. */
function deliveredAt({ openAttempt, events }: TaskRecord): Millis {
  if (openAttempt === undefined) return events[0]?.at ?? 0;
  return derivePublications(events).at(-1)?.attempts.at(-1)?.receivedAt ?? openAttempt.startedAt;
}

/** When somebody should have taken it, or begun it: the last word about it, or the latest time that it was to wait for. */
function dueAt({ attributes, events }: TaskRecord): Millis {
  let due = attributes.eta ?? 0;
  for (const event of events) due = Math.max(due, event.receivedAt, ('eta' in event ? event.eta : undefined) ?? 0);
  return due;
}

/** A task whose time ran out before anybody took it was let go by the broker, as it was asked to. */
function vanishedOrExpired({ attributes }: TaskRecord, now: Millis): 'vanished' | 'expired' {
  return attributes.expires !== undefined && attributes.expires < now ? 'expired' : 'vanished';
}

/** Parents are walked no further than this; a deeper chain of calls keeps its parent without the check for a circle. */
const ancestorsMax = 100;

/**
 * The span of the parent task when that task was seen here, and when this task is not among its own ancestors: `replace()`
 * runs the last step of a chain under the id that the chain began with.
 */
function parentSpanId(table: TaskTable, record: TaskRecord): string | undefined {
  const { parentId, id } = record;
  const parent = parentId === undefined ? undefined : table.find(parentId);
  if (parent === undefined) return undefined;
  // A parent of which little was heard may stand in a trace of its own.
  if ((parent.rootId ?? parent.id) !== (record.rootId ?? id)) return undefined;
  let ancestor: TaskId | undefined = parentId;
  for (let steps = 0; ancestor !== undefined && steps < ancestorsMax; steps += 1) {
    if (ancestor === id) return undefined;
    ancestor = table.find(ancestor)?.parentId;
  }
  return spanIdOf(parent.id, taskPart(Math.max(0, parent.endedPublications - 1)));
}

function verdictOf(record: TaskRecord, parent: string | undefined): TaskSummary {
  const evidence = evidenceOf(record.events, record.results, Number.POSITIVE_INFINITY);
  const { publications } = evidence;
  const life = publications.at(-1) as Publication;
  const ending = endOfPublication(life);
  const runs = publications.flatMap(({ attempts }) => attempts);
  const last = life.attempts.at(-1);
  // What silence alone had ended, and what goes on after all, is open again.
  const told: Outcome | undefined = record.endedAt === undefined ? undefined : record.outcomeOf(life.number);
  return {
    task: taskOf(record.attributes, life, stateOf(evidence.events), parent),
    startedCount: runs.filter((run) => run.startedAt !== undefined).length,
    outcome: ending?.outcome ?? told ?? 'unknown',
    cause: ending === undefined && told !== undefined ? causeOf(told) : (ending?.cause ?? last?.cause),
    worker: last?.hostname ?? life.end?.hostname,
    nextAttempt: ending === undefined && told === undefined ? comesBackOf(record, life) : undefined,
    findings: publications.flatMap(findingsOf),
  };
}

/** Why an open task is expected to go on, as far as its events or a witness tell. */
function comesBackOf(record: TaskRecord, life: Publication): NextAttempt | undefined {
  if (record.nextAttempt !== undefined) return record.nextAttempt;
  const last = life.attempts.at(-1);
  const waiting = life.waiting.at(-1);
  const eta = waiting?.eta ?? life.sends.at(-1)?.eta;
  if (last !== undefined && last.outcome === undefined && !last.isSuperseded) return undefined;
  if (last?.outcome === 'retried') return { because: 'retry', at: eta };
  if (last?.outcome === 'rejected' || last?.outcome === 'cancelled') return { because: 'requeued', at: undefined };
  if (waiting !== undefined) return { because: eta === undefined ? 'reserved' : 'eta', at: eta };
  return life.sends.length > 0 ? { because: eta === undefined ? 'in-queue' : 'eta', at: eta } : undefined;
}
