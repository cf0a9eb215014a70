import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigDraft } from '../draft/draft.ts';
import { defineSection } from '../option.ts';
import { brokerNameTroubles, brokers, brokersConfig, brokerTroubles, resultTroubles } from './broker.ts';

const section = defineSection(brokers, {});

function configOf(values: Record<string, unknown>) {
  return brokersConfig(section.schema.parse(values));
}

test('a broker has the defaults of Celery and of RabbitMQ’s queue', () => {
  const [config, ...others] = configOf({ broker: { url: 'redis://a' } });
  const { url, ...rest } = config!;
  assert.deepEqual([url.kind, others], ['redis', []]);
  assert.partialDeepStrictEqual(rest, {
    name: 'celery',
    globalKeyprefix: '',
    fanoutPrefix: true,
    fanoutPatterns: true,
    eventExchange: 'celeryev',
    sentinelPassword: undefined,
    controlExchange: 'celery',
    visibilityTimeoutMs: 3_600_000,
    resultBackend: undefined,
    resultKeyprefix: '',
    queue: { name: undefined, bytesMax: 67_108_864, ttlMs: 3_600_000, expiresMs: 86_400_000 },
  });
});

test('several brokers are numbered unless they have names', () => {
  const config = configOf({
    brokers: [{ url: 'redis://a' }, { url: 'redis://b', name: 'mail' }, { url: 'redis://c' }],
  });
  assert.deepEqual(
    config.map(({ name }) => name),
    ['celery-1', 'mail', 'celery-3'],
  );
});

test('the top-level result backend belongs to a single broker, and its own one takes precedence', () => {
  const hostOf = (values: Record<string, unknown>): string | undefined => {
    const backend = configOf(values)[0]?.resultBackend;
    return backend?.kind === 'redis' ? backend.host : undefined;
  };
  assert.equal(hostOf({ broker: { url: 'redis://a' }, result_backend: 'redis://b' }), 'b');
  assert.equal(hostOf({ broker: { url: 'redis://a', result_backend: 'redis://c' }, result_backend: 'redis://b' }), 'c');
});

test('master_name completes a Sentinel URL and is ignored for other URLs', () => {
  const [sentinel] = configOf({ broker: { url: 'sentinel://s1', master_name: 'main' } });
  assert.equal(sentinel?.url.kind === 'redis-sentinel' && sentinel.url.masterName, 'main');
  const [redis] = configOf({ broker: { url: 'redis://a', master_name: 'main' } });
  assert.equal(redis !== undefined && 'masterName' in redis.url, false);
});

const prefixes: readonly (readonly [raw: unknown, want: unknown])[] = [
  [true, true],
  [false, false],
  ['/{db}.', '/{db}.'],
  ['with space', 'expected true, false or a text like "/{db}.", got "with space"'],
  ['', 'expected true, false or a text like "/{db}.", got ""'],
  [1, 'expected true, false or a text like "/{db}.", got 1'],
];
for (const [raw, want] of prefixes) {
  test(`fanout_prefix: ${JSON.stringify(raw)}`, () => {
    const { data, error } = section.schema.safeParse({ broker: { url: 'redis://a', fanout_prefix: raw } });
    assert.deepEqual(data?.broker?.fanout_prefix ?? error?.issues[0]?.message, want);
  });
}

type Check = (draft: ConfigDraft) => ReturnType<typeof brokerTroubles>;

function linesOf(check: Check, values: Record<string, unknown>): string[] {
  return check(new ConfigDraft(values)).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const missing =
  'broker: expected the URL of Celery’s broker, here or in TASKVIGIL_BROKER_URL or CELERY_BROKER_URL, got nothing';
const masterName = 'expected the name that the Sentinels watch the server under, as Celery’s master_name, got nothing';
const redisOnly = 'expected a result backend in Redis, RabbitMQ keeps results for their callers only';
const amqp = 'amqp://a';

const checks: readonly (readonly [
  title: string,
  check: Check,
  values: Record<string, unknown>,
  want: readonly string[],
])[] = [
  ['no broker', brokerTroubles, {}, [missing]],
  ['one broker', brokerTroubles, { broker: { url: 'redis://a' } }, []],
  [
    'one broker and several',
    brokerTroubles,
    { broker: {}, brokers: [] },
    ['brokers: expected either broker or brokers, got both'],
  ],
  [
    'Sentinels without the name of the server',
    brokerTroubles,
    { broker: { url: ' Sentinel://s1' } },
    [`broker.master_name: ${masterName}`],
  ],
  ['Sentinels with the name in the URL', brokerTroubles, { broker: { url: 'sentinel://s1?master_name=a' } }, []],
  [
    'Sentinels with the name beside the URL',
    brokerTroubles,
    { broker: { url: 'sentinel://s1', master_name: 'a' } },
    [],
  ],
  [
    'Sentinels in a list',
    brokerTroubles,
    { brokers: [{ url: 'redis://a' }, { url: 'sentinel://s1' }] },
    [`brokers.1.master_name: ${masterName}`],
  ],
  ['a broker that is no mapping', brokerTroubles, { broker: 5 }, []],
  ['results in Redis', resultTroubles, { broker: { result_backend: 'redis://a' }, result_backend: 'rediss://b' }, []],
  ['results in RabbitMQ', resultTroubles, { result_backend: ` ${amqp}` }, [`result_backend: ${redisOnly}`]],
  [
    'results in RabbitMQ, in each place',
    resultTroubles,
    { broker: { result_backend: amqp }, brokers: [{ result_backend: 'pyamqp://a' }] },
    [`broker.result_backend: ${redisOnly}`, `brokers.0.result_backend: ${redisOnly}`],
  ],
  [
    'one result backend for several brokers',
    resultTroubles,
    { brokers: [{}], result_backend: 'redis://a' },
    ['result_backend: expected it with each of the brokers that it belongs to, got it beside them'],
  ],
  ['one result backend and an empty list of brokers', resultTroubles, { brokers: [], result_backend: 'redis://a' }, []],
  [
    'a repeated name',
    brokerNameTroubles,
    { brokers: [{ name: 'a' }, { name: 'a' }] },
    ['brokers.1.name: expected a name of its own, another one has it already'],
  ],
];
for (const [title, check, values, want] of checks) {
  test(`brokers: ${title}`, () => assert.deepEqual(linesOf(check, values), want));
}
