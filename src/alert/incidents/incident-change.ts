/** Small changes of one incident, made by signals and by commands. Pure. */
import { createHash } from 'node:crypto';
import type { Incident, IncidentCondition, ThreadLine } from '../incident.ts';
import type { Severity } from '../policy.ts';
import { namesMax, type Signal, type Subject } from '../signal.ts';

const severities: readonly Severity[] = ['normal', 'high', 'critical'];

const linesMax = 50;
/** Relative change of a level that makes the message change. */
const levelChangeMin = 0.25;
const minute = 60_000;

/** Greater means more severe. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}

export function withLine(incident: Incident, line: ThreadLine): Incident {
  return incident.lines.length >= linesMax ? incident : { ...incident, lines: [...incident.lines, line] };
}

export function withRev(incident: Incident): Incident {
  return { ...incident, rev: incident.rev + 1 };
}

export function conditionOf({ key, name, firstAt, lastAt, clearMs, total, figures }: Signal): IncidentCondition {
  return { key, signal: name, firstAt, lastAt, clearMs, total, figures };
}

/** Merges a signal of the incident into it. Counts of several instances are merged by the maximum, never added. */
export function withSignal(incident: Incident, signal: Signal): Incident {
  const keys = incident.keys.map((condition): IncidentCondition => {
    if (condition.key !== signal.key) return condition;
    const total = signal.total === undefined ? condition.total : Math.max(condition.total ?? 0, signal.total);
    return {
      ...condition,
      firstAt: Math.min(condition.firstAt, signal.firstAt),
      lastAt: Math.max(condition.lastAt, signal.lastAt),
      clearMs: signal.clearMs,
      total,
      // A count keeps the figures that opened the incident. A level shows its present figures while the signal fires.
      figures: signal.total === undefined && signal.state === 'holds' ? signal.figures : condition.figures,
    };
  });
  return {
    ...incident,
    keys,
    subject: mergedSubject(incident.subject, signal.subject, keys[0]!.key === signal.key),
    trend: keys[0]!.key === signal.key ? signal.trend : incident.trend,
    deploy: incident.deploy ?? signal.deploy,
    firstAt: Math.min(incident.firstAt, signal.firstAt),
    lastAt: Math.max(incident.lastAt, signal.lastAt),
    count: Math.max(
      incident.count,
      keys.reduce((sum, { total }) => sum + (total ?? 0), 0),
    ),
  };
}

/** True if the root message would change. A small change of a level does not count. */
export function isNews(before: Incident, after: Incident): boolean {
  const sizeOf = ({ subject }: Incident): number =>
    subject.tasks.length +
    subject.exceptions.length +
    subject.hosts.length +
    subject.pools.length +
    subject.queues.length;
  if (after.count !== before.count || after.trend !== before.trend || sizeOf(after) !== sizeOf(before)) return true;
  return after.keys.some(({ total, figures }, index) => {
    const was = before.keys[index]?.figures.count ?? 0;
    return total === undefined && Math.abs(figures.count - was) > levelChangeMin * Math.max(1, was);
  });
}

function mergedSubject(known: Subject, more: Subject, isFirst: boolean): Subject {
  return {
    ...known,
    title: isFirst ? more.title : known.title,
    fingerprint: known.fingerprint ?? more.fingerprint,
    class: known.class ?? more.class,
    cause: known.cause ?? more.cause,
    example: isFirst ? (more.example ?? known.example) : (known.example ?? more.example),
    tasks: union(known.tasks, more.tasks),
    exceptions: union(known.exceptions, more.exceptions),
    hosts: union(known.hosts, more.hosts),
    pools: union(known.pools, more.pools),
    queues: union(known.queues, more.queues),
  };
}

function union<Name extends string>(known: readonly Name[], more: readonly Name[]): readonly Name[] {
  return [...new Set([...known, ...more])].slice(0, namesMax);
}

/** Equal for all instances that detect the start within the same five minutes. */
export function incidentIdOf({ key, firstAt }: Signal, salt: string): string {
  return createHash('sha256')
    .update(`${key}\n${Math.floor(firstAt / (5 * minute))}\n${salt}`)
    .digest('hex')
    .slice(0, 16);
}
