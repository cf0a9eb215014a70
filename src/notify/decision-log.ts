/** The last decisions, for whoever asks why. Bounded: the answer to yesterday's question is in a recording's decisions. */

import type { Decision } from '../alert/decision.ts';
import type { Book } from '../alert/incident.ts';
import { keyText } from '../alert/key.ts';
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

/** The same thing decided again and again in a row, once a second of a busy incident, is one entry. */
interface Entry {
  readonly decision: Decision;
  readonly times: number;
  readonly firstAt: number;
}

export function createDecisionLog(): DecisionLog {
  // Insertion order is the order of the last decision of each entry.
  const entries = new Map<string, Entry>();
  const keyOfTask = new Map<string, string>();
  let number = 0;

  return {
    saw(decision) {
      const { verdict, key, incident } = decision;
      // What was told is kept one by one; what was not, by its reason.
      number += 1;
      const name = verdict.notify ? `${number}` : [verdict.reason, key, incident, verdict.by].join('\n');
      const known = entries.get(name);
      entries.delete(name);
      const failures = decision.failures + (known?.decision.failures ?? 0);
      entries.set(name, {
        decision: { ...decision, failures },
        times: (known?.times ?? 0) + 1,
        firstAt: known?.firstAt ?? decision.at,
      });
      forgetFirst(entries, decisionsMax);
    },
    failed(failure) {
      keyOfTask.set(failure.task.id, keyText({ kind: 'cause', fingerprint: failure.fingerprint }));
      forgetFirst(keyOfTask, tasksMax);
    },
    why(question, book) {
      const key = keyOfTask.get(question);
      const incident = book.incidents.find(({ id, keys }) => id === question || keys.some((held) => held.key === key));
      const all = [...entries.values()].reverse();
      const about = all.filter(({ decision }) => isAbout(decision, { question, key, incident: incident?.id }));
      return about.slice(0, linesMax).map(entryLine);
    },
  };
}

/** `key`: of the cause that a task id leads to; `incident`: the one that is about it. */
export function isAbout(
  decision: Decision,
  {
    question,
    key,
    incident,
  }: { readonly question: string; readonly key: string | undefined; readonly incident: string | undefined },
): boolean {
  if (
    decision.incident === question ||
    decision.task === question ||
    decision.key === keyText({ kind: 'cause', fingerprint: question })
  )
    return true;
  if (incident !== undefined && decision.incident === incident) return true;
  return key !== undefined && decision.key === key;
}

function entryLine({ decision, times, firstAt }: Entry): string {
  const line = decisionLine(decision);
  return times === 1 ? line : `${line} · ${times} times since ${new Date(firstAt).toISOString()}`;
}

/** `2026-11-24T10:13:20.500Z · billing.charge KeyError · failures.new · told (post): opened, 3 against 3 in 10 min · incident 66e9…`. */
export function decisionLine({ at, verdict, signal, task, exception, figures, incident, failures }: Decision): string {
  const what = [task, exception].filter((part) => part !== undefined).join(' ');
  const parts = [new Date(at).toISOString(), what, signal ?? '', `${outcomeText(verdict)}${figuresText(figures)}`];
  if (failures > 0) parts.push(`${failures} failure${failures === 1 ? '' : 's'}`);
  if (incident !== undefined) parts.push(`incident ${incident}`);
  return parts.filter((part) => part !== '').join(' · ');
}

function outcomeText(verdict: Decision['verdict']): string {
  if (verdict.notify) return `told (${verdict.action}): ${verdict.reason}`;
  return `not told: ${verdict.reason}${verdict.by === undefined ? '' : ` by ${verdict.by}`}`;
}

function figuresText(figures: Decision['figures']): string {
  if (figures === undefined) return '';
  const { count, limit, withinMs } = figures;
  return `, ${Math.round(count)} against ${Math.round(limit)}${withinMs > 0 ? ` in ${Math.round(withinMs / 60_000)} min` : ''}`;
}

function forgetFirst(map: Map<string, unknown>, most: number): void {
  const first = map.size > most ? map.keys().next() : undefined;
  if (first?.done === false) map.delete(first.value);
}
