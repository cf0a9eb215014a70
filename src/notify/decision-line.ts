/** A decision as one line of text, and the question whether a decision concerns a subject. For `taskvigil why`. */
import type { Decision } from '../alert/decision.ts';
import { keyText } from '../alert/key.ts';

export interface DecisionQuestion {
  /** Id of an incident, name of a task, or a fingerprint. */
  readonly question: string;
  /** Text of the key that the question leads to, if it is the id of a failed task. */
  readonly key: string | undefined;
  /** Id of the incident that the question leads to. */
  readonly incident: string | undefined;
}

export function isAbout(decision: Decision, { question, key, incident }: DecisionQuestion): boolean {
  if (
    decision.incident === question ||
    decision.task === question ||
    decision.key === keyText({ kind: 'cause', fingerprint: question })
  )
    return true;
  if (incident !== undefined && decision.incident === incident) return true;
  return key !== undefined && decision.key === key;
}

/**
 * `2026-11-24T10:13:20.500Z · billing.charge KeyError · failures.new · notified (post): opened, 3 in 10 min, threshold 3 ·
 * incident 66e9…`.
 */
export function decisionLine({ at, verdict, signal, task, exception, figures, incident, failures }: Decision): string {
  const subject = [task, exception].filter((part) => part !== undefined).join(' ');
  const parts = [new Date(at).toISOString(), subject, signal ?? '', `${outcomeText(verdict)}${figuresText(figures)}`];
  if (failures > 0) parts.push(`${failures} failure${failures === 1 ? '' : 's'}`);
  if (incident !== undefined) parts.push(`incident ${incident}`);
  return parts.filter((part) => part !== '').join(' · ');
}

function outcomeText(verdict: Decision['verdict']): string {
  if (verdict.notify) return `notified (${verdict.action}): ${verdict.reason}`;
  return `suppressed: ${verdict.reason}${verdict.by === undefined ? '' : ` by ${verdict.by}`}`;
}

function figuresText(figures: Decision['figures']): string {
  if (figures === undefined) return '';
  const { count, limit, withinMs } = figures;
  const window = withinMs > 0 ? ` in ${Math.round(withinMs / 60_000)} min` : '';
  return `, ${Math.round(count)}${window}, threshold ${Math.round(limit)}`;
}
