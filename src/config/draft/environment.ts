/**
 * Environment variables of options. `TASKVIGIL_…` variables take precedence over the file; conventional variables of
 * Celery, Sentry, Slack and OpenTelemetry are used for options that the file leaves out.
 */
import { type ConfigOption, type Declarations, fileKeyOf, placedOptions } from '../option.ts';
import { closest } from '../values/closest.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Variable {
  readonly name: string;
  /** Keys of its option from the root. */
  readonly path: readonly string[];
  readonly option: ConfigOption;
}

/** `TASKVIGIL_…` variables, in the order of declaration. */
export function ownVariables(declarations: Declarations): Variable[] {
  return variables(declarations, ({ variable }) => (variable === undefined ? [] : [variable]));
}

/** Variables of other tools, in order of precedence. */
export function conventionalVariables(declarations: Declarations): Variable[] {
  return variables(declarations, ({ conventional }) => conventional ?? []);
}

function variables(declarations: Declarations, namesOf: (option: ConfigOption) => readonly string[]): Variable[] {
  return placedOptions(declarations)
    .filter(({ path }) => !path.includes('*'))
    .flatMap(({ path, option }) => namesOf(option).map((name) => ({ name, path, option })));
}

/** The other ways to write the option in the file: the path of its file, and the key that replaces it. */
export function alternativesOf({ path, option }: Variable): (readonly string[])[] {
  const key = path.at(-1) ?? '';
  return [
    ...(option.hasFileKey ? [[...path.slice(0, -1), fileKeyOf(key)]] : []),
    ...(option.replacedBy === undefined ? [] : [[option.replacedBy]]),
  ];
}

/** The variable that names a file with the value; undefined for options that are not secret. */
export function fileVariableOf({ name, option }: Variable): string | undefined {
  return option.isSecret === true ? `${name}_FILE` : undefined;
}

const prefix = 'TASKVIGIL_';

/** Kubernetes sets these in every pod of a namespace with a Service whose name starts with `taskvigil`. */
const ofKubernetes =
  /^TASKVIGIL_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP)(_(ADDR|PORT|PROTO))?)$/;

/** A warning for each `TASKVIGIL_…` variable that belongs to no option. */
export function unknownVariables(env: Environment, declarations: Declarations): string[] {
  const known = ownVariables(declarations).flatMap((one) => [one.name, fileVariableOf(one) ?? one.name]);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name) && !ofKubernetes.test(name))
    .sort()
    .map((name) => {
      const meant = closest(
        name.slice(prefix.length),
        known.map((one) => one.slice(prefix.length)),
      );
      return `${name}: unknown variable, ignored${meant === undefined ? '' : `; did you mean ${prefix}${meant}?`}`;
    });
}
