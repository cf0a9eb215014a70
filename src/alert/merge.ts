/** Two books of one namespace, of instances that could not reach the store and each other for a while → one. Pure. */
import type { Book, Incident } from './incident.ts';

/** `ours` goes into what the store holds. Whatever both know, the later word counts; a trouble told twice is told on once. */
export function merged(stored: Book | undefined, ours: Book): Book {
  if (stored === undefined) return ours;
  const incidents = new Map(stored.incidents.map((incident) => [incident.id, incident]));
  for (const mine of ours.incidents) {
    const known = incidents.get(mine.id);
    if (known !== undefined) incidents.set(mine.id, later(known, mine));
    else if (isKeyed(stored.incidents, mine)) incidents.set(mine.id, withdrawn(mine));
    else incidents.set(mine.id, mine);
  }
  return {
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

/** Another incident has opened for the same trouble meanwhile. */
function isKeyed(incidents: readonly Incident[], { keys, phase }: Incident): boolean {
  if (phase.name === 'resolved') return false;
  return incidents.some(
    (other) => other.phase.name !== 'resolved' && other.keys.some(({ key }) => keys.some((mine) => mine.key === key)),
  );
}

/** It ends here and goes on there; if it was shown, its message says so. */
function withdrawn(incident: Incident): Incident {
  const at = incident.lastAt;
  return {
    ...incident,
    phase: { name: 'resolved', at, by: undefined },
    rev: incident.rev === 0 ? 0 : incident.rev + 1,
  };
}

function later(known: Incident, mine: Incident): Incident {
  const [first, last] =
    known.rev > mine.rev || (known.rev === mine.rev && known.lastAt >= mine.lastAt) ? [mine, known] : [known, mine];
  return {
    ...last,
    count: Math.max(first.count, last.count),
    lastAt: Math.max(first.lastAt, last.lastAt),
    root: known.root ?? mine.root,
    shownRev: Math.min(last.rev, Math.max(first.shownRev, last.shownRev)),
  };
}

function byId<Item>(stored: readonly Item[], ours: readonly Item[], idOf: (item: Item) => string): Item[] {
  return [...new Map([...ours, ...stored].map((item) => [idOf(item), item])).values()];
}
