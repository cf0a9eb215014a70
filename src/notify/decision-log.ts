/** The recent decisions, for `taskvigil why` and the button in Slack. Bounded; older decisions are in a recording. */
import type { Decision } from '../alert/decision.ts';
import type { Book } from '../alert/incident.ts';
import { type KeyText, keyText } from '../alert/key.ts';
import type { Failure } from '../failure/failure.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { decisionLine, isAbout } from './decision-line.ts';

const decisionsMax = 5_000;
const tasksMax = 5_000;
const linesMax = 30;

export interface DecisionLog {
  recordDecision(decision: Decision): void;
  /** Lets the id of a failed task lead to the decisions about its cause. */
  recordFailure(failure: Failure): void;
  /**
   * The decisions about an incident, a task id, a task name or a fingerprint, one line each, the latest first; empty if none
   * is recorded.
   */
  why(question: string, book: Book): readonly string[];
  /** The decisions that `isAsked` accepts, one line each, the latest first. */
  lines(isAsked: (decision: Decision) => boolean): readonly string[];
  /** The latest decision of each entry. */
  all(): Iterable<Decision>;
}

/** Equal decisions in a row, such as one per second of a busy incident, are one entry. */
interface Entry {
  readonly decision: Decision;
  readonly times: number;
  readonly firstAt: number;
}

export function createDecisionLog(): DecisionLog {
  // In the order of the latest decision of each entry.
  const entries = new BoundedMap<string, Entry>({ itemsMax: decisionsMax });
  const keyOfTask = new BoundedMap<string, KeyText>({ itemsMax: tasksMax });
  let notifications = 0;

  return {
    recordDecision(decision) {
      const { verdict, key, incident } = decision;
      // Each notification is an entry of its own; suppressed decisions are grouped by reason.
      notifications += 1;
      const name = verdict.notify ? `${notifications}` : [verdict.reason, key, incident, verdict.by].join('\n');
      const previous = entries.get(name);
      const failures = decision.failures + (previous?.decision.failures ?? 0);
      entries.delete(name);
      entries.set(name, {
        decision: { ...decision, failures },
        times: (previous?.times ?? 0) + 1,
        firstAt: previous?.firstAt ?? decision.at,
      });
    },
    recordFailure({ task, fingerprint }) {
      keyOfTask.set(task.id, keyText({ kind: 'cause', fingerprint }));
    },
    why(question, book) {
      const key = keyOfTask.get(question);
      const incident = book.incidents.find(({ id, keys }) => id === question || keys.some((one) => one.key === key));
      return linesOf(entries, (decision) => isAbout(decision, { question, key, incident: incident?.id }));
    },
    lines: (isAsked) => linesOf(entries, isAsked),
    all: () => [...entries.values()].map(({ decision }) => decision),
  };
}

function linesOf(entries: BoundedMap<string, Entry>, isAsked: (decision: Decision) => boolean): readonly string[] {
  return [...entries.values()]
    .reverse()
    .filter(({ decision }) => isAsked(decision))
    .slice(0, linesMax)
    .map(entryLine);
}

function entryLine({ decision, times, firstAt }: Entry): string {
  const line = decisionLine(decision);
  return times === 1 ? line : `${line} · ${times} times since ${new Date(firstAt).toISOString()}`;
}
