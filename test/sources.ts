/** The sources as text: imports, exports, functions. For the tests of the house rules, which no compiler checks. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export interface ImportStatement {
  readonly from: string;
  readonly names: readonly string[];
  /** Erased by the compiler: `import type`, or only `type` names. */
  readonly isType: boolean;
}

export interface SourceFile {
  /** Below src/, with forward slashes: `alert/signals/stuck.ts`. */
  readonly path: string;
  /** `alert`; '' for the files directly in src/. */
  readonly room: string;
  /** `alert/signals`. */
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly ImportStatement[];
}

export interface FunctionPlace {
  readonly name: string;
  /** 1-based. */
  readonly line: number;
  readonly lines: number;
}

const root = new URL('..', import.meta.url).pathname;

export function readSources(folder = `${root}src/`): readonly SourceFile[] {
  return globSync('**/*.ts', { cwd: folder })
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(folder, path), 'utf8');
      const directory = dirname(path);
      return {
        path,
        room: directory === '.' ? '' : (directory.split('/')[0] as string),
        folder: directory === '.' ? '' : directory,
        text,
        imports: importsOf(text),
      };
    });
}

export function importsOf(text: string): ImportStatement[] {
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?([^;'"]*?)\s*from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map(([, type, list = '', from, bare, dynamic]) => {
    const names =
      /\{([^}]*)\}/
        .exec(list)?.[1]
        ?.split(',')
        .map((name) => name.trim()) ?? [];
    const wanted = names.filter((name) => name !== '');
    const isAllTypes = wanted.length > 0 && wanted.every((name) => name.startsWith('type '));
    return {
      from: from ?? bare ?? dynamic ?? '',
      names: wanted.map((name) => name.replace(/^type /, '').replace(/ as .*/, '')),
      isType: type !== undefined || isAllTypes,
    };
  });
}

/** The imported file below src/, or undefined for a package. */
export function importedPath({ path }: SourceFile, from: string): string | undefined {
  return from.startsWith('.') ? normalize(join(dirname(path), from)) : undefined;
}

/** Without comments, so that prose may contain what code may not. */
export function codeOf(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ''));
}

/**
 * Functions, methods and arrow functions with a body of more than one line. Relies on the formatter: the closing brace of a
 * body stands in the column of the line that opens the statement.
 */
export function functionsOf(text: string): FunctionPlace[] {
  const lines = codeOf(text).split('\n');
  return lines.flatMap((line, index) => {
    const body = /^(\s*)(.*?)(?:\)|\)\s*:\s.*|=>) \{$/.exec(line);
    if (body === null || /^\s*(?:\} )?(?:if|for|while|switch|else|catch|with|class|interface)\b/.test(line)) return [];
    const indent = body[1] as string;
    const end = lines.findIndex((other, at) => at > index && other.startsWith(`${indent}}`));
    if (end < 0) return [];
    const start = /^\s*\)/.test(line) ? openingLineOf(lines, index, indent) : index;
    return [{ name: (lines[start] as string).trim().slice(0, 60), line: start + 1, lines: end - start + 1 }];
  });
}

/** A signature over several lines ends with `): Type {`; it starts at the last line above with the same indentation. */
function openingLineOf(lines: readonly string[], index: number, indent: string): number {
  for (let at = index - 1; at >= 0; at -= 1) {
    const line = lines[at] as string;
    if (line.startsWith(indent) && !/^\s/.test(line.slice(indent.length)) && line.trim() !== '') return at;
  }
  return index;
}

export interface ExportedName {
  readonly name: string;
  readonly isType: boolean;
}

export function exportsOf(text: string): ExportedName[] {
  const declared = codeOf(text).matchAll(
    /^export (?:declare |abstract )*(interface|type|class|enum|async function\*?|function\*?|const|let) (\w+)/gm,
  );
  return [...declared].map(([, kind, name]) => ({
    name: name as string,
    isType: kind === 'interface' || kind === 'type',
  }));
}

/** Every cycle among `edges`, as the path that closes it. */
export function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push([...trail.slice(at), path]);
    if (at >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}

/** The longest path along `edges`, which must have no cycle. */
export function longestChain(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const longest = new Map<string, string[]>();
  const from = (path: string): string[] => {
    const known = longest.get(path);
    if (known !== undefined) return known;
    let best: string[] = [];
    for (const next of edges.get(path) ?? []) {
      const chain = from(next);
      if (chain.length > best.length) best = chain;
    }
    const chain = [path, ...best];
    longest.set(path, chain);
    return chain;
  };
  return [...edges.keys()].map(from).reduce((a, b) => (b.length > a.length ? b : a), []);
}
