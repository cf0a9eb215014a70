/** Replies that only the author of a press sees. The message itself shows the change. */
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
import { incidentState } from '../slack-message/facts.ts';
import { headlineOf } from '../slack-message/headline.ts';
import { escaped, literal } from '../slack-message/text.ts';
import type { PressDecision } from './decide-press.ts';
import type { PressRejection } from './parse-press.ts';

export interface CommandReply {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

type Refusal =
  | PressRejection
  | Extract<PressDecision, { kind: 'refused' }>['reason']
  | Extract<AlertCommandResult, { done: false }>['reason']
  | 'failed';

const refusals: Readonly<Record<Refusal, string>> = {
  'not-a-press': 'taskvigil does not support this interaction.',
  'not-signed':
    'These buttons were signed with another key, so nothing was done. The next update of the message replaces them.',
  'other-fleet':
    'These buttons belong to another taskvigil installation that uses the same Slack app, so nothing was done.',
  'unknown-act': 'This button is from another version of taskvigil, so nothing was done.',
  gone: 'This incident is closed, so nothing was done.',
  stale: 'The incident has changed since these buttons were shown, so nothing was done. Its state now:',
  'not-allowed': 'Only the people in slack.allow may silence or archive, so nothing was done.',
  'no-such-incident': 'This incident is closed, so nothing was done.',
  'already-so': 'This was done already.',
  'no-such-silence': 'This silence has ended already.',
  failed: 'taskvigil could not do this now. Please try again in a minute.',
};

/** `current` is the incident's present state, shown with a `stale` refusal. */
export function refusalReply(reason: Refusal, current?: Incident): CommandReply {
  if (reason !== 'stale' || current === undefined) return reply(refusals[reason], []);
  const state = incidentState(current);
  return reply(refusals[reason], [
    section([
      bold(literal(headlineOf(current), 160)),
      text('\n'),
      ...(state.length === 0 ? [text('Open, not acknowledged')] : state),
    ]),
  ]);
}

/** `names`: the tasks, pools or queues that the silence covers; empty if it covers a signal. */
export function silenceReply(until: number, names: readonly string[]): CommandReply {
  const scope = names.length === 0 ? 'this signal' : literal(names.join(', '), 200);
  const line: Inline[] = [text(`🔕 Silenced: ${scope}, until `), date(until)];
  return { text: escaped(`Silenced: ${scope}`, 300), blocks: [richText(section(line))] };
}

const linesShown = 20;
const lineMax = 250;

/** `lines`: the decisions about an incident, one line each. */
export function whyReply(lines: readonly string[]): CommandReply {
  if (lines.length === 0) return reply('No decisions about this incident are recorded.', []);
  const shown = lines.slice(0, linesShown).map((line) => [text(literal(line, lineMax))]);
  const more = lines.length - shown.length;
  return reply('Why you see this', [bullets(more > 0 ? [...shown, [text(`and ${more} more`)]] : shown)]);
}

function reply(title: string, parts: readonly RichTextPart[]): CommandReply {
  return {
    text: escaped(title, 300),
    blocks: [richText(section([parts.length === 0 ? text(title) : bold(title)]), ...parts)],
  };
}
