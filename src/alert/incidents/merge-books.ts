/**
 * Joins two books of one namespace that changed apart, because instances could not reach the store and each other for a while.
 * Pure, and idempotent.
 */
import type { Book, Incident } from '../incident.ts';
import { isAnnounced, mergeReceipts } from '../receipts.ts';

/** `own` goes into what the store holds. Of an incident in both, the later change counts; a condition opened twice goes on once. */
export function mergeBooks(stored: Book | undefined, own: Book): Book {
  if (stored === undefined) return own;
  const incidents = new Map(stored.incidents.map((incident) => [incident.id, incident]));
  for (const mine of own.incidents) {
    const known = incidents.get(mine.id);
    const other = known === undefined ? sameCondition(stored.incidents, mine) : undefined;
    // The incident that people can have read about goes on.
    const isMine = other !== undefined && !isAnnounced(other) && isAnnounced(mine);
    if (known !== undefined) incidents.set(mine.id, mergeIncidents(known, mine));
    else incidents.set(mine.id, other === undefined || isMine ? mine : withdrawn(mine, other));
    if (isMine) incidents.set(other.id, withdrawn(other, mine));
  }
  return {
    begunAt: Math.min(stored.begunAt, own.begunAt),
    lostAt: stored.lostAt,
    incidents: [...incidents.values()],
    bulletins: union(stored.bulletins, own.bulletins, ({ id }) => id),
    marks: union(stored.marks, own.marks, (mark) => JSON.stringify(mark)).sort((a, b) => a.at - b.at),
    silences: union(stored.silences, own.silences, ({ id }) => id),
    deploys: union(stored.deploys, own.deploys, ({ version, at }) => `${version} ${at}`).sort((a, b) => a.at - b.at),
    budgets: { ...own.budgets, ...stored.budgets },
    digest: stored.digest.lines.length >= own.digest.lines.length ? stored.digest : own.digest,
    replicas: stored.replicas,
  };
}

/** Another incident that was opened for one of the same keys. */
function sameCondition(incidents: readonly Incident[], { keys, phase }: Incident): Incident | undefined {
  if (phase.name === 'resolved') return undefined;
  return incidents.find(
    (other) => other.phase.name !== 'resolved' && other.keys.some(({ key }) => keys.some((mine) => mine.key === key)),
  );
}

/** Ends the incident, because it goes on as `other`. Its message, if there is one, shows the end; otherwise none is posted. */
function withdrawn(incident: Incident, other: Incident): Incident {
  const { rev, lastAt: at } = incident;
  return {
    ...incident,
    phase: { name: 'resolved', at, by: undefined },
    hidden: isAnnounced(incident) ? incident.hidden : { reason: 'inhibited', by: other.id, since: at },
    rev: rev === 0 ? 0 : rev + 1,
  };
}

function mergeIncidents(known: Incident, mine: Incident): Incident {
  const isKnownLater = known.rev > mine.rev || (known.rev === mine.rev && known.lastAt >= mine.lastAt);
  const [first, last] = isKnownLater ? [mine, known] : [known, mine];
  return {
    ...last,
    // A person's command counts, also if the instance that took it was cut off from the store.
    phase: isByPerson(first) ? first.phase : last.phase,
    ack: last.ack ?? first.ack,
    snoozedUntil: last.snoozedUntil ?? first.snoozedUntil,
    count: Math.max(first.count, last.count),
    lastAt: Math.max(first.lastAt, last.lastAt),
    receipts: mergeReceipts(known.receipts, mine.receipts, last.rev),
  };
}

function isByPerson({ phase }: Incident): boolean {
  return phase.name === 'resolved' && phase.by !== undefined;
}

/** Items of both, each once; of two with one id the stored one. */
function union<Item>(stored: readonly Item[], own: readonly Item[], idOf: (item: Item) => string): Item[] {
  return [...new Map([...own, ...stored].map((item) => [idOf(item), item])).values()];
}
