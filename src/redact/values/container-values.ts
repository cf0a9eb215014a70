/**
 * A container under a secret's name: `'credentials': {'user': …, 'current': …}`, `tokens=['a', 'b']`. Its texts are secret
 * unless a name of their own tells otherwise.
 */

import { isPlainCookie } from '../detect/cookies.ts';
import { type Judge, type KeyMeaning, wordsOf } from '../names/key-names.ts';
import { harmlessTails, plainNeighbours } from '../names/vocabulary.ts';
import type { Match } from '../text/match.ts';
import { closingOf, isQuote, isWordSign, openingAt } from '../text/text-cursor.ts';
import { isWorth } from './is-secret-value.ts';

/** As deep as anyone nests; deeper ones are hidden as a whole. */
const depthMax = 64;

/** `['robot', 'x7-plum']`: a user and a password, not two methods. */
const twoTexts = /^\[\s?[bu]?(['"])[^'"\n]{1,128}\1,\s?[bu]?(['"])(?=[^'"\n]*[^a-z'"\n])[^'"\n]{3,256}\2\s?\]/;

/** Finds the secret leaves from the bracket at `at`; answers where the container ends. */
export function addLeaves(
  text: string,
  at: number,
  to: number,
  verdict: KeyMeaning,
  judge: Judge,
  found: Match[],
): number {
  const under: (KeyMeaning | undefined)[] = [];
  let next: KeyMeaning | undefined = verdict;
  let entries = 0;
  let entryName = '';
  let index = at;
  const isOfCall = text[at] === '(' && isWordSign(text.charCodeAt(at - 1));
  const isPairOfAuth =
    verdict.isWeak && (text[at] === '(' || (text[at] === '[' && twoTexts.test(text.slice(at, at + 600))));
  while (index < to) {
    const sign = text[index] as string;
    if (sign === '{' || sign === '[' || sign === '(') {
      if (under.length >= depthMax) throw new RangeError('depth');
      under.push(next);
      index += 1;
    } else if (sign === '}' || sign === ']' || sign === ')') {
      under.pop();
      index += 1;
      if (under.length === 0) return index;
      next = under.at(-1);
    } else if (sign === ',') {
      next = under.at(-1);
      entries += 1;
      index += 1;
    } else if (isQuote(sign.charCodeAt(0)) || (sign === '\\' && openingAt(text, index) !== undefined)) {
      const open = openingAt(text, index);
      if (open === undefined) {
        index += 1;
        continue;
      }
      const end = closingOf(text, open, to, false);
      const after = Math.min(to, end + open.mark.length);
      const colon = /\s{0,3}(?::|=>)/y;
      colon.lastIndex = after;
      if (colon.test(text)) {
        entryName = text.slice(open.from, end);
        next = inherited(entryName, under.at(-1), judge);
        index = colon.lastIndex;
        continue;
      }
      const isFirstOfPair = isPairOfAuth && under.length === 1 && entries === 0;
      const asks = isPairOfAuth && next !== undefined ? { ...next, isWeak: false } : next;
      const isJar = verdict.kind === 'cookie' && !verdict.isWeak;
      if (isJar && isPlainCookie(entryName, text.slice(open.from, end), judge)) {
        index = after;
        continue;
      }
      if (asks !== undefined && !isFirstOfPair && end > open.from && isWorth(text.slice(open.from, end), asks)) {
        found.push({ from: open.from, to: end, kind: asks.kind });
      }
      index = after;
    } else {
      const word = /[^\s'"()[\]{},:=\\]+/y;
      word.lastIndex = index;
      if (!word.test(text)) {
        index += 1;
        continue;
      }
      const end = Math.min(word.lastIndex, to);
      const value = text.slice(index, end);
      if (text[end] === '=' || text[end] === ':') {
        next = inherited(value, under.at(-1), judge);
        index = end + 1;
        continue;
      }
      const isCall = text[end] === '(' || /^[bBrRuUfF]{1,2}$/.test(value);
      // Between the brackets of a call a bare name is a variable.
      const isName = isOfCall && /^[A-Za-z_][A-Za-z_.]*$/.test(value);
      if (next !== undefined && !isCall && !isName && isWorth(value, next))
        found.push({ from: index, to: end, kind: next.kind });
      index = end;
    }
  }
  return to;
}

const whoOrWhere: ReadonlySet<string> = new Set(
  'user username login name host hostname port id type region url uri'.split(' '),
);

function inherited(key: string, parent: KeyMeaning | undefined, judge: Judge): KeyMeaning | undefined {
  const own = judge(key);
  // `'secrets': {'mail': 'x'}` is no address.
  const isOfPerson = own?.kind === 'email' || own?.kind === 'phone' || own?.kind === 'ip';
  const isSurer = parent?.kind === 'cookie' && !parent.isWeak && own?.isWeak === true;
  if (own !== undefined && !isSurer && !(isOfPerson && parent?.isPlural === true)) return own;
  if (parent === undefined) return undefined;
  const words = wordsOf(key);
  const last = words.at(-1);
  if (
    (parent.isPlural === true ? whoOrWhere : plainNeighbours).has(words.join('')) ||
    (last !== undefined && ((parent.isPlural !== true && plainNeighbours.has(last)) || harmlessTails.has(last)))
  )
    return undefined;
  // What lies in a session under a name of its own is not all secret.
  return parent.kind === 'cookie' && parent.isWeak && last !== undefined ? { ...parent, isWeak: true } : parent;
}
