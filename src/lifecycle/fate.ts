/** The fate of an attempt that never ended although its message was delivered again: its worker is gone, or executes it still. */
import type { Millis } from '../event/ids.ts';
import type { AttemptRecord, Publication } from './derive/publication.ts';
import type { LifecycleState } from './lifecycle-state.ts';

/** After this long without an event of the task, the end of the attempt was missed. */
const silentMaxMs = 300_000;

/** True if the process that executed the attempt is gone. */
export function hasDied({ workers }: Pick<LifecycleState, 'workers'>, attempt: AttemptRecord): boolean {
  const { hostname, pid, startedAt, receivedAt } = attempt;
  return workers.isGone(hostname, pid, startedAt ?? receivedAt ?? Number.POSITIVE_INFINITY);
}

/** `silentMs`: time since the last event of the task. Undefined while the attempt may still end by an event of its own. */
export function fateOf(
  state: Pick<LifecycleState, 'workers'>,
  attempt: AttemptRecord,
  silentMs: Millis,
): 'lost' | 'unknown' | undefined {
  if (hasDied(state, attempt)) return 'lost';
  return silentMs < silentMaxMs ? undefined : 'unknown';
}

/** True while attempts other than the last one are open, so that the death of their workers will decide about them. */
export function isUnfinished({ attempts, lastAt }: Publication, now: Millis): boolean {
  const isOpen = ({ outcome, cause }: AttemptRecord): boolean => outcome === undefined && cause !== 'replaced';
  return attempts.length > 1 && attempts.filter(isOpen).length > 0 && now < lastAt + silentMaxMs + marginMs;
}

/** One more look after that time. */
const marginMs = 20_000;
