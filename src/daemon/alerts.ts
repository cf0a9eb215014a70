/** Everything that decides and tells: the store, the engine's sink, Slack and its buttons, wired. */
import type { Policy } from '../alert/policy.ts';
import type { Config } from '../config/config.ts';
import type { SlackConfig } from '../config/sections/slack.ts';
import { type AlertCoordinator, createAlertCoordinator } from '../notify/coordinator.ts';
import { createDecisionLog, type DecisionLog } from '../notify/decision-log.ts';
import { createMemoryReceiver } from '../notify/memory-receiver.ts';
import { errorName, type Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import { renderSlack } from '../sink/slack-message/message.ts';
import type { Board } from '../status/board.ts';
import type { FleetStore } from '../store/fleet.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createRedisStore } from '../store/redis.ts';
import { createSteadyStore } from '../store/steady.ts';
import type { Recorder } from './recorder.ts';
import { createSlackDelivery } from './slack.ts';
import { createSlackButtons, type SlackButtons } from './slack-buttons.ts';

export interface AlertsParts {
  readonly config: Config;
  /** What is in force; asked each time, because it can be changed while we run. */
  readonly policy: () => Policy;
  readonly slack: () => SlackConfig | undefined;
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
  const slackConfig = config.slack;
  const slackNow = () => parts.slack() ?? (slackConfig as SlackConfig);
  const slack = slackConfig && createSlackDelivery({ config: slackNow, namespace, clock });
  const store = createSteadyStore({
    shared,
    isShared: url !== undefined,
    clock,
    onAway: (error) =>
      report({ kind: 'delivery-failed', sink: 'store', reason: errorName(error), count: 0, willRetry: true }),
    onBack: () => report({ kind: 'delivered', sink: 'store', count: 0 }),
    onDuplicate: (message) => void slack?.retract(message).catch(() => {}),
  });
  const decisions = createDecisionLog();
  const receiver = createMemoryReceiver(clock);
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
      decisions.saw(decision);
      board.recordDecision(decision);
    },
    async deliver(notification, limits) {
      const delivery = await (slack ?? receiver).deliver(notification, limits);
      if (delivery.outcome === 'delivered') {
        const message = slack?.render(notification) ?? renderSlack(notification, { links: [], namespace });
        board.recordNotification(notification, message, clock.now());
      }
      return delivery;
    },
    ...(slack === undefined ? {} : { retract: (message) => slack.retract(message) }),
  });
  const buttons =
    slackConfig &&
    createSlackButtons({
      config: slackNow,
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
