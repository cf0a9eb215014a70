/** Two books of one namespace, of instances that could not reach the store and each other for a while → one. Pure. */
import type { Book, Incident } from '../incident.ts';
import type { Ledger } from '../outbox/ledger.ts';

/** `ours` goes into what the store holds. Whatever both know, the later word counts; a trouble told twice is told on once. */
export function mergeBooks(stored: Book | undefined, ours: Book): Book {
  if (stored === undefined) return ours;
  const incidents = new Map(stored.incidents.map((incident) => [incident.id, incident]));
  for (const mine of ours.incidents) {
    const known = incidents.get(mine.id);
    const other = known === undefined ? sameTrouble(stored.incidents, mine) : undefined;
    // The one whose message is known to be in the channel goes on.
    const isOurs = other !== undefined && other.root === undefined && mine.root !== undefined;
    if (known !== undefined) incidents.set(mine.id, later(known, mine));
    else incidents.set(mine.id, other === undefined || isOurs ? mine : withdrawn(mine, other));
    if (isOurs) incidents.set(other.id, withdrawn(other, mine));
  }
  return {
    begunAt: Math.min(stored.begunAt, ours.begunAt),
    lostAt: stored.lostAt,
    incidents: [...incidents.values()],
    bulletins: byId(stored.bulletins, ours.bulletins, ({ id }) => id),
    marks: byId(stored.marks, ours.marks, (mark) => JSON.stringify(mark)).sort((a, b) => a.at - b.at),
    silences: byId(stored.silences, ours.silences, ({ id }) => id),
    deploys: byId(stored.deploys, ours.deploys, ({ version, at }) => `${version} ${at}`).sort((a, b) => a.at - b.at),
    budgets: { ...ours.budgets, ...stored.budgets },
    digest: stored.digest.lines.length >= ours.digest.lines.length ? stored.digest : ours.digest,
    replicas: stored.replicas,
  };
}

/** Another incident that has opened for the same trouble meanwhile. */
function sameTrouble(incidents: readonly Incident[], { keys, phase }: Incident): Incident | undefined {
  if (phase.name === 'resolved') return undefined;
  return incidents.find(
    (other) => other.phase.name !== 'resolved' && other.keys.some(({ key }) => keys.some((mine) => mine.key === key)),
  );
}

/** It ends here and goes on in `other`; its message, should there be one, says so, and none is posted any more. */
function withdrawn(incident: Incident, other: Incident): Incident {
  const { rev, root, lastAt: at } = incident;
  return {
    ...incident,
    phase: { name: 'resolved', at, by: undefined },
    hidden: root === undefined ? { reason: 'inhibited', by: other.id, since: at } : incident.hidden,
    rev: rev === 0 ? 0 : rev + 1,
  };
}

function later(known: Incident, mine: Incident): Incident {
  const [first, last] =
    known.rev > mine.rev || (known.rev === mine.rev && known.lastAt >= mine.lastAt) ? [mine, known] : [known, mine];
  return {
    ...last,
    // What a person said counts, whoever was cut off when they said it.
    phase: isByPerson(first) ? first.phase : last.phase,
    ack: last.ack ?? first.ack,
    snoozedUntil: last.snoozedUntil ?? first.snoozedUntil,
    count: Math.max(first.count, last.count),
    lastAt: Math.max(first.lastAt, last.lastAt),
    root: known.root ?? mine.root,
    shownRev: Math.min(last.rev, Math.max(first.shownRev, last.shownRev)),
  };
}

function isByPerson({ phase }: Incident): boolean {
  return phase.name === 'resolved' && phase.by !== undefined;
}

function byId<Item>(stored: readonly Item[], ours: readonly Item[], idOf: (item: Item) => string): Item[] {
  return [...new Map([...ours, ...stored].map((item) => [idOf(item), item])).values()];
}

/**
 * A ledger of the shared store and the one that an instance kept alone: what either knows to be in the channel. Where both have
 * posted, the shared one counts, and what hangs on the other is not its own.
 */
export function mergeLedgers(stored: Ledger | undefined, known: Ledger | undefined): Ledger | undefined {
  if (stored === undefined || known === undefined) return stored ?? known;
  if (stored.root !== undefined && known.root !== undefined && stored.root.ts !== known.root.ts) return stored;
  const more = (of: (ledger: Ledger) => number): number => Math.max(of(stored), of(known));
  const newer = known.shownAt > stored.shownAt ? known : stored;
  return {
    ...stored,
    root: stored.root ?? known.root,
    shown: more(({ shown }) => shown),
    shownAt: newer.shownAt,
    shownPhase: newer.shownPhase,
    lines: more(({ lines }) => lines),
    reminders: more(({ reminders }) => reminders),
    links: more(({ links }) => links),
    // Whoever is at it is left to end it, and what may be in the channel is looked for.
    claim: stored.claim ?? known.claim,
    firstTryAt: stored.firstTryAt ?? known.firstTryAt,
  };
}
