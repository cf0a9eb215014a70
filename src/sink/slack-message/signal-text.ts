/** The words of a signal, the object of an incident, and its figures as text. Each signal counts in its own unit. */
import type { SignalWords } from '../../alert/detection/words.ts';
import type { Incident, IncidentCondition } from '../../alert/incident.ts';
import { countedWith, headingOf, isWhole } from '../../alert/incidents/heading.ts';
import { nameOfKey, parseKey } from '../../alert/key.ts';
import type { Figures, SignalName } from '../../alert/signal.ts';
import { definitionOf } from '../../alert/signals/registry.ts';
import { amount, duration, listed, share, tail } from './text.ts';

/** The words that the signal declares. */
export function wordsOf(signal: SignalName): SignalWords {
  return definitionOf(signal)?.words ?? wordsOfUnknown(signal);
}

/** A newer replica may open an incident for a signal that this version does not declare. */
function wordsOfUnknown(signal: SignalName): SignalWords {
  return {
    headline: signal,
    short: signal,
    about: 'tasks',
    meaning: undefined,
    counts: undefined,
    isException: false,
  };
}

/** Name of the task, pool, queue or schedule that a condition is about. Undefined where the key is a hash or an id. */
export function nameOf({ key }: IncidentCondition): string | undefined {
  const parsed = parseKey(key);
  return (parsed && nameOfKey(parsed)) || undefined;
}

/** The object of an incident: `billing.tasks.charge`, `5 tasks`, `celery@pay`. Empty for signals without one. */
export function objectOf(incident: Incident, charsMax: number): string {
  const { keys, subject } = incident;
  const heading = headingOf(incident);
  const { about } = wordsOf(heading.signal);
  if (about === 'nothing') return '';
  if (about === 'tasks') {
    const tasks = namesOf(subject.tasks, 'tasks', charsMax) ?? 'a task of unknown name';
    const [exception, another] = subject.exceptions;
    const isHerd = tasks === `${subject.tasks.length} tasks`;
    return isHerd && exception !== undefined && another === undefined ? `${tail(exception, 40)} in ${tasks}` : tasks;
  }
  const names = { pool: subject.pools, queue: subject.queues, schedule: schedulesOf(keys) }[about];
  return (
    namesOf(names, `${about}s`, charsMax) ??
    tail(nameOf(heading) ?? subject.tasks[0] ?? `an unknown ${about}`, charsMax)
  );
}

function schedulesOf(keys: readonly IncidentCondition[]): string[] {
  return keys.flatMap(({ key }) => {
    const parsed = parseKey(key);
    return parsed?.kind === 'schedule' ? parsed.schedule : [];
  });
}

function namesOf(names: readonly string[], many: string, charsMax: number): string | undefined {
  if (names.length === 0) return undefined;
  const both = listed(names, names.length, charsMax);
  return names.length === 1 || (names.length === 2 && both.length <= charsMax) ? both : `${names.length} ${many}`;
}

/** The figures as text: `7 in 10 min, of 212 attempts (3%)`, `2 of 4 workers missing`. */
export function measureOf(signal: SignalName, figures: Figures): string {
  const { measure } = wordsOf(signal);
  if (measure !== undefined) return measure(figures, { amount, duration, share });
  const { count, withinMs, of } = figures;
  return `${amount(count)}${within(withinMs)}${of === undefined || of <= 0 ? '' : `, of ${amount(of)} attempts (${share(count, of)})`}`;
}

/** The first figure of a message. `total` counts since the start of the incident; 0 if the signal has no such count. */
export function amountOf(signal: SignalName, figures: Figures, total: number): string {
  const { counts, showsWindow = true } = wordsOf(signal);
  if (counts === undefined) return capital(measureOf(signal, figures));
  const count = total > 0 ? total : figures.count;
  const noun = count === 1 ? counts[0] : counts[1];
  return `${amount(count)} ${noun}${total > 0 || !showsWindow ? '' : within(figures.withinMs)}`;
}

/**
 * `21 of 212 attempts in 10 min (10%)`, `96 in 10 min, baseline 2.4`: the present figures of the heading and of the conditions
 * that count the same. Undefined if they have no total or baseline to compare with, or do not add up.
 */
export function proportionOf(incident: Incident): string | undefined {
  const figures = presentFigures(incident);
  if (figures === undefined || !(figures.withinMs > 0) || figures.count === 0) return undefined;
  const { count, withinMs, of } = figures;
  const baseline = baselineOf(figures);
  if (of !== undefined && of > 0) {
    const usual = baseline === undefined ? '' : `, baseline ${share(baseline, of)}`;
    return `${amount(count)} of ${amount(of)} attempts${within(withinMs)} (${share(count, of)})${usual}`;
  }
  return baseline === undefined ? undefined : `${amount(count)}${within(withinMs)}, baseline ${amount(baseline)}`;
}

/** Figures of one window that cover all occurrences that the incident counts; undefined if its conditions have several. */
function presentFigures({ keys, phase }: Incident): Figures | undefined {
  const heading = headingOf({ keys, phase });
  const counted = isWhole(heading) ? [heading] : countedWith(keys, heading);
  const [first, ...others] = counted.filter(({ state }) => state !== 'over').map(({ figures }) => figures);
  if (first === undefined || others.length === 0) return first;
  if (others.some(({ withinMs }) => withinMs !== first.withinMs)) return undefined;
  const count = others.reduce((sum, figures) => sum + figures.count, first.count);
  const of = Math.max(...[first, ...others].map((figures) => figures.of ?? 0));
  return { ...first, count, of: of === 0 ? undefined : Math.max(of, count), baseline: undefined };
}

/** A condition without history has no baseline. */
function baselineOf({ baseline }: Figures): number | undefined {
  return baseline !== undefined && Number.isFinite(baseline) ? baseline : undefined;
}

function within(ms: number): string {
  return ms > 0 ? ` in ${duration(ms)}` : '';
}

export function capital(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

/** `threshold 3 · baseline 0.2`, `threshold 2 min`; undefined if the measure contains the threshold. */
export function limitOf(signal: SignalName, figures: Figures): string | undefined {
  const { limit } = figures;
  const baseline = baselineOf(figures);
  const { unit = 'count', showsLimit = true } = wordsOf(signal);
  const format = unit === 'duration' ? duration : amount;
  const hasLimit = showsLimit && limit > 0 && Number.isFinite(limit);
  const parts = [
    ...(hasLimit ? [`threshold ${format(limit)}`] : []),
    ...(baseline === undefined ? [] : [`baseline ${format(baseline)}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' · ');
}
