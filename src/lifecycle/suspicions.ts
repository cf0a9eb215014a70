/** The open suspicions: raises them, asks the witnesses, and turns conclusions into transitions. */
import type { Millis, TaskId } from '../event/ids.ts';
import type { WitnessKind } from '../event/testimony.ts';
import { type DerivedEvidence, evidenceOf } from './derive/evidence.ts';
import { derivePublications } from './derive/publications.ts';
import type { LifecycleState } from './lifecycle-state.ts';
import { noteOnce } from './notes.ts';
import { attemptsLostWith, type Doubt, doubtAbout } from './silence-check.ts';
import { isReportedKind, judge, type Suspicion, type SuspicionResult, type WitnessAnswer } from './suspicion.ts';
import type { UnreportedEnd } from './tables/running-attempts.ts';
import type { TaskRecord } from './tables/task-record.ts';
import type { GoneWorker } from './tables/worker-transition.ts';
import { concludeEnd } from './timed-end.ts';
import type { Transition } from './transition.ts';

/** Delay before witnesses that could not be queried are asked again. */
const askAgainMs = 10_000;
/** A question without an answer for this long counts as lost. */
const answerWithinMs = 120_000;
/** Delay before a task that a witness cleared is checked again. */
const checkAgainMs = 600_000;
/** Celery's Redis transport restores unacknowledged messages every ten seconds, with a probability of one in ten. */
const redeliveryGraceMs = 180_000;

/** The answer of one witness about one task. */
export interface TaskTestimony {
  readonly witness: WitnessKind;
  readonly id: TaskId;
  readonly answer: WitnessAnswer;
  readonly now: Millis;
}

interface Repeat {
  readonly at: Millis;
  readonly record: TaskRecord;
}

export class Suspicions {
  readonly #state: LifecycleState;
  #questions: TaskId[] = [];
  #repeats: Repeat[] = [];
  /** Transitions from conclusions between two sweeps. */
  #pending: Transition[] = [];

  constructor(state: LifecycleState) {
    this.#state = state;
  }

  /** Suspects the open attempts of a worker that is gone. */
  suspectLostWith(worker: GoneWorker, now: Millis): Transition[] {
    return attemptsLostWith(this.#state, worker).flatMap(({ record, doubt }) => this.#suspect(record, doubt, now));
  }

  /** Suspects an attempt that its worker contradicts. An unsure one is checked by witnesses only, and now and then. */
  suspectUnreportedEnd({ record, isSure }: UnreportedEnd, now: Millis): Transition[] {
    // A witness cleared the task shortly before.
    if (now < record.nextCheckAt) return [];
    if (isSure) return this.#suspect(record, { kind: 'end-unreported', isUncertain: false }, now);
    const canAsk = this.#state.options.witnesses.length > 0;
    return canAsk ? this.#suspect(record, { kind: 'end-uncertain', isUncertain: false }, now) : [];
  }

  /** Asks the witnesses about every open task, because its end event may have been missed in a gap that ended at `now`. */
  suspectAllOpen(now: Millis): void {
    const { options, tasks, uncertain } = this.#state;
    if (options.witnesses.length === 0) return;
    for (const record of tasks.open()) {
      uncertain.add(record);
      this.#pending.push(...this.#suspect(record, { kind: 'end-uncertain', isUncertain: false }, now));
    }
  }

  /** Checks one open task for silence, or for a suspicion that was never answered. */
  check(record: TaskRecord, now: Millis): Transition[] {
    const { suspicion } = record;
    if (suspicion !== undefined) return isUnanswered(suspicion, now) ? this.#giveUp(record, suspicion, now) : [];
    const doubt = doubtAbout(this.#state, record, now);
    if (doubt === undefined) return [];
    record.nextAttempt = undefined;
    return this.#suspect(record, doubt, now);
  }

  /** Takes an answer into account; the resulting transitions are returned by the next `takePending`. */
  addTestimony({ witness, id, answer, now }: TaskTestimony): void {
    const { options, tasks, clocks } = this.#state;
    const record = tasks.find(id);
    if (record?.suspicion === undefined) return;
    const { openAttempt } = record;
    const offsetMs = openAttempt === undefined ? 0 : clocks.offsetOf(openAttempt.hostname);
    // The backend may still have the result of an earlier publication of the id.
    const isOld = answer.kind === 'ended' && answer.at - offsetMs < deliveredAt(record);
    const answers = new Map(record.suspicion.answers).set(witness, isOld ? { kind: 'absent' } : answer);
    record.suspicion = { ...record.suspicion, answers };
    const result = judge(record.suspicion, options.witnesses);
    if (result.is !== 'waiting') this.#pending.push(...this.#conclude(record, result, now));
    else if (answers.size === options.witnesses.length) this.#repeats.push({ at: now + askAgainMs, record });
  }

  takePending(): Transition[] {
    const pending = this.#pending;
    this.#pending = [];
    return pending;
  }

  /** Tasks to ask every witness about: new suspicions, and repeated questions that are due. */
  takeQuestions(now: Millis): TaskId[] {
    this.#repeatQuestions(now);
    const questions = this.#questions;
    this.#questions = [];
    return questions;
  }

  #repeatQuestions(now: Millis): void {
    const due = this.#repeats.filter(({ at }) => at <= now);
    if (due.length === 0) return;
    this.#repeats = this.#repeats.filter(({ at }) => at > now);
    for (const { record } of due) {
      if (record.suspicion === undefined) continue;
      const answers = new Map([...record.suspicion.answers].filter(([, { kind }]) => kind !== 'unanswered'));
      record.suspicion = { ...record.suspicion, answers, asked: record.suspicion.asked + 1 };
      this.#questions.push(record.id);
    }
  }

  #suspect(record: TaskRecord, { kind, isUncertain }: Doubt, now: Millis): Transition[] {
    const { options, tasks, gaps } = this.#state;
    const { suspicion: current, openAttempt } = record;
    if (current !== undefined && (current.kind === kind || current.kind === 'lost')) return [];
    const hasGap = openAttempt !== undefined && gaps.hasOneAfter(openAttempt.startedAt);
    const attemptStartedAt = openAttempt?.startedAt;
    const suspicion: Suspicion = {
      kind,
      since: now,
      attemptStartedAt,
      hasGap,
      isUncertain,
      answers: new Map(),
      asked: 1,
    };
    record.suspicion = suspicion;
    const transitions: Transition[] = [];
    // Without witnesses a lost or vanished task is reported as ended at once, and the suspicion adds nothing.
    if (isReportedKind(kind) && (kind === 'overdue' || options.witnesses.length > 0)) {
      const evidence = evidenceOf(record.events, record.results, now);
      const note = { what: 'suspected', of: kind } as const;
      transitions.push(...noteOnce(tasks, record, { evidence, note, key: `suspected.${kind}`, now }));
    }
    if (options.witnesses.length > 0) this.#questions.push(record.id);
    return transitions.concat(this.#conclude(record, judge(suspicion, options.witnesses), now));
  }

  /** Decides without the missing answers. */
  #giveUp(record: TaskRecord, suspicion: Suspicion, now: Millis): Transition[] {
    record.suspicion = { ...suspicion, asked: Number.POSITIVE_INFINITY };
    return this.#conclude(record, judge(record.suspicion, this.#state.options.witnesses), now);
  }

  #conclude(record: TaskRecord, result: SuspicionResult, now: Millis): Transition[] {
    const { suspicion } = record;
    if (suspicion === undefined || result.is === 'waiting') return [];
    if (result.is === 'undecided') {
      record.suspicion = undefined;
      record.nextCheckAt = now + checkAgainMs;
      return [];
    }
    const { tasks, uncertain } = this.#state;
    const evidence = evidenceOf(record.events, record.results, now);
    const { kind } = suspicion;
    uncertain.delete(record);
    switch (result.is) {
      case 'cleared': {
        record.suspicion = undefined;
        record.nextCheckAt = now + checkAgainMs;
        if (!isReportedKind(kind)) return [];
        const note = { what: 'cleared', of: kind, by: result.by } as const;
        return noteOnce(tasks, record, { evidence, note, key: `cleared.${kind}`, now });
      }
      case 'comes-back':
        return this.#expectRedelivery(record, result, { evidence, now });
      case 'confirmed':
        return kind === 'overdue'
          ? this.#confirmOverdue(record, { evidence, now })
          : concludeEnd(this.#state, record, { evidence, now, outcome: outcomeOf(kind, record, now), isLast: true });
      case 'end-unreported':
        return concludeEnd(this.#state, record, { evidence, now, outcome: 'unknown', isLast: true });
      default:
        return result satisfies never;
    }
  }

  /** The attempt is lost, and the broker delivers the task again. */
  #expectRedelivery(
    record: TaskRecord,
    { because, at }: Extract<SuspicionResult, { is: 'comes-back' }>,
    { evidence, now }: { readonly evidence: DerivedEvidence; readonly now: Millis },
  ): Transition[] {
    record.suspicion = undefined;
    record.nextAttempt = { because, at };
    record.nextCheckAt = Math.max(at ?? now, now) + redeliveryGraceMs;
    const ended = concludeEnd(this.#state, record, { evidence, now, outcome: 'lost', isLast: false });
    const key = `comes-back.${record.events.length}`;
    const note = { what: 'comes-back', because, at } as const;
    return ended.concat(noteOnce(this.#state.tasks, record, { evidence, note, key, now }));
  }

  #confirmOverdue(
    record: TaskRecord,
    { evidence, now }: { readonly evidence: DerivedEvidence; readonly now: Millis },
  ): Transition[] {
    record.nextCheckAt = now + checkAgainMs;
    record.suspicion = undefined;
    const note = { what: 'overdue', runningMs: now - (record.openAttempt?.startedAt ?? now) } as const;
    return noteOnce(this.#state.tasks, record, { evidence, note, key: 'overdue', now });
  }
}

function isUnanswered(suspicion: Suspicion, now: Millis): boolean {
  return suspicion.since + answerWithinMs < now && suspicion.asked !== Number.POSITIVE_INFINITY;
}

/** The outcome of a confirmed suspicion. The broker itself drops a message whose expiry passed before its delivery. */
function outcomeOf(kind: Suspicion['kind'], { attributes }: TaskRecord, now: Millis): 'lost' | 'vanished' | 'expired' {
  if (kind !== 'vanished') return 'lost';
  return attributes.expires !== undefined && attributes.expires < now ? 'expired' : 'vanished';
}

/** Receipt of the open attempt, or its start if no receipt is known; without an open attempt the first event. */
function deliveredAt({ openAttempt, events }: TaskRecord): Millis {
  if (openAttempt === undefined) return events[0]?.at ?? 0;
  return derivePublications(events).at(-1)?.attempts.at(-1)?.receivedAt ?? openAttempt.startedAt;
}
