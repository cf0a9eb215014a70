// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { Config } from './config.ts';
import { type Loaded, loadConfig } from './load.ts';
import { problemLine } from './problems.ts';

type Files = Readonly<Record<string, string>>;

function load(text: string, env: Record<string, string> = {}, files: Files = {}): Loaded {
  const readFile = (path: string): string => {
    const content = files[path];
    if (content === undefined) throw Object.assign(new Error(`cannot open ${path}`), { code: 'ENOENT' });
    return content;
  };
  return loadConfig({ text, file: 'tv.yaml', env, readFile });
}

function configOf(text: string, env?: Record<string, string>, files?: Files): Config {
  const loaded = load(text, env, files);
  assert.deepEqual(loaded.ok ? [] : loaded.problems.map(problemLine), []);
  return (loaded as Extract<Loaded, { ok: true }>).config;
}

function problemsOf(text: string, env?: Record<string, string>, files?: Files): string[] {
  const loaded = load(text, env, files);
  return loaded.ok ? [] : loaded.problems.map(problemLine);
}

const minimal = `broker: redis://redis:6379/0
slack:
  token_file: /run/secrets/slack-token
  channel: "#celery-alerts"
critical: [payouts.tasks.*]
`;
const slackToken = { '/run/secrets/slack-token': 'xoxb-1-canary\n' };
const broker = 'broker: redis://redis\n';

test('five lines are a complete configuration', () => {
  const config = configOf(minimal, {}, slackToken);
  assert.equal(config.brokers[0]?.name, 'celery');
  assert.equal(config.slack?.token.expose(), 'xoxb-1-canary');
  assert.equal(config.slack?.tokenFile, '/run/secrets/slack-token');
  assert.deepEqual(config.critical, ['payouts.tasks.*']);
  assert.equal(config.mode, 'standalone');
});

test('a missing token is a problem in standalone mode, and switches Slack off in sidecar mode', () => {
  assert.deepEqual(problemsOf(minimal), [
    'tv.yaml:3:15: slack.token_file: expected a readable file at /run/secrets/slack-token, got ENOENT',
  ]);
  const loaded = load(`mode: sidecar\n${minimal}`, { HOSTNAME: 'pod-1' });
  assert.equal(loaded.ok && loaded.config.slack, undefined);
  assert.deepEqual(loaded.warnings, [
    'slack.token: expected a readable file at /run/secrets/slack-token, got ENOENT: Slack is off',
    'store: without it every sidecar posts on its own, and no instance reports a pod that died with its sidecar',
  ]);
});

const hostnames: readonly (readonly [
  title: string,
  text: string,
  env: Record<string, string>,
  machine: string,
  want: string,
])[] = [
  ['the file', 'hostname: own\n', { HOSTNAME: 'env' }, 'machine', 'own'],
  ['TASKVIGIL_HOSTNAME', '', { TASKVIGIL_HOSTNAME: 'ours', HOSTNAME: 'env' }, 'machine', 'ours'],
  ['HOSTNAME', '', { HOSTNAME: 'env' }, 'machine', 'env'],
  ['the machine', '', {}, 'machine', 'machine'],
  ['the machine if HOSTNAME is empty', '', { HOSTNAME: '' }, 'machine', 'machine'],
];
for (const [title, text, env, hostname, want] of hostnames) {
  test(`the host name of a sidecar comes from ${title}`, () => {
    const loaded = loadConfig({
      text: `mode: sidecar\n${broker}${text}`,
      file: 'tv.yaml',
      env,
      readFile: () => '',
      hostname,
    });
    assert.equal(loaded.ok && loaded.config.hostname, want);
  });
}

test('without secrets each missing one is a warning, and everything else is checked', () => {
  const withoutSecrets = (text: string): Loaded =>
    loadConfig({ text, file: 'tv.yaml', env: {}, readFile: () => assert.fail('no such file'), withoutSecrets: true });
  const loaded = withoutSecrets(
    'store: redis://:${env:PASSWORD}@store:6379/1\nslack: { token_file: /run/token, channel: "#a", actions: http, signing_secret: "${env:SIGNING}" }\nsentry: { dsn_file: /run/dsn }\notlp: { endpoint: "http://c", headers: { authorization: "Bearer ${file:/run/key}" } }',
  );
  if (!loaded.ok) assert.fail(loaded.problems.map(problemLine).join('\n'));
  assert.equal(loaded.config.store.url?.expose(), 'redis://:unknown@store:6379/1');
  assert.equal(loaded.config.slack?.actions.over, 'http');
  assert.deepEqual(loaded.warnings.toSorted(), [
    'broker: got nothing: taken as given',
    'otlp.headers.authorization: expected a readable file at /run/key, got ERR_ASSERTION: taken as given',
    'sentry.dsn_file: expected a readable file at /run/dsn, got ERR_ASSERTION: taken as given',
    'slack.signing_secret: expected the environment variable SIGNING to be set, got nothing: taken as given',
    'slack.token_file: expected a readable file at /run/token, got ERR_ASSERTION: taken as given',
    'store: expected the environment variable PASSWORD to be set, got nothing: taken as given',
  ]);
  const wrong = withoutSecrets('broker: http://a\nslack: { token: abc, channel: "#a" }');
  assert.equal(wrong.ok ? 0 : wrong.problems.length, 2);
});

test('in sidecar mode other mistakes in the section are still problems', () => {
  assert.deepEqual(
    problemsOf(`mode: sidecar\n${broker}limits: { open_tasks: 0 }\nslack: { token_file: /nowhere }`, { HOSTNAME: 'a' }),
    ['tv.yaml:3:23: limits.open_tasks: expected a whole number between 100 and 10000000, got 0'],
  );
});

const bad: readonly {
  name: string;
  text: string;
  env?: Record<string, string>;
  files?: Files;
  want: readonly string[];
}[] = [
  {
    name: 'no broker',
    text: '',
    want: [
      'tv.yaml:1:1: broker: expected the URL of Celery’s broker, here or in TASKVIGIL_BROKER_URL or CELERY_BROKER_URL, got nothing',
    ],
  },
  { name: 'a list', text: '- 1', want: ['tv.yaml:1:1: expected keys with values, like "mode: standalone"'] },
  {
    name: 'an unknown key',
    text: `${broker}crtical: []`,
    want: ['tv.yaml:2:1: crtical: unknown key; did you mean critical?'],
  },
  {
    name: 'an unknown key that is like no other',
    text: `${broker}ops:\n  zebra: 1`,
    want: ['tv.yaml:3:3: ops.zebra: unknown key, expected one of listen'],
  },
  {
    name: 'a key of every object',
    text: `${broker}__proto__: { mode: sidecar }\nui: { constructor: 1 }`,
    want: [
      'tv.yaml:2:1: __proto__: unknown key, expected one of version, mode, broker, brokers, result_backend, source, store, store_namespace, otlp, sentry, slack, webhook, critical, alerts, schedules, grouping, classes, redact, limits, workers, ops, ui, log, shutdown_timeout, instance_id, hostname',
      'tv.yaml:3:7: ui.constructor: unknown key, expected one of listen',
    ],
  },
  {
    name: 'a repeated key',
    text: `${broker}mode: standalone\nmode: sidecar`,
    want: ['tv.yaml:3:1: expected every key once, got this one twice'],
  },
  { name: 'a tab', text: `${broker}log:\n\tlevel: info`, want: ['tv.yaml:3:1: expected spaces, got a tab'] },
  { name: 'a tag', text: `${broker}mode: !!js/function x`, want: ['tv.yaml:2:7: expected no YAML tags'] },
  {
    name: 'an undefined alias, such as a glob without quotes',
    text: `${broker}critical: *canary`,
    want: ['tv.yaml:2:11: expected a quoted text: a leading "*" is an alias in YAML'],
  },
  {
    name: 'aliases that multiply',
    text: `${broker}a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]`,
    want: ['tv.yaml:1:1: expected at most 100 uses of aliases'],
  },
  {
    name: 'an alias of the mapping that contains it',
    text: `${broker}a: &a { b: *a }`,
    want: ['tv.yaml:2:12: expected an alias of something else, this one holds itself'],
  },
  {
    name: 'an alias of a list further out that contains it',
    text: `${broker}a: &a [{ b: [*a] }]`,
    want: ['tv.yaml:2:14: expected an alias of something else, this one holds itself'],
  },
  { name: 'a key that is a list', text: `${broker}? [canary]\n: 1`, want: ['tv.yaml:2:3: expected a text as the key'] },
  {
    name: 'a key that is an alias of a list',
    text: `${broker}critical: &a [canary]\n*a : 1`,
    want: ['tv.yaml:3:1: expected a text as the key'],
  },
  {
    name: 'a key that is a number',
    text: `${broker}ops: { 12: x }`,
    want: ['tv.yaml:2:8: ops.12: unknown key, expected one of listen'],
  },
  { name: 'another version', text: `${broker}version: 2`, want: ['tv.yaml:2:10: version: expected 1, got 2'] },
  {
    name: 'a word that is not in its list',
    text: `${broker}mode: sidcar`,
    want: ['tv.yaml:2:7: mode: expected "sidecar" or "standalone", got "sidcar"'],
  },
  {
    name: 'a text where a mapping belongs, which might be a token',
    text: `${broker}slack: xoxb-canary`,
    want: ['tv.yaml:2:8: slack: expected a mapping, got a text'],
  },
  {
    name: 'addresses and tokens in the wrong place, without repeating them',
    text: `${broker}mode: https://hooks.example/canary\nlog: { level: xoxb-canary, format: "a@canary" }`,
    want: [
      'tv.yaml:2:7: mode: expected "sidecar" or "standalone", got another text',
      'tv.yaml:3:15: log.level: expected "debug", "info", "warn" or "error", got another text',
      'tv.yaml:3:36: log.format: expected "json" or "text", got another text',
    ],
  },
  {
    name: 'invalid values for Sentry',
    text: `${broker}sentry:\n  dsn: https://canary@s/main\n  grouping: ours\n  workers: quiet\n  max_events_per_group: 0\n  issues_url: acme.sentry.io/issues\n  release: ${'r'.repeat(201)}`,
    want: [
      'tv.yaml:3:8: sentry.dsn: expected a DSN like "https://key@host/1", got another text',
      'tv.yaml:4:13: sentry.grouping: expected "taskvigil", "default" or "both", got "ours"',
      'tv.yaml:5:12: sentry.workers: expected "silent" or "report", got "quiet"',
      'tv.yaml:6:25: sentry.max_events_per_group: expected a whole number between 1 and 1000000, got 0',
      'tv.yaml:7:15: sentry.issues_url: expected the address of the list of issues like "https://acme.sentry.io/issues/?project=1", got another text',
      'tv.yaml:8:12: sentry.release: expected a name of at most 200 characters, got another text',
    ],
  },
  {
    name: 'a duration without a unit',
    text: `${broker}alerts:\n  learning: 600\n  wait: five`,
    want: [
      'tv.yaml:3:13: alerts.learning: expected a duration like "30s", "5m" or "1h" between 0s and 7d, got 600',
      'tv.yaml:4:9: alerts.wait: expected a duration like "30s", "5m" or "1h" between 0s and 1h, got "five"',
    ],
  },
  {
    name: 'a duration out of bounds',
    text: `${broker}shutdown_timeout: 0s`,
    want: ['tv.yaml:2:19: shutdown_timeout: expected a duration like "30s", "5m" or "1h" between 1s and 10m, got "0s"'],
  },
  {
    name: 'a key without a value',
    text: `${broker}limits:\n  open_tasks:`,
    want: ['tv.yaml:3:14: limits.open_tasks: expected a whole number between 100 and 10000000, got nothing'],
  },
  {
    name: 'a channel that YAML took for a comment',
    text: `${broker}slack:\n  token: xoxb-1\n  channel: #alerts`,
    want: ['tv.yaml:4:12: slack.channel: expected a channel like "#celery-alerts" (quoted) or its id, got nothing'],
  },
  {
    name: 'a status page on all addresses',
    text: `${broker}ui: { listen: "0.0.0.0:8080" }`,
    want: [
      'tv.yaml:2:15: ui.listen: expected "off" or a loopback address like "127.0.0.1:8080" (the page has no login, so it listens on this machine only), got "0.0.0.0:8080"',
    ],
  },
  {
    name: 'a broker URL with a mistake, written in one line',
    text: 'broker: redis://:canary@redis/first',
    want: [
      'tv.yaml:1:9: broker: expected the number of a Redis database after the host, like redis://host:6379/0; a "/", "?" or "#" in a password is written %2F, %3F, %23',
    ],
  },
  {
    name: 'a Sentinel without the name of its server',
    text: 'brokers:\n  - sentinel://:canary@s1',
    want: [
      'tv.yaml:2:5: brokers[0]: expected the name that the Sentinels watch the server under, as Celery’s master_name, got nothing',
    ],
  },
  {
    name: 'one broker and several',
    text: `${broker}brokers: [redis://b]`,
    want: ['tv.yaml:2:1: brokers: expected either broker or brokers, got both'],
  },
  {
    name: 'several brokers and one from the environment',
    text: 'brokers: [redis://b]',
    env: { TASKVIGIL_BROKER_URL: 'redis://:canary@b' },
    want: ['TASKVIGIL_BROKER_URL: expected either this variable or "brokers" in the file, got both'],
  },
  {
    name: 'an address with a login where headers would do',
    text: `${broker}otlp: { endpoint: "http://u:canary@collector" }`,
    want: [
      'tv.yaml:2:19: otlp.endpoint: expected the base URL of a collector like "http://collector:4318" without a login',
    ],
  },
  {
    name: 'a reference in a value that is shown',
    text: `${broker}hostname: "\${env:TOKEN}"\nslack: { token: xoxb-1, channel: "\${file:/t}" }`,
    env: { TOKEN: 'canary' },
    want: [
      'tv.yaml:2:11: hostname: expected no ${env:…} or ${file:…} here: they work in addresses, tokens and headers only',
      'tv.yaml:3:34: slack.channel: expected no ${env:…} or ${file:…} here: they work in addresses, tokens and headers only',
    ],
  },
  {
    name: 'references that cannot be resolved',
    text: `broker: \${env:NOPE}\nstore: \${file:/nope}\nresult_backend: \${env:9}`,
    want: [
      'tv.yaml:1:9: broker: expected the environment variable NOPE to be set, got nothing',
      'tv.yaml:2:8: store: expected a readable file at /nope, got ENOENT',
      'tv.yaml:3:17: result_backend: expected ${env:NAME} or ${env:NAME:-default}',
    ],
  },
  {
    name: 'a store that is not Redis',
    text: `${broker}store: amqp://:canary@b`,
    want: ['tv.yaml:2:8: store: expected redis://host:6379/1 or rediss://host:6379/1, got another kind of broker'],
  },
  {
    name: 'a secret and its file',
    text: `${broker}sentry: { dsn: https://canary@s/1, dsn_file: /dsn }`,
    files: { '/dsn': 'https://canary@s/2' },
    want: ['tv.yaml:2:46: sentry.dsn_file: expected either dsn or dsn_file, got both'],
  },
  {
    name: 'an empty file of a secret',
    text: `broker: { url_file: /b }`,
    files: { '/b': '\n' },
    want: ['tv.yaml:1:21: broker.url_file: expected the file at /b to hold a value, it is empty'],
  },
  {
    name: 'wrong variables, each by its name',
    text: '',
    env: { CELERY_BROKER_URL: 'sqs://canary@', TASKVIGIL_LOG_LEVEL: 'loud', OTEL_CONFIG_FILE: '/x' },
    want: [
      'CELERY_BROKER_URL: expected redis://, rediss://, redis+socket://, unix://, sentinel://, amqp:// or amqps://, got the scheme "sqs"',
      'TASKVIGIL_LOG_LEVEL: expected "debug", "info", "warn" or "error", got "loud"',
      'OTEL_CONFIG_FILE: expected not to be set: two files that configure the same thing would contradict each other',
    ],
  },
  {
    name: 'a variable and its _FILE variable',
    text: '',
    env: { TASKVIGIL_BROKER_URL: 'redis://:canary@a', TASKVIGIL_BROKER_URL_FILE: '/b' },
    want: ['TASKVIGIL_BROKER_URL_FILE: expected either TASKVIGIL_BROKER_URL or TASKVIGIL_BROKER_URL_FILE, got both'],
  },
  {
    name: 'a sidecar without a host name',
    text: `${broker}mode: sidecar`,
    want: [
      'tv.yaml:1:1: hostname: expected the host name of the workers beside this sidecar, here or in HOSTNAME, got nothing',
    ],
  },
];
for (const { name, text, env, files, want } of bad) {
  test(`reports ${name}`, () => {
    const problems = problemsOf(text, env, files);
    assert.deepEqual([...problems].sort(), [...want].sort());
    assert.doesNotMatch(problems.join('\n'), /canary/);
  });
}

const modes: readonly { name: string; text: string; env?: Record<string, string>; want: string }[] = [
  { name: 'a wrong value', text: 'mode: sidecar\nbroker: nonsense', want: 'sidecar' },
  { name: 'a wrong value, for all workers', text: 'broker: nonsense', want: 'standalone' },
  { name: 'a file that is not YAML', text: 'mode: "sidecar"\nbroker: [', want: 'sidecar' },
  { name: 'a file that is not YAML, for all workers', text: 'broker: [ # mode: sidecar', want: 'standalone' },
  { name: 'a variable', text: 'broker: [', env: { TASKVIGIL_MODE: 'sidecar' }, want: 'sidecar' },
  {
    name: 'a variable that contradicts the file',
    text: 'mode: sidecar\nbroker: [',
    env: { TASKVIGIL_MODE: 'standalone' },
    want: 'standalone',
  },
];
for (const { name, text, env, want } of modes) {
  test(`the mode of a wrong configuration is known: ${name}`, () => {
    const loaded = load(text, env);
    assert.equal(loaded.ok, false);
    assert.equal(!loaded.ok && loaded.mode, want);
  });
}

test('problems come in the order of the file, variables last', () => {
  const problems = problemsOf('shutdown_timeout: x\nmode: x\nlimits: { workers: x }', { TASKVIGIL_LOG_LEVEL: 'x' });
  assert.deepEqual(
    problems.map((line) => line.split(':', 2).join(':')),
    [
      'tv.yaml:1',
      'tv.yaml:1',
      'tv.yaml:2',
      'tv.yaml:3',
      'TASKVIGIL_LOG_LEVEL: expected "debug", "info", "warn" or "error", got "x"',
    ],
  );
});

const hostOf = (config: Config): string => {
  const url = config.brokers[0]?.url;
  return url?.kind === 'redis' ? url.host : '';
};

const precedence: readonly { name: string; text: string; env: Record<string, string>; files?: Files; want: string }[] =
  [
    {
      name: 'the file takes precedence over a conventional variable',
      text: 'broker: redis://file',
      env: { CELERY_BROKER_URL: 'redis://celery' },
      want: 'file',
    },
    {
      name: 'a TASKVIGIL_ variable takes precedence over the file',
      text: 'broker: redis://file',
      env: { TASKVIGIL_BROKER_URL: 'redis://ours', CELERY_BROKER_URL: 'redis://celery' },
      want: 'ours',
    },
    {
      name: 'a conventional variable is used when the file has no broker',
      text: '',
      env: { CELERY_BROKER_URL: 'redis://celery' },
      want: 'celery',
    },
    {
      name: 'CELERY_BROKER_READ_URL takes precedence over CELERY_BROKER_URL',
      text: '',
      env: { CELERY_BROKER_URL: 'redis://celery', CELERY_BROKER_READ_URL: 'redis://read' },
      want: 'read',
    },
    {
      name: 'an empty variable is none',
      text: 'broker: redis://file',
      env: { TASKVIGIL_BROKER_URL: '' },
      want: 'file',
    },
    {
      name: 'the _FILE variable takes precedence over the file',
      text: 'broker: redis://file',
      env: { TASKVIGIL_BROKER_URL_FILE: '/b' },
      files: { '/b': 'redis://twin\n' },
      want: 'twin',
    },
    {
      name: 'a TASKVIGIL_ variable takes precedence over url_file',
      text: 'broker: { url_file: /nowhere }',
      env: { TASKVIGIL_BROKER_URL: 'redis://ours' },
      want: 'ours',
    },
    {
      name: 'the _FILE variable of a conventional variable works too',
      text: '',
      env: { CELERY_BROKER_URL_FILE: '/b' },
      files: { '/b': 'redis://twin' },
      want: 'twin',
    },
    { name: 'a reference is followed', text: 'broker: redis://${env:H}:6379/0', env: { H: 'there' }, want: 'there' },
    { name: 'a default stands in', text: 'broker: redis://${env:H:-here}', env: {}, want: 'here' },
    { name: 'a default yields', text: 'broker: redis://${env:H:-here}', env: { H: 'there' }, want: 'there' },
    {
      name: 'a named file is read',
      text: 'broker: redis://${file:/h}',
      env: {},
      files: { '/h': 'there\n' },
      want: 'there',
    },
    {
      name: 'the options of the file stay',
      text: 'broker: { name: celery }',
      env: { TASKVIGIL_BROKER_URL: 'redis://a' },
      want: 'a',
    },
  ];
for (const { name, text, env, files, want } of precedence) {
  test(`the broker: ${name}`, () => assert.equal(hostOf(configOf(text, env, files)), want));
}

test('each variable sets its option', () => {
  const config = configOf('', {
    TASKVIGIL_MODE: 'sidecar',
    TASKVIGIL_BROKER_URL: 'redis://a',
    TASKVIGIL_RESULT_BACKEND: 'redis://b',
    TASKVIGIL_STORE_URL: 'redis://c/1',
    TASKVIGIL_STORE_NAMESPACE: 'fleet',
    TASKVIGIL_OTLP_ENDPOINT: 'http://collector:4318',
    TASKVIGIL_SENTRY_DSN: 'https://k@s/1',
    TASKVIGIL_SLACK_BOT_TOKEN: 'xoxb-1',
    TASKVIGIL_SLACK_CHANNEL: '#a',
    TASKVIGIL_SLACK_APP_TOKEN: 'xapp-1',
    TASKVIGIL_SLACK_SIGNING_SECRET: '0123456789abcdef',
    TASKVIGIL_OPS_LISTEN: '127.0.0.1:1',
    TASKVIGIL_UI_LISTEN: 'off',
    TASKVIGIL_LOG_LEVEL: 'debug',
    TASKVIGIL_LOG_FORMAT: 'text',
    TASKVIGIL_SHUTDOWN_TIMEOUT: '20s',
    TASKVIGIL_INSTANCE_ID: 'one',
    TASKVIGIL_HOSTNAME: 'pod-1',
    SENTRY_ENVIRONMENT: 'staging',
    SENTRY_RELEASE: '1.0',
    OTEL_SERVICE_NAME: 'vigil',
  });
  assert.equal(config.mode, 'sidecar');
  assert.equal(config.brokers[0]?.resultBackend?.kind, 'redis');
  assert.equal(config.store.url?.expose(), 'redis://c/1');
  assert.equal(config.store.namespace, 'fleet');
  assert.deepEqual(
    [config.otlp.isOn, config.otlp.endpoint, config.otlp.serviceName],
    [true, 'http://collector:4318', 'vigil'],
  );
  assert.deepEqual(
    [config.sentry?.dsn.expose(), config.sentry?.environment, config.sentry?.release],
    ['https://k@s/1', 'staging', '1.0'],
  );
  assert.deepEqual([config.slack?.token.expose(), config.slack?.channel], ['xoxb-1', '#a']);
  assert.deepEqual([config.ops.listen, config.ui.listen], [{ host: '127.0.0.1', port: 1 }, undefined]);
  assert.deepEqual([config.log.level, config.log.format], ['debug', 'text']);
  assert.equal(config.shutdownTimeoutMs, 20_000);
  assert.deepEqual([config.instanceId, config.hostname], ['one', 'pod-1']);
});

test('Sentry with its defaults and with all options', () => {
  const { dsn: _, ...plain } = configOf(`${broker}sentry: { dsn: https://k@s/1 }`).sentry!;
  assert.partialDeepStrictEqual(plain, {
    environment: 'production',
    release: undefined,
    grouping: 'taskvigil',
    workers: 'silent',
    eventsPerGroupMax: 10,
    issuesUrl: undefined,
  });
  const { sentry, slack } = configOf(
    `${broker}sentry: { dsn: "http://k@[::1]:9000/base/7", workers: report, max_events_per_group: 3, issues_url: "https://a.sentry.io/issues/?project=7" }\nslack: { token: xoxb-1, channel: "#a", trace_url: "https://j/{trace_id}" }`,
  );
  assert.deepEqual([sentry?.workers, sentry?.eventsPerGroupMax], ['report', 3]);
  assert.deepEqual(slack?.links, [
    { label: 'Trace', url: 'https://j/{trace_id}' },
    { label: 'Sentry issue', url: 'https://a.sentry.io/issues/?project=7&query=fp%3A{fingerprint}' },
  ]);
});

test('a name that Sentry would refuse is a warning', () => {
  const loaded = load(`${broker}sentry: { dsn: https://k@s/1, release: feature/x, environment: none }`);
  assert.deepEqual(loaded.warnings, [
    'sentry.release: Sentry refuses names with "/" or "\\", and shows the events without it',
    'sentry.environment: Sentry refuses names with "/" or "\\", and "none", and shows the events without it',
  ]);
});

test('the environment of the worker does not switch a section on', () => {
  const loaded = load(broker, { SLACK_BOT_TOKEN: 'xoxb-1', SENTRY_RELEASE: '1.0' });
  assert.equal(loaded.ok && loaded.config.slack, undefined);
  assert.equal(loaded.ok && loaded.config.sentry, undefined);
  assert.deepEqual(loaded.warnings, ['SLACK_BOT_TOKEN is set, but slack.channel is not: Slack is off']);
});

test('unknown TASKVIGIL_ variables are warnings, those of Kubernetes are not', () => {
  const loaded = load(broker, {
    TASKVIGIL_LOGLEVEL: 'debug',
    TASKVIGIL_ZEBRA: '1',
    TASKVIGIL_DRY_RUN: '1',
    TASKVIGIL_PORT: 'tcp://10.0.0.1:9464',
    TASKVIGIL_PORT_9464_TCP_ADDR: '10.0.0.1',
    TASKVIGIL_SERVICE_HOST: '10.0.0.1',
    TASKVIGIL_SERVICE_PORT_OPS: '9464',
    TASKVIGIL_OPS_PORT_9464_TCP: 'tcp://10.0.0.1:9464',
  });
  assert.deepEqual(loaded.warnings, [
    'TASKVIGIL_DRY_RUN: unknown variable, ignored',
    'TASKVIGIL_LOGLEVEL: unknown variable, ignored; did you mean TASKVIGIL_LOG_LEVEL?',
    'TASKVIGIL_ZEBRA: unknown variable, ignored',
  ]);
});

const hollow: readonly { name: string; text: string; want: readonly string[] }[] = [
  { name: 'nothing of the kind', text: broker, want: [] },
  {
    name: 'a result backend',
    text: `${broker}result_backend: redis://:canary@b`,
    want: [],
  },
  {
    name: 'requests to workers',
    text: `${broker}source: { control: "on" }`,
    want: [],
  },
  {
    name: 'a sidecar with a store',
    text: `${broker}mode: sidecar\nhostname: a\nstore: redis://b/1`,
    want: [],
  },
  {
    name: 'a sidecar without a store',
    text: `${broker}mode: sidecar\nhostname: a`,
    want: [
      'store: without it every sidecar posts on its own, and no instance reports a pod that died with its sidecar',
    ],
  },
  {
    name: 'a certificate that is not checked',
    text: 'broker: rediss://a?ssl_check_hostname=false&ssl_cert_reqs=none',
    want: [],
  },
];
for (const { name, text, want } of hollow) {
  test(`warnings: ${name}`, () => {
    const loaded = load(text);
    assert.equal(loaded.ok, true);
    assert.deepEqual(loaded.warnings, want);
  });
}

test('RabbitMQ is a broker under each of its schemes, and never a result backend', () => {
  const expected = 'expected a result backend in Redis, RabbitMQ keeps results for their callers only';
  for (const scheme of ['amqp', 'amqps', 'pyamqp', 'librabbitmq']) {
    assert.equal(configOf(`broker: ${scheme}://u:canary@h//`).brokers[0]?.url.kind, 'amqp');
    assert.deepEqual(problemsOf(`${broker}result_backend: ${scheme}://u:canary@h//`), [
      `tv.yaml:2:17: result_backend: ${expected}`,
    ]);
  }
});

test('each of several brokers has its own result backend', () => {
  const several = 'brokers: [{ url: redis://a, result_backend: redis://b/1 }, redis://c]\n';
  assert.deepEqual(
    configOf(several).brokers.map(({ resultBackend }) => resultBackend?.kind),
    ['redis', undefined],
  );
  assert.equal(problemsOf(`${several}result_backend: redis://d`).length, 1);
});

const otlp: readonly { name: string; text: string; env: Record<string, string>; want: readonly boolean[] }[] = [
  { name: 'off without an address', text: broker, env: {}, want: [false, false, false] },
  { name: 'on with an address', text: `${broker}otlp: { endpoint: "http://c" }`, env: {}, want: [true, true, true] },
  {
    name: 'on with the SDK’s variable',
    text: broker,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
    want: [true, true, true],
  },
  {
    name: 'one signal with its own variable',
    text: broker,
    env: { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://c' },
    want: [true, false, true],
  },
  {
    name: 'one signal when the other is off',
    text: `${broker}otlp: { endpoint: "http://c", logs: false }`,
    env: {},
    want: [true, true, false],
  },
  {
    name: 'off when the SDK is',
    text: `${broker}otlp: { endpoint: "http://c" }`,
    env: { OTEL_SDK_DISABLED: 'true' },
    want: [false, false, false],
  },
];
for (const { name, text, env, want } of otlp) {
  test(`OTLP is ${name}`, () => {
    const { isOn, traces, logs } = configOf(text, env).otlp;
    assert.deepEqual([isOn, traces, logs], want);
  });
}

test('a fetched text is inserted literally', () => {
  const config = configOf('broker: redis://:${env:P}@a', { P: 'a${env:X}', X: 'b' });
  assert.equal(config.brokers[0]?.url.password?.expose(), 'a${env:X}');
});

test('a printed configuration contains no secret', () => {
  const config = configOf(
    `broker: redis://:canary@a\nresult_backend: redis://u:canary@b\nstore: redis://:canary@c\n` +
      `sentry: { dsn: https://canary@s/1 }\nslack: { token: xoxb-canary, channel: "#a" }\n` +
      `otlp: { endpoint: "http://c", headers: { authorization: canary } }`,
  );
  assert.equal(config.otlp.headers['authorization']?.expose(), 'canary');
  for (const text of [JSON.stringify(config), inspect(config, { depth: 20, showHidden: true })]) {
    assert.doesNotMatch(text, /canary/);
  }
});

test('a hostile file does not pollute prototypes', () => {
  load('__proto__: { polluted: 1 }\nbroker: { __proto__: { polluted: 1 } }\notlp: { headers: { __proto__: x } }');
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('grouping rules and classes keep their order', () => {
  const { rules, classes } = configOf(
    'broker: redis://a\nclasses: { "a.*": transient, B: bug }\ngrouping:\n  rules:\n' +
      '    - { name: one, match: { task: "x.*", frame: [a, b] }, parts: ["{task}", mine], class: bug }\n' +
      '    - { name: two, match: { message: "*" }, split: "{codes}" }\n' +
      '    - { name: three, match: { exception: E }, ignore: true }',
  ).failures;
  assert.deepEqual(classes, [
    { exception: 'a.*', class: 'transient' },
    { exception: 'B', class: 'bug' },
  ]);
  assert.deepEqual(
    rules.map(({ name, parts, isIgnored }) => [name, parts, isIgnored]),
    [
      ['one', ['{task}', 'mine'], false],
      ['two', ['{default}', '{codes}'], false],
      ['three', undefined, true],
    ],
  );
  assert.deepEqual(rules[0]?.match, { tasks: ['x.*'], exceptions: [], messages: [], frames: ['a', 'b'] });
});

const badRules = [
  [
    '{ name: a, match: {}, class: bug }',
    'grouping.rules[0].match: expected at least one of task, exception, message, frame',
  ],
  ['{ name: a, match: { task: x } }', 'grouping.rules[0]: expected one of parts, split, ignore, class'],
  [
    '{ name: a, match: { task: x }, ignore: true, class: bug }',
    'grouping.rules[0].ignore: expected either ignore or class, got both',
  ],
  [
    '{ name: a, match: { task: x }, parts: [x], split: [x] }',
    'grouping.rules[0].split: expected either parts or split, got both',
  ],
  ['{ name: a, match: { tasc: x }, class: bug }', 'grouping.rules[0].match.tasc: unknown key; did you mean task?'],
] as const;
for (const [rule, want] of badRules) {
  test(`reports a grouping rule: ${want.split(': ')[1]}`, () => {
    const loaded = load(`broker: redis://a\ngrouping:\n  rules:\n    - ${rule}`);
    assert.ok(!loaded.ok && loaded.problems.some((problem) => problemLine(problem).endsWith(want)));
  });
}
