/** The buttons under an open incident. What a press means is in `slack-press.ts`. */
import type { Incident } from '../../alert/incident.ts';
import { plain, type SlackBlock } from './blocks.ts';
import { signButtonToken, stateCodeOf } from './button-token.ts';
import { firstOf } from './signal-text.ts';
import { wordsOf } from './signal-words.ts';

export const acts = ['ack', 'snooze', 'resolve', 'more'] as const;
export type ButtonAction = (typeof acts)[number];

/** Before an act's name, to tell our buttons from those of others. */
export const actionPrefix = 'taskvigil:';

/** undefined when the ids are too long for Slack: the message then goes without. */
export function buttonsOf(incident: Incident, namespace: string, key: string): SlackBlock | undefined {
  // The ticket is the block's id: a new one whenever the incident stands otherwise, which also clears what was chosen.
  const ticket = signButtonToken({ namespace, incident: incident.id, stateCode: stateCodeOf(incident) }, key);
  if (ticket === undefined) return undefined;
  const ack = { type: 'button', action_id: id('ack'), text: plain('Ack', 30), style: 'primary' } as const;
  const { signal } = firstOf(incident.keys);
  return {
    type: 'actions',
    block_id: ticket,
    elements: [
      ...(incident.ack === undefined ? [ack] : []),
      {
        type: 'static_select',
        action_id: id('snooze'),
        placeholder: plain('Snooze …', 30),
        options: [option('for 1 hour', '1h'), option('for 4 hours', '4h'), option('until 09:00', 'morning')],
      },
      { type: 'button', action_id: id('resolve'), text: plain('Resolve', 30) },
      {
        type: 'overflow',
        action_id: id('more'),
        options: [
          option(`Silence this ${nouns[wordsOf(signal).about]} for 24 h`, 'silence'),
          ...(wordsOf(signal).isException ? [option('Archive until it gets worse', 'archive')] : []),
          option('Why do I see this?', 'why'),
        ],
      },
    ],
  };
}

const nouns = { tasks: 'task', pool: 'pool', queue: 'queue', schedule: 'schedule', nothing: 'alert' } as const;

function id(act: ButtonAction): string {
  return `${actionPrefix}${act}`;
}

function option(label: string, value: string) {
  return { text: plain(label, 75), value };
}
