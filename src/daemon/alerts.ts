/** Everything that decides and tells: the store, the engine's sink, Slack and its buttons, wired. */
import type { Policy } from '../alert/policy.ts';
import type { DeliveryRef, ReceiverName } from '../alert/receipts.ts';
import type { Config } from '../config/config.ts';
import { type AlertCoordinator, createAlertCoordinator } from '../notify/coordinator.ts';
import { createDecisionLog, type DecisionLog } from '../notify/decision-log.ts';
import type { Receiver } from '../notify/receiver.ts';
import { errorName, type Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Board } from '../status/board.ts';
import { createFallbackStore } from '../store/fallback-store.ts';
import type { FleetStore } from '../store/fleet.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createRedisStore } from '../store/redis.ts';
import { createReceivers } from './receivers.ts';
import type { Recorder } from './recorder.ts';
import { createSlackButtons, type SlackButtons } from './slack-buttons.ts';

export interface AlertsParts {
  readonly config: Config;
  /** What is in force; asked each time, because it can be changed while we run. */
  readonly policy: () => Policy;
  /** The configuration in force, read on each use. */
  readonly current: () => Config;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  readonly instance: string;
  readonly board: Board;
  readonly recorder?: Recorder | undefined;
  readonly fleet: FleetStore;
  /** Of those that share a store, the one that looks after the whole fleet. */
  readonly isWatchingFleet: () => boolean;
}

export interface Alerts {
  readonly sink: AlertCoordinator;
  readonly decisions: DecisionLog;
  /** The handler of Slack's posts to a path of this app; undefined for any other path. */
  readonly postHandler: SlackButtons['postHandler'];
  start(): Promise<void>;
  /** Answers how many messages are still owed. */
  stop(): Promise<number>;
}

/** A store that is away so long does not tell who looks after the fleet: each one decides for its own workers. */
const aloneAfterMs = 20_000;

export function createAlerts(parts: AlertsParts): Alerts {
  const { config, random, report, instance, board, recorder } = parts;
  // A recording and what it records go by one clock.
  const clock: Clock = recorder === undefined ? parts.clock : { ...parts.clock, now: recorder.now };
  const { namespace, url } = config.store;
  const shared =
    url === undefined
      ? createMemoryStore(clock)
      : createRedisStore({ url: url.expose(), namespace, report, random, sleep: (ms) => clock.sleep(ms) });
  const receivers = createReceivers({
    config,
    current: parts.current,
    clock,
    onDelivered: (notification, message) => board.recordNotification(notification, message, clock.now()),
  });
  const store = createFallbackStore({
    shared,
    isShared: url !== undefined,
    clock,
    onAway: (error) =>
      report({ kind: 'delivery-failed', sink: 'store', reason: errorName(error), count: 0, willRetry: true }),
    onBack: () => report({ kind: 'delivered', sink: 'store', count: 0 }),
    onDuplicate: ({ receiver, ref }) => void retract(receivers, receiver, ref),
  });
  const decisions = createDecisionLog();
  const sink = createAlertCoordinator({
    policy: parts.policy,
    store,
    clock,
    random,
    report,
    instance,
    decides: () => decidesNow(),
    ...(recorder === undefined ? {} : { onInput: recorder.input }),
    onDecision(decision) {
      recorder?.decision(decision);
      decisions.recordDecision(decision);
      board.recordDecision(decision);
    },
    receivers,
  });
  const slackConfig = config.slack;
  const buttons =
    slackConfig &&
    createSlackButtons({
      config: () => parts.current().slack ?? slackConfig,
      namespace,
      timezone: () => parts.policy().timezone,
      clock,
      random,
      report,
      instance,
      fleet: parts.fleet,
      incident: async (id) => sink.book().incidents.find((incident) => incident.id === id),
      execute: (command) => sink.execute(command),
      why: async (id) => decisions.why(id, sink.book()),
    });

  /** Who hears everything decides with the others; who hears one pod only, if it looks after all. */
  function decidesNow(): boolean {
    if (config.mode === 'standalone' || url === undefined || parts.isWatchingFleet()) return true;
    const since = store.awaySince();
    return since !== undefined && clock.now() - since >= aloneAfterMs;
  }

  return {
    sink,
    decisions,
    postHandler: (path) => buttons?.postHandler(path),
    async start() {
      await buttons?.start();
    },
    async stop() {
      await buttons?.stop();
      const owed = await sink.stop();
      await store.stop();
      return owed;
    },
  };
}

/** Removes a message that this instance delivered alone, where the other instances have delivered another one. */
async function retract(receivers: readonly Receiver[], name: ReceiverName, ref: DeliveryRef): Promise<void> {
  const receiver = receivers.find((one) => one.name === name);
  await receiver?.retract?.(ref).catch(() => {});
}
