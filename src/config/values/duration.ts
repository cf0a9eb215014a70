/** Durations with a unit: `500ms`, `30s`, `1h`. */
import { leafOf, textHint } from './leaf.ts';

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: secondMs, m: minuteMs, h: hourMs, d: dayMs };

export const durationPattern = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** Milliseconds. A number without a unit is refused, because it could mean seconds or milliseconds. */
export function duration(leastMs: number, mostMs: number) {
  const expected = `a duration like "30s", "5m" or "1h" between ${durationText(leastMs)} and ${durationText(mostMs)}`;
  const read = (raw: unknown): number | undefined => {
    const match = typeof raw === 'string' ? durationPattern.exec(raw) : null;
    if (match === null) return undefined;
    const ms = Number(match[1]) * unitMs[match[2]!]!;
    return ms >= leastMs && ms <= mostMs ? Math.round(ms) : undefined;
  };
  const schema = leafOf(expected, read, { ...textHint, pattern: durationPattern.source });
  return Object.assign(schema, { unit: 'Ms' as const });
}

/** `90s`, `1.5s`: the shortest spelling that the configuration file accepts. */
export function durationText(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = unitMs[unit]!;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return ms >= 1_000 ? `${ms / 1_000}s` : ms === 0 ? '0s' : `${ms}ms`;
}
