/**
 * Wires the buttons of Slack messages: presses arrive over Socket Mode or signed HTTP, become commands, and are answered
 * to the person who pressed. Reads what a reload may change on each use.
 */
import type { IncomingMessage } from 'node:http';
import type { Incident } from '../alert/incident.ts';
import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import type { SlackConfig } from '../config/sections/slack.ts';
import { createLeaseSlots, type LeaseSlots } from '../fleet/lease-slots.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Service } from '../runtime/service.ts';
import { createPressHandler, type PressHandler } from '../sink/slack-actions/handle-press.ts';
import { createSlackHttp, type SlackHttpReply } from '../sink/slack-actions/http.ts';
import { createReplySender } from '../sink/slack-actions/response-url.ts';
import { createSlackSocket, type SlackSocket } from '../sink/slack-actions/socket-mode.ts';
import type { FleetStore } from '../store/fleet.ts';
import { buttonKeyOf } from './slack.ts';

export interface SlackButtonsParts {
  /** The configuration in force. `actions` and `apiUrl` stay as they were at the start. */
  readonly config: () => SlackConfig;
  readonly namespace: string;
  /** An IANA name, for `until 09:00`. */
  readonly timezone: () => string;
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  readonly instance: string;
  /** Holds the leases of the Socket Mode connections. */
  readonly fleet: FleetStore;
  /** The incident in the book; undefined once it is closed. */
  readonly incident: (id: string) => Promise<Incident | undefined>;
  readonly execute: (command: AlertCommand) => Promise<AlertCommandResult>;
  /** The decisions about an incident, one line each. */
  readonly why: (incident: string) => Promise<readonly string[]>;
}

export interface SlackButtons extends Service {
  /** The handler of Slack's posts to a path of this app; undefined for any other path. */
  postHandler(path: string): ((request: IncomingMessage) => Promise<SlackHttpReply>) | undefined;
}

/** One receives everything; the second covers a restart of the first. Slack allows ten per app. */
const socketsMax = 2;
const leaseEveryMs = 1_000;
const actionsPath = '/slack/actions';

export function createSlackButtons(parts: SlackButtonsParts): SlackButtons {
  const { clock, report } = parts;
  const { actions } = parts.config();
  const presses = pressHandlerOf(parts);
  const places = createLeaseSlots({ ...parts, store: parts.fleet, name: 'slack', count: socketsMax });
  const http =
    actions.over === 'http'
      ? createSlackHttp({ signingSecret: () => actions.signingSecret.expose(), take: presses.take, clock, report })
      : undefined;
  return {
    ...socketService({ socket: socketOf(parts, presses, places), places, clock, presses }),
    postHandler: (path) => (path === actionsPath ? http?.handle : undefined),
  };
}

function pressHandlerOf({ config, namespace, timezone, clock, report, ...parts }: SlackButtonsParts): PressHandler {
  const { actions, apiUrl } = config();
  return createPressHandler({
    namespace,
    buttonKey: buttonKeyOf(actions) ?? (() => ''),
    allow: () => config().allow,
    timezone,
    clock,
    current: parts.incident,
    execute: parts.execute,
    why: parts.why,
    respond: createReplySender(apiUrl, (ms) => clock.timeoutSignal(ms)),
    report,
  });
}

function socketOf(parts: SlackButtonsParts, { take }: PressHandler, places: LeaseSlots): SlackSocket | undefined {
  const { actions, apiUrl } = parts.config();
  if (actions.over !== 'socket') return undefined;
  const { clock, random, report } = parts;
  return createSlackSocket({
    appToken: () => actions.appToken.expose(),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    clock,
    random,
    mayConnect: places.isHeld,
    take,
    report,
  });
}

interface SocketServiceParts {
  readonly socket: SlackSocket | undefined;
  readonly places: LeaseSlots;
  readonly clock: Clock;
  readonly presses: PressHandler;
}

/** Holds a lease for the connection, and finishes the presses in progress before it stops. */
function socketService({ socket, places, clock, presses }: SocketServiceParts): Service {
  let renewing: Disposable | undefined;
  // While the store is unreachable no lease is granted or extended: the lease expires and the connection closes.
  const renewLease = () => void places.acquire().catch(() => {});
  return {
    name: 'slack',
    async start() {
      if (socket === undefined || renewing !== undefined) return;
      renewLease();
      renewing = clock.every(leaseEveryMs, renewLease);
      await socket.start();
    },
    async stop() {
      renewing?.[Symbol.dispose]();
      await socket?.stop();
      await places.release().catch(() => {});
      await presses.idle();
    },
  };
}
