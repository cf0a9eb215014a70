/**
 * Finds text that is not plain, standard English (CONTRIBUTING.md, "Language"): comments, documentation and strings that
 * start without a subject, and words that the project replaced by a standard term.
 *
 *   node test/language.ts [folder or file …]     lists every place, exits with 1 if there is one
 */
import { globSync, readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface LanguageProblem {
  readonly line: number;
  readonly what: string;
  readonly text: string;
}

/** A sentence that starts with one of these has no subject that a stranger could name. */
const opener =
  /^(?:What|Who|Whoever|Whatever|Whether|Which|Where|So (?:many|long|often|much|few)|Of (?:what|a|an|these|those|several|whom)|As (?:it|they)|Nobody|Somebody|Anybody|Whose|It|They) (?=[a-z'’])/;

/** Words of the old dialect, each with the term to use instead. */
const words: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:whoever|whomever|nobody|somebody|anybody|everybody)\b/i,
    'name the actor: the operator, the replica, the worker',
  ],
  [/\b(?:hears?|heard|hearing|unheard)\b/i, 'receive, received, listening'],
  [/\b(?:deaf|deafness)\b/i, 'gap'],
  [/\b(?:tells?|telling|told|untold)\b/i, 'report, notify, show, state'],
  [/\b(?:says?|said|saying)\b/i, 'report, contain, state'],
  [/\bgoodbyes?\b/i, 'shut down'],
  [/\b(?:has|had|have) (?:its|their|his|a) turns?\b/i, 'runs, is tried, applies'],
  [/\bso long as\b|\bfor so long\b|\bso long after\b/i, 'while, for this long, this long after'],
  [/\bof (?:what|whom) (?:is|was|has|had|the|we|it|a)\b/i, 'name the thing'],
  [/\bis (?:away|there again|at it)\b/i, 'is unreachable, is back, is working on it'],
];

/** Problems in one piece of prose: a comment without its markers, or a paragraph of a page. */
export function proseProblems(prose: string): { readonly what: string; readonly text: string }[] {
  const plain = prose.replace(/`[^`]*`|"[^"]*"|“[^”]*”|\{@link [^}]*\}|https?:\S+/g, '`x`');
  const problems: { what: string; text: string }[] = [];
  const start = opener.exec(plain.trim());
  if (start !== null)
    problems.push({ what: `starts with "${start[0].trim()}": start with the thing itself`, text: prose });
  for (const [pattern, instead] of words) {
    const word = pattern.exec(plain);
    if (word !== null) problems.push({ what: `"${word[0]}": ${instead}`, text: prose });
  }
  return problems;
}

/** Comments of a source file, each with the line it starts on; the lines of one block are joined. */
export function commentsOf(source: string): { readonly line: number; readonly text: string }[] {
  const comments: { line: number; text: string }[] = [];
  const lines = source.split('\n');
  let block: string[] | undefined;
  let start = 0;
  const flush = (): void => {
    if (block !== undefined) comments.push({ line: start, text: block.join(' ').replace(/\s+/g, ' ').trim() });
    block = undefined;
  };
  let isInBlock = false;
  for (const [index, line] of lines.entries()) {
    const opened = /^\s*\/\*\*?(.*)$/.exec(line) ?? (isInBlock ? null : /\s\/\*\*?(?!\/)(.*)$/.exec(line));
    const lineComment = /^\s*\/\/\s?(.*)$/.exec(line) ?? /[;,{})\]] \/\/ (.*)$/.exec(line);
    if (isInBlock) {
      const isEnd = line.includes('*/');
      const text = line.replace(/^\s*\*?\s?/, '').replace(/\*\/.*$/, '');
      if (text.trim() === '') {
        const at = index + 2;
        flush();
        block = [];
        start = at;
      } else block?.push(text);
      if (isEnd) {
        isInBlock = false;
        flush();
      }
    } else if (opened !== null) {
      flush();
      block = [];
      start = index + 1;
      const isEnd = line.includes('*/', line.indexOf('/*') + 2);
      block.push((opened[1] ?? '').replace(/\*\/.*$/, ''));
      if (isEnd) flush();
      else isInBlock = true;
    } else if (lineComment !== null && !/^\s*\/\/ (?:biome-ignore|@ts-)/.test(line)) {
      if (block === undefined) {
        block = [];
        start = index + 1;
      }
      block.push(lineComment[1] ?? '');
    } else flush();
  }
  flush();
  return comments.filter(({ text }) => text !== '');
}

/** Headings, list items, table cells and paragraphs of a page, without its code blocks. */
export function paragraphsOf(page: string): { readonly line: number; readonly text: string }[] {
  const paragraphs: { line: number; text: string }[] = [];
  let isCode = false;
  let current: { line: number; text: string } | undefined;
  for (const [index, line] of page.split('\n').entries()) {
    if (/^\s*(?:```|~~~)/.test(line)) isCode = !isCode;
    const isStart = /^\s*(?:[-*>|#]|\d+\.)/.test(line);
    if (isCode || line.trim() === '' || isStart) current = undefined;
    if (isCode || line.trim() === '' || /^\s*(?:```|~~~)/.test(line)) continue;
    if (line.trimStart().startsWith('|')) {
      for (const cell of line.split('|')) paragraphs.push({ line: index + 1, text: cell.trim() });
      continue;
    }
    const text = line.replace(/^\s*(?:[-*>#]+|\d+\.)\s*/, '');
    if (current === undefined) {
      current = { line: index + 1, text };
      paragraphs.push(current);
    } else current.text += ` ${text}`;
  }
  return paragraphs;
}

/** Texts between quotes that read like prose: at least three words. Test titles, messages, page and Slack texts. */
export function textsOf(source: string): { readonly line: number; readonly text: string }[] {
  const texts: { line: number; text: string }[] = [];
  for (const [index, line] of source.split('\n').entries()) {
    if (/^\s*(?:\*|\/\/|\/\*)/.test(line) || /^\s*import\b/.test(line)) continue;
    for (const match of line.matchAll(/'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)) {
      const text = (match[1] ?? match[2] ?? '').replace(/\$\{[^}]*\}/g, 'x').replace(/\\'/g, "'");
      if (/^[A-Za-z][\w'’,-]*(?: [\w'’“”(),.:;-]+){2,}/.test(text)) texts.push({ line: index + 1, text });
    }
  }
  return texts;
}

/** Every problem of one file: comments and texts of a source file, paragraphs of a page, comments of YAML and Python. */
export function languageProblems(path: string, content: string): LanguageProblem[] {
  const pieces = path.endsWith('.md')
    ? paragraphsOf(content)
    : /\.(?:ts|mjs)$/.test(path)
      ? [...commentsOf(content), ...textsOf(content)]
      : content.split('\n').flatMap((line, index) => {
          const comment = /^\s*#+ (.*)$/.exec(line)?.[1];
          return comment === undefined ? [] : [{ line: index + 1, text: comment }];
        });
  return pieces.flatMap(({ line, text }) => proseProblems(text).map((problem) => ({ line, ...problem })));
}

/** Files whose language is checked. Recordings, corpora and generated files are data. */
export const checkedFiles = [
  'src/**/*.{ts,mjs}',
  'test/*.ts',
  'test/{check,conformance,golden,live,noise,fakes,scenarios,gallery,bench,e2e}/*.{ts,txt,md,sh}',
  'docs/**/*.md',
  'config/*.yaml',
  '*.md',
  '.ci/run',
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2);
  const files = (wanted.length === 0 ? checkedFiles : wanted).flatMap((one) =>
    statSync(one, { throwIfNoEntry: false })?.isDirectory()
      ? globSync(`${one}/**/*.{ts,mjs,md,txt,yaml}`)
      : globSync(one),
  );
  let count = 0;
  for (const file of files) {
    if (relative('.', file).startsWith('test/language')) continue;
    for (const { line, what, text } of languageProblems(file, readFileSync(file, 'utf8'))) {
      count += 1;
      process.stdout.write(`${file}:${line}: ${what}\n    ${text.slice(0, 160)}\n`);
    }
  }
  process.stdout.write(`${count} problems\n`);
  process.exitCode = count === 0 ? 0 : 1;
}
