/**
 * Buttons in Slack → commands to the engine. Whoever receives interactions, over a socket or over HTTP, hands them to
 * `take` and answers Slack at once; the work is done after that, and tells only those who pressed what they cannot see.
 *
 * Exports: createSlackActions, SlackActions, SlackActionsOptions.
 */

import type { Incident } from '../../alert/incident.ts';
import type { AlertCommand, AlertCommandResult } from '../../alert/incidents/command.ts';
import type { Millis } from '../../event/ids.ts';
import { errorName, type Report } from '../../report.ts';
import { type ButtonPress, decidePress, parsePress } from './parse-press.ts';
import { type CommandReply, refusalOf, silencedUntil, whyAnswer } from './replies.ts';

export interface PressHandlerOptions {
  readonly namespace: string;
  /** As given to the sink. */
  readonly buttonKey: () => string;
  /** Slack user ids that may silence and archive; empty: everybody. */
  readonly allow: () => readonly string[];
  /** An IANA name, for `until 09:00`. */
  readonly timezone: () => string;
  readonly clock: { readonly now: () => Millis };
  /** The incident as the book has it; undefined when it is gone. */
  readonly current: (incident: string) => Promise<Incident | undefined>;
  readonly execute: (command: AlertCommand) => Promise<AlertCommandResult>;
  /** The decisions about an incident, a line each, the last first. */
  readonly why: (incident: string) => Promise<readonly string[]>;
  /** Sends an answer that only the one who pressed sees. */
  readonly respond: (url: string, answer: CommandReply) => Promise<void>;
  readonly report: Report;
}

export interface PressHandler {
  /** Takes one interaction as Slack sent it. Never waits, never throws. */
  take(payload: unknown): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

/** People press one button at a time; more at once is an accident. */
const pressesMax = 20;

export function createPressHandler(options: PressHandlerOptions): PressHandler {
  const { report } = options;
  const underWay = new Set<Promise<void>>();

  async function handle(payload: unknown): Promise<void> {
    const decoded = parsePress(payload, { namespace: options.namespace, key: options.buttonKey() });
    if (!decoded.ok) {
      report({ kind: 'pressed', act: 'unknown', outcome: decoded.reason });
      if (decoded.reason !== 'not-a-press') await tell(decoded.responseUrl, refusalOf(decoded.reason));
      return;
    }
    const { press } = decoded;
    const { outcome, answer } = await act(press).catch((error: unknown) => {
      report({ kind: 'delivery-failed', sink: 'alerts', reason: errorName(error), count: 1, willRetry: false });
      return { outcome: 'failed', answer: refusalOf('failed') };
    });
    report({ kind: 'pressed', act: press.act, outcome });
    if (answer !== undefined) await tell(press.responseUrl, answer);
  }

  async function act(
    press: ButtonPress,
  ): Promise<{ readonly outcome: string; readonly answer: CommandReply | undefined }> {
    const current = await options.current(press.incident);
    const wish = decidePress(press, current, {
      now: options.clock.now(),
      timezone: options.timezone(),
      allow: options.allow(),
    });
    switch (wish.kind) {
      case 'refused':
        return { outcome: wish.reason, answer: refusalOf(wish.reason, current) };
      case 'why':
        return { outcome: 'answered', answer: whyAnswer(await options.why(press.incident)) };
      case 'command': {
        const done = await options.execute(wish.command);
        if (!done.done) return { outcome: done.reason, answer: refusalOf(done.reason) };
        return { outcome: 'done', answer: doneAnswer(wish.command) };
      }
      default:
        return wish satisfies never;
    }
  }

  async function tell(url: string | undefined, answer: CommandReply): Promise<void> {
    if (url === undefined) return;
    try {
      await options.respond(url, answer);
    } catch (error) {
      report({
        kind: 'delivery-failed',
        sink: 'slack',
        reason: `answer: ${errorName(error)}`,
        count: 1,
        willRetry: false,
      });
    }
  }

  return {
    take(payload) {
      if (underWay.size >= pressesMax) {
        report({ kind: 'items-dropped', queue: 'presses', reason: 'full', count: 1 });
        return;
      }
      const handling = handle(payload)
        .catch((error: unknown) => report({ kind: 'bug', where: 'slack.actions', error }))
        .finally(() => underWay.delete(handling));
      underWay.add(handling);
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** The message shows the rest by itself. */
function doneAnswer(command: AlertCommand): CommandReply | undefined {
  if (command.what !== 'silence') return undefined;
  const { until = 0, match } = command.silence;
  return silencedUntil(until, [...match.tasks, ...match.pools, ...match.queues]);
}
