/** The main job on real programs: Redis, Celery workers, Jaeger, two daemons; fakes only for Slack and Sentry. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { type FakeSentry, startFakeSentry } from '../fakes/sentry.ts';
import { type FakeSlack, startFakeSlack } from '../fakes/slack.ts';
import {
  freePort,
  type JaegerSpan,
  missingTools,
  produce,
  startDaemon,
  startJaeger,
  startRedis,
  startWorker,
  stopEverything,
  waitFor,
} from '../live/process.ts';

const canaries = {
  password: 'Rye-canary-77!bread',
  api_key: 'canarykey9f8e7d6c5b4a',
  card: '4111111111111111',
  dsn: 'postgresql://baker:canaryDsnPw@db.internal:5432/bakery',
};
const needles = [canaries.password, canaries.api_key, canaries.card, 'canaryDsnPw'];

const skip = missingTools();

describe('the main job', { skip: skip ?? false }, () => {
  let jaeger: Awaited<ReturnType<typeof startJaeger>>;
  let slack: FakeSlack;
  let sentry: FakeSentry;
  let storeUrl: string;
  const daemons: Awaited<ReturnType<typeof startDaemon>>[] = [];
  let produced: Map<string, readonly string[]>;

  const idOf = (scenario: string, index = 0): string => {
    const id = produced.get(scenario)?.[index];
    assert.ok(id, `no ${scenario}`);
    return id;
  };
  const traceOf = (
    scenario: string,
    isComplete: (spans: readonly JaegerSpan[]) => boolean,
  ): Promise<readonly JaegerSpan[]> => {
    const traceId = idOf(scenario).replaceAll('-', '');
    return waitFor(`trace of ${scenario}`, 30_000, async () => {
      const spans = distinct(await jaeger.trace(traceId));
      return isComplete(spans) ? spans : undefined;
    });
  };

  before(async () => {
    const [redis, storeRedis] = [await startRedis(), await startRedis()];
    storeUrl = `${storeRedis.url}/0`;
    jaeger = await startJaeger();
    sentry = await startFakeSentry();
    slack = await startFakeSlack({ channels: [{ id: 'C0ALERTS', name: 'alerts' }] });
    const env = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    for (let n = 0; n < 2; n += 1) {
      const ops = await freePort();
      const config = `broker: ${redis.url}/0
store: ${storeUrl}
otlp: { endpoint: "${jaeger.endpoint}" }
sentry: { dsn: "${sentry.dsn}", environment: test }
slack: { token: "${slack.token}", channel: "#alerts", api_url: "${slack.apiUrl}" }
critical: [bakery.call_supplier]
alerts: { threshold: 3, window: 10m, wait: 1s, resolve_after: 15s }
ops: { listen: "127.0.0.1:${ops}" }
ui: { listen: "off" }
`;
      daemons.push(await startDaemon(config, {}, ops));
    }
    for (const daemon of daemons) await daemon.ready();
    await Promise.all([startWorker(env, 'oven@one'), startWorker(env, 'oven@two')]);
    produced = await produce(env, canaries);
  });

  after(async () => {
    await stopEverything();
    await Promise.all([slack?.stop(), sentry?.stop()]);
  });

  test('a success is one trace under the root id: task, publication, wait, attempt', async () => {
    const spans = await traceOf('success', (all) => all.length >= 4);
    assert.deepEqual(names(spans), ['bakery.knead', 'process bakery.knead', 'send bakery.knead', 'wait bakery.knead']);
    assert.deepEqual(spans.map((span) => tag(span, 'span.kind')).sort(), [
      'consumer',
      'internal',
      'internal',
      'producer',
    ]);
    assert.equal(tag(named(spans, 'process bakery.knead'), 'messaging.destination.name'), 'dough');
    assert.equal(tag(named(spans, 'bakery.knead'), 'messaging.message.id'), idOf('success'));
  });

  test('a failure is an error with its exception', async () => {
    const spans = await traceOf('failure', (all) => all.some(({ operationName }) => operationName === 'bakery.bake'));
    const attempt = named(spans, 'process bakery.bake');
    assert.equal(tag(attempt, 'otel.status_code'), 'ERROR');
    assert.equal(tag(attempt, 'error.type'), 'bakery.OvenError');
    const fields = Object.fromEntries(attempt.logs[0]?.fields.map(({ key, value }) => [key, value]) ?? []);
    assert.equal(fields['exception.type'], 'bakery.OvenError');
    assert.match(String(fields['exception.stacktrace']), /direct cause[\s\S]*OvenError: oven 7 is cold/);
  });

  test('a retry that recovers has an attempt for each run, linked, and no error on the task', async () => {
    const spans = await traceOf('retry_then_success', (all) =>
      all.some(({ operationName }) => operationName === 'bakery.deliver'),
    );
    const attempts = spans
      .filter(({ operationName }) => operationName === 'process bakery.deliver')
      .sort((a, b) => a.startTime - b.startTime);
    assert.deepEqual(
      attempts.map((span) => tag(span, 'taskvigil.outcome')),
      ['retried', 'retried', 'succeeded'],
    );
    assert.ok(attempts[1]?.references.some(({ spanID }) => spanID === attempts[0]?.spanID));
    assert.equal(tag(named(spans, 'bakery.deliver'), 'taskvigil.outcome'), 'recovered');
    assert.equal(tag(named(spans, 'bakery.deliver'), 'error'), undefined);
  });

  test('exhausted retries are a failure', async () => {
    const spans = await traceOf('exhausted', (all) =>
      all.some(({ operationName }) => operationName === 'bakery.call_supplier'),
    );
    assert.equal(tag(named(spans, 'bakery.call_supplier'), 'taskvigil.outcome'), 'exhausted');
    assert.equal(tag(named(spans, 'bakery.call_supplier'), 'error.type'), 'TimeoutError');
  });

  test('a chain is one trace, each step below the one before', async () => {
    const spans = await traceOf(
      'chain',
      (all) => all.filter(({ operationName }) => operationName === 'bakery.knead').length === 3,
    );
    const steps = (produced.get('chain') ?? []).map((id) =>
      spans.find((span) => span.operationName === 'bakery.knead' && tag(span, 'messaging.message.id') === id),
    );
    assert.equal(parentOf(steps[1]), steps[0]?.spanID);
    assert.equal(parentOf(steps[2]), steps[1]?.spanID);
  });

  test('every member of a group has its trace', async () => {
    for (const id of produced.get('group') ?? []) {
      await waitFor(
        `trace of ${id}`,
        20_000,
        async () => distinct(await jaeger.trace(id.replaceAll('-', ''))).length === 4,
      );
    }
  });

  test('a task that another one sent stands below it', async () => {
    const spans = await traceOf(
      'nested',
      (all) => all.filter(({ operationName }) => /^bakery\.(order|knead)$/.test(operationName)).length === 2,
    );
    assert.equal(parentOf(named(spans, 'bakery.knead')), named(spans, 'bakery.order').spanID);
  });

  const killed = [
    { scenario: 'killed', name: 'bakery.burn', type: /WorkerLostError$/, cause: 'worker-lost' },
    { scenario: 'hard_limit', name: 'bakery.proof', type: /TimeLimitExceeded$/, cause: 'hard-time-limit' },
    { scenario: 'soft_limit', name: 'bakery.cool', type: /SoftTimeLimitExceeded$/, cause: 'soft-time-limit' },
  ];
  for (const { scenario, name, type, cause } of killed) {
    test(`a run that was ${scenario} has a span with its true cause`, async () => {
      const spans = await traceOf(scenario, (all) => all.some(({ operationName }) => operationName === name));
      assert.match(String(tag(named(spans, `process ${name}`), 'error.type')), type);
      assert.equal(tag(named(spans, name), 'taskvigil.cause'), cause);
    });
  }

  test('a killed run names its signal', async () => {
    const spans = await traceOf('killed', (all) => all.length >= 4);
    assert.equal(tag(named(spans, 'process bakery.burn'), 'taskvigil.signal'), 'SIGKILL');
  });

  test('Sentry has a Python event for each failure, under one id from both daemons', async () => {
    const mine = () => sentry.events().filter((event) => field(event, 'transaction') === 'bakery.bake');
    await waitFor('ten events of five failures', 30_000, () => mine().length >= 10);
    assert.equal(new Set(mine().map((event) => field(event, 'event_id'))).size, 5);
    const event = mine()[0] as Record<string, unknown>;
    assert.equal(event['platform'], 'python');
    assert.equal(new Set(mine().map((one) => JSON.stringify(one['fingerprint']))).size, 1);
    const values = (
      event['exception'] as {
        values: { type: string; stacktrace: { frames: { in_app: boolean; function: string }[] } }[];
      }
    ).values;
    assert.deepEqual(
      values.map(({ type }) => type),
      ['KeyError', 'OvenError'],
    );
    assert.ok(values[1]?.stacktrace.frames.some((frame) => frame.in_app && frame.function === 'bake'));
    assert.equal(values[1]?.stacktrace.frames.find((frame) => !frame.in_app)?.function, 'trace_task');
  });

  test('Slack has one message for each incident, whoever posts it', async () => {
    const headers = () => roots(slack).map((message) => textOf(message.blocks[0]));
    await waitFor('the four incidents', 40_000, () => roots(slack).length >= 4);
    assert.deepEqual(
      headers()
        .map((text) => text.replace(/^.*: /, ''))
        .sort(),
      ['bakery.bake', 'bakery.call_supplier', 'bakery.pay', 'bakery.shout'],
    );
    assert.equal(slack.log.filter(({ method }) => method === 'chat.postMessage').length, 4);
  });

  test('each message is edited in place when its incident is over', async () => {
    await waitFor('four resolved messages', 60_000, () =>
      roots(slack).every((message) => textOf(message.blocks[0]).includes('Resolved')),
    );
    assert.equal(slack.log.filter(({ method }) => method === 'chat.postMessage').length, 4);
    for (const message of roots(slack)) assert.ok(message.edits >= 1);
    assert.match(
      JSON.stringify(roots(slack).find((message) => textOf(message.blocks[0]).includes('bakery.bake'))?.blocks),
      /5 failures/,
    );
  });

  test('text from a task neither mentions nor links', () => {
    for (const message of roots(slack)) {
      const { entities } = message;
      assert.deepEqual(Object.values(entities).flat(), [], JSON.stringify(entities));
    }
  });

  test('no planted secret is in anything that left, was logged or is stored', async () => {
    const store = new Redis(storeUrl);
    const keys = await store.keys('*');
    const stored = await Promise.all(
      keys.map(async (key) =>
        JSON.stringify(await store.hgetall(key).catch(() => store.get(key).catch(() => store.zrange(key, 0, '-1')))),
      ),
    );
    store.disconnect();
    assert.ok(keys.length > 0);
    const metrics = await Promise.all(daemons.map(async (daemon) => (await daemon.get('/metrics')).text()));
    const captured = {
      slack: slack.bytes(),
      sentry: JSON.stringify(sentry.events()) + sentry.bytes.map((bytes) => bytes.toString('utf8')).join(''),
      jaeger: await jaeger.everything(),
      stored: stored.join('\n'),
      metrics: metrics.join('\n'),
      logs: daemons.map((daemon) => daemon.output()).join('\n'),
    };
    assert.match(captured.slack, /bakery\.pay/);
    assert.match(captured.sentry, /bakery\.pay/);
    assert.match(captured.jaeger, /bakery\.pay/);
    assert.match(captured.metrics, /taskvigil_redactions_total\{[^}]*\} [1-9]/);
    for (const [where, text] of Object.entries(captured)) {
      for (const needle of needles)
        assert.ok(!text.includes(needle) && !text.includes(encodeURIComponent(needle)), `${needle} in ${where}`);
    }
  });

  test('neither daemon found a bug in itself, and both end with 0', async () => {
    for (const daemon of daemons) assert.doesNotMatch(daemon.output(), /"msg":"bug/);
    assert.deepEqual(await Promise.all(daemons.map((daemon) => daemon.stop('SIGTERM'))), [0, 0]);
  });
});

function distinct(spans: readonly JaegerSpan[]): JaegerSpan[] {
  return [...new Map(spans.map((span) => [span.spanID, span])).values()];
}

function names(spans: readonly JaegerSpan[]): string[] {
  return spans.map(({ operationName }) => operationName).sort();
}

function named(spans: readonly JaegerSpan[], name: string): JaegerSpan {
  const found = spans.find(({ operationName }) => operationName === name);
  assert.ok(found, `no span "${name}" among ${names(spans).join(', ')}`);
  return found;
}

function tag(span: JaegerSpan, key: string): unknown {
  return span.tags.find((one) => one.key === key)?.value;
}

function parentOf(span: JaegerSpan | undefined): string | undefined {
  return span?.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID;
}

function field(event: unknown, name: string): unknown {
  return (event as Record<string, unknown>)[name];
}

function roots(slack: FakeSlack) {
  return slack.messages('alerts').filter(({ threadTs }) => threadTs === undefined);
}

function textOf(block: unknown): string {
  return String((block as { text?: { text?: string } } | undefined)?.text?.text ?? '');
}
