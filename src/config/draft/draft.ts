/**
 * The values of a configuration on their way from the file and the environment to the schema, with the problems found
 * so far and the variable or file that each value came from.
 */
import type { Path } from '../document.ts';
import type { Declarations } from '../option.ts';
import type { Environment } from './environment.ts';

export type DeploymentMode = 'sidecar' | 'standalone';

/** A problem with the value at a path, or with the key itself. */
export interface ConfigTrouble {
  readonly path: Path;
  readonly message: string;
  readonly isAboutKey?: boolean;
  /** The variable at fault, if the value did not come from the file. */
  readonly variable?: string;
}

/** Everything that a draft is made from beside the file. */
export interface DraftInput {
  readonly declarations: Declarations;
  readonly env: Environment;
  /** Content of another file; throws what the file system throws. */
  readonly readFile: (path: string) => string;
  /** Accepts missing secrets, each with a warning, because a build machine has none. */
  readonly withoutSecrets?: boolean;
}

type Values = Record<string | number, unknown>;

export class ConfigDraft {
  readonly values: Values;
  readonly warnings: string[] = [];
  #troubles: ConfigTrouble[] = [];
  /** Name of the variable or `_FILE` variable behind a value, by its path. */
  readonly #origins = new Map<string, string>();

  constructor(values: Record<string, unknown>) {
    // An alias of the file puts one object in several places; a change must not reach the other places.
    this.values = JSON.parse(JSON.stringify(values)) as Values;
  }

  get troubles(): readonly ConfigTrouble[] {
    return this.#troubles;
  }

  get mode(): DeploymentMode {
    return this.values['mode'] === 'sidecar' ? 'sidecar' : 'standalone';
  }

  report(trouble: ConfigTrouble): void {
    this.#troubles.push(trouble);
  }

  /** Removes the problems that `matches` accepts and returns them. */
  takeTroubles(matches: (trouble: ConfigTrouble) => boolean): ConfigTrouble[] {
    const taken = this.#troubles.filter(matches);
    this.#troubles = this.#troubles.filter((trouble) => !taken.includes(trouble));
    return taken;
  }

  /** The variable that the value at `path`, or a mapping or list around it, came from. */
  variableOf(path: Path): string | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const variable = this.#origins.get(path.slice(0, length).join('\0'));
      if (variable !== undefined) return variable;
    }
    return undefined;
  }

  valueAt(path: Path): unknown {
    return path.reduce<unknown>(
      (value, part) => (isMapping(value) || Array.isArray(value) ? (value as Values)[part] : undefined),
      this.values,
    );
  }

  /** Is there a value at `path`? A key without a value, `null` in YAML, is none. */
  isWritten(path: Path): boolean {
    const value = this.valueAt(path);
    return value !== undefined && value !== null;
  }

  /** Puts `value` at `path` and creates the mappings around it. `origin` is the variable it came from. */
  put(path: Path, value: unknown, origin?: string): void {
    let parent = this.values;
    for (const part of path.slice(0, -1)) {
      if (!isMapping(parent[part]) && !Array.isArray(parent[part])) parent[part] = {};
      parent = parent[part] as Values;
    }
    parent[path.at(-1)!] = value;
    if (origin !== undefined) this.#origins.set(path.join('\0'), origin);
  }

  remove(path: Path): void {
    const parent = this.valueAt(path.slice(0, -1));
    if (isMapping(parent)) delete parent[path.at(-1)!];
  }
}

export function isMapping(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
