/** Small changes of one incident, made by signals and by commands. Pure. */
import { createHash } from 'node:crypto';
import type { Millis } from '../../event/ids.ts';
import type { Incident, IncidentCondition, ThreadLine } from '../incident.ts';
import type { KeyText } from '../key.ts';
import type { Severity } from '../policy.ts';
import { type Figures, type Gravity, namesMax, type Signal, type Subject } from '../signal.ts';
import { countOf, gravityOf } from './heading.ts';

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

export function conditionOf(signal: Signal): IncidentCondition {
  const { key, name, firstAt, lastAt, clearMs, total, noun, parts, figures, state, gravity = 0, subject } = signal;
  const facts = { key, signal: name, firstAt, lastAt, clearMs, total, figures, opening: figures, state, gravity };
  return { ...facts, noun, parts, peak: gravity, title: subject.title, task: subject.tasks[0] };
}

/** Merges a signal of the incident into it. Counts of several instances are merged by the maximum, never added. */
export function withSignal(incident: Incident, signal: Signal): Incident {
  const keys = incident.keys.map((condition) =>
    condition.key === signal.key ? mergedCondition(condition, signal) : condition,
  );
  const isFirst = keys[0]!.key === signal.key;
  return {
    ...incident,
    keys,
    subject: mergedSubject(incident.subject, signal.subject, isFirst),
    trend: isFirst ? signal.trend : incident.trend,
    deploy: incident.deploy ?? signal.deploy,
    firstAt: Math.min(incident.firstAt, signal.firstAt),
    lastAt: Math.max(incident.lastAt, signal.lastAt),
    count: Math.max(incident.count, countOf({ keys })),
  };
}

function mergedCondition(condition: IncidentCondition, signal: Signal): IncidentCondition {
  const isBehind = signal.total !== undefined && signal.total < (condition.total ?? 0);
  const { gravity = 0 } = signal;
  return {
    ...condition,
    firstAt: Math.min(condition.firstAt, signal.firstAt),
    lastAt: Math.max(condition.lastAt, signal.lastAt),
    clearMs: signal.clearMs,
    noun: signal.noun ?? condition.noun,
    ...(isBehind ? {} : { total: signal.total ?? condition.total, parts: signal.parts, title: signal.subject.title }),
    figures: presentFigures(condition, signal),
    opening: condition.opening ?? condition.figures,
    state: signal.state,
    gravity,
    peak: Math.max(condition.peak ?? 0, gravity) as Gravity,
  };
}

/** A count keeps the threshold and the baseline that it was opened by: those that apply during an incident explain nothing. */
function presentFigures({ figures, opening = figures }: IncidentCondition, signal: Signal): Figures {
  const isCount = signal.total !== undefined && opening.withinMs === signal.figures.withinMs;
  return isCount ? { ...signal.figures, limit: opening.limit, baseline: opening.baseline } : signal.figures;
}

/** The signals of one evaluation, and the keys that cleared in it. */
export interface Present {
  readonly signals: ReadonlyMap<KeyText, Signal>;
  readonly cleared: ReadonlySet<KeyText>;
  readonly forgotten: ReadonlySet<KeyText>;
}

/** The incident with all figures of one evaluation, so that the numbers of a message are those of one moment. */
export function withPresent(incident: Incident, { signals, cleared, forgotten }: Present, now: Millis): Incident {
  const present = incident.keys.reduce((merged, { key }) => {
    const signal = signals.get(key);
    return signal === undefined ? merged : withSignal(merged, signal);
  }, incident);
  const keys = present.keys.map((condition): IncidentCondition => {
    const { key, total, figures } = condition;
    if (!cleared.has(key) || signals.has(key)) return condition;
    // No occurrence is within the window of a count that has cleared.
    const rest = total === undefined ? figures : { ...figures, count: 0, of: undefined };
    return { ...condition, figures: rest, gravity: 0, state: forgotten.has(key) ? 'forgotten' : 'over' };
  });
  return { ...present, keys, countedAt: now };
}

/** True if the signal changes what a level means, so that the message must not wait for the next count. */
export function isTurn({ keys }: Incident, { key, total, state, gravity = 0 }: Signal): boolean {
  const condition = keys.find((one) => one.key === key);
  if (condition === undefined || total !== undefined) return false;
  return condition.state !== state || (condition.gravity ?? 0) !== gravity;
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
  if (gravityOf(after) !== gravityOf(before)) return true;
  return after.keys.some(({ total, figures }, index) => {
    const was = before.keys[index]?.figures.count ?? 0;
    if (total !== before.keys[index]?.total) return true;
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
    taskIds: union(known.taskIds ?? [], more.taskIds ?? []),
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
