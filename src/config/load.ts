/**
 * File and environment → Config, or every problem at once, each with its place. Pure: the caller passes the text, the
 * environment and a function that reads files.
 */
import { buildConfig, type Config, configuration } from './config.ts';
import { troublesAcross } from './cross-checks.ts';
import { parseConfigDocument } from './document.ts';
import type { DeploymentMode } from './draft/draft.ts';
import { type Environment, unknownVariables } from './draft/environment.ts';
import { prepareDraft } from './draft/prepare.ts';
import { policyTroubles } from './policy/problems.ts';
import { type Problem, problemsOf, troublesOf } from './problems.ts';
import { warningsAbout } from './warnings.ts';

export interface LoadInput {
  /** Content of the file; '' when there is none. */
  readonly text: string;
  /** Name of the file, for the problems. */
  readonly file: string;
  readonly env: Environment;
  /** Content of another file, as text; throws what the file system throws. */
  readonly readFile: (path: string) => string;
  /** Host name of the machine, for an environment without `HOSTNAME`. */
  readonly hostname?: string;
  /** Missing secrets are warnings, for a build machine that has none. */
  readonly withoutSecrets?: boolean;
  /** To warn about silences that have ended. Left out, none has. */
  readonly now?: number;
}

export type Loaded =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      readonly warnings: readonly string[];
      /** As far as it is known: in sidecar mode a wrong configuration must not end the process. */
      readonly mode: DeploymentMode;
    };

export function loadConfig(input: LoadInput): Loaded {
  const { file, env } = input;
  const machine = env['HOSTNAME'] || input.hostname;
  const document = parseConfigDocument(input.text);
  const unknown = unknownVariables(env, configuration.options);
  if (document.problems.length > 0) {
    const problems = document.problems.map(({ line, column, message }) => ({
      where: `${file}:${line}:${column}`,
      path: '',
      message,
    }));
    return { ok: false, problems, warnings: unknown, mode: modeOfUnreadable(input) };
  }
  const draft = prepareDraft(document.values, { ...input, declarations: configuration.options });
  const warnings = [...unknown, ...draft.warnings];
  const written = configuration.schema.safeParse(draft.values);
  const troubles = [
    ...draft.troubles,
    ...(written.error?.issues ?? []).flatMap((issue) => troublesOf(issue, draft)),
    ...troublesAcross(draft, env, machine),
    ...policyTroubles(draft),
  ];
  if (written.success && troubles.length === 0) {
    const config = buildConfig(written.data, env, machine);
    return { ok: true, config, warnings: [...warnings, ...warningsAbout(config, input.now)] };
  }
  return { ok: false, problems: problemsOf({ troubles, draft, document, file }), warnings, mode: draft.mode };
}

/** A file that is not valid YAML may still contain a line with the mode. */
function modeOfUnreadable({ text, env }: LoadInput): DeploymentMode {
  const written = env['TASKVIGIL_MODE'] || /^mode:\s*["']?(\w+)/m.exec(text)?.[1];
  return written === 'sidecar' ? 'sidecar' : 'standalone';
}
