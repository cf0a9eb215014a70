/** The daemon's stages as functions of one message, from the cheapest to the whole, under a virtual clock. */
import { loadConfig } from '../../src/config/load.ts';
import { policyOf } from '../../src/config/policy/policy.ts';
import { createDaemon } from '../../src/daemon/daemon.ts';
import type { Event } from '../../src/event/task-event.ts';
import { type Redacted, Untrusted } from '../../src/event/untrusted.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import { createPipeline, type Pipeline, type Viewer } from '../../src/pipeline.ts';
import { createRedactor } from '../../src/redact/redact.ts';
import type { Notice } from '../../src/report.ts';
import { createVirtualClock } from '../../src/runtime/clock.ts';
import { recordOf } from '../../src/sink/otlp/log-records.ts';
import { spansOf } from '../../src/sink/otlp/spans.ts';
import { decode } from '../../src/source/celery/format.ts';
import { senderOf } from '../../src/source/kombu/sender.ts';
import type { Message, Outlet, Source } from '../../src/source/source.ts';
import { defaultRedactOptions } from '../fakes/redact-options.ts';

export const stageNames = ['foreign', 'decode', 'lifecycle', 'redacted', 'spans', 'full'] as const;
export type StageName = (typeof stageNames)[number];

export interface Stage {
  /** Takes one message; `at` is the virtual time of its receipt. */
  take(message: Message): void;
  /** Lets timers and sockets run; resolves when there is room for more. */
  turn(): Promise<void>;
  /** Delivers all that is held. */
  drain(): Promise<void>;
  /** Counts of the daemon's own notices, by kind and reason. */
  readonly notices: ReadonlyMap<string, number>;
  /** Tasks that are tracked and have not ended. */
  openTasks(): number;
}

const sweepEveryMs = 100;

/** `otlp` is the base URL of a collector, for `full`. Throws for a stage that the source does not have yet. */
export async function createStage(name: StageName, startAt: number, otlp: string): Promise<Stage> {
  switch (name) {
    case 'foreign':
      return foreignStage();
    case 'decode':
      return stageOf((message) => void decode(message));
    case 'lifecycle':
      return pipelineStage((event) => opened(event), [], startAt);
    case 'redacted':
      return pipelineStage(redacting(), [], startAt);
    case 'spans':
      return pipelineStage(
        redacting(),
        [{ transition: (transition) => void [spansOf(transition), recordOf(transition)] }],
        startAt,
      );
    case 'full':
      return daemonStage(startAt, otlp);
    default:
      return name satisfies never;
  }
}

function stageOf(take: (message: Message) => void): Stage {
  return { take, turn: async () => {}, drain: async () => {}, notices: new Map(), openTasks: () => 0 };
}

/** Refuses foreign messages by their host, before anything is parsed. */
function foreignStage(): Stage {
  return stageOf(({ payload }) => {
    if (senderOf(payload) === 'nobody-here') throw new Error('the stream has no such host');
  });
}

function redacting(): (event: Event<Untrusted>) => Event<Redacted> {
  const redactor = createRedactor(defaultRedactOptions);
  return (event) => redactor.redact(event);
}

/** Every box opened and nothing read: what the lifecycle costs when redaction costs nothing. Only invented text comes here. */
export function opened(event: Event<Untrusted>): Event<Redacted> {
  const fields = event as unknown as Record<string, unknown>;
  for (const name of ['name', 'args', 'kwargs', 'result', 'exception', 'traceback']) {
    const value = fields[name];
    if (value instanceof Untrusted) fields[name] = value.reveal();
  }
  return event as unknown as Event<Redacted>;
}

/** Counts the daemon's notices by kind and reason; prints the first bug to standard error. */
export function counting(): { notices: Map<string, number>; report: (notice: Notice) => void } {
  const notices = new Map<string, number>();
  return {
    notices,
    report(notice) {
      const { kind, reason, count = 1 } = notice as { kind: string; reason?: string; count?: number };
      if (notice.kind === 'bug' && !notices.has('bug')) {
        process.stderr.write(`bug in ${notice.where}: ${String(notice.error)}\n`);
      }
      const key = reason === undefined || kind === 'delivery-failed' ? kind : `${kind} ${reason}`;
      notices.set(key, (notices.get(key) ?? 0) + count);
    },
  };
}

/** Events that were understood and taken. */
export function takenOf(notices: ReadonlyMap<string, number>): number {
  return (notices.get('event-received') ?? 0) + (notices.get('events-received') ?? 0);
}

function pipelineStage(
  redact: (event: Event<Untrusted>) => Event<Redacted>,
  viewers: Viewer[],
  startAt: number,
): Stage {
  const { notices, report } = counting();
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  const pipeline = createPipeline({ decode, redact, lifecycle, viewers, report });
  return { ...swept(pipeline, startAt), turn: async () => {}, notices, openTasks: () => lifecycle.trackedCount() };
}

function swept(pipeline: Pipeline, startAt: number): { take: (message: Message) => void; drain: () => Promise<void> } {
  let sweepAt = startAt;
  let now = startAt;
  return {
    take(message) {
      now = message.receivedAt;
      for (; sweepAt <= now; sweepAt += sweepEveryMs) pipeline.sweep(sweepAt);
      pipeline.message(message);
    },
    drain: async () => pipeline.settleAll(now),
  };
}

/** The sink takes this many at most; to drop is cheap, and would flatter the figure. */
const heldMax = 16_000;

/** The real wiring; only the source is ours, and the clock. */
async function daemonStage(startAt: number, otlp: string): Promise<Stage> {
  const { notices, report } = counting();
  const clock = createVirtualClock(startAt);
  let outlet: Outlet | undefined;
  const source: Source = {
    name: 'bench',
    async start(given) {
      outlet = given;
      given.connected(true, clock.now());
    },
    async stop() {},
  };
  const config = configFor({ broker: 'redis://127.0.0.1:1/0', otlp });
  const daemon = await createDaemon({
    config,
    policy: policyOf(config),
    clock,
    random: () => 0.5,
    instance: 'bench',
    report,
    sources: () => [source],
  });
  await daemon.start();
  const turn = async (most: number): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    while (daemon.queuedCount() > most) {
      clock.advanceTo(clock.now() + 1);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  return {
    notices,
    openTasks: () => daemon.board.snapshot(clock.now()).openTasks,
    take(message) {
      clock.advanceTo(message.receivedAt);
      outlet?.message(message);
    },
    turn: () => turn(heldMax),
    async drain() {
      clock.advanceTo(clock.now() + 3_000);
      await turn(0);
    },
  };
}

/** The configuration of an operator who wants traces, and logs of what went wrong. */
export function configFor({ broker, otlp, sidecarOf }: { broker: string; otlp?: string; sidecarOf?: string }) {
  const text = [
    `broker: ${broker}`,
    ...(sidecarOf === undefined ? [] : ['mode: sidecar', `hostname: ${sidecarOf}`]),
    ...(otlp === undefined ? [] : [`otlp: { endpoint: "${otlp}", compression: gzip, sample_logs: 0 }`]),
    'limits: { open_tasks: 100000 }',
  ].join('\n');
  const loaded = loadConfig({ text, file: 'bench', env: {}, hostname: 'bench', readFile: () => '' });
  if (!loaded.ok) throw new Error(loaded.problems.map((problem) => JSON.stringify(problem)).join('\n'));
  return loaded.config;
}
