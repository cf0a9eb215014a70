/** Messages about many incidents: what went over a channel's budget, what mute hours held back, and the digest. */
import type { Millis } from '../../event/ids.ts';
import type { Book, Bulletin } from '../incident.ts';

const linesMax = 30;
const digestLinesMax = 200;
const bulletinsMax = 100;
/** So long one storm is one message. */
const openMs: Readonly<Record<Bulletin['kind'], Millis>> = {
  storm: 3_600_000,
  summary: 60_000,
  digest: 60_000,
  self: 600_000,
};
const titles: Readonly<Record<Bulletin['kind'], string>> = {
  storm: 'More than the budget of this channel',
  summary: 'Still open after mute hours',
  digest: 'Digest',
  self: 'taskvigil itself',
};

/** The bulletins with one line more in the one that is open for this channel. */
export function withBulletin(
  { bulletins }: Book,
  kind: Bulletin['kind'],
  channel: string,
  now: Millis,
  line: string,
): { readonly id: string; readonly change: Pick<Book, 'bulletins'> } {
  const open = bulletins.find((one) => one.kind === kind && one.channel === channel && one.until > now);
  if (open !== undefined) {
    const hasRoom = open.lines.length < linesMax;
    const grown: Bulletin = {
      ...open,
      lines: hasRoom ? [...open.lines, line] : open.lines,
      more: open.more + (hasRoom ? 0 : 1),
      rev: open.rev + 1,
    };
    return { id: open.id, change: { bulletins: bulletins.map((one) => (one === open ? grown : one)) } };
  }
  const made: Bulletin = {
    id: `${kind}:${channel}:${Math.floor(now / 60_000)}`,
    kind,
    channel,
    at: now,
    until: now + openMs[kind],
    title: titles[kind],
    lines: [line],
    more: 0,
    rev: 1,
    shownRev: 0,
    root: undefined,
  };
  return { id: made.id, change: { bulletins: [...bulletins, made].slice(-bulletinsMax) } };
}

export function withDigestLine({ digest }: Book, now: Millis, line: string): Pick<Book, 'digest'> {
  const lines = [...digest.lines, line].slice(-digestLinesMax);
  return { digest: { ...digest, since: digest.since === 0 ? now : digest.since, lines } };
}

export function withDigestCount({ digest }: Book, reason: string): Pick<Book, 'digest'> {
  return { digest: { ...digest, counts: { ...digest.counts, [reason]: (digest.counts[reason] ?? 0) + 1 } } };
}
