/**
 * A strict check of Sentry events: the types of GlitchTip's ingest schema, which sets other values to null or refuses them,
 * and the limits at which Sentry's Relay cuts or refuses. A field that neither of them knows is a mistake.
 */

/** Problems of `value`, each with its path; empty for a valid one. */
type Check = (value: unknown, path: string) => readonly string[];

/** Problems of an event for a strict server, one line each. */
export function objectionsTo(event: unknown): readonly string[] {
  const bytes = Buffer.byteLength(JSON.stringify(event));
  return [...(bytes > eventBytesMax ? [`event: ${bytes} bytes`] : []), ...eventShape(event, 'event')];
}

export const eventBytesMax = 1_048_576;

const number: Check = (value, path) => (Number.isFinite(value) ? [] : [`${path}: not a number`]);
const whole: Check = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? [] : [`${path}: not a count`];
const flag: Check = (value, path) => (typeof value === 'boolean' ? [] : [`${path}: not true or false`]);

function text(most: number, pattern = /^[^\0]*$/): Check {
  return (value, path) => {
    if (typeof value !== 'string') return [`${path}: not a text`];
    if (!value.isWellFormed()) return [`${path}: half a character`];
    if (value.length > most) return [`${path}: ${value.length} characters`];
    return pattern.test(value) ? [] : [`${path}: ${JSON.stringify(value.slice(0, 80))}`];
  };
}

function oneOf(...choices: readonly unknown[]): Check {
  return (value, path) => (choices.includes(value) ? [] : [`${path}: ${JSON.stringify(value)}`]);
}

function either(...checks: readonly Check[]): Check {
  return (value, path) => {
    const answers = checks.map((check) => check(value, path));
    return answers.find((answer) => answer.length === 0) ?? answers.flat();
  };
}

function list(of: Check, most: number, least = 0): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return [`${path}: not a list`];
    if (value.length > most || value.length < least) return [`${path}: ${value.length} items`];
    return value.flatMap((item, index) => of(item, `${path}[${index}]`));
  };
}

function record(key: Check, of: Check): Check {
  return (value, path) => {
    if (!isRecord(value)) return [`${path}: not a mapping`];
    return Object.entries(value).flatMap(([name, item]) => [
      ...key(name, `${path} key`),
      ...of(item, `${path}.${name}`),
    ]);
  };
}

/** Names that end in `?` may be left out; none may be null, and there are no others. */
function shape(fields: Readonly<Record<string, Check>>): Check {
  const known = new Map(Object.entries(fields).map(([name, check]) => [name.replace('?', ''), check]));
  return (value, path) => {
    if (!isRecord(value)) return [`${path}: not a mapping`];
    const missing = Object.keys(fields).filter((name) => !name.endsWith('?') && !(name in value));
    return [
      ...missing.map((name) => `${path}.${name}: missing`),
      ...Object.entries(value).flatMap(
        ([name, item]) => known.get(name)?.(item, `${path}.${name}`) ?? [`${path}.${name}: unknown`],
      ),
    ];
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const oneLine = /^[^\n\0]+$/;
const level = oneOf('fatal', 'error', 'warning', 'info', 'debug');

const frame = shape({
  filename: text(256),
  abs_path: text(256),
  module: text(256),
  function: text(256),
  'lineno?': whole,
  'context_line?': text(1_024),
  in_app: flag,
});

const exception = shape({
  type: text(128, /./),
  'module?': text(128),
  value: text(8_192),
  'stacktrace?': shape({ frames: list(frame, 250, 1) }),
  mechanism: shape({
    type: text(128, oneLine),
    handled: flag,
    'synthetic?': flag,
    'source?': text(128, oneLine),
    exception_id: whole,
    'parent_id?': whole,
    'is_exception_group?': flag,
    'meta?': shape({ errno: shape({ number: whole }) }),
  }),
});

const breadcrumb = shape({
  timestamp: number,
  type: oneOf('default'),
  category: text(128, oneLine),
  level,
  message: text(8_192),
});

const flatContext = record(text(200, /^[a-z_]+$/), either(text(8_192), number));

const eventShape = shape({
  event_id: text(32, /^[0-9a-f]{32}$/),
  timestamp: number,
  platform: oneOf('python'),
  level,
  logger: text(64, oneLine),
  'server_name?': text(256, oneLine),
  'environment?': text(64, oneLine),
  'release?': text(200, oneLine),
  'transaction?': text(200, oneLine),
  fingerprint: list(text(200, oneLine), 8, 1),
  exception: shape({ values: list(exception, 50, 1) }),
  tags: record(text(32, /^[\w.:-]+$/), text(200, oneLine)),
  contexts: shape({
    trace: shape({
      trace_id: text(32, /^[0-9a-f]{32}$/),
      span_id: text(16, /^[0-9a-f]{16}$/),
      'parent_span_id?': text(16, /^[0-9a-f]{16}$/),
      op: text(128, oneLine),
      status: text(32, oneLine),
    }),
    celery: flatContext,
    taskvigil: flatContext,
  }),
  breadcrumbs: list(breadcrumb, 100),
  // The courier adds it on the way.
  'sdk?': shape({
    name: oneOf('taskvigil'),
    version: text(64, oneLine),
    integrations: list(text(64), 0),
    packages: list(text(64), 0),
  }),
});
