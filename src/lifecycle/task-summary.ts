/** One tracked task with all that is known of it now, for `replay` and for tests. */
import type { Hostname } from '../event/ids.ts';
import { evidenceOf } from './derive/evidence.ts';
import { findingsOf } from './derive/findings.ts';
import type { Publication } from './derive/publication.ts';
import { endOfPublication, stateOf } from './derive/publication-end.ts';
import { taskOf } from './derive/task-view.ts';
import { causeOfTimedEnd } from './derive/transitions.ts';
import { hasDied } from './fate.ts';
import type { LifecycleState } from './lifecycle-state.ts';
import { parentSpanIdOf } from './parent-span.ts';
import type { TaskRecord } from './tables/task-record.ts';
import type { NextAttempt, Note, Outcome, Task } from './transition.ts';

export interface TaskSummary {
  readonly task: Task;
  /** Attempts with a start event, over all publications of the id. */
  readonly startedCount: number;
  readonly outcome: string;
  /** No end is known: the outcome is `unknown` and may still come. */
  readonly isOpen: boolean;
  readonly cause: string | undefined;
  /** Worker of the last attempt. */
  readonly worker: Hostname | undefined;
  /** Why and when another attempt follows; undefined when none is expected. */
  readonly nextAttempt: NextAttempt | undefined;
  readonly findings: readonly Note[];
}

export function summaryOf(state: LifecycleState, record: TaskRecord): TaskSummary {
  const parentSpanId = parentSpanIdOf(state.tasks, record);
  const { publications, events } = evidenceOf(record.events, record.results, Number.POSITIVE_INFINITY);
  const publication = publications.at(-1) as Publication;
  const end = endOfPublication(publication);
  const last = publication.attempts.at(-1);
  // An end that silence alone concluded no longer holds for a task that is open again.
  const concluded: Outcome | undefined =
    record.endedAt === undefined ? undefined : record.outcomeOf(publication.number);
  const isOpen = end === undefined && concluded === undefined;
  const openCause = concluded === undefined ? last?.cause : causeOfTimedEnd(concluded);
  return {
    task: taskOf({ attributes: record.attributes, publication, state: stateOf(publication, events), parentSpanId }),
    startedCount: publications.flatMap(({ attempts }) => attempts).filter(({ startedAt }) => startedAt !== undefined)
      .length,
    outcome: end?.outcome ?? concluded ?? 'unknown',
    isOpen,
    cause: end === undefined ? openCause : end.cause,
    worker: last?.hostname ?? publication.end?.hostname,
    nextAttempt: isOpen ? nextAttemptOf(record, publication) : undefined,
    findings: publications.flatMap((each) => findingsOf(each, (attempt) => hasDied(state, attempt))),
  };
}

/** Why and when an open task is expected to go on, by its events or by a witness. */
function nextAttemptOf(record: TaskRecord, { attempts, waiting, sends }: Publication): NextAttempt | undefined {
  if (record.nextAttempt !== undefined) return record.nextAttempt;
  const last = attempts.at(-1);
  const delivery = waiting.at(-1);
  const eta = delivery?.eta ?? sends.at(-1)?.eta;
  if (last !== undefined && last.outcome === undefined && !last.isSuperseded) return undefined;
  if (last?.outcome === 'retried') return { because: 'retry', at: eta };
  if (last?.outcome === 'rejected' || last?.outcome === 'cancelled') return { because: 'requeued', at: undefined };
  if (delivery !== undefined) return { because: eta === undefined ? 'reserved' : 'eta', at: eta };
  return sends.length > 0 ? { because: eta === undefined ? 'in-queue' : 'eta', at: eta } : undefined;
}
