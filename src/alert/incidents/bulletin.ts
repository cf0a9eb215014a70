/** Messages about many incidents: a storm over a channel's budget, a summary after mute hours, the daily digest. */
import type { Millis } from '../../event/ids.ts';
import type { Book, Bulletin } from '../incident.ts';
import { digestAfter } from '../mute-hours.ts';
import type { DecisionSubject, Draft } from './draft.ts';

const linesMax = 30;
const digestLinesMax = 200;
const bulletinsMax = 100;
/** Lines of this much time go into one message. */
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

/** Adds a line to the open bulletin of this kind and channel, or begins one. */
export function withBulletin(
  { bulletins }: Pick<Book, 'bulletins'>,
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
    receipts: {},
  };
  return { id: made.id, change: { bulletins: [...bulletins, made].slice(-bulletinsMax) } };
}

export function withDigestLine({ digest }: Pick<Book, 'digest'>, now: Millis, line: string): Pick<Book, 'digest'> {
  const lines = [...digest.lines, line].slice(-digestLinesMax);
  return { digest: { ...digest, since: digest.since === 0 ? now : digest.since, lines } };
}

export function withDigestCount({ digest }: Pick<Book, 'digest'>, reason: string): Pick<Book, 'digest'> {
  return { digest: { ...digest, counts: { ...digest.counts, [reason]: (digest.counts[reason] ?? 0) + 1 } } };
}

/** Once a day, what was suppressed since the last digest. */
export function publishDigest(draft: Draft): void {
  const { policy, now } = draft;
  const { digest } = draft.book;
  if (digest.since === 0) {
    draft.change({ digest: { ...digest, since: now } });
    return;
  }
  if (now < digestAfter(policy.digest, policy.timezone, digest.since)) return;
  const counts = Object.entries(digest.counts).map(([reason, count]) => `held back, ${reason}: ${count}`);
  const lines = [...digest.lines, ...counts];
  draft.change({ digest: { since: now, lines: [], counts: {} } });
  if (lines.length === 0 && policy.digest.skipEmpty) return;
  const channel = policy.owners.at(-1)?.channel ?? '';
  for (const line of lines.length === 0 ? ['nothing was held back'] : lines)
    draft.change(withBulletin(draft.book, 'digest', channel, now, line).change);
  draft.notify(nothing, 'digest', 'post');
}

/** A digest is about no single signal. */
const nothing: DecisionSubject = {
  signal: undefined,
  key: undefined,
  incident: undefined,
  task: undefined,
  exception: undefined,
  figures: undefined,
};
