/**
 * What was written, from all places, on its way to the schema: the file's values, with the environment laid over them,
 * references resolved and named files read. Remembers which variable a value came from.
 */
import type { DeploymentMode } from './config.ts';
import type { Path } from './document.ts';
import { conventional, type Environment, ours, type Variable } from './environment.ts';
import { placeholderOf } from './fetchable.ts';
import { fetchFile, hasReference, interpolate, withoutReferences } from './values/interpolate.ts';
import { unresolved } from './values/leaf.ts';

/** A trouble with the value at a path, or with the key itself. */
export interface ConfigTrouble {
  readonly path: Path;
  readonly message: string;
  readonly isAboutKey?: boolean;
  /** The variable that is to blame, when it is not the file. */
  readonly variable?: string;
}

export interface DraftInput {
  readonly env: Environment;
  readonly readFile: (path: string) => string;
  /** On a machine that has none, such as that of a build: a secret that is not there is a warning. */
  readonly withoutSecrets?: boolean;
}

type Values = Record<string | number, unknown>;

/** These have defaults for all they hold; the others are off when they are left out. */
export const sections = [
  'source',
  'otlp',
  'alerts',
  'grouping',
  'classes',
  'redact',
  'limits',
  'workers',
  'ops',
  'ui',
  'log',
];
/** Optional, and off when there is nothing behind the key. */
const switches = ['broker', 'slack', 'sentry', 'store', 'result_backend'];
/** What a sidecar can do without: beside a worker, starting late or half is better than not starting. */
const dispensable = ['slack', 'sentry'];

export class Draft {
  readonly values: Values;
  readonly troubles: ConfigTrouble[] = [];
  readonly warnings: string[] = [];
  /** The file that a value was read from, by its path. */
  readonly #origins = new Map<string, string>();
  readonly #input: DraftInput;

  constructor(values: Record<string, unknown>, input: DraftInput) {
    // Aliases make one object stand in several places; each place gets its own.
    this.values = JSON.parse(JSON.stringify(values)) as Values;
    this.#input = input;
    this.#spell();
    for (const variable of ours) this.#layOver(variable);
    for (const variable of conventional) this.#fillIn(variable);
    this.#followReferences(this.values, []);
    this.#readNamedFiles();
    this.#doWithoutBroker();
    this.#doWithout();
  }

  get mode(): DeploymentMode {
    return this.values['mode'] === 'sidecar' ? 'sidecar' : 'standalone';
  }

  /** The variable that the value at `path`, or something around it, came from. */
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

  /** One spelling for what may be written in two. */
  #spell(): void {
    const { values } = this;
    for (const name of sections) values[name] ??= {};
    for (const name of switches) if (values[name] === null) delete values[name];
    if (typeof values['broker'] === 'string') values['broker'] = { url: values['broker'] };
    this.#spellMutes();
    const brokers = values['brokers'];
    if (!Array.isArray(brokers)) return;
    values['brokers'] = brokers.map((broker: unknown) => (typeof broker === 'string' ? { url: broker } : broker));
  }

  /** Mute hours of one name may be several. */
  #spellMutes(): void {
    const mutes = this.valueAt(['alerts', 'mute']);
    if (!isMapping(mutes)) return;
    for (const [name, hours] of Object.entries(mutes)) if (isMapping(hours)) mutes[name] = [hours];
  }

  #layOver(variable: Variable): void {
    const fetched = this.#fetch(variable);
    if (fetched === undefined) return;
    if (variable.path[0] === 'broker' && this.values['brokers'] !== undefined) {
      const message = 'expected either this variable or "brokers" in the file, got both';
      this.troubles.push({ path: [], message, variable: variable.name });
      return;
    }
    for (const path of variable.instead ?? []) this.#remove(path);
    this.#set(variable.path, fetched.value, fetched.from);
  }

  #fillIn(variable: Variable): void {
    const taken = [variable.path, ...(variable.instead ?? [])];
    if (taken.some((path) => this.valueAt(path) !== undefined && this.valueAt(path) !== null)) return;
    const [section] = variable.path;
    const isSection = this.values[section as string] !== undefined;
    // The environment may be the worker's own: a token alone does not say that we should post, nor a release that we
    // should send to Sentry.
    if (!isSection && variable.name.startsWith('SLACK_')) {
      if (this.#input.env[variable.name])
        this.warnings.push(`${variable.name} is set, but slack.channel is not: Slack is off`);
      return;
    }
    if (!isSection && variable.path[0] === 'sentry' && variable.path[1] !== 'dsn') return;
    const fetched = this.#fetch(variable);
    if (fetched !== undefined) this.#set(variable.path, fetched.value, fetched.from);
  }

  /** The variable's value, or that of the file that its twin names; undefined when neither is set. */
  #fetch({ name, path, isSecret }: Variable): { readonly value: unknown; readonly from: string } | undefined {
    const { env, readFile } = this.#input;
    const value = env[name] === '' ? undefined : env[name];
    const twin = `${name}_FILE`;
    const file = isSecret === undefined || env[twin] === '' ? undefined : env[twin];
    if (file === undefined) return value === undefined ? undefined : { value, from: name };
    if (value !== undefined) {
      this.troubles.push({ path: [], message: `expected either ${name} or ${twin}, got both`, variable: twin });
      return { value: unresolved, from: twin };
    }
    const fetched = fetchFile(file, readFile);
    if (fetched.ok) return { value: fetched.text, from: twin };
    return { value: this.#missing(path, { path, message: fetched.reason, variable: twin }), from: twin };
  }

  /** A value that could not be fetched is a problem, or, where there are no secrets, a warning and something that fits. */
  #missing(path: Path, trouble: ConfigTrouble): unknown {
    const placeholder = placeholderOf(path);
    if (this.#input.withoutSecrets !== true || placeholder === undefined) {
      this.troubles.push(trouble);
      return unresolved;
    }
    this.warnings.push(`${trouble.path.join('.')}: ${trouble.message}: taken as given`);
    return placeholder;
  }

  #followReferences(value: unknown, path: Path): void {
    if (typeof value !== 'string') {
      if (isMapping(value) || Array.isArray(value)) {
        for (const [key, inner] of Object.entries(value)) {
          this.#followReferences(inner, [...path, Array.isArray(value) ? Number(key) : key]);
        }
      }
      return;
    }
    // What the environment says is meant as it is.
    if (!hasReference(value) || this.variableOf(path) !== undefined) return;
    if (placeholderOf(path) === undefined) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the syntax itself, in a message about it.
      const message = 'expected no ${env:…} or ${file:…} here: they work in addresses, tokens and headers only';
      this.troubles.push({ path, message });
      this.#put(path, unresolved);
      return;
    }
    const { env, readFile } = this.#input;
    const result = interpolate(value, env, readFile);
    if (result.ok) {
      this.#put(path, result.text);
      return;
    }
    const placeholder = this.#missing(path, { path, message: result.reason });
    // What is known of an address is kept.
    const rest = withoutReferences(value, 'unknown');
    this.#put(path, placeholder === unresolved || rest === 'unknown' ? placeholder : rest);
  }

  #readNamedFiles(): void {
    const brokers = this.values['brokers'];
    const count = Array.isArray(brokers) ? brokers.length : 0;
    const pairs: [Path, string, string][] = [
      [['broker'], 'url_file', 'url'],
      ...Array.from({ length: count }, (_, index): [Path, string, string] => [['brokers', index], 'url_file', 'url']),
      [['slack'], 'token_file', 'token'],
      [['slack'], 'app_token_file', 'app_token'],
      [['slack'], 'signing_secret_file', 'signing_secret'],
      [['sentry'], 'dsn_file', 'dsn'],
      [['redact'], 'hash_key_file', 'hash_key'],
    ];
    for (const [section, fileKey, key] of pairs) this.#readNamedFile(section, fileKey, key);
  }

  #readNamedFile(section: Path, fileKey: string, key: string): void {
    const named = this.valueAt([...section, fileKey]);
    if (typeof named !== 'string') return;
    const path = [...section, fileKey];
    if (this.valueAt([...section, key]) !== undefined) {
      this.troubles.push({ path, message: `expected either ${key} or ${fileKey}, got both` });
      return;
    }
    const fetched = fetchFile(named, this.#input.readFile);
    const value = fetched.ok ? fetched.text : this.#missing([...section, key], { path, message: fetched.reason });
    this.#put([...section, key], value);
  }

  /** Workers are told of the broker by a variable, which such a machine has not either. */
  #doWithoutBroker(): void {
    const { broker, brokers } = this.values;
    if (this.#input.withoutSecrets === true && broker === undefined && brokers === undefined) {
      this.#put(['broker', 'url'], this.#missing(['broker', 'url'], { path: ['broker'], message: 'got nothing' }));
    }
  }

  /** In sidecar mode a secret that is not there (yet) turns its sink off instead of ending the start. */
  #doWithout(): void {
    if (this.mode !== 'sidecar') return;
    this.#doWithoutActions();
    for (const name of dispensable) {
      const key = name === 'slack' ? 'token' : 'dsn';
      const section = this.values[name];
      if (!isMapping(section)) continue;
      const value = section[key];
      if (value !== unresolved && value !== undefined && value !== null) continue;
      const mine = this.troubles.filter(
        ({ path }) => path[0] === name && (path[1] === key || path[1] === `${key}_file`),
      );
      for (const trouble of mine) this.troubles.splice(this.troubles.indexOf(trouble), 1);
      const why = mine.map(({ message }) => message).join('; ') || `expected a ${key}, got nothing`;
      this.warnings.push(`${name}.${key}: ${why}: ${name === 'slack' ? 'Slack' : 'Sentry'} is off`);
      delete this.values[name];
    }
  }

  #doWithoutActions(): void {
    const slack = this.values['slack'];
    if (!isMapping(slack)) return;
    for (const key of ['app_token', 'signing_secret']) {
      if (slack[key] !== unresolved) continue;
      const mine = this.troubles.filter(({ path }) => path[0] === 'slack' && String(path[1]).startsWith(key));
      for (const trouble of mine) this.troubles.splice(this.troubles.indexOf(trouble), 1);
      this.warnings.push(`slack.${key}: ${mine.map(({ message }) => message).join('; ')}: there are no buttons`);
      delete slack[key];
      slack['actions'] = 'off';
    }
  }

  #set(path: Path, value: unknown, from: string): void {
    this.#put(path, value);
    this.#origins.set(path.join('\0'), from);
  }

  #put(path: Path, value: unknown): void {
    let parent = this.values;
    for (const part of path.slice(0, -1)) {
      if (!isMapping(parent[part]) && !Array.isArray(parent[part])) parent[part] = {};
      parent = parent[part] as Values;
    }
    parent[path.at(-1)!] = value;
  }

  #remove(path: Path): void {
    const parent = this.valueAt(path.slice(0, -1));
    if (isMapping(parent)) delete parent[path.at(-1)!];
  }
}

export function isMapping(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
