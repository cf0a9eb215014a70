/** Slack's payload of an interaction → a press on one of the buttons, or the reason why it is none. Pure, never throws. */
import { fieldsOf, listOf, textOf } from '../slack/json-fields.ts';
import { actionPrefix, verifyButtonToken } from '../slack-message/button-token.ts';

const acts = ['ack', 'snooze-1h', 'snooze-4h', 'snooze-morning', 'resolve', 'silence', 'archive', 'why'] as const;
export type PressAct = (typeof acts)[number];

export interface ButtonPress {
  readonly act: PressAct;
  readonly incident: string;
  /** The incident's state when the buttons were shown. */
  readonly stateCode: string;
  /** A Slack user id. */
  readonly by: string;
  /** Address for a reply that only the author of the press sees. */
  readonly responseUrl: string | undefined;
}

/** `not-a-press`: another kind of interaction. `not-signed`: signed with another key, or forged. */
export type PressRejection = 'not-a-press' | 'not-signed' | 'other-fleet' | 'unknown-act';

export type ParsedPress =
  | { readonly ok: true; readonly press: ButtonPress }
  | { readonly ok: false; readonly reason: PressRejection; readonly responseUrl: string | undefined };

export interface ParsePressOptions {
  readonly namespace: string;
  readonly key: string;
}

/** The caller has verified that the payload comes from Slack. */
export function parsePress(payload: unknown, { namespace, key }: ParsePressOptions): ParsedPress {
  const interaction = fieldsOf(payload);
  const responseUrl = textOf(interaction['response_url']);
  const rejected = (reason: PressRejection): ParsedPress => ({ ok: false, reason, responseUrl });
  const action = listOf(interaction['actions']).find((one) => textOf(one['action_id'])?.startsWith(actionPrefix));
  const by = textOf(fieldsOf(interaction['user'])['id']);
  if (interaction['type'] !== 'block_actions' || action === undefined) return rejected('not-a-press');
  if (by === undefined || !/^[UW][A-Z0-9]{1,30}$/.test(by)) return rejected('not-a-press');
  const token = verifyButtonToken(textOf(action['block_id']) ?? '', key);
  if (token === undefined) return rejected('not-signed');
  if (token.namespace !== namespace) return rejected('other-fleet');
  const act = actOf(textOf(action['action_id']) ?? '', textOf(fieldsOf(action['selected_option'])['value']));
  if (act === undefined) return rejected('unknown-act');
  const { incident, stateCode } = token;
  return { ok: true, press: { act, incident, stateCode, by, responseUrl } };
}

/** `chosen` is the value of the chosen option, for menus. */
function actOf(actionId: string, chosen: string | undefined): PressAct | undefined {
  const name = actionId.slice(actionPrefix.length);
  const act = name === 'snooze' ? `snooze-${chosen}` : name === 'more' ? chosen : name;
  return acts.find((one) => one === act);
}
