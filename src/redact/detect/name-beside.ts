/** Names that do not stand right before the separator of their value: name and value records, validators, form parts. */

import { BoundedMap } from '../../runtime/bounded-map.ts';
import type { KeyMeaning } from '../names/key-meaning.ts';
import type { KeyPlace } from '../text/text-cursor.ts';
import type { TextScan } from '../values/text-scan.ts';

const valueKeys =
  /(?:^|[a-z_-])(?:value|val|content|data|contents|text|answer)$|^(?:v|default|value(?:String|_string|From)?)$/i;
/** Most keys are tested and most repeat, so the answers are kept. */
const valueKeyAnswers = new BoundedMap<string, boolean>({ itemsMax: 10_000 });

/** True for a key such as `value` or `content`, whose name stands in another entry. */
function isValueKey(key: string): boolean {
  const known = valueKeyAnswers.get(key);
  if (known !== undefined) return known;
  const answer = valueKeys.test(key);
  valueKeyAnswers.set(key, answer);
  return answer;
}

const nameEntry =
  /(?:["']|\b)(?:(?:[A-Za-z]{1,24}_?)?(?:[Nn]ame|[Kk]ey)|header|param|parameter|field|label|k|n|id|attribute|setting|variable|env|property|option)\\{0,3}["']?\s{0,3}[:=]\s{0,3}[bu]?\\{0,3}["']([^"'\n]{1,96})\\{0,3}["']/gi;
const terraformVariable = /variable \\?"([\w.-]{1,96})\\?"\s?\{[^{}]{0,200}$/;
/** YAML: `- name: DB_PASSWORD`, and `value: x` on the next line. */
const lineAbove = /(?:^|[\s'"-]|\\n)(?:name|key):[ \t]{1,4}["']?([\w.-]{1,96})["']?[ \t]*(?:\n|\\n)[ \t]{0,40}$/;
const besideChars = 200;

/**
 * Meaning of the name in the same record: `{'name': 'DB_PASSWORD', 'value': …}` in either order,
 * `<add key="Password" value="…"/>`. `sign` is the separator of the value.
 */
export function meaningOfNameBeside(scan: TextScan, { key, from }: KeyPlace, sign: number): KeyMeaning | undefined {
  if (!isValueKey(key)) return undefined;
  const { text } = scan;
  const earlier = text.slice(Math.max(0, from - besideChars), from);
  const variable = key === 'default' ? terraformVariable.exec(earlier)?.[1] : undefined;
  if (variable !== undefined) return scan.meaningOf(variable);
  const recordFrom = Math.max(...['{', '<', '(', '}'].map((bracket) => earlier.lastIndexOf(bracket))) + 1;
  const before = [...earlier.slice(recordFrom).matchAll(nameEntry)].at(-1)?.[1] ?? lineAbove.exec(earlier)?.[1];
  if (before !== undefined) return scan.meaningOf(before);
  const later = text.slice(sign, Math.min(scan.to, sign + besideChars * 2));
  const close = later.search(/[}>]/);
  const [after] = later.slice(0, close < 0 ? later.length : close).matchAll(nameEntry);
  return after === undefined || !/^\s{0,3}[:=]/.test(later) ? undefined : scan.meaningOf(after[1] as string);
}

/** Meaning of the field that Pydantic prints on the line above `input_value=` at `at`. */
export function meaningOfValidatedField(scan: TextScan, at: number): KeyMeaning | undefined {
  const before = scan.text.slice(Math.max(0, at - 600), at);
  const field = /(?:^|\n|\\n)[ \t|]*([\w.]{1,96})(?:\n|\\n)(?:(?!\n\S|\\n\S)[\s\S]){0,400}$/.exec(before)?.[1];
  const parts = field?.split('.').filter((part) => !/^\d+$/.test(part));
  return parts === undefined ? undefined : scan.meaningOf(parts.at(-1) ?? '');
}

const formPart =
  /=\\?"([^"\\\n]{1,96})\\?"(?:[^\n\\]{0,200}|\\r)?(?:\r?\n|\\r\\n|\\n)(?:[A-Z][\w-]{1,40}: [^\n\\]{1,200}(?:\r?\n|\\r\\n|\\n)){0,4}(?:\r?\n|\\r\\n|\\n)([^\r\n\\]{1,4096})/dy;

/** A part of a multipart form: its name in a header line, its value two lines below. Returns its end, or -1. */
export function hideFormPart(scan: TextScan, equals: number): number {
  formPart.lastIndex = equals;
  const match = formPart.exec(scan.text);
  const place = match?.indices?.[2];
  if (match === null || place === undefined) return -1;
  const meaning = scan.meaningOf(match[1] as string);
  return meaning === undefined ? -1 : scan.hideIfSecret(place[0], Math.min(place[1], scan.to), meaning);
}
