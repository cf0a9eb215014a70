/**
 * Sentry beside everything else that counts: real Redis and Celery, a pair of daemons that agree in a store, one that works
 * for workers with an SDK of their own, and a fake at the far end of real sockets.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type FakeSentry, startFakeSentry } from '../fakes/sentry.ts';
import { type FakeSlack, startFakeSlack } from '../fakes/slack.ts';
import {
  freePort,
  missingTools,
  produce,
  startDaemon,
  startRedis,
  startWorker,
  stopEverything,
  waitFor,
} from '../live/process.ts';

const skip = missingTools();
const budget = 3;
const rounds = 4;
/** `produce` makes five failures of one bug in each round. */
const failures = 5 * rounds;

interface Event {
  readonly event_id: string;
  readonly transaction: string;
  readonly server_name?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly contexts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly breadcrumbs: readonly { readonly message: string }[];
  readonly exception: {
    readonly values: readonly {
      readonly type: string;
      readonly module?: string;
      readonly value: string;
      readonly mechanism: Readonly<Record<string, unknown>>;
      readonly stacktrace?: { readonly frames: readonly Readonly<Record<string, unknown>>[] };
    }[];
  };
}

describe('Sentry', { skip: skip ?? false }, () => {
  let sentry: FakeSentry;
  let seenElsewhere: FakeSentry;
  let slack: FakeSlack;
  let env: { readonly BROKER_URL: string; readonly RESULT_URL: string };
  const pair: { readonly daemon: Awaited<ReturnType<typeof startDaemon>>; readonly page: string }[] = [];

  async function start(config: (ops: number, ui: number) => string) {
    const [ops, ui] = [await freePort(), await freePort()];
    const daemon = await startDaemon(config(ops, ui), {}, ops);
    await daemon.ready();
    return { daemon, page: `http://127.0.0.1:${ui}` };
  }

  before(async () => {
    const [redis, store] = [await startRedis(), await startRedis()];
    sentry = await startFakeSentry();
    seenElsewhere = await startFakeSentry();
    slack = await startFakeSlack({ channels: [{ id: 'C0ALERTS', name: 'alerts' }] });
    env = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const common = (ops: number, ui: number) => `broker: ${redis.url}/0
ops: { listen: "127.0.0.1:${ops}" }
ui: { listen: "127.0.0.1:${ui}" }
`;
    for (let index = 0; index < 2; index += 1) {
      pair.push(
        await start(
          (ops, ui) => `${common(ops, ui)}store: ${store.url}/0
sentry: { dsn: "${sentry.dsn}", environment: test, release: "bakery@7", max_events_per_group: ${budget}, issues_url: "https://sentry.example/issues/?project=42" }
slack: { token: "${slack.token}", channel: "#alerts", api_url: "${slack.apiUrl}" }
alerts: { learning: 0s, wait: 1s }
`,
        ),
      );
    }
    await start((ops, ui) => `${common(ops, ui)}sentry: { dsn: "${seenElsewhere.dsn}", workers: report }\n`);
    await startWorker(env, 'oven@one');
    for (let round = 0; round < rounds; round += 1) await produce(env, {}, ['failure']);
    await produce(env, {}, ['grouped_failure', 'killed', 'hard_limit', 'soft_limit', 'unregistered']);
  });

  after(async () => {
    await stopEverything();
    await Promise.all([slack?.stop(), sentry?.stop(), seenElsewhere?.stop()]);
  });

  const eventsOf = (server: FakeSentry, transaction: string) =>
    (server.events() as unknown as readonly Event[]).filter((event) => event.transaction === transaction);
  const metric = async (index: number, line: RegExp): Promise<number> =>
    Number(line.exec((await pair[index]?.daemon.metrics()) ?? '')?.[1] ?? 0);
  const failed = /^taskvigil_failures_total\{class="bug",cause="app-error"\} (\d+)$/m;
  const withheld = /^taskvigil_sink_suppressed_total\{sink="sentry",reason="group-budget"\} (\d+)$/m;

  test('a bug that recurs is one issue with its budget of events, and the metrics know of the others', async () => {
    // The exception group is a bug of the same class and cause.
    await waitFor('all failures', 60_000, async () => (await metric(0, failed)) === failures + 1);
    await waitFor('the same in the other daemon', 20_000, async () => (await metric(1, failed)) === failures + 1);
    await waitFor('the events', 20_000, () => eventsOf(sentry, 'bakery.bake').length === budget);
    const counts = await Promise.all([metric(0, withheld), metric(1, withheld)]);
    assert.deepEqual(
      counts.sort((a, b) => a - b),
      [0, failures - budget],
    );
    assert.equal(new Set(eventsOf(sentry, 'bakery.bake').map((event) => event.tags['fp'])).size, 1);
  });

  test('Slack and both pages show the same number, and Slack links to the issue', async () => {
    const message = () => slack.messages('alerts').find(({ blocks }) => JSON.stringify(blocks).includes('bakery.bake'));
    await waitFor(
      () => `${failures} failures in ${JSON.stringify(message()?.blocks)}`,
      60_000,
      () => JSON.stringify(message()?.blocks ?? '').includes(`"${failures} failures"`),
    );
    const fingerprint = eventsOf(sentry, 'bakery.bake')[0]?.tags['fp'];
    const link = `https://sentry.example/issues/?project=42&query=fp%3A${fingerprint}`;
    assert.ok(JSON.stringify(message()?.blocks).includes(link));
    for (const { page } of pair) {
      const snapshot = (await (await fetch(`${page}/api/snapshot`)).json()) as {
        groups: { fingerprint: string; count: number }[];
      };
      assert.equal(snapshot.groups.find((group) => group.fingerprint === fingerprint)?.count, failures);
    }
  });

  test('an event is what an SDK in the worker would have sent', () => {
    const [event] = eventsOf(sentry, 'bakery.bake');
    assert.ok(event);
    assert.equal(event.server_name, 'oven@one');
    assert.deepEqual(
      event.exception.values.map(({ type, module, value, mechanism }) => [type, module, value, mechanism]),
      [
        [
          'KeyError',
          undefined,
          "'oven'",
          { type: 'chained', handled: false, source: '__cause__', parent_id: 0, exception_id: 1 },
        ],
        ['OvenError', 'bakery', 'oven 7 is cold', { type: 'celery', handled: false, exception_id: 0 }],
      ],
    );
    const { frames = [] } = event.exception.values[1]?.stacktrace ?? {};
    const { abs_path: path, lineno, ...frame } = frames.at(-1) ?? {};
    assert.match(String(path), /\/test\/e2e\/app\/bakery\.py$/);
    assert.equal(typeof lineno, 'number');
    assert.deepEqual(frame, {
      filename: 'bakery.py',
      module: 'bakery',
      function: 'bake',
      context_line: 'raise OvenError(f"oven {loaves} is cold") from cause',
      in_app: true,
    });
    assert.deepEqual(
      frames.map(({ in_app }) => in_app),
      frames.map(({ module }) => module === 'bakery'),
    );
    assert.match(
      event.breadcrumbs.map(({ message }) => message).join('\n'),
      /^sent to dough by .*\nreceived by oven@one\nattempt 1 started on oven@one\nfailed: OvenError: oven 7 is cold$/,
    );
  });

  test('an exception group is a tree of exceptions', async () => {
    const event = await waitFor('the event', 20_000, () => eventsOf(sentry, 'bakery.open_shop')[0]);
    assert.deepEqual(
      event.exception.values.map(({ type, mechanism }) => [
        type,
        mechanism['source'],
        mechanism['exception_id'],
        mechanism['parent_id'],
        mechanism['is_exception_group'],
      ]),
      [
        ['KeyError', '__cause__', 4, 3, undefined],
        ['OvenError', 'exceptions[2]', 3, 0, undefined],
        ['FileNotFoundError', 'exceptions[1]', 2, 0, undefined],
        ['KeyError', 'exceptions[0]', 1, 0, undefined],
        ['ExceptionGroup', undefined, 0, undefined, true],
      ],
    );
    for (const { stacktrace } of event.exception.values) assert.ok(stacktrace !== undefined);
  });

  test('where the workers report, only failures invisible to them are sent', async () => {
    const causes = () =>
      (seenElsewhere.events() as unknown as readonly Event[]).map(({ tags }) => tags['cause']).sort();
    await waitFor(
      () => `three causes, got ${causes().join(', ')}`,
      60_000,
      () => causes().length === 3 && eventsOf(sentry, 'bakery.cool').length === 1,
    );
    assert.deepEqual(causes(), ['hard-time-limit', 'unregistered', 'worker-lost']);
  });

  test('at the end one more event carries the withheld count, and no event is malformed', async () => {
    for (const { daemon } of pair) assert.equal(await daemon.stop('SIGTERM'), 0);
    const all = eventsOf(sentry, 'bakery.bake');
    assert.deepEqual(
      all.map(({ tags }) => Number(tags['taskvigil.occurrences'])),
      [...Array<number>(budget).fill(1), failures - budget],
    );
    assert.equal(all.at(-1)?.contexts['taskvigil']?.['group_count'], failures);
    for (const server of [sentry, seenElsewhere]) {
      assert.deepEqual(server.objections(), []);
      assert.deepEqual(new Set(server.log), new Set(['200']));
    }
  });
});

describe('Sentry for sidecars', { skip: skip ?? false }, () => {
  after(stopEverything);

  test('sidecars that share a store have one budget for each group, and their counts add up', async () => {
    const [redis, store] = [await startRedis(), await startRedis()];
    const sentry = await startFakeSentry();
    const env = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    const sidecars: Awaited<ReturnType<typeof startDaemon>>[] = [];
    for (const host of ['one', 'two', 'three']) {
      const ops = await freePort();
      const config = `mode: sidecar
hostname: ${host}
broker: ${redis.url}/0
store: ${store.url}/0
ops: { listen: "127.0.0.1:${ops}" }
ui: { listen: "off" }
sentry: { dsn: "${sentry.dsn}", max_events_per_group: ${budget} }
`;
      const sidecar = await startDaemon(config, {}, ops);
      sidecars.push(sidecar);
      await sidecar.ready();
      await startWorker(env, `oven@${host}`, ['-c', '1']);
    }
    for (let round = 0; round < rounds; round += 1) await produce(env, {}, ['failure']);
    const counted = async (): Promise<readonly number[]> =>
      (await Promise.all(sidecars.map((sidecar) => sidecar.metrics()))).map((text) =>
        Number(/^taskvigil_failures_total\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0),
      );
    const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
    await waitFor('every failure, by one sidecar each', 60_000, async () => sum(await counted()) === failures);
    const busy = (await counted()).filter((count) => count > 0).length;
    assert.ok(busy > 1, 'one worker took all there was, so nothing was shared');
    await waitFor('the budget', 20_000, () => sentry.events().length === budget);
    for (const sidecar of sidecars) assert.equal(await sidecar.stop('SIGTERM'), 0);
    const [issue, ...others] = sentry.issues();
    assert.deepEqual(others, []);
    assert.equal(issue?.occurrences, failures);
    // At the end each sends one more event with the withheld count.
    assert.ok(Number(issue?.events) <= budget + busy, `${issue?.events} events`);
    await sentry.stop();
  });
});
