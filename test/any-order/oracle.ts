/** Compares the observed transitions with the true course of the tasks, without any knowledge of the lifecycle. */
import type { Outcome, Transition } from '../../src/lifecycle/transition.ts';
import type { Disturbed } from './disturb.ts';
import type { Observed } from './play.ts';
import type { Script, TruePublication } from './script.ts';

const failing: readonly string[] = ['failed', 'exhausted', 'rejected', 'expired', 'lost', 'vanished'];

/** Outcomes that differ only by what happened before the end. */
const alike: Readonly<Partial<Record<Outcome, readonly string[]>>> = {
  succeeded: ['succeeded', 'recovered'],
  recovered: ['succeeded', 'recovered'],
  failed: ['failed', 'exhausted'],
  exhausted: ['failed', 'exhausted'],
};

/** Everything that contradicts the truth, one line each. */
export function contradictions(scripts: readonly Script[], disturbed: Disturbed, observed: Observed): string[] {
  const lines = scripts.flatMap((script) =>
    contradictionsIn(script, disturbed, observed).map((line) => `${script.kind} ${script.id}: ${line}`),
  );
  const isDecided = scripts.every(({ publications }) => isKnown(publications.at(-1), disturbed));
  if (isDecided && observed.openCount > 0) lines.push(`${observed.openCount} tasks are open although each has its end`);
  return lines;
}

function isKnown(publication: TruePublication | undefined, { lost }: Disturbed): boolean {
  return publication?.decidedBy.some((event) => event !== lost) ?? false;
}

/** True if no event of the script is lost. */
function isWhole({ events }: Script, { lost }: Disturbed): boolean {
  return lost === undefined || !events.includes(lost);
}

function contradictionsIn(script: Script, disturbed: Disturbed, observed: Observed): string[] {
  const own = observed.transitions.filter(({ task }) => task.id === script.id);
  return [
    ...outcomeLines(script, disturbed, observed),
    ...failureLines(script, disturbed, observed),
    ...endLines(script, disturbed, own),
    ...findingLines(script, disturbed, own),
  ];
}

function outcomeLines(script: Script, disturbed: Disturbed, observed: Observed): string[] {
  const { id, publications, events } = script;
  const last = publications.at(-1) as TruePublication;
  const verdict = observed.verdicts.get(id);
  const isLossless = isWhole(script, disturbed);
  if (verdict === undefined) return isLossless || events.length > 1 ? ['no verdict'] : [];
  const { outcome, attempts } = verdict;
  if (!isKnown(last, disturbed)) {
    const isInvented = failing.includes(outcome) && publications.length === 1 && outcome !== 'lost';
    return isInvented ? [`${outcome} without an end event`] : [];
  }
  const allowed: readonly unknown[] = isLossless ? [last.outcome] : (alike[last.outcome as Outcome] ?? [last.outcome]);
  const lines = allowed.includes(outcome) ? [] : [`is ${outcome}, must be ${allowed.join(' or ')}`];
  const reported = observed.transitions.findLast(({ kind, task }) => kind === 'task-ended' && task.id === id);
  if (reported?.kind === 'task-ended' && reported.outcome !== outcome)
    lines.push(`is ${outcome}, reported as ${reported.outcome}`);
  if (reported === undefined) lines.push('no end is reported');
  // An end that comes after the next use began counts as another attempt of it.
  const areCounted = isLossless && (script.kind !== 'used-again' || disturbed.isPrompt);
  if (areCounted && attempts !== last.runs) lines.push(`has ${attempts} attempts, must have ${last.runs}`);
  return lines;
}

function failureLines(script: Script, disturbed: Disturbed, observed: Observed): string[] {
  const { id, publications, deaths } = script;
  const count = observed.failures.get(id) ?? 0;
  const known = publications.filter((one) => isKnown(one, disturbed) && failing.includes(one.outcome ?? ''));
  const isLossless = isWhole(script, disturbed);
  const isClear = isLossless && disturbed.isPrompt;
  // A failure after a success, without its receipt, counts for another use of the id, and again when the receipt comes.
  const isMoved = script.kind === 'nothrow' && !isClear;
  const most = known.length + (isClear ? 0 : deaths.length) + Number(isMoved);
  // Without its send, the same message looks like a second delivery of the first one.
  const isAlike = script.kind === 'used-again' && !isClear;
  const least = isAlike ? Math.min(known.length, 1) : known.length;
  return count >= least && count <= most ? [] : [`counts ${count} failures, must count ${known.length}`];
}

function endLines(script: Script, disturbed: Disturbed, own: readonly Transition[]): string[] {
  const { kind, publications, deaths } = script;
  const isLossless = isWhole(script, disturbed);
  const lines: string[] = [];
  const ends = own.flatMap((one) => (one.kind === 'task-ended' ? [one] : []));
  const queued = own.filter(({ kind }) => kind === 'task-queued').length;
  // A start after a success, without its receipt, may be a retry or another use of the id.
  const isClear = isLossless && disturbed.isPrompt;
  const queuedMax = kind === 'nothrow' && !isClear ? 2 : publications.length;
  if (queued > queuedMax) lines.push(`queued ${queued} times for ${publications.length} publications`);
  // The success of `retry(throw=False)` looks like the end until the next receipt.
  const endsMax = kind === 'nothrow' ? 2 : publications.length;
  if (disturbed.isPrompt && isLossless && ends.length > endsMax) {
    lines.push(`ended ${ends.length} times: ${ends.map(({ outcome }) => outcome).join(', ')}`);
  }
  if (deaths.length === 0) {
    const isLost = own.some((one) => (one.kind === 'task-ended' || one.kind === 'attempt-ended') && isLostEnd(one));
    if (isLost) lines.push('an attempt is lost although no worker died');
  }
  const last = publications.at(-1) as TruePublication;
  const shown = ends.at(-1)?.task.attempts.map(({ outcome }) => outcome ?? 'open') ?? [];
  if (disturbed.isPrompt && isLossless && publications.length === 1) {
    const reported = own.flatMap((one) => (one.kind === 'attempt-ended' ? [one.attempt.outcome ?? 'open'] : []));
    if (sorted(reported) !== sorted(last.attempts)) {
      lines.push(
        `attempts ended ${reported.join(', ') || 'never'} (${shown.join(', ')}), must be ${last.attempts.join(', ')}`,
      );
    }
  }
  return lines;
}

function isLostEnd(transition: Extract<Transition, { kind: 'task-ended' | 'attempt-ended' }>): boolean {
  return transition.kind === 'task-ended' ? transition.outcome === 'lost' : transition.attempt.outcome === 'lost';
}

function findingLines(script: Script, disturbed: Disturbed, own: readonly Transition[]): string[] {
  const { kind } = script;
  const notes = new Set(own.flatMap((one) => (one.kind === 'task-noted' ? [one.note.what] : [])));
  const lines: string[] = [];
  if (notes.has('poison-loop')) lines.push('is called a poison loop');
  const isLossless = isWhole(script, disturbed);
  const isTwice = kind === 'two-runs' || kind === 'overlapping';
  // Without its send, the same message looks like a second delivery of the first one.
  const isAlike = kind === 'used-again' && !(isLossless && disturbed.isPrompt);
  if (notes.has('run-twice') && !isTwice && !isAlike) lines.push('is reported to have run twice');
  if (!notes.has('run-twice') && isTwice && isLossless) lines.push('ran twice without a note');
  return lines;
}

function sorted(items: readonly string[]): string {
  return [...items].sort().join(',');
}
