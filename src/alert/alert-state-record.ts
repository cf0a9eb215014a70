/**
 * AlertState as one text record and back. Decoding is strict: what is not exactly a state of this format is no state.
 * Records are read by sidecars of other versions while a release rolls out, hence the format number in front.
 *
 * Exports: encodeState, decodeState, stateFormat.
 */
import type { Fingerprint } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Failure } from '../failure/failure.ts';
import type { AlertState, Claim, Incident, MessageRef, Phase, Showing, Sighting, Subject } from './alert-state.ts';
import type { GroupKey, RuleTerms, Severity } from './rule.ts';

export const stateFormat = 1;

export function encodeState(state: AlertState): string {
  return JSON.stringify({ format: stateFormat, ...state });
}

/** The state in `text`, or why there is none. Everything in it was redacted before it was encoded. */
export function decodeState(
  text: string,
):
  | { readonly ok: true; readonly state: AlertState }
  | { readonly ok: false; readonly reason: 'unknown-format' | 'unreadable' } {
  try {
    const record = fields(JSON.parse(text));
    if (record['format'] !== stateFormat) return { ok: false, reason: 'unknown-format' };
    return { ok: true, state: stateOf(record) };
  } catch {
    return { ok: false, reason: 'unreadable' };
  }
}

type Fields = Readonly<Record<string, unknown>>;

function stateOf(record: Fields): AlertState {
  return {
    key: text(record['key']) as GroupKey,
    rule: termsOf(fields(record['rule'])),
    subject: subjectOf(fields(record['subject'])),
    sightings: list(record['sightings'], sightingOf),
    hostnames: list(record['hostnames'], text),
    incident: optional(record['incident'], (value) => incidentOf(fields(value))),
    dueAt: number(record['dueAt']),
  };
}

function termsOf(rule: Fields): RuleTerms {
  return {
    name: text(rule['name']),
    threshold: number(rule['threshold']),
    windowMs: number(rule['windowMs']),
    waitMs: number(rule['waitMs']),
    repeatIntervalMs: number(rule['repeatIntervalMs']),
    resolveAfterMs: number(rule['resolveAfterMs']),
    channel: text(rule['channel']),
    severity: oneOf(severities, rule['severity']),
    mentions: list(rule['mentions'], text),
  };
}

function subjectOf(subject: Fields): Subject {
  const example = fields(subject['example']);
  return {
    fingerprint: text(subject['fingerprint']) as Fingerprint,
    taskName: optional(subject['taskName'], text) as Redacted | undefined,
    queue: optional(subject['queue'], text),
    title: text(subject['title']) as Redacted,
    class: oneOf(classes, subject['class']),
    cause: oneOf(causes, subject['cause']),
    example: { taskId: text(example['taskId']), traceId: text(example['traceId']) },
  };
}

function incidentOf(incident: Fields): Incident {
  return {
    id: text(incident['id']),
    phase: phaseOf(fields(incident['phase'])),
    count: number(incident['count']),
    crossedWith: number(incident['crossedWith']),
    firstAt: number(incident['firstAt']),
    lastAt: number(incident['lastAt']),
    toldAt: optional(incident['toldAt'], number),
    reopens: number(incident['reopens']),
    showing: showingOf(fields(incident['showing'])),
  };
}

function phaseOf(phase: Fields): Phase {
  switch (phase['name']) {
    case 'pending':
      return { name: 'pending', until: number(phase['until']) };
    case 'open':
      return { name: 'open' };
    case 'resolved':
      return { name: 'resolved', at: number(phase['at']) };
    default:
      throw new TypeError('expected a phase');
  }
}

function showingOf(showing: Fields): Showing {
  return {
    rev: number(showing['rev']),
    shown: number(showing['shown']),
    shownAt: number(showing['shownAt']),
    shownPhase: optional(showing['shownPhase'], (value) => oneOf(shownPhases, value)),
    root: optional(showing['root'], (value) => refOf(fields(value))),
    repeats: number(showing['repeats']),
    repeated: number(showing['repeated']),
    claim: optional(showing['claim'], (value) => claimOf(fields(value))),
    firstTryAt: optional(showing['firstTryAt'], number),
    failures: number(showing['failures']),
    notBefore: number(showing['notBefore']),
  };
}

function refOf(ref: Fields): MessageRef {
  return { channel: text(ref['channel']), ts: text(ref['ts']) };
}

function claimOf(claim: Fields): Claim {
  return { by: text(claim['by']), until: number(claim['until']) };
}

function sightingOf(value: unknown): Sighting {
  if (!Array.isArray(value) || value.length !== 2) throw new TypeError('expected an id and a time');
  return [text(value[0]), number(value[1])];
}

const severities: readonly Severity[] = ['critical', 'high', 'normal'];
const shownPhases = ['open', 'resolved'] as const;
const classes: readonly Failure['class'][] = ['bug', 'transient', 'resource', 'cancelled'];
// A record, so that a new cause cannot be forgotten here.
const knownCauses: Readonly<Record<Failure['cause'], true>> = {
  'app-error': true,
  'soft-time-limit': true,
  'hard-time-limit': true,
  'worker-lost': true,
  unregistered: true,
  rejected: true,
  requeued: true,
  expired: true,
  revoked: true,
  terminated: true,
  cancelled: true,
  unencodable: true,
  replaced: true,
  vanished: true,
  'poison-loop': true,
};
const causes = Object.keys(knownCauses) as Failure['cause'][];

function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('expected an object');
  return value as Fields;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('expected a text');
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError('expected a number');
  return value;
}

function list<Item>(value: unknown, item: (value: unknown) => Item): Item[] {
  if (!Array.isArray(value)) throw new TypeError('expected a list');
  return value.map(item);
}

function optional<Item>(value: unknown, item: (value: unknown) => Item): Item | undefined {
  return value === undefined ? undefined : item(value);
}

function oneOf<Item extends string>(known: readonly Item[], value: unknown): Item {
  const found = known.find((item) => item === value);
  if (found === undefined) throw new TypeError('expected a known word');
  return found;
}
