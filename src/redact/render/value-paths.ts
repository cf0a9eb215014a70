/** The path of each value of a repr, by names and positions: `kwargs.user.zip`, `args.0.items.3`. */
import { joinedWords } from '../names/spelling.ts';
import { closingOf, openingAt } from '../text/text-cursor.ts';

/** A value that is no container. */
export interface Leaf {
  readonly path: readonly string[];
  /** Place of the value without its quotes, `to` excluded. */
  readonly from: number;
  readonly to: number;
}

const depthMax = 64;
const leavesMax = 10_000;

/** An open bracket. */
interface Container {
  /** Name of the current entry; undefined where entries have positions. */
  name: string | undefined;
  index: number;
}

/** The values of a text of the field, in their order. Throws RangeError over a budget. */
export function leavesOf(field: string, text: string): Leaf[] {
  const leaves: Leaf[] = [];
  const open: Container[] = [];
  for (let at = 0; at < text.length; ) {
    const container = open.at(-1);
    switch (text[at]) {
      case '{':
      case '[':
      case '(':
        if (open.length >= depthMax) throw new RangeError('depth');
        open.push({ name: undefined, index: 0 });
        at += 1;
        break;
      case '}':
      case ']':
      case ')':
        open.pop();
        at += 1;
        break;
      case ',':
        if (container !== undefined) {
          container.name = undefined;
          container.index += 1;
        }
        at += 1;
        break;
      case ' ':
      case '\n':
        at += 1;
        break;
      default: {
        const word = wordAt(text, at, container?.name !== undefined);
        at = word.end;
        const valueAt = container !== undefined && container.name === undefined ? afterSeparator(text, at) : -1;
        if (container !== undefined && valueAt >= 0) {
          container.name = text.slice(word.from, word.to);
          at = valueAt;
        } else if (text[at] !== '(') {
          if (leaves.length >= leavesMax) throw new RangeError('leaves');
          const path = [field, ...open.map(({ name, index }) => name ?? String(index))];
          leaves.push({ path, from: word.from, to: word.to });
        }
      }
    }
  }
  return leaves;
}

/** A string or an unquoted word at `at`: its place without quotes, and where the text goes on. */
function wordAt(text: string, at: number, isEntry: boolean): { from: number; to: number; end: number } {
  const opening = openingAt(text, at);
  if (opening !== undefined) {
    const to = closingOf(text, opening, { isEntry });
    return { from: opening.from, to, end: Math.max(at + 1, Math.min(text.length, to + opening.mark.length)) };
  }
  const bare = /[^\s,()[\]{}:='"]+|./sy;
  bare.lastIndex = at;
  bare.test(text);
  const to = bare.lastIndex;
  return { from: at, to, end: Math.max(at + 1, Math.min(text.length, to)) };
}

/** Place after a colon or an equals sign, or -1. */
function afterSeparator(text: string, at: number): number {
  const separator = /\s{0,3}(?::|=(?!=))\s{0,3}/y;
  separator.lastIndex = at;
  return separator.test(text) ? separator.lastIndex : -1;
}

/** A glob over paths: `*` is one name, `**` any number of names. A glob includes everything below its paths. */
export type PathGlob = readonly string[];

export function pathGlobOf(text: string): PathGlob {
  return text.split('.').map((part) => (part === '*' || part === '**' ? part : folded(part)));
}

export function isOnPath(path: readonly string[], glob: PathGlob): boolean {
  return matches(path.map(folded), glob);
}

function matches(path: readonly string[], glob: PathGlob): boolean {
  const [part, ...rest] = glob;
  if (part === undefined) return true;
  const [name, ...below] = path;
  if (part === '**') return matches(path, rest) || (name !== undefined && matches(below, glob));
  return name !== undefined && (part === '*' || part === name) && matches(below, rest);
}

/** Names are compared by their words, as keys are. Numbers are positions. */
function folded(name: string): string {
  return /^\d+$/.test(name) ? name : joinedWords(name) || name;
}
