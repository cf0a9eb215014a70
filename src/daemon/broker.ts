/** Wires one broker: its sources into a pipeline, and the pipeline's questions to the broker's witnesses. */
import type { Config } from '../config/config.ts';
import type { BrokerConfig } from '../config/sections/broker.ts';
import type { Millis } from '../event/ids.ts';
import type { WitnessKind } from '../event/testimony.ts';
import type { Ownership } from '../fleet/ownership.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { createPipeline, type Pipeline, type Stages, type Viewer } from '../pipeline.ts';
import type { Clock } from '../runtime/clock.ts';
import { stopTogether } from '../runtime/service.ts';
import { createInquiry } from '../source/inquiry.ts';
import type { Source } from '../source/source.ts';
import type { BrokerAccess, System, SystemServices } from '../source/system.ts';
import type { Recorder } from './recorder.ts';

export interface BrokerWatchParts extends Pick<Stages, 'redact' | 'report'> {
  readonly config: Config;
  readonly system: System<BrokerConfig>;
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
  /** Receives the number of messages waiting in each queue, while `wantsDepths`. */
  readonly onDepth: (queue: string, length: number) => void;
  readonly wantsDepths: () => boolean;
}

export interface BrokerWatch {
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly pipeline: Pipeline;
  readonly sources: readonly Source[];
  /** Those of `sources` whose gaps are gaps of the pipeline. */
  readonly eventSources: readonly Source[];
  start(connected: (source: string, isConnected: boolean, since: Millis) => void): Promise<void>;
  /** Stops every part, then rejects if one did not stop. */
  stop(): Promise<void>;
}

/** A worker forgets the command when it restarts, and a new one never received it. */
const enableEventsEveryMs = 30_000;
const depthsEveryMs = 30_000;
/** Queue names come from code, so there are few; the limit is for a mistake. */
const queuesMax = 1_000;

export function createBrokerWatch(broker: BrokerConfig, parts: BrokerWatchParts): BrokerWatch {
  const { config, clock, report, ownership, system } = parts;
  const { name } = broker;
  const queues = new Set([...system.defaultQueues, ...parts.queues]);
  const services = servicesOf(parts, { queues: () => queues, lifecycle: () => lifecycle });
  const access = parts.sources === undefined ? system.connect(broker, services) : accessOf(parts.sources);
  const witnesses = access.witnesses.map(({ kind }) => kind);
  parts.recorder?.watches(witnesses);
  const lifecycle: Lifecycle = new Lifecycle(lifecycleOptions(config, witnesses));
  const inquiry = createInquiry({
    witnesses: access.witnesses,
    clock,
    result: (event) => pipeline.decoded({ ok: true, event }, `${name}-results`),
    answer: (witness, id, answer) => pipeline.testify({ witness, id, answer, now: clock.now() }),
    failed: (witness, error) => reportFailed(witness.kind, error),
  });
  const queueCollector: Viewer = {
    event(event) {
      if (event.type === 'task-sent' && event.queue !== undefined && queues.size < queuesMax) queues.add(event.queue);
    },
  };
  const pipeline: Pipeline = createPipeline({
    decode: system.decode,
    redact: parts.redact,
    lifecycle,
    viewers: [queueCollector, ...parts.viewers],
    report,
    failures: config.failures,
    tap: parts.recorder && ((input) => parts.recorder?.input(input)),
    ask: (ids) => inquiry.ask(ids),
    ...(config.mode === 'sidecar' ? { accepts: (hostname) => ownership.accepts(hostname) } : {}),
  });
  const sources = [...access.eventSources, ...access.resultSources];
  const timers: Disposable[] = [];

  function reportFailed(witness: WitnessKind, error: unknown): void {
    report({ kind: 'witness-failed', source: name, witness, reason: reasonOf(error) });
  }

  return {
    name,
    lifecycle,
    pipeline,
    sources,
    eventSources: access.eventSources,
    async start(connected) {
      // Sources of one broker usually share a server, so one that is back shows that the others need not wait.
      const noted: Connected = (name, isConnected, since) => {
        if (isConnected) for (const source of sources) if (source.name !== name) source.retryNow?.();
        connected(name, isConnected, since);
      };
      for (const source of access.eventSources) await startEvents(source, pipeline, noted);
      for (const source of access.resultSources) await startResults(source, { pipeline, report, connected: noted });
      timers.push(...startTimers(access, parts, reportFailed));
    },
    async stop() {
      for (const timer of timers.splice(0)) timer[Symbol.dispose]();
      try {
        await stopTogether(sources);
      } finally {
        access.queueDepths?.stop();
        await inquiry.stop();
      }
    },
  };
}

interface Late {
  readonly queues: () => Iterable<string>;
  readonly lifecycle: () => Lifecycle;
}

function servicesOf(parts: BrokerWatchParts, { queues, lifecycle }: Late): SystemServices {
  const { config, clock, random, report, ownership } = parts;
  const isSidecar = config.mode === 'sidecar';
  return {
    clock,
    random,
    report,
    isControlAllowed: config.source.control === 'on',
    sidecar: isSidecar
      ? {
          host: config.hostname,
          accepts: (hostname) => ownership.accepts(hostname),
          isTracked: (id) => lifecycle().isTracked(id),
        }
      : undefined,
    queueName: `taskvigil.events.${config.store.namespace}${isSidecar ? `.${config.hostname}` : ''}`,
    workers: () =>
      lifecycle()
        .workers()
        .filter(({ state }) => state === 'online')
        .map(({ hostname }) => hostname),
    queues,
  };
}

/** The access of a recording: its sources and nothing to ask. */
function accessOf(eventSources: readonly Source[]): BrokerAccess {
  return { eventSources, resultSources: [], witnesses: [], enableEvents: undefined, queueDepths: undefined };
}

function lifecycleOptions({ mode, limits, workers }: Config, witnesses: readonly WitnessKind[]) {
  const ownsAllWorkers = mode !== 'sidecar';
  return {
    ...limits,
    ...workers,
    openTasksMax: limits.openTasks,
    workersMax: limits.workers,
    witnesses,
    ownsAllWorkers,
  };
}

type Connected = (source: string, isConnected: boolean, since: Millis) => void;

function startEvents(source: Source, pipeline: Pipeline, connected: Connected): Promise<void> {
  return source.start({
    message: (message) => pipeline.message(message),
    decoded: (decoded) => pipeline.decoded(decoded, source.name),
    gap: (gap) => pipeline.gap(gap),
    connected(isConnected, since) {
      pipeline.listening(isConnected);
      connected(source.name, isConnected, since);
    },
  });
}

/** Results repeat what events report, so a gap in them is no gap for the pipeline. */
function startResults(
  source: Source,
  {
    pipeline,
    report,
    connected,
  }: Pick<Stages, 'report'> & { readonly pipeline: Pipeline; readonly connected: Connected },
): Promise<void> {
  return source.start({
    message: (message) => pipeline.message(message),
    decoded: (decoded) => pipeline.decoded(decoded, source.name),
    gap: ({ source: name, cause, from, to }) => report({ kind: 'gap', source: name, cause, fromMs: from, toMs: to }),
    connected: (isConnected, since) => connected(source.name, isConnected, since),
  });
}

function startTimers(
  { enableEvents, queueDepths }: BrokerAccess,
  { clock, onDepth, wantsDepths }: BrokerWatchParts,
  failed: (witness: WitnessKind, error: unknown) => void,
): Disposable[] {
  const timers: Disposable[] = [];
  if (enableEvents !== undefined) {
    const enable = (): void => void enableEvents().catch((error: unknown) => failed('workers', error));
    enable();
    timers.push(clock.every(enableEventsEveryMs, enable));
  }
  if (queueDepths !== undefined) {
    const read = async (): Promise<void> => {
      for (const [queue, length] of await queueDepths.read()) onDepth(queue, length);
    };
    timers.push(
      clock.every(depthsEveryMs, () => {
        if (wantsDepths()) void read().catch((error: unknown) => failed('broker', error));
      }),
    );
  }
  return timers;
}

/** The error's code or first words, without the address that drivers put into the text. */
function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message.slice(0, 120) : 'unknown';
}
