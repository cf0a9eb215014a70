/**
 * Executes presses on buttons. The transport, Socket Mode or HTTP, passes each interaction to `take` and answers Slack at
 * once; the work follows in the background, and its author gets a reply only for results that the message does not show.
 */
import type { Incident } from '../../alert/incident.ts';
import type { AlertCommand, AlertCommandResult } from '../../alert/incidents/command.ts';
import type { Millis } from '../../event/ids.ts';
import { errorName, type Report } from '../../report.ts';
import { decidePress } from './decide-press.ts';
import { type ButtonPress, parsePress } from './parse-press.ts';
import { type CommandReply, refusalReply, silenceReply, whyReply } from './replies.ts';

export interface PressHandlerOptions {
  readonly namespace: string;
  /** The key of the receiver's buttons. */
  readonly buttonKey: () => string;
  /** Slack user ids that may silence and archive; empty: all users. */
  readonly allow: () => readonly string[];
  /** An IANA name, for `until 09:00`. */
  readonly timezone: () => string;
  readonly clock: { readonly now: () => Millis };
  /** The incident in the book; undefined once it is closed. */
  readonly current: (incident: string) => Promise<Incident | undefined>;
  readonly execute: (command: AlertCommand) => Promise<AlertCommandResult>;
  /** The decisions about an incident, one line each, the latest first. */
  readonly why: (incident: string) => Promise<readonly string[]>;
  /** Sends a reply that only the author of the press sees. */
  readonly respond: (url: string, reply: CommandReply) => Promise<void>;
  readonly report: Report;
}

export interface PressHandler {
  /** Accepts one interaction as Slack sent it. Never waits, never throws. */
  take(payload: unknown): void;
  /** Resolves when no press is in progress. */
  idle(): Promise<void>;
}

interface PressResult {
  readonly outcome: string;
  readonly reply: CommandReply | undefined;
}

/** People press one button at a time. More presses at once are dropped. */
const pressesMax = 20;

export function createPressHandler(options: PressHandlerOptions): PressHandler {
  const { report } = options;
  const inProgress = new Set<Promise<void>>();

  async function handle(payload: unknown): Promise<void> {
    const parsed = parsePress(payload, { namespace: options.namespace, key: options.buttonKey() });
    if (!parsed.ok) {
      report({ kind: 'pressed', act: 'unknown', outcome: parsed.reason });
      if (parsed.reason !== 'not-a-press') await respond(parsed.responseUrl, refusalReply(parsed.reason));
      return;
    }
    const { press } = parsed;
    const { outcome, reply } = await execute(press, options).catch((error: unknown) => {
      report({ kind: 'delivery-failed', sink: 'alerts', reason: errorName(error), count: 1, willRetry: false });
      return { outcome: 'failed', reply: refusalReply('failed') };
    });
    report({ kind: 'pressed', act: press.act, outcome });
    if (reply !== undefined) await respond(press.responseUrl, reply);
  }

  async function respond(url: string | undefined, reply: CommandReply): Promise<void> {
    if (url === undefined) return;
    try {
      await options.respond(url, reply);
    } catch (error) {
      const reason = `reply: ${errorName(error)}`;
      report({ kind: 'delivery-failed', sink: 'slack', reason, count: 1, willRetry: false });
    }
  }

  return {
    take(payload) {
      if (inProgress.size >= pressesMax) {
        report({ kind: 'items-dropped', queue: 'presses', reason: 'full', count: 1 });
        return;
      }
      const handling = handle(payload)
        .catch((error: unknown) => report({ kind: 'bug', where: 'slack.actions', error }))
        .finally(() => inProgress.delete(handling));
      inProgress.add(handling);
    },
    async idle() {
      while (inProgress.size > 0) await Promise.all(inProgress);
    },
  };
}

async function execute(press: ButtonPress, options: PressHandlerOptions): Promise<PressResult> {
  const current = await options.current(press.incident);
  const context = { now: options.clock.now(), timezone: options.timezone(), allow: options.allow() };
  const decision = decidePress(press, current, context);
  switch (decision.kind) {
    case 'refused':
      return { outcome: decision.reason, reply: refusalReply(decision.reason, current) };
    case 'why':
      return { outcome: 'answered', reply: whyReply(await options.why(press.incident)) };
    case 'command': {
      const result = await options.execute(decision.command);
      if (!result.done) return { outcome: result.reason, reply: refusalReply(result.reason) };
      return { outcome: 'done', reply: doneReply(decision.command) };
    }
    default:
      return decision satisfies never;
  }
}

/** Only a silence gets a reply: the message shows every other command. */
function doneReply(command: AlertCommand): CommandReply | undefined {
  if (command.what !== 'silence') return undefined;
  const { until = 0, match } = command.silence;
  return silenceReply(until, [...match.tasks, ...match.pools, ...match.queues]);
}
