import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../test/fakes/failure.ts';
import { type FakeSentry, startFakeSentry } from '../../test/fakes/sentry.ts';
import type { Failure } from '../failure/failure.ts';
import type { Notice } from '../report.ts';
import { createSentrySink, type SentrySink, type SentrySinkOptions } from './sentry.ts';

interface Bench extends AsyncDisposable {
  readonly sentry: FakeSentry;
  readonly sink: SentrySink;
  readonly notices: Notice[];
  /** Waits asked for, shortest first; the test lets them pass. */
  readonly waits: { readonly ms: number; readonly run: () => void }[];
  until(condition: () => boolean): Promise<void>;
}

/** A sink before a fake server, with waits that end when the test says so. */
async function startBench(options: Partial<SentrySinkOptions> = {}): Promise<Bench> {
  const sentry = await startFakeSentry();
  const notices: Notice[] = [];
  const waits: { ms: number; run: () => void }[] = [];
  const wakers = new Set<() => void>();
  const changed = () => {
    for (const wake of wakers) wake();
  };
  const sink = createSentrySink({
    dsn: sentry.dsn,
    environment: 'production',
    release: 'depot@1.2.3',
    grouping: 'taskvigil',
    mode: 'all',
    classes: new Set(['bug', 'transient', 'resource']),
    itemsMax: 100,
    report(notice) {
      notices.push(notice);
      changed();
    },
    after(ms, run) {
      const wait = { ms, run };
      waits.push(wait);
      queueMicrotask(changed);
      return { [Symbol.dispose]: () => void (waits.includes(wait) && waits.splice(waits.indexOf(wait), 1)) };
    },
    ...options,
  });
  return {
    sentry,
    sink,
    notices,
    waits,
    async until(condition) {
      while (!condition()) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            wakers.delete(wake);
            resolve();
          };
          wakers.add(wake);
        });
      }
    },
    async [Symbol.asyncDispose]() {
      await sink.stop(0);
      await sentry.stop();
    },
  };
}

function celeryOf(sentry: FakeSentry): Record<string, unknown> | undefined {
  const contexts = sentry.events()[0]?.['contexts'] as Record<string, Record<string, unknown>> | undefined;
  return contexts?.['celery'];
}

const requestTimeoutMs = 10_000;
const failures = (count: number): Failure[] =>
  Array.from({ length: count }, (_, index) => failureOf({ id: `failure-${index}`, at: 1_700_000_000_000 }));
const countOf = (notices: readonly Notice[], kind: Notice['kind']) =>
  notices.filter((notice) => notice.kind === kind).length;

test('three equal failures are three events, and nothing of this machine is in them', async () => {
  await using bench = await startBench();
  for (const failure of failures(3)) bench.sink.offer(failure);
  await bench.until(() => countOf(bench.notices, 'delivered') === 3);

  const events = bench.sentry.events();
  assert.equal(new Set(events.map((event) => event['event_id'])).size, 3);
  for (const event of events) {
    assert.equal(event['server_name'], 'celery@worker-1');
    assert.equal(event['platform'], 'python');
    assert.equal(event['environment'], 'production');
    assert.equal(event['release'], 'depot@1.2.3');
    assert.deepEqual(event['fingerprint'], ['taskvigil', 'v1', 'fingerprint-1']);
    assert.deepEqual(Object.keys(event['contexts'] as object).sort(), ['celery', 'trace']);
    for (const absent of ['modules', 'user', 'request', 'extra', 'debug_meta'])
      assert.equal(event[absent], undefined, absent);
    assert.deepEqual(event['sdk'], { name: 'taskvigil', version: '1', integrations: [], packages: [] });
  }
});

test('what arrives is what was computed, to the last field', async () => {
  await using bench = await startBench();
  const { sentryEventOf } = await import('./sentry-event.ts');
  const [failure] = failures(1);
  assert(failure);
  bench.sink.offer(failure);
  await bench.until(() => countOf(bench.notices, 'delivered') === 1);
  const { sdk: _, ...event } = { ...bench.sentry.events()[0] };
  const options = { environment: 'production', release: 'depot@1.2.3', grouping: 'taskvigil' } as const;
  assert.deepEqual(event, JSON.parse(JSON.stringify(sentryEventOf(failure, options))));
});

test("the envelope's trace is the task's own", async () => {
  await using bench = await startBench();
  bench.sink.offer(failureOf());
  await bench.until(() => countOf(bench.notices, 'delivered') === 1);
  assert.deepEqual(bench.sentry.envelopes()[0]?.headers['trace'], {
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    public_key: 'public',
    environment: 'production',
    release: 'depot@1.2.3',
  });
});

test('nothing but the event is in an envelope, and what is not configured is not said', async () => {
  await using bench = await startBench({ environment: undefined, release: undefined });
  bench.sink.offer(failureOf());
  await bench.until(() => countOf(bench.notices, 'delivered') === 1);
  await bench.sink.stop(60_000);
  const [envelope, ...more] = bench.sentry.envelopes();
  assert.deepEqual(more, []);
  assert.deepEqual(
    envelope?.items.map((item) => item.headers['type']),
    ['event'],
  );
  const [event = {}] = bench.sentry.events();
  for (const absent of ['environment', 'release']) assert(!(absent in event), absent);
});

test('an event that is large travels gzipped and whole', async () => {
  await using bench = await startBench();
  const failure = failureOf();
  const args = 'x'.repeat(100_000) as Failure['title'];
  bench.sink.offer({ ...failure, task: { ...failure.task, args } });
  await bench.until(() => countOf(bench.notices, 'delivered') === 1);
  assert.equal(celeryOf(bench.sentry)?.['args'], args);
});

test('two clients in one process do not mix', async () => {
  await using one = await startBench();
  await using two = await startBench({ environment: 'staging' });
  one.sink.offer(failureOf({ id: 'of one' }));
  two.sink.offer(failureOf({ id: 'of two' }));
  await one.until(() => countOf(one.notices, 'delivered') === 1);
  await two.until(() => countOf(two.notices, 'delivered') === 1);
  assert.deepEqual(
    one.sentry.events().map((event) => event['environment']),
    ['production'],
  );
  assert.deepEqual(
    two.sentry.events().map((event) => event['environment']),
    ['staging'],
  );
});

test('stopping leaves no listener on the process', async () => {
  const before = process.listenerCount('beforeExit');
  {
    await using bench = await startBench();
    bench.sink.offer(failureOf());
    await bench.until(() => countOf(bench.notices, 'delivered') === 1);
  }
  assert.equal(process.listenerCount('beforeExit'), before);
});

const retryCases = [
  {
    name: 'a server error is tried again after a second',
    status: 503,
    retryAfter: undefined,
    wait: 1_000,
    reason: 'http-503',
  },
  {
    name: 'a connection that breaks is tried again after a second',
    status: 0,
    retryAfter: undefined,
    wait: 1_000,
    reason: 'no-answer',
  },
  { name: 'a rate limit is waited for as long as it says', status: 429, retryAfter: '0', wait: 0, reason: 'http-429' },
];
for (const { name, status, retryAfter, wait, reason } of retryCases) {
  test(name, async () => {
    await using bench = await startBench();
    bench.sentry.failNext(status, retryAfter);
    bench.sink.offer(failureOf());
    await bench.until(() => bench.waits.some(({ ms }) => ms !== requestTimeoutMs));
    assert.deepEqual(bench.notices, [{ kind: 'delivery-failed', sink: 'sentry', reason, count: 1, willRetry: true }]);
    const waiting = bench.waits.filter(({ ms }) => ms !== requestTimeoutMs);
    assert.deepEqual(
      waiting.map(({ ms }) => ms),
      [wait],
    );
    waiting[0]?.run();
    await bench.until(() => countOf(bench.notices, 'delivered') === 1);
    assert.equal(bench.sentry.events().length, 1);
  });
}

test('while Sentry wants to be left alone nothing is sent to it', async () => {
  await using bench = await startBench();
  bench.sentry.failNext(429, '120');
  bench.sink.offer(failureOf({ id: 'first' }));
  await bench.until(() => bench.waits.some(({ ms }) => ms === 120_000));
  bench.sink.offer(failureOf({ id: 'second' }));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(bench.sentry.log, ['429']);
});

test('a refusal is not tried again', async () => {
  await using bench = await startBench();
  bench.sentry.failNext(400);
  bench.sink.offer(failureOf());
  await bench.until(() => bench.notices.length > 0);
  assert.deepEqual(bench.notices, [
    { kind: 'delivery-failed', sink: 'sentry', reason: 'http-400', count: 1, willRetry: false },
  ]);
});

test('a failure is given up after six tries', async () => {
  await using bench = await startBench();
  for (let index = 0; index < 6; index += 1) bench.sentry.failNext(500);
  bench.sink.offer(failureOf());
  const waited: number[] = [];
  for (let index = 0; index < 5; index += 1) {
    await bench.until(() => bench.waits.some(({ ms }) => ms !== requestTimeoutMs));
    const wait = bench.waits.find(({ ms }) => ms !== requestTimeoutMs);
    waited.push(wait?.ms ?? 0);
    wait?.run();
  }
  await bench.until(() => bench.notices.some((notice) => notice.kind === 'delivery-failed' && !notice.willRetry));
  assert.deepEqual(waited, [1_000, 2_000, 4_000, 8_000, 16_000]);
  assert.equal(countOf(bench.notices, 'delivered'), 0);
});

test('a server that never answers loses its request at the deadline', async () => {
  const { createServer } = await import('node:net');
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  await using patient = await startBench({ dsn: `http://public@127.0.0.1:${port}/1` });
  const connected = new Promise((resolve) => silent.once('connection', resolve));
  patient.sink.offer(failureOf());
  await connected;
  patient.waits.find(({ ms }) => ms === requestTimeoutMs)?.run();
  await patient.until(() => patient.notices.length > 0);
  assert.deepEqual(patient.notices, [
    { kind: 'delivery-failed', sink: 'sentry', reason: 'no-answer', count: 1, willRetry: true },
  ]);
  silent.close();
});

test('beyond its bound the sink drops and says so', async () => {
  await using bench = await startBench({ itemsMax: 2 });
  for (const failure of failures(3)) bench.sink.offer(failure);
  assert.deepEqual(bench.notices, [{ kind: 'items-dropped', queue: 'sentry', reason: 'full', count: 1 }]);
});

test('the same failure offered twice at once is one event', async () => {
  await using bench = await startBench();
  bench.sink.offer(failureOf());
  bench.sink.offer(failureOf());
  await bench.sink.stop(60_000);
  assert.equal(bench.sentry.events().length, 1);
});

test('stopping delivers what waits', async () => {
  await using bench = await startBench();
  for (const failure of failures(20)) bench.sink.offer(failure);
  await bench.sink.stop(60_000);
  assert.equal(bench.sentry.events().length, 20);
  bench.sink.offer(failureOf({ id: 'late' }));
  assert.deepEqual(bench.notices.at(-1), { kind: 'items-dropped', queue: 'sentry', reason: 'stopped', count: 1 });
});

test('what has no time left is counted as dropped', async () => {
  await using bench = await startBench();
  bench.sentry.failNext(429, '120');
  bench.sink.offer(failureOf());
  await bench.until(() => bench.waits.some(({ ms }) => ms === 120_000));
  const stopped = bench.sink.stop(500);
  bench.waits.find(({ ms }) => ms === 500)?.run();
  await stopped;
  assert.deepEqual(bench.notices.at(-1), { kind: 'items-dropped', queue: 'sentry', reason: 'stopping', count: 1 });
});

const chosen = [
  { name: 'a cancelled task is no issue unless asked for', options: {}, facts: { class: 'cancelled' }, want: 0 },
  {
    name: 'an asked for class is told',
    options: { classes: new Set(['cancelled'] as const) },
    facts: { class: 'cancelled' },
    want: 1,
  },
  { name: 'the SDK in the worker told an exception itself', options: { mode: 'unseen' }, facts: {}, want: 0 },
  {
    name: 'nobody in a killed worker could tell',
    options: { mode: 'unseen' },
    facts: { cause: 'worker-lost' },
    want: 1,
  },
] as const;
for (const { name, options, facts, want } of chosen) {
  test(name, async () => {
    await using bench = await startBench(options);
    bench.sink.offer(failureOf(facts));
    await bench.sink.stop(60_000);
    assert.equal(bench.sentry.events().length, want);
  });
}
