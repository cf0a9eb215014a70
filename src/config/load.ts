/**
 * File and environment → Config, or every problem at once, each with the place where it can be mended. Nothing here
 * touches the outside: the caller passes the text, the environment and a way to read files.
 */
import { buildConfig } from './build.ts';
import { closest } from './closest.ts';
import type { Config } from './config.ts';
import { type ConfigDocument, type Path, parseConfigDocument } from './document.ts';
import { Draft } from './draft.ts';
import { type Environment, unknownVariables } from './environment.ts';
import { kindOf } from './leaf.ts';
import { schema } from './schema.ts';

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
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly warnings: readonly string[] };

export function loadConfig(input: LoadInput): Loaded {
  const { file, env } = input;
  const warnings = unknownVariables(env);
  const document = parseConfigDocument(input.text);
  if (document.problems.length > 0) {
    const problems = document.problems.map(({ line, column, message }) => ({
      where: `${file}:${line}:${column}`,
      path: '',
      message,
    }));
    return { ok: false, problems, warnings };
  }
  const draft = new Draft(document.values, input);
  warnings.push(...draft.warnings);
  const located: Located[] = [...draft.troubles];
  const written = schema.safeParse(draft.values);
  if (written.error !== undefined) located.push(...written.error.issues.flatMap((issue) => located1(issue, draft)));
  const built = buildConfig(written.data, env, input.hostname ?? env['HOSTNAME']);
  located.push(...built.troubles);
  if (located.length > 0 || built.config === undefined) {
    return { ok: false, problems: problemsOf(located, draft, document, file), warnings };
  }
  return { ok: true, config: built.config, warnings: [...warnings, ...built.warnings] };
}

/** `taskvigil.yaml:3:10: alerts.window: expected …, got …` */
export function problemLine({ where, path, message }: Problem): string {
  return [where, path, message].filter((part) => part !== '').join(': ');
}

/** A trouble with the value at a path, or with the key itself. */
export interface Located {
  readonly path: Path;
  readonly message: string;
  readonly isAboutKey?: boolean;
}
