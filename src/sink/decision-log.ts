/** The last decisions, for whoever asks why. Bounded: the answer to yesterday's question is in the log records. */
import type { Decision } from '../alert/decision.ts';
import type { Book } from '../alert/incident.ts';
import type { Failure } from '../failure/failure.ts';

const decisionsMax = 5_000;
const tasksMax = 5_000;
const linesMax = 30;

export interface DecisionLog {
  saw(decision: Decision): void;
  /** So that a task's id leads to what was decided of its cause. */
  failed(failure: Failure): void;
  /** What was decided of an incident, a task id, a task name or a fingerprint, the last first; empty: nothing is known. */
  why(question: string, book: Book): readonly string[];
}

export function createDecisionLog(): DecisionLog {
  const decisions: Decision[] = [];
  const keyOfTask = new Map<string, string>();
  return {
    saw(decision) {
      decisions.push(decision);
      if (decisions.length > decisionsMax) decisions.splice(0, decisions.length - decisionsMax / 2);
    },
    failed(failure) {
      keyOfTask.set(failure.task.id, `g|${failure.fingerprint}`);
      const oldest = keyOfTask.size > tasksMax ? keyOfTask.keys().next().value : undefined;
      if (oldest !== undefined) keyOfTask.delete(oldest);
    },
    why(question, book) {
      const key = keyOfTask.get(question);
      const incident = book.incidents.find(({ id, keys }) => id === question || keys.some((held) => held.key === key));
      const isAbout = (decision: Decision): boolean =>
        decision.incident === question ||
        (incident !== undefined && decision.incident === incident.id) ||
        decision.task === question ||
        decision.key === key ||
        decision.key === `g|${question}`;
      const told = decisions.filter(isAbout).reverse();
      return told.slice(0, linesMax).map(lineOf);
    },
  };
}

function lineOf({ at, verdict, signal, task, exception, figures, incident, failures }: Decision): string {
  const what = [task, exception].filter((part) => part !== undefined).join(' ');
  const outcome = verdict.notify
    ? `told (${verdict.action}): ${verdict.reason}`
    : `not told: ${verdict.reason}${verdict.by === undefined ? '' : ` by ${verdict.by}`}`;
  const numbers =
    figures === undefined
      ? ''
      : `, ${Math.round(figures.count)} against ${Math.round(figures.limit)}${figures.withinMs > 0 ? ` in ${Math.round(figures.withinMs / 60_000)} min` : ''}`;
  const parts = [new Date(at).toISOString(), what, signal ?? '', `${outcome}${numbers}`];
  if (failures > 0) parts.push(`${failures} failures`);
  if (incident !== undefined) parts.push(`incident ${incident}`);
  return parts.filter((part) => part !== '').join(' · ');
}
