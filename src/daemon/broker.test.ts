import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultRedactOptions } from '../../test/fakes/redact-options.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { BrokerConfig } from '../config/sections/broker.ts';
import { parseHostname, parseTaskId, type TaskId } from '../event/ids.ts';
import { Untrusted } from '../event/untrusted.ts';
import { createOwnership } from '../fleet/ownership.ts';
import type { Transition } from '../lifecycle/transition.ts';
import { createRedactor } from '../redact/redact.ts';
import type { Notice } from '../report.ts';
import { createVirtualClock } from '../runtime/clock.ts';
import type { Decoded, Message, Outlet, Source } from '../source/source.ts';
import type { BrokerAccess, System, SystemServices } from '../source/system.ts';
import type { WitnessTestimony } from '../source/witness.ts';
import { createBrokerWatch } from './broker.ts';
import { systemOf } from './systems.ts';

const startAt = 1_800_000_000_000;
const second = 1_000;

function configOf(text: string): Config {
  const loaded = loadConfig({ text, file: 'test.yaml', env: {}, hostname: 'pod-1', readFile: () => '' });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

/** A source that passes on what the test gives it. */
class TestSource implements Source {
  readonly name: string;
  readonly #stopError: Error | undefined;
  outlet: Outlet | undefined;
  isStopped = false;
  retries = 0;

  constructor(name: string, stopError?: Error) {
    this.name = name;
    this.#stopError = stopError;
  }

  async start(outlet: Outlet): Promise<void> {
    this.outlet = outlet;
  }

  retryNow(): void {
    this.retries += 1;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.#stopError !== undefined) throw this.#stopError;
  }
}

/**
 * A made-up second system: a message is lines of JSON, `{"task", "state", "worker", "at"}`. It shows that a system needs
 * nothing but its own folder and one line in systems.ts.
 */
function createJsonLines(source: Source, more: Partial<BrokerAccess> = {}) {
  let services: SystemServices | undefined;
  const system: System<{ readonly name: string }> = {
    name: 'json-lines',
    defaultQueues: ['jobs'],
    observes: ({ name }) => name === 'json-lines',
    decode: ({ payload, receivedAt }: Message): readonly Decoded[] =>
      payload.split('\n').map((line) => decodeLine(line, receivedAt)),
    readCapture: () => undefined,
    connect(_settings, given) {
      services = given;
      return {
        eventSources: [source],
        resultSources: [],
        witnesses: [],
        enableEvents: undefined,
        queueDepths: undefined,
        ...more,
      };
    },
  };
  return { system, services: () => services };
}

function decodeLine(line: string, receivedAt: number): Decoded {
  const { task, state, worker, at } = JSON.parse(line) as Record<string, unknown>;
  const id = parseTaskId(task);
  if (id === undefined) return { ok: false, reason: 'no-task-id' };
  const about = { id, hostname: parseHostname(worker), pid: undefined, at: Number(at), receivedAt };
  switch (state) {
    case 'begun':
      return { ok: true, event: { ...about, type: 'task-started' } };
    case 'done':
      return { ok: true, event: { ...about, type: 'task-succeeded', result: undefined, runtimeMs: undefined } };
    case 'broken':
      return {
        ok: true,
        event: { ...about, type: 'task-failed', exception: new Untrusted("Broken('oh')"), traceback: undefined },
      };
    default:
      return { ok: false, reason: 'not-a-lifecycle-event' };
  }
}

function stage({
  config = configOf('broker: redis://localhost/0\n'),
  source = new TestSource('lines'),
  access = {},
  wantsDepths = true,
}: {
  readonly config?: Config;
  readonly source?: TestSource;
  readonly access?: Partial<BrokerAccess>;
  readonly wantsDepths?: boolean;
} = {}) {
  const clock = createVirtualClock(startAt);
  const notices: Notice[] = [];
  const transitions: Transition[] = [];
  const failures: string[] = [];
  const depths: string[] = [];
  const { system, services } = createJsonLines(source, access);
  const redactor = createRedactor(defaultRedactOptions);
  const watch = createBrokerWatch(
    { ...(config.brokers[0] as BrokerConfig), name: 'lines' },
    {
      config,
      system,
      clock,
      random: () => 0.5,
      ownership: createOwnership({ mode: 'sidecar', host: 'pod-1' }),
      viewers: [
        {
          transition: (transition) => transitions.push(transition),
          failure: ({ title }) => failures.push(title),
        },
      ],
      queues: ['urgent'],
      redact: (event) => redactor.redact(event),
      report: (notice) => notices.push(notice),
      onDepth: (queue, length) => depths.push(`${queue} ${length}`),
      wantsDepths: () => wantsDepths,
    },
  );
  const publish = (...lines: readonly object[]): void =>
    source.outlet?.message({
      source: 'lines',
      receivedAt: clock.now(),
      payload: lines.map((line) => JSON.stringify(line)).join('\n'),
      form: 'json-lines',
    });
  return { clock, notices, transitions, failures, depths, watch, source, services, publish };
}

describe('a second system', () => {
  test('runs through the whole pipeline: events, attempts and failures', async () => {
    const { watch, publish, clock, transitions, failures, notices } = stage();
    await watch.start(() => {});
    const at = clock.now();
    publish(
      { task: 'a', state: 'begun', worker: 'w@pod-1', at },
      { task: 'a', state: 'done', worker: 'w@pod-1', at: at + 1 },
    );
    publish({ task: 'b', state: 'begun', worker: 'w@pod-1', at });
    publish(
      { task: 'b', state: 'broken', worker: 'w@pod-1', at: at + 2 },
      { task: 'b', state: 'odd', worker: 'w', at },
    );
    clock.advanceTo(at + 10 * second);
    watch.pipeline.sweep(clock.now());
    const ends = transitions.flatMap((one) =>
      one.kind === 'attempt-ended' ? [`${one.task.id} ${one.attempt.outcome}`] : [],
    );
    assert.deepEqual(ends.sort(), ['a succeeded', 'b failed']);
    assert.deepEqual(failures, ['Broken: oh']);
    assert.deepEqual(
      notices.filter(({ kind }) => kind === 'message-rejected' || kind === 'bug'),
      [{ kind: 'message-rejected', source: 'lines', reason: 'not-a-lifecycle-event' }],
    );
  });

  test('is chosen by its settings, before Celery, which observes every other broker', () => {
    const { system } = createJsonLines(new TestSource('lines'));
    const celery = systemOf(configOf('broker: redis://localhost/0\n').brokers[0] as BrokerConfig);
    const list: readonly System<BrokerConfig>[] = [system, celery];
    const broker = configOf('broker: redis://localhost/0\n').brokers[0] as BrokerConfig;
    assert.equal(systemOf(broker, list).name, 'celery');
    assert.equal(systemOf({ ...broker, name: 'json-lines' }, list).name, 'json-lines');
  });
});

describe('the services of a system', () => {
  test('in a standalone instance have no sidecar, and the queue name contains the namespace', () => {
    const services = stage().services();
    assert.equal(services?.sidecar, undefined);
    assert.equal(services?.isControlAllowed, false);
    assert.equal(services?.queueName, 'taskvigil.events.default');
  });

  test('in a sidecar accept the own host, and the queue name contains it', () => {
    const text =
      'mode: sidecar\nbroker: redis://localhost/0\nsource: { control: "on" }\nstore: redis://localhost/1\nstore_namespace: shop\n';
    const services = stage({ config: configOf(text) }).services();
    assert.equal(services?.sidecar?.host, 'pod-1');
    assert.equal(services?.sidecar?.accepts('w@pod-1'), true);
    assert.equal(services?.sidecar?.accepts('w@pod-2'), false);
    assert.equal(services?.isControlAllowed, true);
    assert.equal(services?.queueName, 'taskvigil.events.shop.pod-1');
  });

  test('know the queues of the system, of the configuration, and of sent tasks', async () => {
    const { services, watch } = stage();
    const sent = {
      type: 'task-sent',
      id: 'a' as TaskId,
      hostname: parseHostname('gen1@shop'),
      pid: undefined,
      at: startAt,
      receivedAt: startAt,
      name: undefined,
      args: undefined,
      kwargs: undefined,
      retries: 0,
      rootId: undefined,
      parentId: undefined,
      eta: undefined,
      expires: undefined,
      queue: parseHostname('mail'),
      exchange: undefined,
      routingKey: undefined,
    } as const;
    watch.pipeline.decoded({ ok: true, event: sent } as unknown as Decoded, 'lines');
    assert.deepEqual([...(services()?.queues() ?? [])], ['jobs', 'urgent', 'mail']);
  });

  test('name the workers that are online', async () => {
    const { services, watch, clock } = stage();
    const online = {
      type: 'worker-online',
      hostname: parseHostname('w@pod-1'),
      pid: 1,
      at: startAt,
      receivedAt: startAt,
      heartbeatMs: 2_000,
      active: 0,
      processed: 0,
      clock: undefined,
      software: undefined,
    } as const;
    watch.pipeline.decoded({ ok: true, event: online }, 'lines');
    assert.deepEqual(services()?.workers(), ['w@pod-1']);
    clock.advanceTo(startAt + second);
    watch.pipeline.decoded(
      { ok: true, event: { ...online, type: 'worker-offline', at: clock.now(), receivedAt: clock.now() } },
      'lines',
    );
    assert.deepEqual(services()?.workers(), []);
  });
});

describe('sources', () => {
  test('of results report their gaps and change nothing in the pipeline', async () => {
    const results = new TestSource('lines-results');
    const { watch, notices } = stage({ access: { resultSources: [results] } });
    const connected: string[] = [];
    await watch.start((name, isConnected) => connected.push(`${name} ${isConnected}`));
    results.outlet?.connected(true, startAt);
    results.outlet?.gap({ source: 'lines-results', from: 1, to: 2, cause: 'connection-lost' });
    assert.deepEqual(connected, ['lines-results true']);
    assert.deepEqual(notices, [{ kind: 'gap', source: 'lines-results', cause: 'connection-lost', fromMs: 1, toMs: 2 }]);
    assert.deepEqual(
      watch.sources.map(({ name }) => name),
      ['lines', 'lines-results'],
    );
  });

  test('retry at once when another one is connected, and not when it is lost', async () => {
    const [events, results] = [new TestSource('lines'), new TestSource('lines-results')];
    const { watch } = stage({ source: events, access: { resultSources: [results] } });
    await watch.start(() => {});
    events.outlet?.connected(true, startAt);
    assert.deepEqual([events.retries, results.retries], [0, 1]);
    results.outlet?.connected(false, startAt);
    assert.deepEqual([events.retries, results.retries], [0, 1]);
    results.outlet?.connected(true, startAt);
    assert.deepEqual([events.retries, results.retries], [1, 1]);
    await watch.stop();
  });

  test('all stop although one fails, and the failure is passed on', async () => {
    const failing = new TestSource('lines', new Error('no route'));
    const results = new TestSource('lines-results');
    let isWitnessStopped = false;
    const witness = {
      kind: 'broker',
      name: 'lines',
      ask: async () => new Map<TaskId, WitnessTestimony>(),
      async stop() {
        isWitnessStopped = true;
      },
    } as const;
    const { watch, clock } = stage({ source: failing, access: { resultSources: [results], witnesses: [witness] } });
    await watch.start(() => {});
    await assert.rejects(watch.stop(), /no route/);
    assert.deepEqual(
      [failing.isStopped, results.isStopped, isWitnessStopped, clock.pendingCount()],
      [true, true, true, 0],
    );
  });
});

/** Until the promises of a timer have settled. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => resolve()));

describe('timers', () => {
  test('enable events at the start and every 30 s, and report a failure', async () => {
    let calls = 0;
    const enableEvents = async (): Promise<void> => {
      calls += 1;
      if (calls === 2) throw Object.assign(new Error('connect 10.0.0.1'), { code: 'ECONNREFUSED' });
    };
    const { watch, clock, notices } = stage({ access: { enableEvents } });
    await watch.start(() => {});
    assert.equal(calls, 1);
    clock.advanceTo(startAt + 29_999);
    assert.equal(calls, 1);
    clock.advanceTo(startAt + 30_000);
    await settle();
    assert.deepEqual(notices, [
      { kind: 'witness-failed', source: 'lines', witness: 'workers', reason: 'ECONNREFUSED' },
    ]);
    await watch.stop();
    clock.advanceTo(startAt + 90_000);
    assert.equal(calls, 2);
  });

  const readers = [
    { wantsDepths: true, want: ['jobs 3'] },
    { wantsDepths: false, want: [] },
  ];
  for (const { wantsDepths, want } of readers) {
    test(`read queue depths every 30 s: ${wantsDepths ? 'wanted' : 'not wanted'}`, async () => {
      let isStopped = false;
      const queueDepths = {
        read: async () => new Map([['jobs', 3]]),
        stop: () => {
          isStopped = true;
        },
      };
      const { watch, clock, depths } = stage({ wantsDepths, access: { queueDepths } });
      await watch.start(() => {});
      clock.advanceTo(startAt + 30_000);
      await settle();
      assert.deepEqual(depths, want);
      await watch.stop();
      assert.equal(isStopped, true);
    });
  }

  test('report a broker that does not answer', async () => {
    const queueDepths = { read: () => Promise.reject(new Error('x'.repeat(500))), stop() {} };
    const { watch, clock, notices } = stage({ access: { queueDepths } });
    await watch.start(() => {});
    clock.advanceTo(startAt + 30_000);
    await settle();
    assert.deepEqual(notices, [
      { kind: 'witness-failed', source: 'lines', witness: 'broker', reason: 'x'.repeat(120) },
    ]);
  });
});
