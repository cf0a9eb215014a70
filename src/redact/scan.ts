/**
 * Finds what is secret in a text of any shape: Python reprs as Celery writes them, JSON, forms, headers, command lines,
 * XML, log lines, tracebacks, whole or cut. There is no grammar that could fail; each rule looks at a bounded place.
 */
import type { KeyKind } from './keys.ts';
import { patterns } from './values.ts';

export interface Found {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
}

export type Judge = (key: string) => KeyKind | undefined;

export interface ScanOptions {
  readonly judge: Judge;
  /** Source lines are code: a bare name behind `password=` is a variable there, not a value. */
  readonly isTraceback: boolean;
}

/** Longest value that is looked at as one; what is longer is hidden up to there and scanned on from there. */
const valueCharsMax = 20_000;

/** The secret places of `text`, unordered, possibly overlapping. */
export function scan(text: string, options: ScanOptions): Found[] {
  const found: Found[] = [];
  scanKeys(text, options, found);
  for (const { kind, trigger, regex, secret } of patterns) {
    if (!trigger(text)) continue;
    regex.lastIndex = 0;
    for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
      const place = secret(match);
      if (place !== undefined) found.push({ ...place, kind });
      if (match[0] === '') regex.lastIndex += 1;
    }
  }
  return found;
}

const quotedKey = /(\\{0,3}["'])([^"'\\\n{}()[\],;]{1,64})\1\s{0,3}(=>|[:=,])\s{0,3}/g;
const bareKey = /(?<![\p{L}\p{N}_%-])([\p{L}_$@][\p{L}\p{N}_.$-]{0,63}|-{1,2}[\p{L}][\p{L}\p{N}_-]{1,40})(?:\]|%5D)?[ \t]{0,3}(=>|:=|[:=])[ \t]{0,3}/gu;
const optionWord = /(?<![\w-])--?([a-z][\w-]{1,40})(?:[ \t]+|["'],\s{0,3}["'])(?=[^\s-])/gi;
const element = /<([\w:.-]{1,64})(?:\s[^<>]{0,200})?>([^<]{1,4096})(?=<\/)/dg;
const namedValue =
  /(\\{0,3}["'])(?:name|key|header|param|parameter|field|label|k|n)\1\s{0,3}:\s{0,3}(\\{0,3}["'])([^"'\n]{1,64})\2\s{0,3},\s{0,3}(\\{0,3}["'])(?:value|val|v|content|data|default)\4\s{0,3}:\s{0,3}/gi;
const inputValue = /^[ \t|+]*([\w.]{1,80})\n[^\n]{0,400}input_value=/gm;
const queryCode = /[?&](?:key|code|sig|signature|auth|ticket|state|hash|st|k|t|s|h|hmac|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature)=([^&\s'"#<>]{8,2048})/dgi;
const shortPassword = /(?:mysql|mysqldump|mysqladmin|psql|sshpass|mongodump|mongosh)\b[^\n]{0,120}?\s-p['"]?(?![\s-])([^\s'"]{3,200})/dg;
const userPassword = /(?:^|\s)(?:-u|--user)[ =]['"]?[^\s:'"]{1,100}:([^\s'"]{3,200})/dg;

function scanKeys(text: string, options: ScanOptions, found: Found[]): void {
  const { judge } = options;
  if (!/[:=<,]|-p| -/.test(text)) return;
  for (const match of text.matchAll(quotedKey)) {
    const [whole, , key, separator] = match as unknown as [string, string, string, string];
    const kind = judge(key);
    if (kind === undefined) continue;
    const at = match.index + whole.length;
    if (separator === ',' && !isPair(text, match.index, at)) continue;
    addValue(text, at, kind, options, found);
  }
  for (const match of text.matchAll(bareKey)) {
    const [whole, key, separator] = match as unknown as [string, string, string];
    const name = key.startsWith('-') ? key.replace(/^-+/, '') : key;
    const kind = judge(name);
    if (kind === undefined) continue;
    const at = match.index + whole.length;
    if (separator === ':' && text.startsWith('//', at)) continue;
    if (separator === ':' && isExceptionName(key) && /^\S+ \S+ \S/.test(text.slice(at, at + 200))) continue;
    addValue(text, at, kind, options, found, lineStartsAt(text, match.index));
  }
  if (text.includes('-')) {
    for (const match of text.matchAll(optionWord)) {
      const kind = judge(match[1] as string);
      if (kind !== undefined) addWord(text, match.index + match[0].length, kind, found);
    }
    addGroups(text, shortPassword, 'password', found);
    addGroups(text, userPassword, 'password', found);
  }
  if (text.includes('</')) {
    for (const match of text.matchAll(element)) {
      const kind = judge((match[1] as string).replace(/^.*:/, ''));
      const place = match.indices?.[2];
      if (kind !== undefined && place !== undefined && isWorth(match[2] as string, kind)) found.push({ from: place[0], to: place[1], kind });
    }
  }
  for (const match of text.matchAll(namedValue)) {
    const kind = judge(match[3] as string);
    if (kind !== undefined) addValue(text, match.index + match[0].length, kind, options, found);
  }
  if (text.includes('input_value=')) {
    for (const match of text.matchAll(inputValue)) {
      const kind = judge(match[1] as string);
      if (kind !== undefined) addValue(text, match.index + match[0].length, kind, options, found);
    }
  }
  if (text.includes('=')) addGroups(text, queryCode, 'token', found);
}

function addGroups(text: string, regex: RegExp, kind: string, found: Found[]): void {
  for (const match of text.matchAll(regex)) {
    const place = match.indices?.[1];
    if (place !== undefined) found.push({ from: place[0], to: place[1], kind });
  }
}

/** `('Authorization', 'Bearer …')`: a key and its value as two neighbours with brackets around them. */
function isPair(text: string, from: number, at: number): boolean {
  if (!/[[(]\s{0,2}b?$/.test(text.slice(Math.max(0, from - 4), from))) return false;
  const quote = openingQuote(text, at);
  if (quote === undefined) return /^[\d.]+\s{0,2}[\])]/.test(text.slice(at, at + 40));
  const end = closingQuote(text, quote.from, quote.mark);
  return /^\s{0,2}[\])]|^\s{0,2}$|^\.\.\./.test(text.slice(end + quote.mark.length, end + quote.mark.length + 5));
}

/** `jwt.exceptions.InvalidToken: Signature has expired`: the name of a class in front of a sentence is no name of a value. */
function isExceptionName(key: string): boolean {
  return /^(?:[a-z_]\w*\.)*[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+$/.test(key);
}

function lineStartsAt(text: string, at: number): boolean {
  let index = at - 1;
  while (index >= 0 && (text[index] === ' ' || text[index] === '\t') && at - index < 40) index -= 1;
  return index < 0 || text[index] === '\n';
}

const headerKinds: ReadonlySet<KeyKind> = new Set(['token', 'cookie']);

function addValue(text: string, at: number, kind: KeyKind, options: ScanOptions, found: Found[], isLineStart = false): void {
  const quote = openingQuote(text, at);
  if (quote !== undefined) {
    const end = closingQuote(text, quote.from, quote.mark, true);
    addIfWorth(text, quote.from, end, kind, found);
    return;
  }
  const sign = text[at];
  if (sign === '[' || sign === '(' || sign === '{') {
    addLeaves(text, at, kind, found);
    return;
  }
  const isLine = (isLineStart && !options.isTraceback) || (headerKinds.has(kind) && text[at - 1] === ' ' && text[at - 2] === ':');
  const rest = text.slice(at, at + valueCharsMax);
  const word = (isLine ? /^[^\n'"]{1,4096}/ : /^[^\s,;&)}\]>"'|<]{1,4096}/).exec(rest)?.[0] ?? '';
  if (options.isTraceback && /^[A-Za-z_][\w.]*(?:[([]|$)/.test(word) && !/\d/.test(word)) return;
  addIfWorth(text, at, at + word.trimEnd().length, kind, found);
}

function addWord(text: string, at: number, kind: KeyKind, found: Found[]): void {
  const quote = openingQuote(text, at);
  if (quote !== undefined) {
    addIfWorth(text, quote.from, closingQuote(text, quote.from, quote.mark), kind, found);
    return;
  }
  const word = /^[^\s'"]{1,4096}/.exec(text.slice(at, at + 4096))?.[0] ?? '';
  addIfWorth(text, at, at + word.length, kind, found);
}

function addIfWorth(text: string, from: number, to: number, kind: KeyKind, found: Found[]): void {
  if (to > from && isWorth(text.slice(from, to), kind)) found.push({ from, to, kind });
}

const emptyWords = /^(?:none|null|nil|true|false|undefined|yes|no|on|off|required|optional|missing|invalid|expired|str|string|int|bool|dict|list|bytes|\.{3}|…|\*+|x{3,}|<[^>]{0,40}>|\{[^}]{0,40}\}|%\(?\w*\)?s|\$\{?\w+\}?|\[redacted.*|\[filtered\]|\[hidden\])$/i;

/** Whether there is something to hide: not a placeholder, and for a number only under a name whose values are numbers. */
function isWorth(value: string, kind: KeyKind): boolean {
  const plain = value.trim();
  if (plain === '' || emptyWords.test(plain)) return false;
  if (kind === 'ip') return /\d{1,3}(?:\.\d{1,3}){1,3}|[0-9a-f]{0,4}:[0-9a-f:]{2,}/i.test(plain);
  if (kind === 'email') return plain.includes('@');
  if (kind === 'phone') return (plain.match(/\d/g)?.length ?? 0) >= 5;
  if (kind === 'id' || kind === 'card') return (plain.match(/\d/g)?.length ?? 0) >= 4;
  if (/^[\d.]+$/.test(plain)) return kind === 'password' || kind === 'code' || kind === 'iban' || (kind === 'secret' && plain.length > 3);
  if (kind === 'code') return /^[\w -]{3,16}$/.test(plain) && /\d/.test(plain);
  return true;
}

interface Quote {
  /** With the backslashes before it, when it stands in a string inside a string. */
  readonly mark: string;
  readonly from: number;
}

function openingQuote(text: string, at: number): Quote | undefined {
  const match = /^[bBrRuUfF]{0,2}(\\{0,7}["'])/.exec(text.slice(at, at + 12));
  const mark = match?.[1];
  return match === null || mark === undefined ? undefined : { mark, from: at + match[0].length };
}

/**
 * Where the string that began at `from` ends. Celery escapes only the quote itself, so `\'` may be an escaped quote or a
 * backslash before the end: a quote ends the string only where structure follows. `isSecret` reads on in doubt.
 */
function closingQuote(text: string, from: number, mark: string, isSecret = false): number {
  const limit = Math.min(text.length, from + valueCharsMax);
  for (let at = text.indexOf(mark, from); at >= 0 && at < limit; at = text.indexOf(mark, at + 1)) {
    const after = text.slice(at + mark.length, at + mark.length + 6);
    const isEscaped = mark.length === 1 && text[at - 1] === '\\';
    if (!/^\s{0,2}(?:[,})\]>:;|&]|$|\n|\\n|\\?["']$)|^\s/.test(after)) continue;
    if (isEscaped && isSecret && !/^\s{0,2}(?:[})\]]|$)|^, ["']/.test(after)) continue;
    if (isSecret && /^\s/.test(after) && !/^\s{0,2}(?:[,})\]>:;|&]|$|\n)/.test(after) && text.indexOf(`${mark}`, at + 1) >= 0 && /^[^\n]{0,200}?["'](?:[,})\]]|$)/.test(text.slice(at + 1, at + 220)) && !/^\s+[\w.-]+=/.test(after)) continue;
    return at;
  }
  const line = text.indexOf('\n', from);
  return mark.length === 1 && line >= 0 && line < limit && limit < text.length ? line : limit;
}

const openers = '[({';
const closers = '])}';
const credentialsWord = /["'](?:user|username|login|name|host|port|type|scheme|id|email)["']\s{0,2}:/;

/** A container under a secret's name: every text in it is one, unless its own names tell them apart. */
function addLeaves(text: string, at: number, kind: KeyKind, found: Found[]): void {
  let depth = 0;
  let index = at;
  const limit = Math.min(text.length, at + valueCharsMax);
  for (; index < limit; index += 1) {
    const sign = text[index] as string;
    if (openers.includes(sign)) depth += 1;
    else if (closers.includes(sign)) depth -= 1;
    else if (sign === "'" || sign === '"') index = closingQuote(text, index + 1, sign);
    if (depth === 0) break;
  }
  const inside = text.slice(at, index);
  if (credentialsWord.test(inside)) return;
  for (const match of inside.matchAll(/(\\{0,3}["'])((?:(?!\1)[\s\S]){1,4096}?)(?:\1|$)(?!\s{0,2}:)/dg)) {
    const place = match.indices?.[2];
    if (place !== undefined && isWorth(match[2] as string, kind)) found.push({ from: at + place[0], to: at + place[1], kind });
  }
  for (const match of inside.matchAll(/(?<=[[(,]\s{0,2})\d{4,19}(?=\s{0,2}[,)\]])/g)) {
    if (isWorth(match[0], kind)) found.push({ from: at + match.index, to: at + match.index + match[0].length, kind });
  }
}
