/** Thresholds from one's own history: what would have kept a task to so many messages a week, and what nearly made one. Pure. */
import type { Millis } from '../../event/ids.ts';
import { type History, nearness, type Peak } from './history.ts';

export interface Suggestion {
  readonly task: string;
  /** Incidents of its causes that were told. */
  readonly told: number;
  /** The least `new_failure.min` and `surge.min` that would have told at most `kept`. */
  readonly min: number;
  readonly kept: number;
  /** The most failures of a cause within the window, of each incident, greatest first. */
  readonly peaks: readonly number[];
}

export interface Near {
  readonly peak: Peak;
  /** Share of its limit that it reached. */
  readonly share: number;
}

const weekMs = 7 * 86_400_000;
const nearFrom = 0.6;
const nearMax = 20;
/** Only these are counted in failures and moved by `min`. */
const counted: ReadonlySet<string> = new Set(['failures.new', 'failures.surge']);

/** For each task that was told more often: the least count that would have been quiet enough. */
export function suggest({ messages, incidents, peaksOf }: History, lastedMs: Millis, perWeek: number): Suggestion[] {
  const allowed = Math.max(1, Math.round((perWeek * lastedMs) / weekMs));
  const byTask = new Map<string, number[]>();
  for (const { what, incident: id } of messages) {
    const incident = what === 'root' && id !== undefined ? incidents.get(id) : undefined;
    const task = incident?.subject.tasks[0];
    const first = incident?.keys[0];
    if (incident === undefined || task === undefined || first === undefined) continue;
    // What joined counts as well: without the first it would have been told by itself.
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

/** What came near its limit and was never told, the nearest first. */
export function nearOnes({ incidents, peaks }: History): Near[] {
  const told = new Set([...incidents.values()].flatMap(({ keys }) => keys.map(({ key }) => key)));
  return [...peaks.values()]
    .filter((peak) => counted.has(peak.signal) && !told.has(peak.key))
    .map((peak) => ({ peak, share: nearness(peak) }))
    .filter(({ share }) => share >= nearFrom)
    .sort((a, b) => b.share - a.share)
    .slice(0, nearMax);
}
