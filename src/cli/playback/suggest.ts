/** Suggests thresholds from a history: the lowest count that limits a task to some messages per week, and near misses. Pure. */
import type { Millis } from '../../event/ids.ts';
import { type History, nearness, type Peak } from './history.ts';

export interface Suggestion {
  readonly task: string;
  /** Posted incidents of its causes. Named `told` in the JSON output. */
  readonly told: number;
  /** Lowest `new_failure.min` and `surge.min` with at most `kept` posted incidents. */
  readonly min: number;
  readonly kept: number;
  /** Highest number of failures of one cause within the window, per incident, in descending order. */
  readonly peaks: readonly number[];
}

export interface Near {
  readonly peak: Peak;
  /** Share of its threshold. */
  readonly share: number;
}

const weekMs = 7 * 86_400_000;
const nearFrom = 0.6;
const nearMax = 20;
/** Signals whose threshold is a number of failures, set by `min`. */
const counted: ReadonlySet<string> = new Set(['failures.new', 'failures.surge']);

/** One suggestion for each task with more posted incidents than `perWeek` allows. */
export function suggest({ messages, incidents, peaksOf }: History, lastedMs: Millis, perWeek: number): Suggestion[] {
  const allowed = Math.max(1, Math.round((perWeek * lastedMs) / weekMs));
  const byTask = new Map<string, number[]>();
  for (const { what, incident: id } of messages) {
    const incident = what === 'root' && id !== undefined ? incidents.get(id) : undefined;
    const task = incident?.subject.tasks[0];
    const first = incident?.keys[0];
    if (incident === undefined || task === undefined || first === undefined) continue;
    // A cause that joined the incident counts as well: without the first one it would have opened its own.
    const peaks = incident.keys
      .filter(({ signal }) => counted.has(signal))
      .map(({ key, figures }) => peaksOf.get(`${incident.id} ${key}`)?.figures.count ?? figures.count);
    if (peaks.length === 0 || !incident.keys.every(({ signal }) => counted.has(signal))) continue;
    byTask.set(task, [...(byTask.get(task) ?? []), Math.max(...peaks)]);
  }
  return [...byTask].flatMap(([task, counts]): Suggestion[] => {
    const peaks = counts.toSorted((a, b) => b - a);
    const above = peaks[allowed];
    if (above === undefined) return [];
    const min = above + 1;
    return [{ task, told: peaks.length, min, kept: peaks.filter((peak) => peak >= min).length, peaks }];
  });
}

/** Keys that came near their threshold and were never posted, the nearest first. */
export function nearOnes({ incidents, peaks }: History): Near[] {
  const posted = new Set([...incidents.values()].flatMap(({ keys }) => keys.map(({ key }) => key)));
  return [...peaks.values()]
    .filter((peak) => counted.has(peak.signal) && !posted.has(peak.key))
    .map((peak) => ({ peak, share: nearness(peak) }))
    .filter(({ share }) => share >= nearFrom)
    .sort((a, b) => b.share - a.share)
    .slice(0, nearMax);
}
