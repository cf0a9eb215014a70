/** Separates the changes of a configuration that take effect at once from those that need a restart. */
import { type Config, configuration } from './config.ts';
import { configKeyOf, type Declarations } from './option.ts';
import { Secret } from './values/secret.ts';

export interface Restartless {
  /** The new values of reloadable options, and the running values of all others. */
  readonly config: Config;
  /** Changed options that need a restart, by their names in the file. */
  readonly waiting: readonly string[];
}

/** Parts of the Config that several top-level keys make. Every other part has one key. */
const combined: Partial<Readonly<Record<keyof Config, CombinedPart>>> = {
  brokers: { keys: ['broker', 'brokers', 'result_backend'], name: 'broker' },
  store: { keys: ['store', 'store_namespace'], name: 'store' },
  failures: { keys: ['grouping', 'classes'], name: 'grouping, classes' },
};

interface CombinedPart {
  readonly keys: readonly string[];
  readonly name: string;
}

interface Part {
  /** In `Config`. */
  readonly key: string;
  /** In the file. */
  readonly name: string;
  readonly isReloadable: boolean;
  /** Options of a reloadable section that need a restart. */
  readonly fixed: readonly FixedOption[];
}

interface FixedOption {
  readonly key: string;
  readonly name: string;
  /** The only field of the value that needs a restart; undefined: the whole value. */
  readonly field: string | undefined;
}

type Values = Readonly<Record<string, unknown>>;

export function withoutRestart(running: Config, read: Config): Restartless {
  const waiting: string[] = [];
  const next: Record<string, unknown> = { ...running };
  const parts = partsOf(configuration.options);
  const fixed = parts.filter(({ isReloadable }) => !isReloadable);
  for (const { key, name } of fixed) if (!isSame(fieldOf(running, key), fieldOf(read, key))) waiting.push(name);
  for (const part of parts.filter(({ isReloadable }) => isReloadable)) {
    const merged = mergedPart(part, fieldOf(running, part.key), fieldOf(read, part.key));
    next[part.key] = merged.value;
    waiting.push(...merged.waiting);
  }
  return { config: next as unknown as Config, waiting };
}

/** A section that is switched on or off needs a restart; an option that needs one keeps its running value. */
function mergedPart({ name, fixed }: Part, running: unknown, read: unknown): { value: unknown; waiting: string[] } {
  if (running === undefined || read === undefined) return { value: running, waiting: running === read ? [] : [name] };
  const changed = fixed.filter(
    ({ key, field }) => !isSame(fixedValue(running, key, field), fixedValue(read, key, field)),
  );
  if (changed.length === 0) return { value: read, waiting: [] };
  const kept = Object.fromEntries(changed.map(({ key }) => [key, fieldOf(running, key)]));
  return { value: { ...(read as Values), ...kept }, waiting: changed.map((option) => option.name) };
}

function fixedValue(section: unknown, key: string, field: string | undefined): unknown {
  const value = fieldOf(section, key);
  return field === undefined ? value : fieldOf(value, field);
}

function partsOf(declarations: Declarations): Part[] {
  const ofSeveral = Object.entries(combined).flatMap(([key, part]) =>
    part.keys.map((one) => [one, key, part] as const),
  );
  const parts = Object.entries(declarations).map(([key, node]): Part => {
    const several = ofSeveral.find(([one]) => one === key);
    const name = several === undefined ? key : several[2].name;
    return {
      key: several === undefined ? configKeyOf(key, node) : several[1],
      name,
      isReloadable: node.isReloadable === true,
      fixed: node.kind === 'section' ? fixedOptions(name, node.options) : [],
    };
  });
  return [...new Map(parts.map((part) => [part.key, part])).values()];
}

function fixedOptions(section: string, options: Declarations): FixedOption[] {
  return Object.entries(options).flatMap(([key, node]): FixedOption[] =>
    node.kind !== 'option' || node.needsRestart === undefined
      ? []
      : [
          {
            key: configKeyOf(key, node),
            name: `${section}.${key}`,
            field: node.needsRestart === true ? undefined : node.needsRestart,
          },
        ],
  );
}

/** Compares secrets by their content: a new password needs a new connection. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Secret || b instanceof Secret) {
    return a instanceof Secret && b instanceof Secret && a.expose() === b.expose();
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length || Array.isArray(a) !== Array.isArray(b)) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSame(fieldOf(a, key), fieldOf(b, key)));
}

function fieldOf(value: unknown, key: string): unknown {
  return (value as Values)[key];
}
