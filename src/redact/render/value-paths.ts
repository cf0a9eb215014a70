/** Where each value of a repr stands, by the names and numbers on the way to it: `kwargs.user.zip`, `args.0.items.3`. */
import { wordsOf } from '../names/key-names.ts';
import { closingOf, openingAt } from '../text/text-cursor.ts';

export interface Leaf {
  readonly path: readonly string[];
  /** Without its quotes. */
  readonly from: number;
  readonly to: number;
}

const depthMax = 64;
const leavesMax = 10_000;

interface Container {
  /** The name of the entry that is being read, or its number. */
  name: string | undefined;
  index: number;
}

/** The leaves of a text of the field, in their order. Throws RangeError over a budget. */
export function leavesOf(field: string, text: string): Leaf[] {
  const leaves: Leaf[] = [];
  const stack: Container[] = [];
  const pathHere = (): string[] => [field, ...stack.map(({ name, index }) => name ?? String(index))];
  const add = (from: number, to: number): void => {
    if (leaves.length >= leavesMax) throw new RangeError('leaves');
    leaves.push({ path: pathHere(), from, to });
  };
  const named = /\s{0,3}(?::|=(?!=))\s{0,3}/y;
  for (let at = 0; at < text.length; ) {
    const sign = text[at] as string;
    const top = stack.at(-1);
    if (sign === '{' || sign === '[' || sign === '(') {
      if (stack.length >= depthMax) throw new RangeError('depth');
      stack.push({ name: undefined, index: 0 });
      at += 1;
    } else if (sign === '}' || sign === ']' || sign === ')') {
      stack.pop();
      at += 1;
    } else if (sign === ',') {
      if (top !== undefined) {
        top.name = undefined;
        top.index += 1;
      }
      at += 1;
    } else if (sign === ' ' || sign === '\n') at += 1;
    else {
      const open = openingAt(text, at);
      const bare = /[^\s,()[\]{}:='"]+|./sy;
      bare.lastIndex = at;
      bare.test(text);
      const from = open?.from ?? at;
      const to = open === undefined ? bare.lastIndex : closingOf(text, open, text.length, top?.name !== undefined);
      at = Math.max(at + 1, Math.min(text.length, open === undefined ? to : to + open.mark.length));
      named.lastIndex = at;
      if (top !== undefined && top.name === undefined && named.test(text)) {
        top.name = text.slice(from, to);
        at = named.lastIndex;
      } else if (text[at] !== '(') add(from, to);
    }
  }
  return leaves;
}

/** A glob over paths: `*` is one name, `**` any number of them; a path goes with all that is below it. */
export type PathGlob = readonly string[];

export function pathGlobOf(text: string): PathGlob {
  return text.split('.').map((part) => (part === '*' || part === '**' ? part : folded(part)));
}

export function isOnPath(path: readonly string[], glob: PathGlob): boolean {
  return matches(path.map(folded), glob, 0, 0);
}

function matches(path: readonly string[], glob: PathGlob, at: number, part: number): boolean {
  if (part === glob.length) return true;
  if (glob[part] === '**')
    return matches(path, glob, at, part + 1) || (at < path.length && matches(path, glob, at + 1, part));
  return at < path.length && (glob[part] === '*' || glob[part] === path[at]) && matches(path, glob, at + 1, part + 1);
}

/** One spelling is enough, as for keys; numbers are places in a list. */
function folded(name: string): string {
  return /^\d+$/.test(name) ? name : wordsOf(name).join('') || name;
}
