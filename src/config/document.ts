/**
 * YAML text → plain values, with the position of each in the file, so that a problem is reported as `file:line:column`.
 * Repeated keys, excessive aliases and tags are refused. No message quotes the file, because it may contain secrets.
 */
import {
  type Alias,
  type Document,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';

export type Path = readonly (string | number)[];

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlProblem extends Place {
  readonly message: string;
}

export interface ConfigDocument {
  readonly values: Record<string, unknown>;
  /** Position of the value at `path`, or of the nearest mapping or list around it. */
  placeOf(path: Path): Place;
  /** Position of the key itself. */
  placeOfKey(path: Path): Place;
  readonly problems: readonly YamlProblem[];
}

/** A configuration has a few hundred lines; a larger file is not one. */
const charsMax = 1_048_576;
const aliasesMax = 100;
const tooManyAliases = { line: 1, column: 1, message: `expected at most ${aliasesMax} uses of aliases` };

/** Never throws: a text that is not valid YAML has problems and no values. */
export function parseConfigDocument(text: string): ConfigDocument {
  if (text.length > charsMax) {
    return unreadable({ line: 1, column: 1, message: `expected at most ${charsMax} characters, got ${text.length}` });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, stringKeys: true });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: YamlProblem[] = [...document.errors, ...document.warnings].map(({ code, pos }) => ({
    ...placeAt(pos[0]),
    message: messages[code] ?? `expected valid YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
  }));
  problems.push(...aliasProblems(document, placeAt));
  const values = problems.length > 0 ? {} : valuesOf(document, problems);
  return {
    values,
    problems,
    placeOf: (path) => placeAt(nodeAt(document, path)?.range?.[0] ?? 0),
    placeOfKey: (path) => placeAt(keyAt(document, path)?.range?.[0] ?? 0),
  };
}

const messages: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'expected every key once, got this one twice',
  TAB_AS_INDENT: 'expected spaces, got a tab',
  BAD_INDENT: 'expected the same indentation as the lines around it',
  MISSING_CHAR: 'expected a closing quote, bracket or colon',
  MULTIPLE_DOCS: 'expected one YAML document, got several',
  TAG_RESOLVE_FAILED: 'expected no YAML tags',
  BAD_SCALAR_START: 'expected a quoted text: this character cannot begin a plain one',
  NON_STRING_KEY: 'expected a text as the key',
};

function aliasProblems(document: Document, placeAt: (offset: number) => Place): YamlProblem[] {
  const aliases: Alias[] = [];
  const problems: YamlProblem[] = [];
  const report = (alias: Alias, message: string): void => {
    problems.push({ ...placeAt(alias.range?.[0] ?? 0), message });
  };
  visit(document, {
    Alias: (_key, alias, ancestors) => {
      aliases.push(alias);
      const target = alias.resolve(document);
      if (target === undefined) report(alias, 'expected a quoted text: a leading "*" is an alias in YAML');
      else if (ancestors.includes(target)) report(alias, 'expected an alias of something else, this one holds itself');
    },
  });
  return aliases.length > aliasesMax ? [tooManyAliases] : problems;
}

function valuesOf(document: Document, problems: YamlProblem[]): Record<string, unknown> {
  try {
    // The library counts the definition of an anchor as a use. It also counts aliases of lists that contain aliases.
    const values: unknown = document.toJS({ maxAliasCount: aliasesMax + 1 });
    if (values === null || values === undefined) return {};
    if (typeof values === 'object' && !Array.isArray(values)) return values as Record<string, unknown>;
    problems.push({ line: 1, column: 1, message: 'expected keys with values, like "mode: standalone"' });
  } catch {
    problems.push(tooManyAliases);
  }
  return {};
}

function nodeAt(document: Document, path: Path): Node | undefined {
  let node = document.contents as Node | null;
  for (const part of path) {
    if (!isCollection(node)) break;
    const next = node.get(part, true) as Node | null | undefined;
    if (next === undefined || next === null) break;
    node = next;
  }
  return node ?? undefined;
}

function keyAt(document: Document, path: Path): Node | undefined {
  const parent = nodeAt(document, path.slice(0, -1));
  const last = path.at(-1);
  if (!isMap(parent)) return parent;
  const pair = parent.items.find(({ key }) => isScalar(key) && key.value === last);
  return (pair?.key as Node | undefined) ?? parent;
}

function unreadable(problem: YamlProblem): ConfigDocument {
  const place = { line: 1, column: 1 };
  return { values: {}, problems: [problem], placeOf: () => place, placeOfKey: () => place };
}
