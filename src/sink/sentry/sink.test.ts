import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { failureOf } from '../../../test/fakes/failure.ts';
import { type FakeSentry, startFakeSentry } from '../../../test/fakes/sentry.ts';
import { parseTraceback } from '../../event/python/traceback.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { Failure } from '../../failure/failure.ts';
import { FailureTally } from '../../failure/tally.ts';
import type { Notice } from '../../report.ts';
import { createVirtualClock, type VirtualClock } from '../../runtime/clock.ts';
import { sentryEventOf } from './event.ts';
import { createSentrySink, type SentrySink, type SentrySinkOptions } from './sink.ts';

interface Bench extends AsyncDisposable {
  readonly sentry: FakeSentry;
  readonly sink: SentrySink;
  readonly clock: VirtualClock;
  readonly notices: Notice[];
  /** A failure as the daemon hands it over: counted. */
  offer(failure: Failure): void;
  pass(ms: number): void;
  /** Waits until so many notices of the kind have come. */
  told(kind: Notice['kind'], count?: number): Promise<void>;
}

const startAt = 1_700_000_000_000;
const hourMs = 60 * 60_000;

/** A sink with a fake server and a clock that only the test advances. */
async function startBench(options: Partial<SentrySinkOptions> = {}): Promise<Bench> {
  const sentry = await startFakeSentry();
  const clock = createVirtualClock(startAt);
  const tally = new FailureTally();
  const notices: Notice[] = [];
  const wakers = new Set<() => void>();
  const sink = createSentrySink({
    dsn: sentry.dsn,
    version: '1.2.3',
    environment: 'production',
    release: 'depot@1.2.3',
    grouping: 'taskvigil',
    workers: 'silent',
    eventsPerGroupMax: 100,
    classes: new Set(['bug', 'transient', 'resource']),
    itemsMax: 100,
    report(notice) {
      notices.push(notice);
      for (const wake of wakers) wake();
    },
    clock,
    random: () => 1,
    ...options,
  });
  return {
    sentry,
    sink,
    clock,
    notices,
    offer(failure) {
      const group = tally.count(failure, clock.now());
      assert(group);
      sink.offer(failure, group);
    },
    pass: (ms) => clock.advanceTo(clock.now() + ms),
    async told(kind, count = 1) {
      while (countOf(notices, kind) < count) {
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
      assert.deepEqual(sentry.objections(), []);
      await sentry.stop();
    },
  };
}

const failures = (count: number, facts: Parameters<typeof failureOf>[0] = {}): Failure[] =>
  Array.from({ length: count }, (_, index) => failureOf({ id: `failure-${index}`, at: startAt, ...facts }));
const countOf = (notices: readonly Notice[], kind: Notice['kind']) =>
  notices.filter((notice) => notice.kind === kind).length;
/** Lets a few turns of the event loop pass. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('three equal failures are three events, and nothing of this machine is in them', async () => {
  await using bench = await startBench();
  for (const failure of failures(3)) bench.offer(failure);
  await bench.told('delivered', 3);

  const events = bench.sentry.events();
  assert.equal(events.length, 3);
  for (const event of events) {
    assert.equal(event['server_name'], 'celery@worker-1');
    assert.equal(event['platform'], 'python');
    assert.equal(event['environment'], 'production');
    assert.equal(event['release'], 'depot@1.2.3');
    assert.deepEqual(event['fingerprint'], ['taskvigil', 'v1', 'fingerprint-1']);
    assert.deepEqual(Object.keys(event['contexts'] as object).sort(), ['celery', 'taskvigil', 'trace']);
    for (const absent of ['modules', 'user', 'request', 'extra', 'debug_meta'])
      assert.equal(event[absent], undefined, absent);
    assert.deepEqual(event['sdk'], { name: 'taskvigil', version: '1.2.3', integrations: [], packages: [] });
  }
});

test('what arrives is what was computed, to the last field', async () => {
  await using bench = await startBench();
  const [failure] = failures(1);
  assert(failure);
  bench.offer(failure);
  await bench.told('delivered');
  const { sdk: _, ...event } = { ...bench.sentry.events()[0] };
  const options = { environment: 'production', release: 'depot@1.2.3', grouping: 'taskvigil' } as const;
  const group = { fingerprint: failure.fingerprint, count: 1, firstAt: startAt, lastAt: startAt };
  const computed = sentryEventOf(failure, options, { occurrences: 1, group });
  assert.deepEqual(event, JSON.parse(JSON.stringify(computed)));
});

test("the envelope's trace is the task's own", async () => {
  await using bench = await startBench();
  bench.offer(failureOf());
  await bench.told('delivered');
  assert.deepEqual(bench.sentry.envelopes()[0]?.headers['trace'], {
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    public_key: '0123456789abcdef0123456789abcdef',
    environment: 'production',
    release: 'depot@1.2.3',
  });
});

test('an envelope contains the event only, without options that are not configured', async () => {
  await using bench = await startBench({ environment: undefined, release: undefined });
  bench.offer(failureOf());
  await bench.told('delivered');
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

test('the key is sent, and a large event is sent whole with gzip', async () => {
  await using bench = await startBench();
  const calls = Array.from(
    { length: 200 },
    (_, line) => `  File "/srv/depot/billing/a.py", line ${line}, in f${line}\n    step_${line}(order)\n`,
  );
  const text = `Traceback (most recent call last):\n${calls.join('')}billing.Declined: no` as Redacted;
  bench.offer({ ...failureOf(), exception: parseTraceback(text) });
  await bench.told('delivered');
  const [request] = bench.sentry.requests;
  assert.equal(request?.encoding, 'gzip');
  assert.deepEqual(Object.fromEntries(request?.url.searchParams ?? []), {
    sentry_version: '7',
    sentry_key: '0123456789abcdef0123456789abcdef',
    sentry_client: 'taskvigil/1.2.3',
  });
  const [event = {}] = bench.sentry.events();
  const { values } = event['exception'] as { values: { stacktrace: { frames: unknown[] } }[] };
  assert.equal(values[0]?.stacktrace.frames.length, 200);
});

test('two clients in one process do not mix', async () => {
  await using one = await startBench();
  await using two = await startBench({ environment: 'staging' });
  one.offer(failureOf({ id: 'of one' }));
  two.offer(failureOf({ id: 'of two' }));
  await one.told('delivered');
  await two.told('delivered');
  const environments = [one, two].map(({ sentry }) => sentry.events().map((event) => event['environment']));
  assert.deepEqual(environments, [['production'], ['staging']]);
});

test('two instances with the same failure send the same event', async () => {
  await using one = await startBench();
  await using two = await startBench({ dsn: one.sentry.dsn });
  one.offer(failureOf());
  two.offer(failureOf());
  await one.told('delivered');
  await two.told('delivered');
  assert.deepEqual(one.sentry.log, ['200', '200']);
  assert.equal(one.sentry.events().length, 1);
});

test('stopping leaves no listener on the process, also after rate limits', async () => {
  const before = process.listenerCount('beforeExit');
  {
    await using bench = await startBench();
    bench.sentry.answerNext(200, { 'X-Sentry-Rate-Limits': '1:error:key' });
    bench.offer(failureOf());
    await bench.told('delivered');
  }
  assert.equal(process.listenerCount('beforeExit'), before);
});

const limits = 'X-Sentry-Rate-Limits';
const retryCases = [
  { name: 'a server error is tried again', status: 503, headers: {}, wait: 2_000, reason: 'http-503' },
  { name: 'a connection that breaks is tried again', status: 0, headers: {}, wait: 2_000, reason: 'no-answer' },
  { name: 'a request that took too long is tried again', status: 408, headers: {}, wait: 2_000, reason: 'http-408' },
  {
    name: 'a refusal with Retry-After pauses the deliveries for that time',
    status: 429,
    headers: { 'Retry-After': '90' },
    wait: 90_000,
    reason: 'http-429',
  },
  {
    name: 'a rate limit pauses the deliveries for its duration',
    status: 429,
    headers: { [limits]: '5:transaction:key, 120:error:organization:quota' },
    wait: 120_000,
    reason: 'http-429',
  },
];
for (const { name, status, headers, wait, reason } of retryCases) {
  test(`${status}: ${name}`, async () => {
    await using bench = await startBench();
    bench.sentry.answerNext(status, headers);
    bench.offer(failureOf());
    await bench.told('delivery-failed');
    assert.deepEqual(bench.notices, [{ kind: 'delivery-failed', sink: 'sentry', reason, count: 1, willRetry: true }]);
    bench.pass(wait - 1);
    await turns();
    assert.equal(bench.sentry.log.length, 1);
    bench.pass(1);
    await bench.told('delivered');
    assert.equal(bench.sentry.events().length, 1);
  });
}

const wishes = [
  { name: 'with a refusal', status: 429, headers: { 'Retry-After': '120' } },
  { name: 'with an event that was taken', status: 200, headers: { [limits]: '120:error:project' } },
  { name: 'about everything', status: 200, headers: { [limits]: '120::organization' } },
];
for (const { name, status, headers } of wishes) {
  test(`during a rate limit given by ${name}, nothing is sent and nothing is lost`, async () => {
    await using bench = await startBench();
    bench.sentry.answerNext(status, headers);
    const [first, ...more] = failures(9);
    assert(first);
    bench.offer(first);
    await bench.told(status === 200 ? 'delivered' : 'delivery-failed');
    for (const failure of more) bench.offer(failure);
    bench.pass(119_999);
    await turns();
    assert.deepEqual(bench.sentry.log, [String(status)]);
    bench.pass(1);
    await bench.told('delivered', 9);
    assert.equal(bench.sentry.events().length, 9);
  });
}

test('limits on other things than errors are none of ours', async () => {
  await using bench = await startBench();
  bench.sentry.answerNext(200, { [limits]: '120:transaction;session:project' });
  for (const failure of failures(9)) bench.offer(failure);
  await bench.told('delivered', 9);
});

for (const status of [400, 403, 413]) {
  test(`${status}: a refusal for good is not tried again`, async () => {
    await using bench = await startBench();
    bench.sentry.answerNext(status);
    bench.offer(failureOf());
    await bench.told('delivery-failed');
    assert.deepEqual(bench.notices, [
      { kind: 'delivery-failed', sink: 'sentry', reason: `http-${status}`, count: 1, willRetry: false },
    ]);
  });
}

test('a wrong key is a refusal', async () => {
  await using bench = await startBench();
  const dsn = bench.sentry.dsn.replace('0123', 'ffff');
  await using wrong = await startBench({ dsn });
  wrong.offer(failureOf());
  await wrong.told('delivery-failed');
  assert.deepEqual(bench.sentry.log, ['403']);
});

test('an event is given up after six tries, and the next one of its group stands for it', async () => {
  await using bench = await startBench();
  for (let index = 0; index < 6; index += 1) bench.sentry.answerNext(500);
  const [first, second] = failures(2);
  assert(first && second);
  bench.offer(first);
  for (const [index, waitMs] of [2_000, 4_000, 8_000, 16_000, 32_000].entries()) {
    await bench.told('delivery-failed', index + 1);
    bench.pass(waitMs - 1);
    await turns();
    assert.equal(bench.sentry.log.length, index + 1);
    bench.pass(1);
  }
  await bench.told('delivery-failed', 6);
  const last = bench.notices.at(-1);
  assert(last?.kind === 'delivery-failed' && !last.willRetry);
  bench.offer(second);
  await bench.told('delivered');
  assert.deepEqual(bench.sentry.issues(), [
    { fingerprint: '["taskvigil","v1","fingerprint-1"]', events: 1, occurrences: 2 },
  ]);
});

test('an event that limits held back for more than an hour makes room', async () => {
  await using bench = await startBench();
  bench.sentry.answerNext(429, { 'Retry-After': '7200' });
  bench.offer(failureOf());
  await bench.told('delivery-failed');
  bench.pass(2 * hourMs);
  await bench.told('items-dropped');
  assert.deepEqual(bench.notices.at(-1), {
    kind: 'items-dropped',
    queue: 'sentry',
    reason: 'rate-limited',
    count: 1,
  });
  // At the end of the group's hour it is reported.
  bench.pass(hourMs);
  await bench.told('delivered');
  assert.equal(bench.sentry.issues()[0]?.occurrences, 1);
});

test('a server that never answers loses its request at the deadline', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  await using patient = await startBench({ dsn: `http://public@127.0.0.1:${port}/1` });
  const connected = new Promise((resolve) => silent.once('connection', resolve));
  patient.offer(failureOf());
  await connected;
  patient.pass(10_000);
  await patient.told('delivery-failed');
  assert.deepEqual(patient.notices, [
    { kind: 'delivery-failed', sink: 'sentry', reason: 'no-answer', count: 1, willRetry: true },
  ]);
  silent.close();
});

test('events beyond the limit are dropped and counted', async () => {
  await using bench = await startBench({ itemsMax: 2 });
  for (const failure of failures(3)) bench.offer(failure);
  assert.deepEqual(bench.notices, [{ kind: 'items-dropped', queue: 'sentry', reason: 'full', count: 1 }]);
  await bench.told('delivered', 2);
  // The next event accounts for the dropped and the suppressed failures.
  bench.pass(hourMs);
  await bench.told('delivered', 3);
  assert.equal(bench.sentry.issues()[0]?.occurrences, 3);
});

test('what finds no room during a rate limit is dropped for that reason', async () => {
  await using bench = await startBench({ itemsMax: 1 });
  bench.sentry.answerNext(429, { 'Retry-After': '60' });
  const [first, second] = failures(2);
  assert(first && second);
  bench.offer(first);
  await bench.told('delivery-failed');
  bench.offer(second);
  assert.deepEqual(bench.notices.at(-1), { kind: 'items-dropped', queue: 'sentry', reason: 'rate-limited', count: 1 });
});

test('the same failure offered twice at once is one event', async () => {
  await using bench = await startBench();
  const failure = failureOf();
  const group = { fingerprint: failure.fingerprint, count: 1, firstAt: 0, lastAt: 0 };
  bench.sink.offer(failure, group);
  bench.sink.offer(failure, group);
  await bench.sink.stop(60_000);
  assert.deepEqual(bench.sentry.log, ['200']);
});

test('a hundred recurrences of one bug are one issue with a count, and few events', async () => {
  await using bench = await startBench({ eventsPerGroupMax: 10 });
  for (const failure of failures(100)) bench.offer(failure);
  await bench.told('delivered', 10);
  assert.equal(
    bench.notices.filter((notice) => notice.kind === 'suppressed' && notice.reason === 'group-budget').length,
    90,
  );
  bench.pass(hourMs);
  await bench.told('delivered', 11);
  assert.deepEqual(bench.sentry.issues(), [
    { fingerprint: '["taskvigil","v1","fingerprint-1"]', events: 11, occurrences: 100 },
  ]);
  const last = bench.sentry.events().at(-1) as { contexts: { taskvigil: Record<string, unknown> } };
  assert.deepEqual(last.contexts.taskvigil, {
    fingerprint: 'fingerprint-1',
    occurrences: 90,
    group_count: 100,
    group_first_at: new Date(startAt).toISOString(),
  });
});

test('instances with a shared budget send together no more events than one', async () => {
  const taken = new Map<string, number>();
  const shared = {
    async take(key: string, { most, windowMs }: { most: number; windowMs: number }) {
      taken.set(key, (taken.get(key) ?? 0) + 1);
      return (taken.get(key) ?? 0) <= most ? 0 : windowMs / 2;
    },
    async stop() {},
  };
  const common = { eventsPerGroupMax: 4, shared };
  await using one = await startBench(common);
  await using two = await startBench({ ...common, dsn: one.sentry.dsn });
  for (const failure of failures(3)) one.offer(failure);
  await one.told('delivered', 3);
  for (const failure of failures(3)) two.offer({ ...failure, id: `other-${failure.id}` });
  await two.told('suppressed', 2);
  await two.told('delivered');
  assert.deepEqual([...taken], [['sentry:fingerprint-1', 6]]);
  assert.equal(one.sentry.events().length, 4);
  // The window of the others is over, and so is ours.
  taken.clear();
  two.pass(hourMs / 2);
  await two.told('delivered', 2);
  assert.deepEqual(
    one.sentry.issues().map(({ events, occurrences }) => [events, occurrences]),
    [[5, 6]],
  );
});

test('a stop delivers the waiting events and reports the suppressed ones', async () => {
  await using bench = await startBench({ eventsPerGroupMax: 2 });
  for (const failure of failures(20)) bench.offer(failure);
  await bench.sink.stop(60_000);
  assert.deepEqual(
    bench.sentry.issues().map(({ events, occurrences }) => [events, occurrences]),
    [[3, 20]],
  );
  bench.offer(failureOf({ id: 'late' }));
  assert.deepEqual(bench.notices.at(-1), { kind: 'items-dropped', queue: 'sentry', reason: 'stopped', count: 1 });
});

test('what has no time left is counted as dropped', async () => {
  await using bench = await startBench();
  bench.sentry.answerNext(429, { 'Retry-After': '120' });
  bench.offer(failureOf());
  await bench.told('delivery-failed');
  const stopped = bench.sink.stop(500);
  bench.pass(500);
  await stopped;
  assert.deepEqual(bench.notices.at(-1), { kind: 'items-dropped', queue: 'sentry', reason: 'stopping', count: 1 });
});

const chosen = [
  { name: 'a cancelled task is no issue unless asked for', options: {}, facts: { class: 'cancelled' }, why: 'class' },
  {
    name: 'a configured class becomes an event',
    options: { classes: new Set(['cancelled'] as const) },
    facts: { class: 'cancelled' },
    why: undefined,
  },
  {
    name: 'an exception that an SDK in the worker reports',
    options: { workers: 'report' },
    facts: {},
    why: 'told-by-worker',
  },
  {
    name: 'a killed worker cannot report its failure',
    options: { workers: 'report' },
    facts: { cause: 'worker-lost' },
    why: undefined,
  },
] as const;
for (const { name, options, facts, why } of chosen) {
  test(name, async () => {
    await using bench = await startBench(options);
    bench.offer(failureOf(facts));
    await bench.sink.stop(60_000);
    assert.equal(bench.sentry.events().length, why === undefined ? 1 : 0);
    const suppressed = { kind: 'suppressed', sink: 'sentry', reason: why, count: 1 };
    assert.deepEqual(
      bench.notices.filter(({ kind }) => kind === 'suppressed'),
      why === undefined ? [] : [suppressed],
    );
  });
}
