/**
 * What somebody who presses a button wants: Slack's payload → a press → a command to the engine, or a refusal with its
 * reason. Pure.
 *
 * Exports: decodePress, commandOf, Press, Decoded, Wish, nextMorning.
 */

import type { Incident } from '../../alert/incident.ts';
import type { AlertCommand } from '../../alert/incidents/command.ts';
import { parseKey } from '../../alert/key.ts';
import { matchesEverything } from '../../alert/matcher.ts';
import { digestAfter } from '../../alert/mute-hours.ts';
import type { Matcher } from '../../alert/policy.ts';
import type { Millis } from '../../event/ids.ts';
import { fieldsOf, listOf, textOf } from '../slack/json-fields.ts';
import { stateCodeOf, verifyButtonToken } from '../slack-message/button-token.ts';
import { actionPrefix } from '../slack-message/buttons.ts';

const acts = ['ack', 'snooze-1h', 'snooze-4h', 'snooze-morning', 'resolve', 'silence', 'archive', 'why'] as const;
export type PressAct = (typeof acts)[number];

export interface ButtonPress {
  readonly act: PressAct;
  readonly incident: string;
  /** How the incident stood when the buttons were shown. */
  readonly stateCode: string;
  /** A Slack user id. */
  readonly by: string;
  /** Where an answer goes that only they see. */
  readonly responseUrl: string | undefined;
}

export type ParsedPress =
  | { readonly ok: true; readonly press: ButtonPress }
  | {
      readonly ok: false;
      /** `not-a-press`: something else that Slack tells. `not-signed`: with another key, or by somebody else. */
      readonly reason: 'not-a-press' | 'not-signed' | 'other-fleet' | 'unknown-act';
      readonly responseUrl: string | undefined;
    };

export interface ParsePressOptions {
  readonly namespace: string;
  readonly key: string;
}

/** Reads one interaction. Whether it came from Slack, whoever received it has made sure. */
export function parsePress(payload: unknown, { namespace, key }: ParsePressOptions): ParsedPress {
  const interaction = fieldsOf(payload);
  const responseUrl = textOf(interaction['response_url']);
  const refused = (reason: Exclude<ParsedPress, { ok: true }>['reason']): ParsedPress => ({
    ok: false,
    reason,
    responseUrl,
  });
  const action = listOf(interaction['actions']).find((one) => textOf(one['action_id'])?.startsWith(actionPrefix));
  const by = textOf(fieldsOf(interaction['user'])['id']);
  if (interaction['type'] !== 'block_actions' || action === undefined) return refused('not-a-press');
  if (by === undefined || !/^[UW][A-Z0-9]{1,30}$/.test(by)) return refused('not-a-press');
  const ticket = verifyButtonToken(textOf(action['block_id']) ?? '', key);
  if (ticket === undefined) return refused('not-signed');
  if (ticket.namespace !== namespace) return refused('other-fleet');
  const act = actOf(textOf(action['action_id']) ?? '', textOf(fieldsOf(action['selected_option'])['value']));
  if (act === undefined) return refused('unknown-act');
  const { incident, stateCode } = ticket;
  return { ok: true, press: { act, incident, stateCode, by, responseUrl } };
}

function actOf(actionId: string, chosen: string | undefined): PressAct | undefined {
  const name = actionId.slice(actionPrefix.length);
  const act = name === 'snooze' ? `snooze-${chosen}` : name === 'more' ? chosen : name;
  return acts.find((one) => one === act);
}

export type PressDecision =
  | { readonly kind: 'command'; readonly command: AlertCommand }
  | { readonly kind: 'why' }
  | { readonly kind: 'refused'; readonly reason: 'gone' | 'stale' | 'not-allowed' };

export interface PressContext {
  readonly now: Millis;
  /** An IANA name, for `until 09:00`. */
  readonly timezone: string;
  /** Who may silence and archive; empty: everybody. */
  readonly allow: readonly string[];
}

const hour = 3_600_000;

/** `current` is the incident as the book has it now; undefined when it is gone. */
export function decidePress(
  press: ButtonPress,
  current: Incident | undefined,
  { now, timezone, allow }: PressContext,
): PressDecision {
  const { act, by, incident } = press;
  if (act === 'why') return { kind: 'why' };
  if ((act === 'silence' || act === 'archive') && allow.length > 0 && !allow.includes(by)) {
    return { kind: 'refused', reason: 'not-allowed' };
  }
  if (current === undefined) return { kind: 'refused', reason: 'gone' };
  // They answered to what they saw; what became of it since may have been somebody else's answer.
  if (stateCodeOf(current) !== press.stateCode) return { kind: 'refused', reason: 'stale' };
  return { kind: 'command', command: command() };

  function command(): AlertCommand {
    switch (act) {
      case 'ack':
      case 'resolve':
      case 'archive':
        return { what: act, incident, by };
      case 'snooze-1h':
        return { what: 'snooze', incident, by, until: now + hour };
      case 'snooze-4h':
        return { what: 'snooze', incident, by, until: now + 4 * hour };
      case 'snooze-morning':
        return { what: 'snooze', incident, by, until: nextMorning(now, timezone) };
      case 'silence': {
        const match = matcherOf(current as Incident);
        const silence = { id: `slack-${incident}`, match, until: now + 24 * hour, reason: 'pressed in Slack', by };
        return { what: 'silence', silence };
      }
      default:
        return act as never;
    }
  }
}

/** What a silence of this incident covers: its tasks, else its pools, else its queues, else its kind of signal. */
function matcherOf({ subject, keys }: Incident): Matcher {
  const [tasks, pools, queues] = [subject.tasks, subject.pools, subject.queues].map((names) => names.map(exactly));
  const signals = [...new Set(keys.map(({ signal }) => signal))];
  const kinds = new Set(keys.map(({ key }) => parseKey(key)?.kind));
  const isAboutPlace = kinds.has('pool') || kinds.has('queue') || kinds.has('host');
  if (tasks!.length > 0 && !isAboutPlace) return { ...matchesEverything, tasks: tasks as string[] };
  // A pool or a queue runs much else: only what was seen there is silenced, not every failure of its tasks.
  if (kinds.has('queue') && queues!.length > 0) return { ...matchesEverything, queues: queues!, signals };
  return pools!.length > 0 ? { ...matchesEverything, pools: pools!, signals } : { ...matchesEverything, signals };
}

/** Names are matched as globs; one that holds a star must not silence everything that looks like it. */
function exactly(name: string): string {
  return name.replaceAll('*', '?');
}

/** Every day at nine. */
const mornings = { at: 9 * 60, days: [0, 1, 2, 3, 4, 5, 6], skipEmpty: false };

/** The next time that the clocks of `timezone` show nine in the morning. */
export function nextMorning(now: Millis, timezone: string): Millis {
  return digestAfter(mornings, timezone, now);
}
