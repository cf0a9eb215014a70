/** Names that do not stand right before their value's separator: pairs, name/value records, tags, forms of validators. */

import { type Judge, type KeyMeaning, keyCharsMax } from '../names/key-names.ts';
import type { Match } from '../text/match.ts';
import { closingOf, isQuote, type KeyPlace, openingAt } from '../text/text-cursor.ts';
import { isWorth } from '../values/is-secret-value.ts';

/** `('Authorization', 'Bearer …')`, `["token", "x"]`: two neighbours with brackets around them. Answers the end, or -1. */
export function addPair(text: string, comma: number, to: number, judge: Judge, found: Match[]): number {
  const quote = text.charCodeAt(comma - 1);
  if (!isQuote(quote)) return -1;
  // Most commas stand between two entries: what is before the name tells it without cutting the name out.
  let open = comma - 2;
  const least = Math.max(0, comma - 2 - keyCharsMax);
  while (open >= least && text.charCodeAt(open) !== quote) open -= 1;
  if (open < least) return -1;
  let before = open - 1;
  while (
    before >= 0 &&
    open - before < 8 &&
    (text[before] === '\\' || text[before] === 'b' || text[before] === ' ' || text[before] === '\n')
  )
    before -= 1;
  if (text[before] !== '(' && text[before] !== '[') return -1;
  const verdict = judge(text.slice(open + 1, comma - 1));
  if (verdict === undefined) return -1;
  let from = comma + 1;
  while (from < to && (text[from] === ' ' || text[from] === '\n')) from += 1;
  const value = openingAt(text, from);
  if (value === undefined) {
    const number = /[\w.+-]{1,64}(?=\s?[)\]])/y;
    number.lastIndex = from;
    return number.test(text) ? add(text, from, number.lastIndex, verdict, found) : -1;
  }
  const end = closingOf(text, value, to, false);
  const after = text.slice(end + value.mark.length, end + value.mark.length + 4);
  // A list of names, ['password', 'email', 'name'], is not a pair.
  if (!/^\s{0,2}(?:,?\s?[\])]|$)/.test(after)) return -1;
  const content = text.slice(value.from, end);
  if (verdict.kind !== 'cookie' && judge(content) !== undefined && /^[a-z_]+$/.test(content)) return -1;
  const scheme = /^(?:Bearer|Basic|Token|Digest|ApiKey|Negotiate) (?=\S)/i.exec(content)?.[0].length ?? 0;
  return add(text, value.from + scheme, end, verdict, found);
}

function add(text: string, from: number, to: number, verdict: KeyMeaning, found: Match[]): number {
  if (to <= from || !isWorth(text.slice(from, to), verdict)) return -1;
  found.push({ from, to, kind: verdict.kind });
  return to;
}

const valueNames =
  /(?:^|[a-z_-])(?:value|val|content|data|contents|text|answer)$|^(?:v|default|value(?:String|_string|From)?)$/i;
const judgedMax = 10_000;
const judged = new Map<string, boolean>();

/** Names come again, and this is asked about most of them. */
function isValueName(key: string): boolean {
  const known = judged.get(key);
  if (known !== undefined) return known;
  if (judged.size >= judgedMax) judged.clear();
  const answer = valueNames.test(key);
  judged.set(key, answer);
  return answer;
}

const nameEntry =
  /(?:["']|\b)(?:(?:[A-Za-z]{1,24}_?)?(?:[Nn]ame|[Kk]ey)|header|param|parameter|field|label|k|n|id|attribute|setting|variable|env|property|option)\\{0,3}["']?\s{0,3}[:=]\s{0,3}[bu]?\\{0,3}["']([^"'\n]{1,96})\\{0,3}["']/gi;
const besideChars = 200;

/** `{'name': 'DB_PASSWORD', 'value': …}` in either order, `<add key="Password" value="…"/>`: what the value is called. */
export function namedBeside(
  text: string,
  { key, from }: KeyPlace,
  sign: number,
  to: number,
  judge: Judge,
): KeyMeaning | undefined {
  if (!isValueName(key)) return undefined;
  const earlier = text.slice(Math.max(0, from - besideChars), from);
  const variable =
    key === 'default' ? /variable \\?"([\w.-]{1,96})\\?"\s?\{[^{}]{0,200}$/.exec(earlier)?.[1] : undefined;
  if (variable !== undefined) return judge(variable);
  const inside = earlier.slice(
    Math.max(earlier.lastIndexOf('{'), earlier.lastIndexOf('<'), earlier.lastIndexOf('('), earlier.lastIndexOf('}')) +
      1,
  );
  const before = [...inside.matchAll(nameEntry)].at(-1)?.[1];
  if (before !== undefined) return judge(before);
  // YAML: `- name: DB_PASSWORD` and `value: x` on the next line.
  const above = /(?:^|[\s'"-]|\\n)(?:name|key):[ \t]{1,4}["']?([\w.-]{1,96})["']?[ \t]*(?:\n|\\n)[ \t]{0,40}$/.exec(
    earlier,
  )?.[1];
  if (above !== undefined) return judge(above);
  const later = text.slice(sign, Math.min(to, sign + besideChars * 2));
  const close = later.search(/[}>]/);
  const after = [...later.slice(0, close < 0 ? later.length : close).matchAll(nameEntry)][0];
  return after === undefined || !/^\s{0,3}[:=]/.test(later) ? undefined : judge(after[1] as string);
}

/** Pydantic prints the field on the line above `input_value=`. */
export function validatedField(text: string, at: number, judge: Judge): KeyMeaning | undefined {
  const before = text.slice(Math.max(0, at - 600), at);
  const line = /(?:^|\n|\\n)[ \t|]*([\w.]{1,96})(?:\n|\\n)(?:(?!\n\S|\\n\S)[\s\S]){0,400}$/.exec(before);
  return line === null
    ? undefined
    : judge(
        (line[1] as string)
          .split('.')
          .filter((part) => !/^\d+$/.test(part))
          .at(-1) ?? '',
      );
}

const formPart =
  /=\\?"([^"\\\n]{1,96})\\?"(?:[^\n\\]{0,200}|\\r)?(?:\r?\n|\\r\\n|\\n)(?:[A-Z][\w-]{1,40}: [^\n\\]{1,200}(?:\r?\n|\\r\\n|\\n)){0,4}(?:\r?\n|\\r\\n|\\n)([^\r\n\\]{1,4096})/dy;

/** A part of a multipart form: its name in a header line, its value two lines below. Answers the end, or -1. */
export function addFormPart(text: string, equals: number, to: number, judge: Judge, found: Match[]): number {
  formPart.lastIndex = equals;
  const match = formPart.exec(text);
  const place = match?.indices?.[2];
  if (match === null || place === undefined) return -1;
  const verdict = judge(match[1] as string);
  return verdict === undefined ? -1 : add(text, place[0], Math.min(place[1], to), verdict, found);
}

const tag = /<([\w:.-]{1,96})([^<>]{0,240})$/;

/** `<Password Type="…">x</Password>`, `<header name="X-Api-Key">x</header>`, and the line of a multipart form. */
export function addTagText(text: string, greater: number, to: number, judge: Judge, found: Match[]): number {
  const next = text.charCodeAt(greater + 1);
  // A bracket or a comma behind it: the repr of an object in a list.
  if (text.startsWith('<![CDATA[', greater + 1)) return addTagged(text, greater, to, judge, found);
  if (Number.isNaN(next) || next === 60 || next === 62 || next === 93 || next === 41 || next === 125 || next === 44)
    return -1;
  return addTagged(text, greater, to, judge, found);
}

function addTagged(text: string, greater: number, to: number, judge: Judge, found: Match[]): number {
  const least = Math.max(0, greater - keyCharsMax - 248);
  const open = least + text.slice(least, greater).lastIndexOf('<');
  if (open < least || text[open + 1] === '/') return -1;
  const match = tag.exec(text.slice(open, greater));
  // The repr of an object is no tag.
  if (match === null || /(?:^| )at 0x/.test(match[2] as string)) return -1;
  const name = (match[1] as string).replace(/^.*:/, '');
  const attribute = /\b(?:name|key|id|field)=\\?["']([^"']{1,96}?)\\?["']/.exec(match[2] as string)?.[1];
  const listed = /^(?:string|data|value|val)$/i.test(name)
    ? /<(?:key|name)>([^<>]{1,96})<\/(?:key|name)>(?:\s|\\n){0,8}$/i.exec(
        text.slice(Math.max(0, open - 140), open),
      )?.[1]
    : undefined;
  const verdict = judge(listed ?? name) ?? (attribute === undefined ? undefined : judge(attribute));
  if (verdict === undefined) return -1;
  const from = text.startsWith('<![CDATA[', greater + 1) ? greater + 10 : greater + 1;
  const length = text.slice(from, Math.min(to, from + 8_192)).indexOf('<');
  const end = length < 0 ? -1 : from + length;
  const stop = end < 0 ? Math.min(to, from + 8_192) : end;
  if (end < 0 && !/^[^\n]{1,2048}(?:\.{3}|$)/.test(text.slice(from, stop))) return -1;
  const value = text.slice(from, stop);
  return add(text, from, from + value.trimEnd().length, verdict, found);
}

const escapedTag = /&lt;([\w:.-]{1,96})(?:(?!&[lg]t;)[^<>]){0,120}$/;

/** `&lt;password&gt;x&lt;/password&gt;`, asked about behind the `&gt;`; answers the end, or -1. */
export function addEscapedTag(text: string, gt: number, to: number, judge: Judge, found: Match[]): number {
  const name = escapedTag.exec(text.slice(Math.max(0, gt - 220), gt))?.[1];
  const verdict = name === undefined ? undefined : judge(name.replace(/^.*:/, ''));
  if (verdict === undefined) return -1;
  const from = gt + 4;
  const length = text.slice(from, Math.min(to, from + 4_096)).indexOf('&lt;');
  return length <= 0 ? -1 : add(text, from, from + length, verdict, found);
}
