/**
 * Slack, wired: the sink that says, and the buttons that answer. What the configuration may change while we run is asked for
 * each time.
 */
import type { IncomingMessage } from 'node:http';
import type { Incident, MessageRef } from '../alert/incident.ts';
import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import type { SlackConfig } from '../config/config.ts';
import { createPlaces, type Places } from '../fleet/places.ts';
import type { Deliver } from '../notify/deliveries.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Service } from '../runtime/service.ts';
import { createSlackReceiver } from '../sink/slack/receiver.ts';
import { createRenewableToken } from '../sink/slack/renewable-token.ts';
import { createPressHandler } from '../sink/slack-actions/handle-press.ts';
import { createSlackHttp, type SlackHttpReply } from '../sink/slack-actions/http.ts';
import { createReplySender } from '../sink/slack-actions/response-url.ts';
import { createSlackSocket, type SlackSocket } from '../sink/slack-actions/socket-mode.ts';
import type { LinkTemplate } from '../sink/slack-message/links.ts';
import { renderSlack, type SlackMessage } from '../sink/slack-message/message.ts';
import type { FleetStore } from '../store/fleet.ts';

export interface SlackParts {
  /** The configuration by now. `actions` and `apiUrl` stay as they were at the start. */
  readonly config: () => SlackConfig;
  readonly namespace: string;
  /** An IANA name, for `until 09:00`. */
  readonly timezone: () => string;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  readonly instance: string;
  /** Where it is agreed who holds a connection of Socket Mode. */
  readonly fleet: FleetStore;
  /** The incident as the book has it; undefined when it is gone. */
  readonly incident: (id: string) => Promise<Incident | undefined>;
  readonly execute: (command: AlertCommand) => Promise<AlertCommandResult>;
  /** The decisions about an incident, a line each. */
  readonly why: (incident: string) => Promise<readonly string[]>;
}

export interface SlackRoom extends Service {
  readonly deliver: Deliver;
  readonly retract: (message: MessageRef) => Promise<void>;
  /** The message that a notification is shown as, for the page. */
  readonly shown: (notification: Notification) => SlackMessage;
  /** Who takes what Slack posts to a path of ours; undefined for any other path. */
  readonly takes: (path: string) => ((request: IncomingMessage) => Promise<SlackHttpReply>) | undefined;
}

/** One would be enough; with two nothing is missed while one of them restarts. Slack allows ten for an app. */
const socketsMax = 2;
const askEveryMs = 1_000;
const actionsPath = '/slack/actions';

export function createSlackRoom(parts: SlackParts): SlackRoom {
  const { config, namespace, clock, random, report } = parts;
  const { actions: way, apiUrl } = config();
  const token = createRenewableToken(() => ({ token: config().token.expose(), file: config().tokenFile }));
  const key = keyOf(way);
  const url = apiUrl === undefined ? {} : { apiUrl };
  const sink = createSlackReceiver({
    token: token.current,
    renewToken: token.renew,
    ...url,
    clock,
    sleep: (ms) => clock.sleep(ms),
    links: () => linksOf(config()),
    namespace,
    ...(key === undefined ? {} : { buttonKey: key }),
  });
  const actions = createPressHandler({
    namespace,
    buttonKey: key ?? (() => ''),
    allow: () => config().allow,
    timezone: parts.timezone,
    clock,
    current: parts.incident,
    execute: parts.execute,
    why: parts.why,
    respond: createReplySender(apiUrl, (ms) => clock.timeoutSignal(ms)),
    report,
  });
  const places = createPlaces({ ...parts, store: parts.fleet, name: 'slack', count: socketsMax });
  const socket =
    way.over === 'socket'
      ? createSlackSocket({
          appToken: () => way.appToken.expose(),
          ...url,
          clock,
          random,
          mayConnect: places.isHeld,
          take: actions.take,
          report,
        })
      : undefined;
  const http =
    way.over === 'http'
      ? createSlackHttp({ signingSecret: () => way.signingSecret.expose(), take: actions.take, clock, report })
      : undefined;
  return {
    ...listening(socket, places, clock, actions.idle),
    deliver: sink.deliver,
    retract: sink.retract,
    shown: (notification) =>
      renderSlack(notification, { links: linksOf(config()), namespace, ...(key && { buttonKey: key() }) }),
    takes: (path) => (path === actionsPath ? http?.handle : undefined),
  };
}

function listening(socket: SlackSocket | undefined, places: Places, clock: Clock, idle: () => Promise<void>): Service {
  let asking: Disposable | undefined;
  // A store that is away gives no place: our lease runs out, and the connection is closed.
  const ask = () => void places.ask().catch(() => {});
  return {
    name: 'slack',
    async start() {
      if (socket === undefined || asking !== undefined) return;
      ask();
      asking = clock.every(askEveryMs, ask);
      await socket.start();
    },
    async stop() {
      asking?.[Symbol.dispose]();
      await socket?.stop();
      await places.release().catch(() => {});
      await idle();
    },
  };
}

/** What signs the buttons: the secret that presses come in by. undefined: there are no buttons. */
function keyOf(actions: SlackConfig['actions']): (() => string) | undefined {
  switch (actions.over) {
    case 'off':
      return undefined;
    case 'socket':
      return () => actions.appToken.expose();
    case 'http':
      return () => actions.signingSecret.expose();
    default:
      return actions satisfies never;
  }
}

function linksOf({ links, pageUrl }: SlackConfig): readonly LinkTemplate[] {
  return pageUrl === undefined ? links : [...links, { label: 'Page', url: pageUrl }];
}
