/** Everything that decides and tells: the store, the engine's sink, Slack and its buttons, wired. */
import { createHash } from 'node:crypto';
import type { Policy } from './alert/policy.ts';
import type { Config } from './config/config.ts';
import type { Report } from './report.ts';
import type { Clock } from './runtime/clock.ts';
import type { Deliver } from './sink/alert-deliveries.ts';
import { type AlertSink, createAlertSink } from './sink/alerts.ts';
import { createDecisionLog, type DecisionLog } from './sink/decision-log.ts';
import { createMemoryReceiver } from './sink/memory-receiver.ts';
import { createSlackSink } from './sink/slack.ts';
import { createSlackActions } from './sink/slack-actions.ts';
import { createSlackHttp, type SlackHttp } from './sink/slack-http.ts';
import { renderSlack } from './sink/slack-message.ts';
import { createSlackResponder } from './sink/slack-respond.ts';
import { createSlackSocket, type SlackSocket } from './sink/slack-socket.ts';
import type { Board } from './status/board.ts';
import { createMemoryStore } from './store/memory.ts';
import { createRedisStore } from './store/redis.ts';
import { createSteadyStore } from './store/steady.ts';

export interface AlertsParts {
  readonly config: Config;
  /** The policy in force; asked each time, because it can be changed while we run. */
  readonly policy: () => Policy;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  readonly instance: string;
  readonly board: Board;
  /** Of those that share a store, the one that looks after the whole fleet. */
  readonly isWatchingFleet: () => boolean;
}

export interface Alerts {
  readonly sink: AlertSink;
  readonly decisions: DecisionLog;
  /** Takes what Slack posts, when its buttons come over HTTP. */
  readonly slackHttp: SlackHttp | undefined;
  start(): Promise<void>;
  /** Answers how many messages are still owed. */
  stop(): Promise<number>;
}

/** A store that is away so long does not tell who looks after the fleet: each one decides for its own workers. */
const aloneAfterMs = 20_000;

export function createAlerts(parts: AlertsParts): Alerts {
  const { config, clock, random, report, instance, board } = parts;
  const { namespace, url } = config.store;
  const shared =
    url === undefined
      ? createMemoryStore(clock)
      : createRedisStore({ url: url.expose(), namespace, report, random, sleep: (ms) => clock.sleep(ms) });
  const store = createSteadyStore({
    shared,
    isShared: url !== undefined,
    clock,
    onAway: (error) =>
      report({ kind: 'delivery-failed', sink: 'store', reason: nameOf(error), count: 0, willRetry: true }),
    onBack: () => report({ kind: 'delivered', sink: 'store', count: 0 }),
  });
  const decisions = createDecisionLog();
  const { slack: slackConfig } = config;
  const buttonKey =
    slackConfig === undefined || slackConfig.actions.over === 'off' ? undefined : buttonKeyOf(slackConfig.token.expose());
  const links = linksOf(config);
  const rendering = { links, namespace, ...(buttonKey && { buttonKey }) };
  const slack =
    slackConfig &&
    createSlackSink({
      token: () => slackConfig.token.expose(),
      ...(slackConfig.apiUrl === undefined ? {} : { apiUrl: slackConfig.apiUrl }),
      clock,
      sleep: (ms) => clock.sleep(ms),
      links,
      namespace,
      ...(buttonKey && { buttonKey: () => buttonKey }),
    });
  const deliver: Deliver = slack?.deliver ?? createMemoryReceiver(clock).deliver;
  const sink = createAlertSink({
    policy: parts.policy,
    store,
    clock,
    random,
    report,
    instance,
    decides: () => decidesNow(),
    onDecision(decision) {
      decisions.saw(decision);
      board.sawDecision(decision);
    },
    async deliver(notification, limits) {
      const delivery = await deliver(notification, limits);
      if (delivery.outcome === 'delivered') {
        board.sawNotification(notification, renderSlack(notification, rendering), clock.now());
      }
      return delivery;
    },
    ...(slack === undefined ? {} : { retract: (message) => slack.retract(message) }),
  });
  const { socket, http } = buttonsOf(parts, sink, decisions, buttonKey);

  /** Who hears everything decides with the others; who hears one pod only, if it looks after all. */
  function decidesNow(): boolean {
    if (config.mode === 'standalone' || url === undefined || parts.isWatchingFleet()) return true;
    const since = store.awaySince();
    return since !== undefined && clock.now() - since >= aloneAfterMs;
  }

  return {
    sink,
    decisions,
    slackHttp: http,
    async start() {
      await socket?.start();
    },
    async stop() {
      await socket?.stop();
      const owed = await sink.stop();
      await store.stop();
      return owed;
    },
  };
}

function buttonsOf(
  { config, policy, clock, random, report, isWatchingFleet }: AlertsParts,
  sink: AlertSink,
  decisions: DecisionLog,
  buttonKey: string | undefined,
): { readonly socket: SlackSocket | undefined; readonly http: SlackHttp | undefined } {
  const { slack } = config;
  if (slack === undefined || buttonKey === undefined) return { socket: undefined, http: undefined };
  const actions = createSlackActions({
    namespace: config.store.namespace,
    buttonKey: () => buttonKey,
    allow: () => slack.allow,
    timezone: () => policy().timezone,
    clock,
    current: async (id) => sink.book().incidents.find((incident) => incident.id === id),
    execute: (command) => sink.execute(command),
    why: async (id) => decisions.why(id, sink.book()),
    respond: createSlackResponder(slack.apiUrl),
    report,
  });
  const take = (payload: unknown): void => actions.take(payload);
  const { actions: way } = slack;
  return {
    socket:
      way.over === 'socket'
        ? createSlackSocket({
            appToken: () => way.appToken.expose(),
            ...(slack.apiUrl === undefined ? {} : { apiUrl: slack.apiUrl }),
            clock,
            random,
            mayConnect: isWatchingFleet,
            take,
            report,
          })
        : undefined,
    http:
      way.over === 'http'
        ? createSlackHttp({ signingSecret: () => way.signingSecret.expose(), take, clock, report })
        : undefined,
  };
}

/** Buttons of one app's messages are good in all its instances, and in no other's. */
function buttonKeyOf(token: string): string {
  return createHash('sha256').update(`taskvigil buttons\n${token}`).digest('hex');
}

export function linksOf({ slack }: Pick<Config, 'slack'>): readonly { readonly label: string; readonly url: string }[] {
  if (slack === undefined) return [];
  return [...slack.links, ...(slack.pageUrl === undefined ? [] : [{ label: 'Page', url: slack.pageUrl }])];
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
