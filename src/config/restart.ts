/** Which parts of a configuration can change while we run, and which wait for the next start. */
import type { Config, SlackConfig } from './config.ts';
import { Secret } from './values/secret.ts';

export interface Restartless {
  /** What can change as it was read now, everything else as it runs. */
  readonly config: Config;
  /** Options that were changed and keep their old value. */
  readonly waiting: readonly string[];
}

/** By their names in the file; undefined: can change at any time. */
const fixed: Readonly<Record<Exclude<keyof Config, 'slack'>, string | undefined>> = {
  version: undefined,
  mode: 'mode',
  brokers: 'broker',
  source: 'source',
  store: 'store',
  otlp: 'otlp',
  sentry: 'sentry',
  critical: undefined,
  alerts: undefined,
  schedules: undefined,
  redact: undefined,
  failures: 'grouping, classes',
  limits: 'limits',
  workers: 'workers',
  ops: 'ops',
  ui: 'ui',
  log: 'log',
  shutdownTimeoutMs: 'shutdown_timeout',
  instanceId: 'instance_id',
  hostname: 'hostname',
};

const fixedInSlack: Readonly<Record<keyof SlackConfig, string | undefined>> = {
  token: undefined,
  tokenFile: undefined,
  channel: undefined,
  mentions: undefined,
  links: undefined,
  pageUrl: undefined,
  allow: undefined,
  apiUrl: 'slack.api_url',
  actions: undefined,
};

export function withoutRestart(running: Config, read: Config): Restartless {
  const { slack: before, ...ours } = running;
  const { slack: after, ...theirs } = read;
  const parts = merged(ours, theirs, fixed);
  if (before === undefined || after === undefined) {
    const waiting = before === after ? parts.waiting : [...parts.waiting, 'slack'];
    return { config: { ...parts.value, slack: before }, waiting };
  }
  const slack = merged(before, after, fixedInSlack);
  // A secret may rotate; another way for the buttons to reach us is another listener or another connection.
  const isOtherWay = before.actions.over !== after.actions.over;
  const value = isOtherWay ? { ...slack.value, actions: before.actions } : slack.value;
  const waiting = [...parts.waiting, ...slack.waiting, ...(isOtherWay ? ['slack.actions'] : [])];
  return { config: { ...parts.value, slack: value }, waiting };
}

function merged<T extends object>(
  running: T,
  read: T,
  names: Readonly<Record<keyof T, string | undefined>>,
): { readonly value: T; readonly waiting: string[] } {
  const value = { ...running };
  const waiting: string[] = [];
  for (const key of Object.keys(names) as (keyof T)[]) {
    const name = names[key];
    if (name === undefined) value[key] = read[key];
    else if (!isSame(running[key], read[key])) waiting.push(name);
  }
  return { value, waiting };
}

/** Secrets are compared by what they hold: a new password needs a new connection. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a instanceof Secret || b instanceof Secret) {
    return a instanceof Secret && b instanceof Secret && a.expose() === b.expose();
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length || Array.isArray(a) !== Array.isArray(b)) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSame(field(a, key), field(b, key)));
}

function field(value: object, key: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[key];
}
