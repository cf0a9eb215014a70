/**
 * Identity of a signal: the subject that a condition holds for. A key is a union in code and one text everywhere else: as a
 * map key, in the store, in metrics of a decision, and as input of the incident id. Only this file builds or parses the text.
 */

/**
 * `condition` separates the conditions of several signals about one subject: a task that is stuck and the same task that
 * fails too often are two incidents. Absent for the first signal of a kind.
 */
export type SignalKey = { readonly condition?: string } & (
  | { readonly kind: 'cause'; readonly fingerprint: string }
  | { readonly kind: 'task'; readonly task: string }
  | { readonly kind: 'retry'; readonly task: string; readonly exception: string }
  | { readonly kind: 'pool'; readonly pool: string }
  | { readonly kind: 'queue'; readonly queue: string }
  | { readonly kind: 'schedule'; readonly schedule: string }
  | { readonly kind: 'host'; readonly host: string }
  /** This instance's own view of the fleet. */
  | { readonly kind: 'self' }
);

export type KeyKind = SignalKey['kind'];

declare const brand: unique symbol;
/** Text form of a key: equal for equal keys. Store format and incident ids depend on it, so it must not change. */
export type KeyText = string & { readonly [brand]: 'KeyText' };

/** Field that names the subject, and the prefix of the text. */
const kinds = {
  cause: { prefix: 'g', field: 'fingerprint' },
  task: { prefix: 't', field: 'task' },
  retry: { prefix: 'r', field: 'task' },
  pool: { prefix: 'p', field: 'pool' },
  queue: { prefix: 'q', field: 'queue' },
  schedule: { prefix: 's', field: 'schedule' },
  host: { prefix: 'h', field: 'host' },
  self: { prefix: 'self', field: undefined },
} as const satisfies Record<KeyKind, { readonly prefix: string; readonly field: string | undefined }>;

/** Conditions with a prefix of one letter. Every other condition is written out: `t:failures.one-host|mail.send`. */
const shortPrefixes: readonly (readonly [prefix: string, kind: KeyKind, condition: string])[] = [
  ['k', 'task', 'stuck'],
  ['c', 'pool', 'crash-loop'],
  ['l', 'pool', 'lost'],
];

/** `t|mail.send`, `k|mail.send` (stuck), `r|mail.send|Timeout`, `t:failures.one-host|mail.send`, `self`. */
export function keyText(key: SignalKey): KeyText {
  return `${prefixOf(key)}${nameText(key)}` as KeyText;
}

/** The key that `keyText` wrote, or undefined for any other text. */
export function parseKey(text: string): SignalKey | undefined {
  const end = text.includes('|') ? text.indexOf('|') : text.length;
  const prefix = text.slice(0, end);
  const name = text.slice(end + 1);
  const short = shortPrefixes.find(([one]) => one === prefix);
  const colon = prefix.indexOf(':');
  const letters = colon < 0 ? prefix : prefix.slice(0, colon);
  const kind = short?.[1] ?? (Object.keys(kinds) as KeyKind[]).find((one) => kinds[one].prefix === letters);
  if (kind === undefined || (kind === 'self') !== (end === text.length)) return undefined;
  const condition = short?.[2] ?? (colon < 0 ? undefined : unescaped(prefix.slice(colon + 1)));
  const key = keyWith(kind, name);
  return key === undefined || condition === undefined ? key : { ...key, condition };
}

/** Name of the task, pool, queue, schedule or host. Undefined where the key is a hash, an id or has no name. */
export function nameOfKey(key: SignalKey): string | undefined {
  switch (key.kind) {
    case 'task':
    case 'retry':
      return key.task;
    case 'pool':
      return key.pool;
    case 'queue':
      return key.queue;
    case 'schedule':
      return key.schedule;
    case 'host':
      return key.host;
    case 'cause':
    case 'self':
      return undefined;
    default:
      return key satisfies never;
  }
}

function prefixOf({ kind, condition }: SignalKey): string {
  const { prefix } = kinds[kind];
  if (condition === undefined) return prefix;
  const short = shortPrefixes.find(([, of, name]) => of === kind && name === condition);
  return short?.[0] ?? `${prefix}:${escaped(condition)}`;
}

function nameText(key: SignalKey): string {
  switch (key.kind) {
    case 'self':
      return '';
    case 'retry':
      return `|${escaped(key.task)}|${key.exception}`;
    case 'cause':
      return `|${key.fingerprint}`;
    default:
      return `|${nameOfKey(key)}`;
  }
}

function keyWith(kind: KeyKind, name: string): SignalKey | undefined {
  if (kind === 'self') return { kind };
  if (kind !== 'retry') return { kind, [kinds[kind].field]: name } as unknown as SignalKey;
  const bar = name.indexOf('|');
  return bar < 0 ? undefined : { kind, task: unescaped(name.slice(0, bar)), exception: name.slice(bar + 1) };
}

/** A name in front of another one must not contain the separator. Names without `|` and `%` stay as they are. */
function escaped(name: string): string {
  return name.replaceAll('%', '%25').replaceAll('|', '%7C');
}

function unescaped(name: string): string {
  return name.replaceAll('%7C', '|').replaceAll('%25', '%');
}
