/** Values that stand on the lines below their name: YAML's lists and block scalars. */
import type { KeyMeaning } from '../names/key-names.ts';
import { note, type ScanState } from '../text/scan-state.ts';
import type { KeyPlace } from '../text/text-cursor.ts';
import { isWorth } from './is-secret-value.ts';

const linesMax = 64;

/** Answers the end of the last line that was hidden, or `from`. */
export function addBlock(
  pass: ScanState,
  from: number,
  verdict: KeyMeaning,
  place: KeyPlace,
  separator: ':' | '=',
): number {
  if (verdict.isWeak || separator !== ':' || place.quote !== 0) return from;
  const { text, to } = pass;
  const head = /[|>]?[+-]?\d?[ \t]{0,8}(\\n|\n)/y;
  head.lastIndex = from;
  const newline = head.exec(text)?.[1];
  if (newline === undefined || head.lastIndex > to) return from;
  const isScalar = text[from] === '|' || text[from] === '>';
  const indent = indentBefore(text, place.from);
  let end = from;
  let at = head.lastIndex;
  for (let count = 0; count < linesMax && at < to; count += 1) {
    const next = text.indexOf(newline, at);
    const stop = next < 0 || next > to ? to : next;
    const line = /([ \t]*)(-[ \t]+)?([^\n]*)/.exec(text.slice(at, Math.min(stop, at + 4_096)));
    if (line === null) break;
    const [, space = '', dash = '', content = ''] = line;
    const isInside = space.length > indent || (dash !== '' && space.length === indent);
    if (content.trim() === '' && !isInside && count > 0) break;
    if (!isInside || (!isScalar && dash === '')) break;
    const value = content.replace(/["'][)\]},\s]*$/, '').trimEnd();
    if (!(/^["']?[\w.-]+["']?\s?[:=]\s/.test(value) && !isScalar) && isWorth(value, verdict)) {
      const start = at + space.length + dash.length;
      end = note(pass, start, start + value.length, verdict.kind);
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
