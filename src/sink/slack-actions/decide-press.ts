/** A press and the incident's present state → a command, or a refusal with its reason. Pure. */
import type { Incident } from '../../alert/incident.ts';
import type { AlertCommand } from '../../alert/incidents/command.ts';
import { digestAfter } from '../../alert/mute-hours.ts';
import type { Millis } from '../../event/ids.ts';
import { stateCodeOf } from '../slack-message/button-token.ts';
import type { ButtonPress } from './parse-press.ts';
import { silenceMatcher } from './silence-matcher.ts';

export type PressDecision =
  | { readonly kind: 'command'; readonly command: AlertCommand }
  | { readonly kind: 'why' }
  /** `gone`: the incident is closed. `stale`: its state has changed since the buttons were shown. */
  | { readonly kind: 'refused'; readonly reason: 'gone' | 'stale' | 'not-allowed' };

export interface PressContext {
  readonly now: Millis;
  /** An IANA name, for `until 09:00`. */
  readonly timezone: string;
  /** Slack user ids that may silence and archive; empty: all users. */
  readonly allow: readonly string[];
}

const hourMs = 3_600_000;
/** Every day at nine. */
const mornings = { at: 9 * 60, days: [0, 1, 2, 3, 4, 5, 6], skipEmpty: false };

/** `current` is the incident in the book; undefined once it is closed. */
export function decidePress(press: ButtonPress, current: Incident | undefined, context: PressContext): PressDecision {
  const { act, by } = press;
  const { allow } = context;
  if (act === 'why') return { kind: 'why' };
  if ((act === 'silence' || act === 'archive') && allow.length > 0 && !allow.includes(by)) {
    return { kind: 'refused', reason: 'not-allowed' };
  }
  if (current === undefined) return { kind: 'refused', reason: 'gone' };
  // The press answers the state that its author saw. Another person may have acted in the meantime.
  if (stateCodeOf(current) !== press.stateCode) return { kind: 'refused', reason: 'stale' };
  return { kind: 'command', command: commandOf({ ...press, act }, current, context) };
}

type CommandPress = ButtonPress & { readonly act: Exclude<ButtonPress['act'], 'why'> };

function commandOf(
  { act, incident, by }: CommandPress,
  current: Incident,
  { now, timezone }: PressContext,
): AlertCommand {
  switch (act) {
    case 'ack':
    case 'resolve':
    case 'archive':
      return { what: act, incident, by };
    case 'snooze-1h':
      return { what: 'snooze', incident, by, until: now + hourMs };
    case 'snooze-4h':
      return { what: 'snooze', incident, by, until: now + 4 * hourMs };
    case 'snooze-morning':
      // The next time that clocks in the time zone show nine in the morning.
      return { what: 'snooze', incident, by, until: digestAfter(mornings, timezone, now) };
    case 'silence': {
      const match = silenceMatcher(current);
      return {
        what: 'silence',
        silence: { id: `slack-${incident}`, match, until: now + 24 * hourMs, reason: 'pressed in Slack', by },
      };
    }
    default:
      return act satisfies never;
  }
}
