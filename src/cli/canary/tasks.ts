/** Tasks for `taskvigil leak-canary`: one for each position of a secret in an event, each with its own canary. */
import type { Field, Modes } from '../../redact/field.ts';

/** A made-up secret. No sink may contain `value`. */
export interface Canary {
  /** Its position in the event, in words. */
  readonly position: string;
  readonly field: Field;
  readonly value: string;
  /** The value has an ordinary name: `drop`, `shape` and `allow` must hide it, `redact` may show it. */
  readonly isPlain: boolean;
  /** The key that makes it secret; undefined if its shape does. */
  readonly key: string | undefined;
}

export interface CanaryTask {
  readonly canaries: readonly Canary[];
  readonly fields: Readonly<Partial<Record<'args' | 'kwargs' | 'result' | 'exception' | 'traceback', string>>>;
}

/** Returns a new random text of letters and digits. */
export type Make = () => string;

interface Position {
  readonly field: Exclude<Field, 'name' | 'log'>;
  readonly name: string;
  readonly key?: string;
  readonly isPlain?: true;
  /** The text of the field around the canary. */
  readonly text: (canary: string) => string;
  /** Another field of the same task that repeats the canary. */
  readonly echo?: readonly [field: 'exception' | 'traceback' | 'result', text: (canary: string) => string];
}

const frames = `Traceback (most recent call last):
  File "/app/canary/tasks.py", line 7, in run
    return client.call()
`;
const raised = (message: string): string => `${frames}canary.errors.Refused: ${message}\n`;

const positions: readonly Position[] = [
  { field: 'kwargs', name: 'a key', key: 'password', text: (c) => `{'page': 3, 'password': '${c}'}` },
  { field: 'kwargs', name: 'a key, nested', key: 'api_key', text: (c) => `{'a': {'b': [{'api_key': '${c}'}]}}` },
  { field: 'kwargs', name: 'bytes', key: 'secret', text: (c) => `{'secret': b'${c}', 'n': 1}` },
  { field: 'kwargs', name: 'a cut value', key: 'token', text: (c) => `{'token': '${c}...', ...}` },
  { field: 'kwargs', name: 'behind a backslash', key: 'password', text: (c) => `{'d': 'C:\\x\\', 'password': '${c}'}` },
  {
    field: 'kwargs',
    name: 'with signs of its own',
    key: 'password',
    text: (c) => `{'password': '${c.slice(0, 8)}"\\'&%${c.slice(8)}'}`,
  },
  {
    field: 'kwargs',
    name: 'a header',
    key: 'authorization',
    text: (c) => `{'headers': {'Authorization': 'Bearer ${c}'}}`,
  },
  { field: 'kwargs', name: 'a cookie', key: 'cookie', text: (c) => `{'headers': {'Cookie': 'lang=de; sid=${c}'}}` },
  { field: 'kwargs', name: 'JSON in a text', key: 'password', text: (c) => `{'body': '{"password": "${c}"}'}` },
  {
    field: 'kwargs',
    name: 'JSON in JSON',
    key: 'password',
    text: (c) => `{'body': '{"b": "{\\\\"password\\\\": \\\\"${c}\\\\"}"}'}`,
  },
  { field: 'kwargs', name: 'a form', key: 'password', text: (c) => `{'body': 'a=1&password=${c}&b=2'}` },
  { field: 'kwargs', name: 'XML', key: 'password', text: (c) => `{'body': '<a><password>${c}</password></a>'}` },
  { field: 'kwargs', name: 'settings', key: 'password', text: (c) => `{'env': 'A=1\nDB_PASSWORD=${c}\nB=2'}` },
  { field: 'kwargs', name: 'the password of a URL', text: (c) => `{'dsn': 'postgres://app:${c}@db.internal/shop'}` },
  {
    field: 'kwargs',
    name: 'a parameter of a URL',
    key: 'token',
    text: (c) => `{'url': 'https://a.internal/x?token=${c}&n=1'}`,
  },
  { field: 'kwargs', name: 'another language', key: 'contraseña', text: (c) => `{'contraseña': '${c}'}` },
  { field: 'kwargs', name: 'an ordinary name', isPlain: true, text: (c) => `{'city': '${c}'}` },
  { field: 'args', name: 'an ordinary value', isPlain: true, text: (c) => `('${c}', 7)` },
  { field: 'args', name: 'a token by its shape', text: (c) => `('ghp_${c}${c}0a1B', 7)` },
  { field: 'args', name: 'a pair', key: 'token', text: (c) => `([('token', '${c}')],)` },
  { field: 'args', name: 'an object', key: 'password', text: (c) => `(User(name='ann', password='${c}'),)` },
  {
    field: 'args',
    name: 'a command line',
    key: 'password',
    text: (c) => `(['tool', '--password', '${c}', '--fast'],)`,
  },
  { field: 'args', name: 'an e-mail address', text: (c) => `('${c}@mail.example.org', 1)` },
  { field: 'result', name: 'a key', key: 'access_token', text: (c) => `{'access_token': '${c}', 'n': 1}` },
  { field: 'result', name: 'an ordinary name', isPlain: true, text: (c) => `{'city': '${c}'}` },
  { field: 'exception', name: 'a key', key: 'password', text: (c) => `Refused({'password': '${c}'})` },
  { field: 'exception', name: 'a sentence', key: 'password', text: (c) => `Refused('wrong password "${c}" for ann')` },
  {
    field: 'exception',
    name: 'the message of exhausted retries',
    key: 'password',
    text: (c) => `MaxRetriesExceededError("Can't retry canary.x[1] args:() kwargs:{'password': '${c}'}")`,
  },
  {
    field: 'exception',
    name: 'the password of a URL',
    text: (c) => `Refused('no route to redis://:${c}@cache.internal:6379/0')`,
  },
  { field: 'traceback', name: 'a message', key: 'token', text: (c) => raised(`token=${c} expired`) },
  {
    field: 'traceback',
    name: 'a line of code',
    key: 'password',
    text: (c) => `${frames.replace('client.call()', `client.call(password="${c}")`)}canary.errors.Refused: no\n`,
  },
  {
    field: 'traceback',
    name: 'a chained exception',
    key: 'password',
    text: (c) =>
      `${raised(`{'password': '${c}'}`)}\nDuring handling of the above exception, another exception occurred:\n\n${raised('no')}`,
  },
  { field: 'traceback', name: 'a note', key: 'api_key', text: (c) => `${raised('no')}api_key=${c}\n` },
  {
    field: 'kwargs',
    name: 'echoed in the exception',
    key: 'password',
    text: (c) => `{'password': '${c}'}`,
    echo: ['exception', (c) => `Refused('the server did not take ${c} today')`],
  },
  {
    field: 'kwargs',
    name: 'echoed in the traceback',
    key: 'api_key',
    text: (c) => `{'api_key': '${c}'}`,
    echo: ['traceback', (c) => raised(`the server did not take ${c} today`)],
  },
];

/** One task for each position, and one for each sensitive key of the operator. */
export function canaryTasks(make: Make, sensitiveKeys: readonly string[]): CanaryTask[] {
  const own = sensitiveKeys.map(
    (key): Position => ({
      field: 'kwargs',
      name: `under "${key}"`,
      key,
      text: (c) => `{'${key}': '${c}'}`,
    }),
  );
  return [...positions, ...own].map((position) => {
    const { field, name, key, isPlain = false, text, echo } = position;
    const value = make();
    const fields: Record<string, string> = {
      exception: "Refused('no')",
      traceback: raised('no'),
      [field]: text(value),
    };
    if (echo !== undefined) fields[echo[0]] = echo[1](value);
    return { canaries: [{ position: `${field}: ${name}`, field, value, isPlain, key }], fields };
  });
}

/** True if the configuration itself shows the canary: a raw field, or an ordinary value where only secrets are hidden. */
export function isMeantToShow({ field, isPlain }: Canary, modes: Modes): boolean {
  return modes[field] === 'raw' || (isPlain && modes[field] === 'redact');
}

export interface CanaryMessageParts {
  readonly task: CanaryTask;
  readonly name: string;
  readonly id: string;
  /** Start of the task in epoch milliseconds. */
  readonly at: number;
  /** Number of the task, from 0. */
  readonly index: number;
}

/** Celery's event messages of one task, which fails, or succeeds if it has a result. */
export function canaryMessages({ task, name, id, at, index }: CanaryMessageParts): string[] {
  const { args = '()', kwargs = '{}', result, exception, traceback } = task.fields;
  const body = (type: string, behindMs: number, fields: object): string =>
    JSON.stringify({
      type,
      uuid: id,
      hostname: 'celery@canary',
      pid: 1,
      clock: index * 10 + behindMs,
      utcoffset: 0,
      timestamp: (at + behindMs) / 1_000,
      ...fields,
    });
  const publication = { name, args, kwargs, root_id: id, retries: 0, queue: 'canary' };
  // Each task raises its own class, so that each is its own group and incident.
  const own = (text: string | undefined): string | undefined =>
    text?.replaceAll(/\bRefused\b/g, `Refused${letters(index)}`);
  return [
    body('task-sent', 1, publication),
    body('task-received', 2, publication),
    body('task-started', 3, {}),
    result === undefined
      ? body('task-failed', 4, { exception: own(exception), traceback: own(traceback) })
      : body('task-succeeded', 4, { result, runtime: 0.01 }),
  ];
}

function letters(index: number): string {
  return String.fromCharCode(65 + (Math.floor(index / 26) % 26), 97 + (index % 26));
}
