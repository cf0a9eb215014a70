/**
 * File and environment → Config, or every problem at once, each with the place where it can be mended. Nothing here
 * touches the outside: the caller passes the text, the environment and a way to read files.
 */

import type { z } from 'zod';
import { buildConfig } from './build.ts';
import type { Config, DeploymentMode } from './config.ts';
import { troublesAcross } from './cross-checks.ts';
import { type ConfigDocument, type Path, parseConfigDocument } from './document.ts';
import { type ConfigTrouble, Draft, isMapping } from './draft.ts';
import { type Environment, unknownVariables } from './environment.ts';
import { schema } from './schema.ts';
import { closest } from './values/closest.ts';
import { kindOf } from './values/leaf.ts';
import { withoutEffect } from './without-effect.ts';

export interface LoadInput {
  /** The file's content; '' when there is none. */
  readonly text: string;
  /** Its name, for the problems. */
  readonly file: string;
  readonly env: Environment;
  /** The content of another file, as text; throws what the file system throws. */
  readonly readFile: (path: string) => string;
  /** The machine's name; `HOSTNAME` when left out. */
  readonly hostname?: string;
  /** On a machine that has none, such as that of a build: a secret that is not there is a warning. */
  readonly withoutSecrets?: boolean;
  /** To tell what is over already; left out, nothing is. */
  readonly now?: number;
}

export interface Problem {
  /** `taskvigil.yaml:3:10`, or the name of an environment variable. */
  readonly where: string;
  /** `alerts.rules[2].window`; '' for the file as a whole and for variables. */
  readonly path: string;
  /** What was expected and what came; never a secret. */
  readonly message: string;
}

export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      readonly warnings: readonly string[];
      /** As far as it can be told: beside a worker even a wrong configuration must not end the process. */
      readonly mode: DeploymentMode;
    };

export function loadConfig(input: LoadInput): Loaded {
  const { file, env } = input;
  const machine = input.hostname ?? env['HOSTNAME'];
  const document = parseConfigDocument(input.text);
  const warnings = unknownVariables(env);
  if (document.problems.length > 0) {
    const problems = document.problems.map(({ line, column, message }) => ({
      where: `${file}:${line}:${column}`,
      path: '',
      message,
    }));
    return { ok: false, problems, warnings, mode: modeOfUnreadable(input) };
  }
  const draft = new Draft(document.values, input);
  warnings.push(...draft.warnings);
  const written = schema.safeParse(draft.values);
  const troubles = [
    ...draft.troubles,
    ...(written.error?.issues ?? []).flatMap((issue) => troublesOf(issue, draft)),
    ...troublesAcross(draft, env, machine),
  ];
  if (written.success && troubles.length === 0) {
    const config = buildConfig(written.data, env, machine);
    return { ok: true, config, warnings: [...warnings, ...withoutEffect(config, input.now)] };
  }
  return { ok: false, problems: problemsOf(troubles, draft, document, file), warnings, mode: draft.mode };
}

/** A file that is not YAML can still have a line that says it. */
function modeOfUnreadable({ text, env }: LoadInput): DeploymentMode {
  const said = env['TASKVIGIL_MODE'] || /^mode:\s*["']?(\w+)/m.exec(text)?.[1];
  return said === 'sidecar' ? 'sidecar' : 'standalone';
}

/** `taskvigil.yaml:3:10: alerts.window: expected …, got …` */
export function problemLine({ where, path, message }: Problem): string {
  return [where, path, message].filter((part) => part !== '').join(': ');
}

function troublesOf(issue: z.core.$ZodIssue, draft: Draft): ConfigTrouble[] {
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

/** `known` is the message that `section` in schema.ts gives: the keys that may stand there. */
function unknownKey(key: string, known: string): string {
  const keys = known.split(' ');
  const meant = closest(key, keys);
  return meant === undefined
    ? `unknown key, expected one of ${keys.join(', ')}`
    : `unknown key; did you mean ${meant}?`;
}

/** In the order of the file, variables last; the same thing once. */
function problemsOf(
  troubles: readonly ConfigTrouble[],
  draft: Draft,
  document: ConfigDocument,
  file: string,
): Problem[] {
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

/** `broker: redis://…` is short for `broker.url`; whoever wrote the short one is told of that. */
function writtenPath(path: Path, values: unknown): Path {
  let value = values;
  const written: (string | number)[] = [];
  for (const part of path) {
    if (typeof value === 'string') return written;
    // One mapping may stand without its list.
    if (part === 0 && isMapping(value)) continue;
    value = isMapping(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[part] : undefined;
    written.push(part);
  }
  return written;
}

function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = /^[\w-]{1,64}$/.test(part) ? part : '?';
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
