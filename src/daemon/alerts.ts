/** Wires alerts: the store, the coordinator, the receivers, and the buttons of Slack. */
import type { Policy } from '../alert/policy.ts';
import type { DeliveryRef, ReceiverName } from '../alert/receipts.ts';
import type { Config } from '../config/config.ts';
import { type AlertCoordinator, createAlertCoordinator } from '../notify/coordinator.ts';
import { createDecisionLog, type DecisionLog } from '../notify/decision-log.ts';
import type { Receiver } from '../notify/receiver.ts';
import { errorName, type Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import { stopTogether } from '../runtime/service.ts';
import type { Board } from '../status/board.ts';
import { createFallbackStore, type FallbackStore } from '../store/fallback-store.ts';
import type { FleetStore } from '../store/fleet.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createRedisStore } from '../store/redis.ts';
import { createReceivers } from './receivers.ts';
import type { Recorder } from './recorder.ts';
import { createSlackButtons, type SlackButtons } from './slack-buttons.ts';

export interface AlertsParts {
  /** The configuration at the start. */
  readonly config: Config;
  /** The policy in force, read on each use. */
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
  /** True for the one sidecar that is responsible for the whole fleet. */
  readonly isWatchingFleet: () => boolean;
  /** True for the leading standalone instance, and for every sidecar. */
  readonly isExporting: () => boolean;
}

export interface Alerts {
  readonly sink: AlertCoordinator;
  readonly decisions: DecisionLog;
  /** The handler of Slack's posts to a path of this app; undefined for any other path. */
  readonly postHandler: SlackButtons['postHandler'];
  start(): Promise<void>;
  /** Resolves to the number of undelivered messages. */
  stop(): Promise<number>;
}

/** Without the store for this long, sidecars do not know which one is responsible, so each decides for its own workers. */
const degradedAfterMs = 20_000;

export function createAlerts(parts: AlertsParts): Alerts {
  const { config, board, recorder } = parts;
  // A recording and its inputs share one clock.
  const clock: Clock = recorder === undefined ? parts.clock : { ...parts.clock, now: recorder.now };
  const receivers = createReceivers({
    config,
    current: parts.current,
    clock,
    onDelivered: (notification, message) => board.recordNotification(notification, message, clock.now()),
  });
  const store = createStore(parts, { clock, receivers });
  const decisions = createDecisionLog();
  const coordinator = createAlertCoordinator({
    policy: parts.policy,
    store,
    clock,
    random: parts.random,
    report: parts.report,
    instance: parts.instance,
    receivers,
    decides: () => isDeciding(parts, { clock, store }),
    savesEvidence: config.mode === 'sidecar' ? parts.isWatchingFleet : parts.isExporting,
    ...(recorder === undefined ? {} : { onInput: recorder.input }),
    onDecision(decision) {
      recorder?.decision(decision);
      decisions.recordDecision(decision);
      board.recordDecision(decision);
    },
  });
  const buttons = createButtons(parts, { clock, coordinator, decisions });
  return {
    sink: coordinator,
    decisions,
    postHandler: (path) => buttons?.postHandler(path),
    async start() {
      await buttons?.start();
    },
    async stop() {
      let undelivered = 0;
      const stopCoordinator = async (): Promise<void> => {
        undelivered = await coordinator.stop();
        await store.stop();
      };
      // A connection of the buttons that does not close must not keep due messages from being posted.
      await stopTogether([{ stop: async () => buttons?.stop() }, { stop: stopCoordinator }]);
      return undelivered;
    },
  };
}

function createStore(
  { config, report, random }: AlertsParts,
  { clock, receivers }: { readonly clock: Clock; readonly receivers: readonly Receiver[] },
): FallbackStore {
  const { namespace, url } = config.store;
  const shared =
    url === undefined
      ? createMemoryStore(clock)
      : createRedisStore({ url: url.expose(), namespace, report, random, sleep: (ms) => clock.sleep(ms) });
  return createFallbackStore({
    shared,
    isShared: url !== undefined,
    clock,
    onAway: (error) =>
      report({ kind: 'delivery-failed', sink: 'store', reason: errorName(error), count: 0, willRetry: true }),
    onBack: () => report({ kind: 'delivered', sink: 'store', count: 0 }),
    onDuplicate: ({ receiver, ref }) => void retract(receivers, receiver, ref),
  });
}

/** Standalone instances decide together. Of sidecars, which receive events of their own workers only, one decides for all. */
function isDeciding(
  { config, isWatchingFleet }: AlertsParts,
  { clock, store }: { readonly clock: Clock; readonly store: FallbackStore },
): boolean {
  if (config.mode === 'standalone' || config.store.url === undefined || isWatchingFleet()) return true;
  const since = store.awaySince();
  return since !== undefined && clock.now() - since >= degradedAfterMs;
}

interface ButtonsParts {
  readonly clock: Clock;
  readonly coordinator: AlertCoordinator;
  readonly decisions: DecisionLog;
}

function createButtons(
  { config, policy, current, random, report, instance, fleet }: AlertsParts,
  { clock, coordinator, decisions }: ButtonsParts,
): SlackButtons | undefined {
  const { slack } = config;
  if (slack === undefined) return undefined;
  return createSlackButtons({
    config: () => current().slack ?? slack,
    namespace: config.store.namespace,
    timezone: () => policy().timezone,
    clock,
    random,
    report,
    instance,
    fleet,
    incident: async (id) => coordinator.book().incidents.find((incident) => incident.id === id),
    execute: (command) => coordinator.execute(command),
    why: async (id) => decisions.why(id, coordinator.book()),
  });
}

/** Removes a message that this instance delivered alone, if the other instances have delivered another one. */
async function retract(receivers: readonly Receiver[], name: ReceiverName, ref: DeliveryRef): Promise<void> {
  const receiver = receivers.find((one) => one.name === name);
  await receiver?.retract?.(ref).catch(() => {});
}
