/** Compares two histories of one recording: the messages that only one policy posted, with the reason of the other. Pure. */
import type { Incident } from '../../alert/incident.ts';
import type { Millis } from '../../event/ids.ts';
import type { History, Peak, PostedMessage } from './history.ts';

/** A message that only one of two policies posted. */
export interface Difference {
  readonly at: Millis;
  readonly what: PostedMessage['what'];
  readonly channel: string;
  readonly incident: string | undefined;
  readonly signal: string | undefined;
  readonly task: string | undefined;
  readonly exception: string | undefined;
  readonly title: string | undefined;
  /** Occurrences that its incident counted until its end. */
  readonly count: number;
  /** Reason of the other policy, and the peak that it measured. */
  readonly instead: string;
}

/** Another policy may detect the same trouble somewhat earlier or later. */
const sameWithinMs = 6 * 3_600_000;

/** Messages of `ours` without a counterpart in `theirs`. A message of `theirs` is the counterpart of at most one. */
export function onlyIn(ours: History, theirs: History): Difference[] {
  const rest = [...theirs.messages];
  return ours.messages.flatMap((message): Difference[] => {
    const match = nearestOf(message, rest, ours, theirs);
    if (match !== undefined) {
      rest.splice(rest.indexOf(match), 1);
      return [];
    }
    return [differenceOf(message, ours, theirs)];
  });
}

function nearestOf(
  message: PostedMessage,
  candidates: readonly PostedMessage[],
  ours: History,
  theirs: History,
): PostedMessage | undefined {
  const mine = message.incident === undefined ? undefined : ours.incidents.get(message.incident);
  const like = candidates.filter(({ what, at, incident }) => {
    if (what !== message.what || Math.abs(at - message.at) > sameWithinMs) return false;
    const other = incident === undefined ? undefined : theirs.incidents.get(incident);
    return mine === undefined || other === undefined ? mine === other : isSame(mine, other);
  });
  return like.toSorted((a, b) => Math.abs(a.at - message.at) - Math.abs(b.at - message.at))[0];
}

function isSame(mine: Incident, other: Incident): boolean {
  return mine.id === other.id || mine.keys.some(({ key }) => other.keys.some((condition) => condition.key === key));
}

function differenceOf({ at, what, channel, incident: id }: PostedMessage, ours: History, theirs: History): Difference {
  const incident = id === undefined ? undefined : ours.incidents.get(id);
  return {
    at,
    what,
    channel,
    incident: id,
    signal: incident?.keys[0]?.signal,
    task: incident?.subject.tasks[0],
    exception: incident?.subject.exceptions[0],
    title: incident?.subject.title,
    count: incident?.count ?? 0,
    instead: insteadOf(incident, theirs, what),
  };
}

function insteadOf(incident: Incident | undefined, theirs: History, what: PostedMessage['what']): string {
  if (incident === undefined) return 'nothing to post';
  const posted = [...theirs.incidents.values()].find((other) => isSame(incident, other));
  if (posted !== undefined && posted.rev > 0) return what === 'root' ? 'part of another message' : 'no such message';
  for (const { key } of incident.keys) {
    const reason = theirs.suppressed.get(key);
    if (reason !== undefined)
      return [reason, peakText(theirs.peaks.get(key))].filter((part) => part !== '').join(', at most ');
  }
  return 'not detected';
}

/** `4 against 10 in 10 min`: count against threshold; '' without a peak. */
export function peakText(peak: Peak | undefined): string {
  if (peak === undefined) return '';
  const { count, limit, withinMs } = peak.figures;
  return `${Math.round(count)} against ${Math.round(limit)}${withinMs > 0 ? ` in ${Math.round(withinMs / 60_000)} min` : ''}`;
}
