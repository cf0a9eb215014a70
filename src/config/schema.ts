/** What an operator may write, key by key, with the defaults. `build.ts` makes the Config of it. */
import { z } from 'zod';
import { partNames } from '../failure/grouping-policy.ts';
import { last4Kinds } from '../redact/render/marks.ts';
import {
  alerts,
  channel,
  channelExpected,
  critical,
  mention,
  mentionExpected,
  name,
  nameExpected,
  schedules,
} from './policy/schema.ts';
import {
  brokerUrl,
  count,
  duration,
  fanoutPrefix,
  flag,
  httpUrl,
  listen,
  loopbackListen,
  oneOf,
  parts,
  pattern,
  ratio,
  secret,
  storeUrl,
  text,
  texts,
} from './values/leaf.ts';
import { section } from './values/section.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;

const broker = section({
  name: text(nameExpected, name).optional(),
  url: brokerUrl(),
  url_file: text('the path of a file').optional(),
  global_keyprefix: text('a text', /^[^\s]{0,128}$/).default(''),
  fanout_prefix: fanoutPrefix().default(true),
  fanout_patterns: flag().default(true),
  event_exchange: text('the name of an exchange', /^[^\s]{1,128}$/).default('celeryev'),
  master_name: text().optional(),
  sentinel_password: secret('the password of the Sentinels', /^.{1,512}$/).optional(),
  control_exchange: text('the name of an exchange', /^[^\s]{1,128}$/).default('celery'),
  visibility_timeout: duration(secondMs, 30 * dayMs).default(60 * minuteMs),
  result_backend: brokerUrl().optional(),
  result_keyprefix: text('a text', /^[^\s]{0,128}$/).default(''),
  queue: text('the name of a queue', /^[\w.:@-]{1,200}$/).optional(),
  queue_bytes: count(1_000_000, 100_000_000_000).default(67_108_864),
  queue_ttl: duration(secondMs, 7 * dayMs).default(60 * minuteMs),
  queue_expires: duration(minuteMs, 30 * dayMs).default(dayMs),
});

const failureClass = () => oneOf(['bug', 'transient', 'resource', 'cancelled']);

const groupingRule = section({
  name: text('a short name of letters, digits, "-", "_" and "."', name),
  match: section({
    task: texts('a glob like "mail.tasks.*"').default([]),
    exception: texts('a glob like "requests.*Timeout"').default([]),
    message: texts('a glob like "*quota*"').default([]),
    frame: texts('a glob like "shop.gateway.*"').default([]),
  }),
  parts: parts(partNames).optional(),
  split: parts(partNames).optional(),
  ignore: flag().default(false),
  class: failureClass().optional(),
});

const treatment = () => oneOf(['drop', 'shape', 'redact', 'raw']);
const valueTreatment = () => oneOf(['drop', 'shape', 'allow', 'redact', 'raw']);
const keyPath = /^(?:args|kwargs|result|\*)(?:\.[^\s.]{1,64}){1,16}$/;
const keyPathExpected = 'a path like "kwargs.user.*.zip"';
const action = (kind: string) =>
  oneOf(last4Kinds.includes(kind) ? ['mark', 'mask', 'hash', 'last4'] : ['mark', 'mask', 'hash']).optional();
const secretKinds = [
  'password',
  'token',
  'key',
  'secret',
  'cookie',
  'code',
  'jwt',
  'hash',
  'pem',
  'card',
  'iban',
  'id',
  'phone',
  'email',
  'ip',
] as const;

/** Sections that may be left out altogether are filled with {} by `load.ts`, so that their defaults stand here once. */
export const schema = section({
  version: oneOfNumber(1).default(1),
  mode: oneOf(['sidecar', 'standalone']).default('standalone'),
  broker: broker.optional(),
  brokers: z.array(broker).min(1).max(16).optional(),
  result_backend: brokerUrl().optional(),
  source: section({ control: oneOf(['off', 'on']).default('off') }),
  store: storeUrl().optional(),
  store_namespace: text(nameExpected, name).default('default'),
  otlp: section({
    endpoint: httpUrl('the base URL of a collector like "http://collector:4318"').optional(),
    headers: z.record(z.string(), secret('a text', /^[^\r\n]{1,8192}$/)).default({}),
    compression: oneOf(['gzip', 'none']).optional(),
    traces: flag().default(true),
    logs: flag().default(true),
    sample: ratio().default(1),
    sample_slow: duration(1, dayMs).default(10 * secondMs),
    sample_logs: ratio().default(1),
    service_name: text().default('taskvigil'),
  }),
  sentry: section({
    // As the client reads it: what it cannot read it drops without a word.
    dsn: secret(
      'a DSN like "https://key@host/1"',
      /^https?:\/\/\w+(:\w*)?@(\[[\w:.%]+\]|[\w.-]+)(:\d+)?\/(\S+\/)?\d+$/,
    ),
    dsn_file: text('the path of a file').optional(),
    // Sentry cuts what is longer.
    environment: text('a name of at most 64 characters', /^[^\u0000-\u001f]{1,64}$/).default('production'),
    release: text('a name of at most 200 characters', /^[^\u0000-\u001f]{1,200}$/).optional(),
    grouping: oneOf(['taskvigil', 'default', 'both']).default('taskvigil'),
    workers: oneOf(['silent', 'report']).default('silent'),
    max_events_per_group: count(1, 1_000_000).default(10),
    issues_url: httpUrl('the address of the list of issues like "https://acme.sentry.io/issues/?project=1"').optional(),
  }).optional(),
  slack: section({
    token: secret('a bot token (xoxb-…)', /^xox[a-z]-[\w-]+$/),
    token_file: text('the path of a file').optional(),
    channel: text(channelExpected, channel),
    api_url: httpUrl('the URL of Slack’s API').optional(),
    mention: texts(mentionExpected, mention).default([]),
    trace_url: httpUrl('a URL like "https://jaeger/trace/{trace_id}"').optional(),
    task_url: httpUrl('a URL like "https://flower/task/{task_id}"').optional(),
    page_url: httpUrl('the URL that people reach the page at').optional(),
    actions: oneOf(['off', 'socket', 'http']).default('off'),
    app_token: secret('an app-level token (xapp-…)', /^xapp-[\w-]+$/).optional(),
    app_token_file: text('the path of a file').optional(),
    signing_secret: secret('the signing secret of the app', /^[0-9a-f]{16,128}$/i).optional(),
    signing_secret_file: text('the path of a file').optional(),
    allow: texts('the id of a user (U…, W…)', /^[UW][A-Z0-9]{5,}$/).default([]),
  }).optional(),
  critical,
  alerts,
  schedules,
  grouping: section({ rules: z.array(groupingRule).max(200).default([]) }),
  classes: z.record(z.string(), failureClass()).default({}),
  redact: section({
    sensitive_keys: texts('the name of a key').default([]),
    safe_keys: texts('the name of a key').default([]),
    sensitive_paths: texts(keyPathExpected, keyPath).default([]),
    allowed_paths: texts(keyPathExpected, keyPath).default([]),
    patterns: z
      .array(
        section({ name: text('a short name of small letters and "-"', /^[a-z][a-z-]{0,23}$/), pattern: pattern() }),
      )
      .max(32)
      .default([]),
    actions: section(Object.fromEntries(secretKinds.map((kind) => [kind, action(kind)]))).default({}),
    hash_key: secret('a text of at least 16 characters', /^.{16,1024}$/s).optional(),
    hash_key_file: text('the path of a file').optional(),
    allow_raw: flag().default(false),
    profiles: z
      .array(
        section({
          task: texts('a glob like "mail.tasks.*"'),
          args: valueTreatment().optional(),
          kwargs: valueTreatment().optional(),
          result: valueTreatment().optional(),
          exception: treatment().optional(),
          traceback: treatment().optional(),
        }),
      )
      .max(100)
      .default([]),
    args: valueTreatment().default('redact'),
    kwargs: valueTreatment().default('redact'),
    result: valueTreatment().default('drop'),
    exception: treatment().default('redact'),
    traceback: treatment().default('redact'),
  }),
  limits: section({
    open_tasks: count(100, 10_000_000).default(100_000),
    settle: duration(0, 30 * secondMs).default(1_500),
    remember: duration(secondMs, dayMs).default(10 * minuteMs),
    workers: count(10, 1_000_000).default(10_000),
    vanished_after: duration(minuteMs, 7 * dayMs).default(15 * minuteMs),
    overdue_after: duration(minuteMs, 7 * dayMs).default(30 * minuteMs),
  }),
  workers: section({ silent_after: duration(5 * secondMs, dayMs).default(30 * secondMs) }),
  ops: section({ listen: listen().default({ host: undefined, port: 9_464 }) }),
  ui: section({ listen: loopbackListen().default({ host: '127.0.0.1', port: 8_080 }) }),
  log: section({
    level: oneOf(['debug', 'info', 'warn', 'error']).default('info'),
    format: oneOf(['json', 'text']).default('json'),
  }),
  shutdown_timeout: duration(secondMs, 10 * minuteMs).default(8 * secondMs),
  instance_id: text('a short name', /^[\w.:@-]{1,128}$/).optional(),
  hostname: text('a host name', /^[\w.-]{1,253}$/).optional(),
});

export type Written = z.output<typeof schema>;
export type WrittenBroker = z.output<typeof broker>;

function oneOfNumber<const N extends number>(known: N) {
  return z.literal(known, { error: (issue) => `expected ${known}, got ${JSON.stringify(issue.input)}` });
}
