/**
 * Text from tasks, made safe and short for Slack. Two ways out: `literal` for elements that Slack shows as they are
 * (plain_text, rich_text), and `escaped` for the one place where Slack reads markup, the message's own `text`.
 *
 * Exports: literal, escaped.
 */

// Controls, bidirectional overrides, zero-width and line-separator characters, and the tag characters that hide text:
// they make a message show something else than it says.
const invisible =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\u{e0000}-\u{e007f}/gu;

/**
 * At most `charsMax` characters of `text` without the invisible ones; never empty, because Slack refuses that. Counts
 * UTF-16 units, the strictest way to count, and never cuts one code point in two.
 */
export function literal(text: string, charsMax: number): string {
  // Twice the limit leaves enough when some are invisible, and bounds the work.
  const near = text.slice(0, charsMax * 2).toWellFormed();
  const clean = near.replace(invisible, '').replaceAll('\t', ' ').trim();
  if (clean === '') return '(empty)';
  if (clean.length <= charsMax && near.length === text.length) return clean;
  const cut = clean.slice(0, charsMax - 1);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}

/** `literal` on one line with Slack's three control characters escaped: after the cut, so that no entity is cut apart. */
export function escaped(text: string, charsMax: number): string {
  const line = literal(text.slice(0, charsMax * 2).replaceAll(/\s+/g, ' '), charsMax);
  return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('```', "'''");
}
