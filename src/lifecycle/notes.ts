/** Notes about a task, each reported once. */
import type { Millis } from '../event/ids.ts';
import type { DerivedEvidence } from './derive/evidence.ts';
import { findingsOf } from './derive/findings.ts';
import type { Publication } from './derive/publication.ts';
import { deriveNote } from './derive/transitions.ts';
import { hasDied } from './fate.ts';
import type { LifecycleState } from './lifecycle-state.ts';
import { parentSpanIdOf } from './parent-span.ts';
import { isReportedKind } from './suspicion.ts';
import type { TaskRecord } from './tables/task-record.ts';
import type { TaskTable } from './tables/task-table.ts';
import type { Note, Transition } from './transition.ts';

export interface OnceNote {
  readonly evidence: DerivedEvidence;
  readonly note: Note;
  /** A note with the same key is reported once per task. */
  readonly key: string;
  readonly now: Millis;
}

export function noteOnce(tasks: TaskTable, record: TaskRecord, { evidence, note, key, now }: OnceNote): Transition[] {
  if (!record.reportOnce(key)) return [];
  return [deriveNote(record, evidence, { note, now, parentSpanId: parentSpanIdOf(tasks, record) })];
}

/** Notes for the findings in the last publication. */
export function noteFindings(
  state: LifecycleState,
  record: TaskRecord,
  { evidence, now }: { readonly evidence: DerivedEvidence; readonly now: Millis },
): Transition[] {
  const last = evidence.publications.at(-1) as Publication;
  return findingsOf(last, (attempt) => hasDied(state, attempt)).flatMap((note) =>
    noteOnce(state.tasks, record, { evidence, note, key: `${note.what}.${last.number}`, now }),
  );
}

/** The note that late events contradict the suspicion, if that suspicion was reported. */
export function noteClearedByEvents(
  tasks: TaskTable,
  record: TaskRecord,
  { evidence, now }: { readonly evidence: DerivedEvidence; readonly now: Millis },
): Transition[] {
  const kind = record.suspicion?.kind;
  if (kind === undefined || !isReportedKind(kind) || kind === 'overdue') return [];
  const note = { what: 'cleared', of: kind, by: 'events' } as const;
  return noteOnce(tasks, record, { evidence, note, key: `cleared.${kind}`, now });
}
