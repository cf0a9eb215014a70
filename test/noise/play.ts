/** One timeline through as many instances as are wanted, all on one store and under one virtual clock. */
import type { Incident } from '../../src/alert/incident.ts';
import { familyOf } from '../../src/alert/matcher.ts';
import type { Notification } from '../../src/alert/outbox/notification.ts';
import type { Policy } from '../../src/alert/policy.ts';
import { createWorkHandover } from '../../src/daemon/handover.ts';
import { createWorkKeeper } from '../../src/daemon/work-keeper.ts';
import type { Millis } from '../../src/event/ids.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import { type AlertCoordinator, createAlertCoordinator } from '../../src/notify/coordinator.ts';
import { createMemoryReceiver } from '../../src/notify/memory-receiver.ts';
import { createPipeline, type Pipeline } from '../../src/pipeline.ts';
import { createRedactor } from '../../src/redact/redact.ts';
import type { Notice } from '../../src/report.ts';
import { decode } from '../../src/source/celery/format.ts';
import { createFallbackStore } from '../../src/store/fallback-store.ts';
import type { FleetStore } from '../../src/store/fleet.ts';
import { createMemoryFleet } from '../../src/store/fleet-memory.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { receiverOf } from '../fakes/receiver.ts';
import { defaultRedactOptions } from '../fakes/redact-options.ts';
import type { Step } from './timeline.ts';

/** As the scorer reads it; `ts` in seconds. */
export interface AlertLine {
  readonly ts: number;
  readonly kind: 'open' | 'renotify' | 'resolve' | 'update' | 'digest';
  readonly visible: 'channel' | 'thread' | 'edit';
  readonly signal: string;
  readonly id: string;
  readonly tasks: readonly string[];
  readonly excs: readonly string[];
  readonly hosts: readonly string[];
  readonly pools: readonly string[];
  readonly queues: readonly string[];
  readonly text: string;
}

interface Instance {
  readonly pipeline: Pipeline;
  readonly alerts: AlertCoordinator;
  /** True if this instance receives the event. */
  readonly hears: () => boolean;
  tick(): Promise<void>;
  /** Continues the work of an earlier instance. Only the first instance does. */
  begin(): Promise<void>;
  /** Ends as on SIGTERM. */
  end(): Promise<void>;
}

const source = 'timeline';
const sweepMs = 500;
const lookMs = 1_000;

export interface PlayOptions {
  readonly policy: Policy;
  /** When the timeline ends. */
  readonly until: Millis;
  readonly instances: number;
  /** Share of the events that each instance loses, 0 .. 1. */
  readonly loseShare: number;
  /** Restarts of the first instance, in order. */
  readonly restarts?: readonly Restart[];
}

export interface Restart {
  readonly at: Millis;
  readonly downMs: Millis;
  /** `kill`: without a shutdown. */
  readonly how: 'kill' | 'stop';
}

/** Throws the first bug that the daemon's parts report. */
export async function playTimeline(
  steps: AsyncIterable<Step> | Iterable<Step>,
  { policy, until, instances: count, loseShare, restarts = [] }: PlayOptions,
): Promise<AlertLine[]> {
  const lines: AlertLine[] = [];
  let now: Millis = 0;
  const clock = { now: () => now };
  const shared = createMemoryStore(clock);
  const receiver = createMemoryReceiver({ clock });
  const fleet = createMemoryFleet(clock);
  const create = (index: number): Instance =>
    createInstance(index, { clock, policy, shared, fleet, receiver, lines, loseShare });
  const instances = Array.from({ length: count }, (_, index) => create(index));
  await instances[0]?.begin();
  const pending = [...restarts];
  let backAt: Millis | undefined;

  async function restart(): Promise<void> {
    while ((pending[0]?.at ?? now) < now - lookMs) pending.shift();
    const [next] = pending;
    if (backAt !== undefined && now >= backAt) {
      instances.unshift(create(count + restarts.length - pending.length));
      backAt = undefined;
      await instances[0]?.begin();
    } else if (backAt === undefined && next !== undefined && now >= next.at) {
      const [ended] = instances.splice(0, 1);
      if (next.how === 'stop') await ended?.end();
      pending.shift();
      backAt = now + next.downMs;
    }
  }

  let ticked: Millis | undefined;
  async function advanceTo(at: Millis): Promise<void> {
    ticked ??= at;
    while (ticked + sweepMs <= at) {
      ticked += sweepMs;
      now = ticked;
      await restart();
      for (const { pipeline } of instances) pipeline.sweep(now);
      if (ticked % lookMs < sweepMs) for (const { tick } of instances) await tick();
      for (const { alerts } of instances) await alerts.idle();
    }
    now = Math.max(now, at);
  }

  for await (const step of steps) {
    await advanceTo(step.at);
    // A person repeats a command that no instance answers.
    if (step.kind === 'command' && instances.length === 0) await advanceTo(backAt ?? step.at);
    for (const instance of instances) await take(instance, step);
  }
  await advanceTo(until);
  return lines;
}

async function take({ pipeline, alerts, hears }: Instance, step: Step): Promise<void> {
  switch (step.kind) {
    case 'event':
      if (hears()) pipeline.message({ form: 'event-body', payload: step.body, receivedAt: step.at, source });
      return;
    case 'depth':
      for (const [queue, length] of Object.entries(step.queues)) alerts.depth(queue, length);
      return;
    case 'command':
      await alerts.execute(step.command);
      return;
    default:
      step satisfies never;
  }
}

interface Parts {
  readonly clock: { readonly now: () => Millis };
  readonly policy: Policy;
  readonly shared: ReturnType<typeof createMemoryStore>;
  readonly fleet: FleetStore;
  readonly receiver: ReturnType<typeof createMemoryReceiver>;
  readonly lines: AlertLine[];
  readonly loseShare: number;
}

function createInstance(index: number, { clock, policy, shared, fleet, receiver, lines, loseShare }: Parts): Instance {
  const random = mulberry(index + 1);
  let isFirst = false;
  const report = (notice: Notice): void => {
    if (notice.kind === 'bug') throw new Error(`bug in ${notice.where}`, { cause: notice.error });
  };
  const store = createFallbackStore({
    shared,
    isShared: true,
    clock,
    onAway: (error) => {
      throw error;
    },
    onBack() {},
  });
  const alerts = createAlertCoordinator({
    policy: () => policy,
    store,
    clock,
    random,
    report,
    instance: `instance-${index}`,
    savesEvidence: () => isFirst,
    receivers: [
      receiverOf((notification, limits) => {
        lines.push(...lineOf(notification, clock.now()));
        return receiver.deliver(notification, limits);
      }),
    ],
  });
  const redactor = createRedactor(defaultRedactOptions);
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  const pipeline = createPipeline({
    decode,
    redact: (event) => redactor.redact(event),
    lifecycle,
    viewers: [alerts],
    report,
  });
  const keeper = createWorkKeeper({
    store: fleet,
    clock,
    report,
    instance: `instance-${index}`,
    isLeading: () => isFirst,
    handover: createWorkHandover([{ name: source, lifecycle, pipeline }], { now: clock.now, report }),
    sources: [{ name: source, pipeline }],
  });
  return {
    pipeline,
    alerts,
    hears: () => loseShare === 0 || random() >= loseShare,
    tick: () => keeper.saveAround(() => alerts.tick()),
    async begin() {
      isFirst = true;
      await keeper.start();
      await keeper.lead();
      keeper.connected(source, true, clock.now());
      pipeline.listening(true);
    },
    async end() {
      pipeline.settleAll(clock.now());
      await alerts.stop();
      await keeper.stop();
    },
  };
}

function lineOf(notification: Notification, now: Millis): AlertLine[] {
  const { about, action, id } = notification;
  const ts = now / 1_000;
  if (about.kind === 'bulletin') {
    const kind = about.bulletin.kind === 'digest' ? 'digest' : 'update';
    const visible = action === 'post' && kind !== 'digest' ? 'channel' : 'edit';
    const nobody = { tasks: [], excs: [], hosts: [], pools: [], queues: [] };
    return [
      {
        ts,
        kind,
        visible,
        signal: about.bulletin.kind,
        id: `${id}:${about.bulletin.rev}`,
        ...nobody,
        text: about.bulletin.title,
      },
    ];
  }
  const { incident } = about;
  const { tasks, exceptions: excs, hosts, pools, queues, title } = incident.subject;
  const shown = { post: 'channel', reminder: 'channel', link: 'thread', line: 'thread', edit: 'edit' } as const;
  const kinds = { post: 'open', reminder: 'renotify', link: 'update', line: 'update', edit: 'update' } as const;
  const isOver = incident.phase.name === 'resolved' && action === 'edit';
  return [
    {
      ts,
      kind: isOver ? 'resolve' : kinds[action],
      visible: shown[action],
      signal: signalOf(incident),
      // A root message is edited under its own id, as often as there is something new.
      id: action === 'edit' ? `${id}:${incident.rev}:${ts}` : id,
      tasks,
      excs,
      hosts,
      pools,
      queues,
      text: `${incident.keys[0]?.signal}: ${title}`,
    },
  ];
}

/** The scorer's words. */
function signalOf({ keys }: Incident): string {
  const family = familyOf(keys[0]!.signal);
  return family === 'schedule' ? 'missed' : family === 'run-twice' ? 'redelivery' : family;
}

/** A small generator of 0 .. 1 that each instance can have for itself, always the same. */
export function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
