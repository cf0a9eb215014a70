/** The main job on real programs: Redis, Celery workers, Jaeger, two daemons; fakes for Slack, Sentry and the logs. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { type FakeOtlp, startFakeOtlp } from '../fakes/otlp.ts';
import { type FakeSentry, startFakeSentry } from '../fakes/sentry.ts';
import { type FakeMessage, type FakeSlack, startFakeSlack } from '../fakes/slack.ts';
import { entitiesOf } from '../fakes/slack-content.ts';
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
  token: 'canarykey9f8e7d6c5b4a',
  card: '4111111111111111',
  dsn: 'postgresql://baker:canaryDsnPw@db.internal:5432/bakery',
};
/** Also what would be left if a secret were cut at a blank or a sign. */
const needles = [canaries.password, 'Rye-canary', canaries.token, canaries.card, 'canaryDsn'];
const outlets = ['slack', 'sentry', 'traces', 'logs', 'stored', 'metrics', 'page', 'output'] as const;

const skip = missingTools();

describe('the main job', { skip: skip ?? false }, () => {
  let jaeger: Awaited<ReturnType<typeof startJaeger>>;
  let slack: FakeSlack;
  let sentry: FakeSentry;
  let otlp: FakeOtlp;
  let storeUrl: string;
  let app: { readonly BROKER_URL: string; readonly RESULT_URL: string };
  const daemons: Awaited<ReturnType<typeof startDaemon>>[] = [];
  const pages: string[] = [];
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
    const traceId = traceIdOf(idOf(scenario));
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
    otlp = await startFakeOtlp();
    app = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    // Jaeger takes traces only.
    const exporters = {
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${jaeger.endpoint}/v1/traces`,
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${otlp.endpoint}/v1/logs`,
      OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'gzip',
    };
    for (let n = 0; n < 2; n += 1) {
      const [ops, ui] = [await freePort(), await freePort()];
      const config = `broker: ${redis.url}/0
store: ${storeUrl}
sentry: { dsn: "${sentry.dsn}", environment: test }
slack: { token: "${slack.token}", channel: "#alerts", api_url: "${slack.apiUrl}" }
critical: [bakery.call_supplier]
alerts: { learning: 0s, wait: 1s, resolve: { after: 45s } }
ops: { listen: "127.0.0.1:${ops}" }
ui: { listen: "127.0.0.1:${ui}" }
`;
      daemons.push(await startDaemon(config, exporters, ops));
      pages.push(`http://127.0.0.1:${ui}`);
    }
    for (const daemon of daemons) await daemon.ready();
    await Promise.all([startWorker(app, 'oven@one'), startWorker(app, 'oven@two')]);
    produced = await produce(app, canaries);
  });

  after(async () => {
    await stopEverything();
    await Promise.all([slack?.stop(), sentry?.stop(), otlp?.stop()]);
  });

  test('Sentry has one Python event for each failure, from the one of two daemons that leads', async () => {
    const mine = () => sentry.events().filter((event) => field(event, 'transaction') === 'bakery.bake');
    await waitFor('events of five failures', 30_000, () => mine().length >= 5);
    assert.deepEqual([mine().length, new Set(mine().map((event) => field(event, 'event_id'))).size], [5, 5]);
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

  test('Slack has one message for each incident, from either daemon', async () => {
    await waitFor('the four incidents', 40_000, () => roots(slack).length >= 4);
    assert.deepEqual(
      roots(slack)
        .map((message) => headerOf(message).replace(/^.* · /, ''))
        .sort(),
      ['bakery.bake', 'bakery.call_supplier', 'bakery.pay', 'bakery.shout'],
    );
    assert.equal(posts(slack).length, 4);
  });

  test('an incident that grows edits its message', async () => {
    await produce(app, canaries, ['failure']);
    const bake = () => roots(slack).find((message) => headerOf(message).endsWith('bakery.bake'));
    // A message counts up every half a minute at most.
    const grown = await waitFor(
      () => `ten failures in ${JSON.stringify(bake()?.blocks)}`,
      40_000,
      () => {
        const message = bake();
        return message !== undefined && /10 failures/.test(JSON.stringify(message.blocks)) && message;
      },
    );
    assert.match(headerOf(grown), /New failure/);
    assert.equal(posts(slack).length, 4);
  });

  test('a success is one trace under the root id: task, publication until it was begun, attempt', async () => {
    const spans = await traceOf('success', (all) => all.length >= 3);
    assert.deepEqual(names(spans), ['bakery.knead', 'process bakery.knead', 'send bakery.knead']);
    assert.deepEqual(spans.map((span) => tag(span, 'span.kind')).sort(), ['consumer', 'internal', 'producer']);
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
      await waitFor(`trace of ${id}`, 20_000, async () => distinct(await jaeger.trace(traceIdOf(id))).length === 3);
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
    const spans = await traceOf('killed', (all) => all.length >= 3);
    assert.equal(tag(named(spans, 'process bakery.burn'), 'taskvigil.signal'), 'SIGKILL');
  });

  test('a chord has a trace for each header task, and its body stands below the last of them', async () => {
    const [first = '', second = '', body = ''] = produced.get('chord') ?? [];
    const all = await waitFor('the traces of the chord', 30_000, async () => {
      const spans = (await Promise.all([first, second].map((id) => jaeger.trace(traceIdOf(id))))).flatMap(distinct);
      return spans.some((span) => span.operationName === 'bakery.box') && spans;
    });
    const last = all.find(({ spanID }) => spanID === parentOf(named(all, 'bakery.box')));
    assert.ok([first, second].includes(String(last && tag(last, 'messaging.message.id'))));
    assert.equal(tag(named(all, 'bakery.box'), 'messaging.message.id'), body);
  });

  const quiet = [
    { scenario: 'revoked', name: 'bakery.rest', outcome: 'revoked', cause: 'revoked' },
    { scenario: 'terminated', name: 'bakery.rest', outcome: 'revoked', cause: 'terminated' },
    { scenario: 'rejected', name: 'bakery.refuse', outcome: 'rejected', cause: 'rejected' },
    { scenario: 'requeued', name: 'bakery.return_once', outcome: 'recovered', cause: undefined },
  ];
  for (const { scenario, name, outcome, cause } of quiet) {
    test(`a task that was ${scenario} ends as ${outcome}, without an error`, async () => {
      const spans = await traceOf(scenario, (all) => all.some(({ operationName }) => operationName === name));
      assert.equal(tag(named(spans, name), 'taskvigil.outcome'), outcome);
      assert.equal(tag(named(spans, name), 'taskvigil.cause'), cause);
      assert.equal(tag(named(spans, name), 'error'), undefined);
    });
  }

  test('a task that no worker knows is a failure without an attempt', async () => {
    const name = 'bakery.unknown';
    const spans = await traceOf('unregistered', (all) => all.some(({ operationName }) => operationName === name));
    assert.equal(tag(named(spans, name), 'taskvigil.cause'), 'unregistered');
    assert.deepEqual(names(spans), [name, `send ${name}`]);
  });

  test('each failure is a log record in the trace of its task', async () => {
    const isEnd = ({ attributes }: { attributes: Record<string, unknown> }) =>
      attributes['messaging.message.id'] === idOf('failure') && attributes['taskvigil.transition'] === 'task-ended';
    await waitFor('the record', 20_000, () => otlp.logRecords().filter(isEnd).length === 1);
    for (const record of otlp.logRecords().filter(isEnd)) {
      assert.equal(record.severity, 'ERROR');
      assert.equal(record.traceId, traceIdOf(idOf('failure')));
      assert.equal(record.attributes['exception.type'], 'bakery.OvenError');
    }
  });

  test('one of the daemons delivers the spans, and Jaeger has each of them once', async () => {
    const delivered = (text: string) =>
      Number(/^taskvigil_sink_delivered_total\{sink="traces"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    const counts = (await Promise.all(daemons.map((daemon) => daemon.metrics()))).map(delivered).sort((a, b) => a - b);
    assert.ok(counts[0] === 0 && Number(counts[1]) > 80, `delivered: ${counts.join(', ')}`);
    for (const [scenario, ids] of produced) {
      for (const id of ids) {
        const spans = await jaeger.trace(traceIdOf(id));
        const parts = ['messaging.message.id', 'taskvigil.attempt', 'celery.retries'];
        const places = spans.map((span) => [span.operationName, ...parts.map((part) => tag(span, part))].join(' '));
        assert.equal(new Set(places).size, places.length, `${scenario}: ${places.join(', ')}`);
      }
    }
  });

  test('each message is edited in place when its incident is over', async () => {
    await waitFor(
      () => `four resolved messages: ${roots(slack).map(headerOf).join(', ')}`,
      60_000,
      () => roots(slack).every((message) => headerOf(message).includes('Resolved')),
    );
    assert.equal(roots(slack).length, 4);
    for (const message of roots(slack)) {
      assert.ok(message.edits >= 1);
      const thread = slack.messages('alerts').filter(({ threadTs }) => threadTs === message.ts);
      assert.equal(thread.filter(({ text }) => text.includes('Resolved')).length, 1);
    }
  });

  test('text from a task neither mentions nor links, in no version of any message', () => {
    assert.ok(slack.log.length >= 8);
    for (const { method, args } of slack.log) {
      // An edit is parsed as a client's text unless `parse` is set.
      const entities = entitiesOf(method === 'chat.update' ? { parse: 'client', ...args } : args);
      assert.deepEqual(Object.values(entities).flat(), [], JSON.stringify(entities));
    }
  });

  test('no planted secret is in anything that left, was logged, is stored or is shown', async () => {
    const captured: Record<(typeof outlets)[number], string> = {
      slack: slack.bytes(),
      sentry: sentry.bytes.map((bytes) => bytes.toString('utf8')).join('\n'),
      traces: await jaeger.everything(),
      logs: otlp.bytes(),
      stored: await dump(storeUrl),
      metrics: (await Promise.all(daemons.map((daemon) => daemon.metrics()))).join('\n'),
      page: await pagesOf(pages),
      output: daemons.map((daemon) => daemon.output()).join('\n'),
    };
    // An empty output proves nothing, so each of these must mention the task that was given the secrets.
    for (const outlet of ['slack', 'sentry', 'traces', 'logs', 'stored', 'page'] as const) {
      assert.match(captured[outlet], /bakery\.pay/, outlet);
    }
    assert.match(captured.metrics, /taskvigil_redactions_total\{[^}]*\} [1-9]/);
    assert.notEqual(captured.output, '');
    const leaks = outlets.flatMap((outlet) => {
      const forms = formsOf(captured[outlet]);
      return needles
        .filter((needle) => forms.some((text) => text.includes(needle)))
        .map((needle) => `${needle} in ${outlet}`);
    });
    assert.deepEqual(leaks, []);
  });

  test('neither daemon lost anything or found a bug in itself, and both end with 0', async () => {
    for (const daemon of daemons) assert.doesNotMatch(daemon.output(), /"level":"error"/);
    assert.deepEqual(await Promise.all(daemons.map((daemon) => daemon.stop('SIGTERM'))), [0, 0]);
  });
});

/** Everything a Redis holds, as text. */
async function dump(url: string): Promise<string> {
  const redis = new Redis(url);
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, '0', '-1'),
  };
  try {
    const keys = await redis.keys('*');
    const values = await Promise.all(
      keys.map(async (key) => {
        const type = await redis.type(key);
        const value = read[type];
        if (value === undefined) throw new Error(`expected to read all of the store, found a ${type}`);
        return `${key} ${JSON.stringify(await value(key))}`;
      }),
    );
    return values.join('\n');
  } finally {
    redis.disconnect();
  }
}

async function pagesOf(bases: readonly string[]): Promise<string> {
  const answers = await Promise.all(
    bases.flatMap((base) => ['/', '/api/snapshot'].map(async (path) => (await fetch(`${base}${path}`)).text())),
  );
  return answers.join('\n');
}

/** The raw text, and the same text with form, JSON and HTML escapes decoded, because a secret may be in any of them. */
function formsOf(text: string): string[] {
  const form = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return [text, form].flatMap((one) => [
    one,
    one.replace(/\\+(["'/\\])/g, '$1'),
    one.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(code)),
  ]);
}

function traceIdOf(rootId: string): string {
  return rootId.replaceAll('-', '');
}

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

function posts(slack: FakeSlack) {
  return slack.log.filter(({ method }) => method === 'chat.postMessage');
}

function headerOf(message: FakeMessage): string {
  return String((message.blocks[0] as { text?: { text?: string } } | undefined)?.text?.text ?? '');
}
