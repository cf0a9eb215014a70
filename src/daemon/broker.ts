/** Everything about one broker: its events, its results, whom to ask about its tasks, and what became of them. */
import type { Config } from '../config/config.ts';
import type { BrokerConfig } from '../config/sections/broker.ts';
import type { Ownership } from '../fleet/ownership.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { createPipeline, type Pipeline, type Stages, type Viewer } from '../pipeline.ts';
import type { Clock } from '../runtime/clock.ts';
import { createCeleryAmqp } from '../source/amqp/source.ts';
import { type CeleryControl, createCeleryControl } from '../source/celery/control.ts';
import { createCeleryRedis } from '../source/celery/redis-events.ts';
import { createCeleryResults } from '../source/celery/result-source.ts';
import { createResultWitness } from '../source/celery/result-witness.ts';
import { createInquiry } from '../source/inquiry.ts';
import { createAmqpPidbox } from '../source/kombu/amqp-pidbox.ts';
import { createRedisPidbox } from '../source/kombu/redis-pidbox.ts';
import { createQueueDepths, type QueueDepths } from '../source/kombu/redis-queue-depths.ts';
import { createBrokerWitness } from '../source/kombu/redis-queue-witness.ts';
import { createSenderReader, senderOf } from '../source/kombu/sender.ts';
import type { Source } from '../source/source.ts';
import type { Witness } from '../source/witness.ts';
import { createAddress, createAmqpAddress } from './address.ts';
import type { Recorder } from './recorder.ts';

export interface BrokerWatchParts extends Pick<Stages, 'redact' | 'report'> {
  readonly config: Config;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly ownership: Ownership;
  readonly viewers: readonly Viewer[];
  /** Queues that the configuration names. */
  readonly queues: readonly string[];
  readonly recorder?: Recorder | undefined;
  /** Sources to use instead of the broker's own. */
  readonly sources?: readonly Source[] | undefined;
  /** Told how many messages wait in each queue, while `wantsDepths`. */
  readonly onDepth: (queue: string, length: number) => void;
  readonly wantsDepths: () => boolean;
}

export interface BrokerWatch {
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly pipeline: Pipeline;
  readonly sources: readonly Source[];
  start(connected: (source: string, isConnected: boolean, since: number) => void): Promise<void>;
  stop(): Promise<void>;
}

/** Workers forget it when they restart, and new ones were never asked. */
const enableEventsEveryMs = 30_000;
const depthsEveryMs = 30_000;
/** Names of queues are code, so they are few. */
const queuesMax = 1_000;

export function createBrokerWatch(broker: BrokerConfig, parts: BrokerWatchParts): BrokerWatch {
  const { config, clock, report, ownership } = parts;
  const { name } = broker;
  const queues = new Set(['celery', ...parts.queues]);
  const control = controlOf(broker, parts, () =>
    lifecycle
      .workers()
      .filter(({ state }) => state === 'online')
      .map(({ hostname }) => hostname),
  );
  const witnesses = parts.sources === undefined ? witnessesOf(broker, control, queues, clock) : [];
  parts.recorder?.watches(witnesses.map(({ kind }) => kind));
  const lifecycle: Lifecycle = new Lifecycle({
    ...config.limits,
    ...config.workers,
    openTasksMax: config.limits.openTasks,
    workersMax: config.limits.workers,
    witnesses: witnesses.map(({ kind }) => kind),
  });
  const inquiry = createInquiry({
    witnesses,
    timeoutSignal: (ms) => clock.timeoutSignal(ms),
    result: (event) => pipeline.decoded({ ok: true, event }, `${name}-results`),
    answer: (witness, id, answer) => pipeline.testify(witness, id, answer, clock.now()),
    failed: (witness, error) =>
      report({ kind: 'witness-failed', source: name, witness: witness.kind, reason: reasonOf(error) }),
  });
  const queueSeen: Viewer = {
    event(event) {
      if (event.type === 'task-sent' && event.queue !== undefined && queues.size < queuesMax) queues.add(event.queue);
    },
  };
  const pipeline: Pipeline = createPipeline({
    redact: parts.redact,
    lifecycle,
    viewers: [queueSeen, ...parts.viewers],
    report,
    failures: config.failures,
    tap: parts.recorder && ((input) => parts.recorder?.input(input)),
    ask: (ids) => inquiry.ask(ids),
    ...(config.mode === 'sidecar' ? { accepts: (hostname) => ownership.accepts(hostname) } : {}),
  });
  const sources = parts.sources ?? sourcesOf(broker, parts, lifecycle);
  const timers: Disposable[] = [];
  const depths = parts.sources === undefined ? depthsOf(broker, queues, clock) : undefined;

  return {
    name,
    lifecycle,
    pipeline,
    sources,
    async start(connected) {
      for (const source of sources) {
        const isEvents = source.name === name || parts.sources !== undefined;
        await source.start({
          message: (message) => pipeline.message(message),
          decoded: (decoded) => pipeline.decoded(decoded, source.name),
          // Without the second witness nothing is missed that the first one tells.
          gap: (gap) =>
            isEvents
              ? pipeline.gap(gap)
              : report({ kind: 'gap', source: gap.source, cause: gap.cause, fromMs: gap.from, toMs: gap.to }),
          connected(isConnected, since) {
            if (isEvents) pipeline.listening(isConnected);
            connected(source.name, isConnected, since);
          },
        });
      }
      if (control !== undefined) timers.push(clock.every(enableEventsEveryMs, () => void enable(control)));
      if (control !== undefined) void enable(control);
      if (depths !== undefined) timers.push(clock.every(depthsEveryMs, () => void lookAt(depths)));
    },
    async stop() {
      for (const timer of timers.splice(0)) timer[Symbol.dispose]();
      for (const source of sources) await source.stop();
      await inquiry.stop();
      await control?.stop();
      depths?.stop();
    },
  };

  async function lookAt(waiting: QueueDepths): Promise<void> {
    if (!parts.wantsDepths()) return;
    try {
      for (const [queue, length] of await waiting.read()) parts.onDepth(queue, length);
    } catch (error) {
      report({ kind: 'witness-failed', source: name, witness: 'broker', reason: reasonOf(error) });
    }
  }

  async function enable(remote: CeleryControl): Promise<void> {
    try {
      await remote.enableEvents();
    } catch (error) {
      report({ kind: 'witness-failed', source: name, witness: 'workers', reason: reasonOf(error) });
    }
  }
}

/** The first words, without the address that drivers like to put in. */
function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message.slice(0, 120) : 'unknown';
}

function controlOf(
  broker: BrokerConfig,
  { config, clock }: Pick<BrokerWatchParts, 'config' | 'clock'>,
  workers: () => readonly string[],
): CeleryControl | undefined {
  const timeoutSignal = (ms: number): AbortSignal => clock.timeoutSignal(ms);
  if (config.source.control === 'off') return undefined;
  const { name, url, controlExchange } = broker;
  const pidbox =
    url.kind === 'amqp'
      ? createAmqpPidbox({ name, address: createAmqpAddress(url), controlExchange, timeoutSignal })
      : createRedisPidbox({ ...broker, address: createAddress(broker), controlExchange, timeoutSignal });
  return createCeleryControl({ name, pidbox, workers, timeoutSignal });
}

/** RabbitMQ tells it only to who may declare the queue; its own metrics do it better. */
function depthsOf(broker: BrokerConfig, queues: ReadonlySet<string>, clock: Clock): QueueDepths | undefined {
  if (broker.url.kind === 'amqp') return undefined;
  const { globalKeyprefix } = broker;
  return createQueueDepths({
    address: createAddress(broker),
    globalKeyprefix,
    queues: () => queues,
    timeoutSignal: (ms) => clock.timeoutSignal(ms),
  });
}

function witnessesOf(
  broker: BrokerConfig,
  control: CeleryControl | undefined,
  queues: Set<string>,
  clock: Clock,
): Witness[] {
  const { name, url, resultBackend, globalKeyprefix, resultKeyprefix, visibilityTimeoutMs } = broker;
  const witnesses: Witness[] = [];
  if (resultBackend !== undefined) {
    const address = createAddress({ url: resultBackend });
    witnesses.push(createResultWitness({ name, address, globalKeyprefix: resultKeyprefix, now: () => clock.now() }));
  }
  if (url.kind !== 'amqp') {
    const address = createAddress(broker);
    witnesses.push(createBrokerWitness({ name, address, globalKeyprefix, visibilityTimeoutMs, queues: () => queues }));
  }
  if (control !== undefined) witnesses.push(control);
  return witnesses;
}

function sourcesOf(broker: BrokerConfig, parts: BrokerWatchParts, lifecycle: Lifecycle): Source[] {
  const { config, clock, random, report, ownership } = parts;
  const { name, url, resultBackend, resultKeyprefix: globalKeyprefix } = broker;
  const common = {
    now: () => clock.now(),
    every: (ms: number, run: () => void) => clock.every(ms, run),
    after: (ms: number, run: () => void) => clock.after(ms, run),
    timeoutSignal: (ms: number) => clock.timeoutSignal(ms),
    random,
    report,
  };
  const isSidecar = config.mode === 'sidecar';
  const readSender = createSenderReader();
  const sources: Source[] = [];
  if (url.kind === 'amqp') {
    const { name: queue, ...limits } = broker.queue;
    const ownQueue = `taskvigil.events.${config.store.namespace}${isSidecar ? `.${config.hostname}` : ''}`;
    sources.push(
      createCeleryAmqp({
        ...common,
        name,
        address: createAmqpAddress(url),
        eventExchange: broker.eventExchange,
        queue: queue ?? ownQueue,
        isShared: !isSidecar,
        limits,
        ...(isSidecar ? { accepts: (hostname: string) => ownership.accepts(hostname) } : {}),
      }),
    );
  } else {
    sources.push(
      createCeleryRedis({
        ...common,
        ...broker,
        address: createAddress(broker),
        accepts: isSidecar ? (payload) => ownership.accepts(senderOf(payload) ?? config.hostname) : undefined,
        acceptsBytes: isSidecar
          ? (bytes, from, to) => ownership.accepts(readSender(bytes, from, to) ?? config.hostname)
          : undefined,
      }),
    );
  }
  if (resultBackend !== undefined) {
    sources.push(
      createCeleryResults({
        ...common,
        name: `${name}-results`,
        address: createAddress({ url: resultBackend }),
        globalKeyprefix,
        accepts: isSidecar ? (id) => lifecycle.isTracked(id as never) : undefined,
      }),
    );
  }
  return sources;
}
