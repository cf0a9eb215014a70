/** The buttons of an open incident. `slack-actions/` handles the presses. */
import type { Incident } from '../../alert/incident.ts';
import { plain, type SlackBlock } from './blocks.ts';
import { actionPrefix, signButtonToken, stateCodeOf } from './button-token.ts';
import { wordsOf } from './signal-text.ts';

type ButtonAction = 'ack' | 'snooze' | 'resolve' | 'more';

/** undefined if the ids are too long for Slack: the message then has no buttons. */
export function buttonsOf(incident: Incident, namespace: string, key: string): SlackBlock | undefined {
  // The token is the block's id. A new state makes a new id, and Slack then clears the choice in the menus.
  const token = signButtonToken({ namespace, incident: incident.id, stateCode: stateCodeOf(incident) }, key);
  if (token === undefined) return undefined;
  const ack = { type: 'button', action_id: id('ack'), text: plain('Ack', 30), style: 'primary' } as const;
  const { signal } = incident.keys[0]!;
  return {
    type: 'actions',
    block_id: token,
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

const nouns = { tasks: 'task', pool: 'pool', queue: 'queue', schedule: 'schedule', nothing: 'signal' } as const;

function id(action: ButtonAction): string {
  return `${actionPrefix}${action}`;
}

function option(label: string, value: string) {
  return { text: plain(label, 75), value };
}
