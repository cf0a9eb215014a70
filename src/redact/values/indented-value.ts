import type { Entry } from './entry.ts';
import type { TextScan } from './text-scan.ts';

const linesMax = 64;

/**
 * Hides values on the lines below their key: YAML lists and block scalars. `scan.text` at `entry.valueFrom` is the rest of
 * the key's line. Returns the end of the last hidden line, or `valueFrom`.
 */
export function hideIndentedValue(scan: TextScan, { place, valueFrom, meaning, separator }: Entry): number {
  if (meaning.isWeak || separator !== ':' || place.quote !== 0) return valueFrom;
  const { text, to } = scan;
  const head = /[|>]?[+-]?\d?[ \t]{0,8}(\\n|\n)/y;
  head.lastIndex = valueFrom;
  const newline = head.exec(text)?.[1];
  if (newline === undefined || head.lastIndex > to) return valueFrom;
  const isScalar = text[valueFrom] === '|' || text[valueFrom] === '>';
  const indent = indentBefore(text, place.from);
  let end = valueFrom;
  let at = head.lastIndex;
  for (let count = 0; count < linesMax && at < to; count += 1) {
    const next = text.indexOf(newline, at);
    const stop = next < 0 || next > to ? to : next;
    const line = /([ \t]*)(-[ \t]+)?([^\n]*)/.exec(text.slice(at, Math.min(stop, at + 4_096)));
    if (line === null) break;
    const [, space = '', dash = '', content = ''] = line;
    const isInside = space.length > indent || (dash !== '' && space.length === indent);
    if (!isInside || (!isScalar && dash === '')) break;
    const value = content.replace(/["'][)\]},\s]*$/, '').trimEnd();
    const isEntry = !isScalar && /^["']?[\w.-]+["']?\s?[:=]\s/.test(value);
    if (!isEntry) {
      const from = at + space.length + dash.length;
      end = Math.max(end, scan.hideIfSecret(from, from + value.length, meaning));
    }
    if (next < 0) break;
    at = stop + newline.length;
  }
  return end;
}

function indentBefore(text: string, from: number): number {
  let at = from;
  while (at > 0 && from - at < 64 && (text[at - 1] === ' ' || text[at - 1] === '-')) at -= 1;
  return from - at;
}
