/** Troubles of a draft and issues of the schema → problems with a place and a path, in the order of the file. */
import type { z } from 'zod';
import type { ConfigDocument, Path } from './document.ts';
import { type ConfigDraft, type ConfigTrouble, isMapping } from './draft/draft.ts';
import { closest } from './values/closest.ts';
import { kindOf } from './values/leaf.ts';

export interface Problem {
  /** `taskvigil.yaml:3:10`, or the name of an environment variable. */
  readonly where: string;
  /** `alerts.rules[2].window`; '' for the file as a whole and for variables. */
  readonly path: string;
  /** The expected and the received value; never a secret. */
  readonly message: string;
}

/** `taskvigil.yaml:3:10: alerts.window: expected …, got …` */
export function problemLine({ where, path, message }: Problem): string {
  return [where, path, message].filter((part) => part !== '').join(': ');
}

/** An issue of the schema in our words; an issue with several unknown keys is one trouble per key. */
export function troublesOf(issue: z.core.$ZodIssue, draft: ConfigDraft): ConfigTrouble[] {
  const path = issue.path as Path;
  switch (issue.code) {
    case 'custom':
      return [{ path, message: issue.message }];
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: unknownKey(key, issue.message),
        isAboutKey: true,
      }));
    case 'invalid_type': {
      const expected = issue.expected === 'array' ? 'a list' : 'a mapping';
      return [{ path, message: `expected ${expected}, got ${kindOf(draft.valueAt(path)).replace('another', 'a')}` }];
    }
    case 'too_big':
      return [{ path, message: `expected at most ${issue.maximum} items` }];
    case 'too_small':
      return [{ path, message: `expected at least ${issue.minimum}, got none` }];
    default:
      return [{ path, message: issue.message }];
  }
}

/** `known` is the message of `values/section.ts`: the keys that are allowed there. */
function unknownKey(key: string, known: string): string {
  const keys = known.split(' ');
  const meant = closest(key, keys);
  return meant === undefined
    ? `unknown key, expected one of ${keys.join(', ')}`
    : `unknown key; did you mean ${meant}?`;
}

export interface ProblemSources {
  readonly troubles: readonly ConfigTrouble[];
  readonly draft: ConfigDraft;
  readonly document: ConfigDocument;
  /** Name of the file. */
  readonly file: string;
}

/** In the order of the file, variables last, without duplicates. */
export function problemsOf({ troubles, draft, document, file }: ProblemSources): Problem[] {
  const sorted = troubles
    .map((trouble) => ({ trouble, variable: trouble.variable ?? draft.variableOf(trouble.path) }))
    .map(({ trouble, variable }) => {
      const path = writtenPath(trouble.path, document.values);
      const place = trouble.isAboutKey === true ? document.placeOfKey(path) : document.placeOf(path);
      const order = variable === undefined ? place.line * 10_000 + place.column : Number.POSITIVE_INFINITY;
      const where = variable ?? `${file}:${place.line}:${place.column}`;
      return {
        order,
        problem: { where, path: variable === undefined ? pathText(path) : '', message: trouble.message },
      };
    })
    .sort((a, b) => (a.order === b.order ? 0 : a.order - b.order));
  const lines = new Map(sorted.map(({ problem }) => [problemLine(problem), problem]));
  return [...lines.values()];
}

/** The path as it is in the file, where `broker: redis://…` is short for `broker.url`. */
function writtenPath(path: Path, values: unknown): Path {
  let value = values;
  const written: (string | number)[] = [];
  for (const part of path) {
    if (typeof value === 'string') return written;
    // A single mapping may be written without a list.
    if (part === 0 && isMapping(value)) continue;
    value = isMapping(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[part] : undefined;
    written.push(part);
  }
  return written;
}

/** `alerts.owners[2].match`; a key that is not a plain word could hold anything and is shown as "?". */
function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = /^[\w-]{1,64}$/.test(part) ? part : '?';
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
