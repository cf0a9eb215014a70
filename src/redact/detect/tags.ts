/** The text of XML elements whose name or attribute names a secret. */
import { keyCharsMax } from '../text/text-cursor.ts';
import type { TextScan } from '../values/text-scan.ts';

const tag = /<([\w:.-]{1,96})([^<>]{0,240})$/;
const cdata = '<![CDATA[';

/** `<Password Type="…">x</Password>`, `<header name="X-Api-Key">x</header>`; `greater` is the `>`. Returns the end, or -1. */
export function hideTagText(scan: TextScan, greater: number): number {
  const { text } = scan;
  const isCdata = text.startsWith(cdata, greater + 1);
  // A bracket or a comma after it ends the repr of an object in a list.
  if (!isCdata && '<>])},'.includes(text[greater + 1] ?? '<')) return -1;
  const least = Math.max(0, greater - keyCharsMax - 248);
  const open = least + text.slice(least, greater).lastIndexOf('<');
  if (open < least || text[open + 1] === '/') return -1;
  const match = tag.exec(text.slice(open, greater));
  // The repr of an object is no tag.
  if (match === null || /(?:^| )at 0x/.test(match[2] as string)) return -1;
  const meaning = meaningOfTag(scan, open, match);
  if (meaning === undefined) return -1;
  const from = greater + 1 + (isCdata ? cdata.length : 0);
  const stop = textEnd(scan, from);
  return stop < 0 ? -1 : scan.hideIfSecret(from, from + text.slice(from, stop).trimEnd().length, meaning);
}

function meaningOfTag(scan: TextScan, open: number, match: RegExpExecArray) {
  const name = (match[1] as string).replace(/^.*:/, '');
  const attribute = /\b(?:name|key|id|field)=\\?["']([^"']{1,96}?)\\?["']/.exec(match[2] as string)?.[1];
  const listed = /^(?:string|data|value|val)$/i.test(name) ? propertyListKey(scan.text, open) : undefined;
  return scan.meaningOf(listed ?? name) ?? (attribute === undefined ? undefined : scan.meaningOf(attribute));
}

/** The key before the value of a property list: `<key>password</key><string>x</string>`. */
function propertyListKey(text: string, open: number): string | undefined {
  const before = text.slice(Math.max(0, open - 140), open);
  return /<(?:key|name)>([^<>]{1,96})<\/(?:key|name)>(?:\s|\\n){0,8}$/i.exec(before)?.[1];
}

/** End of the element's text; a text that was cut has no closing tag and ends in `...` or with the scan. */
function textEnd({ text, to }: TextScan, from: number): number {
  const limit = Math.min(to, from + 8_192);
  const length = text.slice(from, limit).indexOf('<');
  if (length >= 0) return from + length;
  return /^[^\n]{1,2048}(?:\.{3}|$)/.test(text.slice(from, limit)) ? limit : -1;
}

const escapedTag = /&lt;([\w:.-]{1,96})(?:(?!&[lg]t;)[^<>]){0,120}$/;

/** `&lt;password&gt;x&lt;/password&gt;`; `gt` is the place of `&gt;`. Returns the end, or -1. */
export function hideEscapedTagText(scan: TextScan, gt: number): number {
  const { text, to } = scan;
  const name = escapedTag.exec(text.slice(Math.max(0, gt - 220), gt))?.[1];
  const meaning = name === undefined ? undefined : scan.meaningOf(name.replace(/^.*:/, ''));
  if (meaning === undefined) return -1;
  const from = gt + 4;
  const length = text.slice(from, Math.min(to, from + 4_096)).indexOf('&lt;');
  return length <= 0 ? -1 : scan.hideIfSecret(from, from + length, meaning);
}
