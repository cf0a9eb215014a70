import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { incidentOf, notificationOf } from '../../../test/fakes/incident.ts';
import { interactionOf, type PressFacts } from '../../../test/fakes/slack-press.ts';
import { signButtonToken } from '../slack-message/button-token.ts';
import { renderSlack } from '../slack-message/message.ts';
import { parsePress } from './parse-press.ts';

const key = 'a secret of this fleet';
const options = { namespace: 'shop', key };
const responseUrl = 'https://hooks.slack.com/actions/1';

/** Slack's payload for a press on the message of an open incident. */
function payloadOf(facts: Partial<PressFacts> = {}): Record<string, unknown> {
  const rendering = { links: [], namespace: 'shop', buttonKey: key };
  const { text, blocks } = renderSlack(notificationOf(incidentOf()), rendering);
  const message = {
    channel: 'C0ALERTS01',
    ts: '1.0',
    text,
    blocks: [...blocks],
    threadTs: undefined,
    isBroadcast: false,
    metadata: undefined,
    edits: 0,
    entities: { mentions: [], links: [] },
  };
  return interactionOf(message, { channel: 'alerts', action: 'ack', ...facts }, responseUrl) as Record<string, unknown>;
}

const presses: readonly (readonly [action: string, option: string | undefined, act: string])[] = [
  ['ack', undefined, 'ack'],
  ['resolve', undefined, 'resolve'],
  ['snooze', '1h', 'snooze-1h'],
  ['snooze', '4h', 'snooze-4h'],
  ['snooze', 'morning', 'snooze-morning'],
  ['more', 'silence', 'silence'],
  ['more', 'archive', 'archive'],
  ['more', 'why', 'why'],
];
for (const [action, option, act] of presses) {
  test(`a press on ${action} ${option ?? ''} is the act ${act}`, () => {
    const payload = payloadOf({ action, user: 'W0ANN', ...(option === undefined ? {} : { option }) });
    assert.deepEqual(parsePress(payload, options), {
      ok: true,
      press: { act, incident: '7d3f9a1c2b', stateCode: 'o0', by: 'W0ANN', responseUrl },
    });
  });
}

const token = { namespace: 'shop', incident: '7d3f9a1c2b', stateCode: 'o0' };
const rejections: readonly { readonly name: string; readonly payload: unknown; readonly reason: string }[] = [
  { name: 'without a payload', payload: undefined, reason: 'not-a-press' },
  {
    name: 'of another kind of interaction',
    payload: { ...payloadOf(), type: 'view_submission' },
    reason: 'not-a-press',
  },
  { name: 'without actions', payload: { ...payloadOf(), actions: [] }, reason: 'not-a-press' },
  {
    name: 'on a button of another feature of the app',
    payload: { ...payloadOf(), actions: [{ action_id: 'other:ack', block_id: 'b' }] },
    reason: 'not-a-press',
  },
  { name: 'without a user', payload: { ...payloadOf(), user: {} }, reason: 'not-a-press' },
  { name: 'by a bot', payload: payloadOf({ user: 'B0BOT' }), reason: 'not-a-press' },
  { name: 'with a forged token', payload: payloadOf({ blockId: 'tv1|shop|abc|o0|AAAA' }), reason: 'not-signed' },
  {
    name: 'signed with another key',
    payload: payloadOf({ blockId: signButtonToken(token, 'other')! }),
    reason: 'not-signed',
  },
  {
    name: 'of another fleet',
    payload: payloadOf({ blockId: signButtonToken({ ...token, namespace: 'bakery' }, key)! }),
    reason: 'other-fleet',
  },
];
for (const { name, payload, reason } of rejections) {
  test(`a press ${name} is rejected as ${reason}`, () => {
    const parsed = parsePress(payload, options);
    assert.equal(parsed.ok ? 'accepted' : parsed.reason, reason);
  });
}

test('an option of another version is rejected, with an address for the reply', () => {
  const payload = payloadOf({ action: 'more', option: 'why' }) as unknown as {
    actions: { selected_option: { value: string } }[];
  };
  payload.actions[0]!.selected_option.value = 'delete-everything';
  assert.deepEqual(parsePress(payload, options), { ok: false, reason: 'unknown-act', responseUrl });
});

test('no payload makes parsing throw', () => {
  fc.assert(fc.property(fc.anything(), (payload) => assert.equal(parsePress(payload, options).ok, false)));
});
