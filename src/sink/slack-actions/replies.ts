/** What somebody who pressed a button is told. Only they see it; what changes is shown by the message itself. */

import type { Incident } from '../../alert/incident.ts';
import type { AlertCommandResult } from '../../alert/incidents/command.ts';
import {
  bold,
  bullets,
  date,
  type Inline,
  type RichTextPart,
  richText,
  type SlackBlock,
  section,
  text,
} from '../slack-message/blocks.ts';
import { stateOf } from '../slack-message/facts.ts';
import { headlineOf } from '../slack-message/incident-message.ts';
import { escaped, literal } from '../slack-message/text.ts';
import type { ParsedPress, PressDecision } from './parse-press.ts';

export interface CommandReply {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

type Refusal =
  | Exclude<ParsedPress, { ok: true }>['reason']
  | Extract<PressDecision, { kind: 'refused' }>['reason']
  | Extract<AlertCommandResult, { done: false }>['reason']
  | 'failed';

const refusals: Readonly<Record<Refusal, string>> = {
  'not-a-press': 'taskvigil does not know what this is.',
  'not-signed':
    'These buttons were made with another key, so nothing was done. The next change of the message brings new ones.',
  'other-fleet': 'These buttons belong to another taskvigil that shares this Slack app, so nothing was done.',
  'unknown-act': 'This button is from another version of taskvigil, so nothing was done.',
  gone: 'This incident is closed and forgotten, so nothing was done.',
  stale: 'It stands otherwise by now, so nothing was done:',
  'not-allowed': 'Only the people in slack.allow may silence or archive, so nothing was done.',
  'no-such-incident': 'This incident is closed and forgotten, so nothing was done.',
  'already-so': 'That is so already.',
  'no-such-silence': 'There is no such silence any more.',
  failed: 'taskvigil could not do this just now. Please try again in a minute.',
};

/** `current` tells how the incident stands, where that is why. */
export function refusalOf(reason: Refusal, current?: Incident): CommandReply {
  if (reason !== 'stale' || current === undefined) return answer(refusals[reason], []);
  const state = stateOf(current);
  return answer(refusals[reason], [
    section([
      bold(literal(headlineOf(current), 160)),
      text('\n'),
      ...(state.length === 0 ? [text('open, and nobody is looking')] : state),
    ]),
  ]);
}

export function silencedUntil(until: number, names: readonly string[]): CommandReply {
  const about = names.length === 0 ? 'this' : literal(names.join(', '), 200);
  const told: Inline[] = [text(`🔕 Silenced: ${about}, until `), date(until)];
  return { text: escaped(`Silenced: ${about}`, 300), blocks: [richText(section(told))] };
}

const linesShown = 20;
const lineMax = 250;

export function whyAnswer(lines: readonly string[]): CommandReply {
  if (lines.length === 0) return answer('Nothing is recorded about this incident any more.', []);
  const shown = lines.slice(0, linesShown).map((line) => [text(literal(line, lineMax))]);
  const more = lines.length - shown.length;
  return answer('Why you see this', [bullets(more > 0 ? [...shown, [text(`and ${more} more`)]] : shown)]);
}

function answer(said: string, parts: readonly RichTextPart[]): CommandReply {
  return {
    text: escaped(said, 300),
    blocks: [richText(section([parts.length === 0 ? text(said) : bold(said)]), ...parts)],
  };
}
