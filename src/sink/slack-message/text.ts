/**
 * Makes text from tasks safe and short for Slack: `literal` for elements that Slack shows unchanged (plain_text,
 * rich_text), `escaped` for the only place where Slack reads markup, the message's own `text`.
 */
import type { Millis } from '../../event/ids.ts';

// Controls, bidirectional overrides, zero-width and line-separator characters, and the tag characters that hide text:
// they make a message look different from its content.
const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/**
 * At most `charsMax` characters of `text` without the invisible ones; never empty, because Slack refuses empty text.
 * Counts UTF-16 units, the strictest way to count, and never cuts a code point in two.
 */
export function literal(text: string, charsMax: number): string {
  // Twice the limit leaves enough characters if some are invisible, and bounds the work.
  const near = text.slice(0, charsMax * 2).toWellFormed();
  const clean = near.replace(invisible, '').replaceAll('\t', ' ').trim();
  if (clean === '') return '(empty)';
  if (clean.length <= charsMax && near.length === text.length) return clean;
  const cut = clean.slice(0, charsMax - 1);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}

/** `literal` on one line, cut at the start: the last part of `shop.orders.tasks.charge` is the most specific. */
export function tail(text: string, charsMax: number): string {
  const line = literal(text.slice(-charsMax * 2).replaceAll(/\s+/g, ' '), charsMax * 2);
  if (line.length <= charsMax && text.length <= charsMax * 2) return line;
  const cut = line.slice(-(charsMax - 1));
  return `…${cut.isWellFormed() ? cut : cut.slice(1)}`;
}

/** `literal` on one line with Slack's control characters escaped after the cut, so that no entity is cut in two. */
export function escaped(text: string, charsMax: number): string {
  const line = literal(text.slice(0, charsMax * 2).replaceAll(/\s+/g, ' '), charsMax);
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('```', "'''");
}

/** `a, b and 3 more`. */
export function listed(names: readonly string[], namesMax: number, charsMax: number): string {
  const shown = names.slice(0, namesMax).map((name) => tail(name, charsMax));
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** `45 s`, `12 min`, `3 h 5 min`, `4 days`. */
export function duration(ms: Millis): string {
  if (ms > 0 && ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return seconds === 60 ? '1 min' : `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** At most one decimal below ten, none above: `0.2`, `7`, `1,204`. */
export function amount(value: number): string {
  const rounded = value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
  return rounded === 0 && value > 0 ? '< 0.1' : rounded.toLocaleString('en-US');
}

/** `3%`, `< 1%`. */
export function share(part: number, whole: number): string {
  const percent = (100 * part) / Math.max(1, whole);
  return percent > 0 && percent < 1 ? '< 1%' : `${Math.round(percent)}%`;
}
