import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { incidentOf, keyOf, notificationOf, subjectOf } from '../../../test/fakes/incident.ts';
import { interactionOf, type PressFacts } from '../../../test/fakes/slack-press.ts';
import type { Incident } from '../../alert/incident.ts';
import { keyText } from '../../alert/key.ts';
import { signButtonToken, stateCodeOf, verifyButtonToken } from '../slack-message/button-token.ts';
import { renderSlack } from '../slack-message/message.ts';
import { type ButtonPress, decidePress, nextMorning, parsePress } from './parse-press.ts';

const key = 'a secret of ours';
const decoding = { namespace: 'shop', key };
const wishing = { now: Date.UTC(2026, 10, 24, 10, 2), timezone: 'UTC', allow: [] };

/** What Slack tells when somebody presses a button of this incident's message. */
function pressed(facts: Partial<PressFacts>, incident: Incident = incidentOf()): unknown {
  const { text, blocks } = renderSlack(notificationOf(incident), { links: [], namespace: 'shop', buttonKey: key });
  const none = {
    threadTs: undefined,
    isBroadcast: false,
    metadata: undefined,
    edits: 0,
    entities: { mentions: [], links: [] },
  };
  const message = { channel: 'C0ALERTS01', ts: '1.0', text, blocks: [...blocks], ...none };
  return interactionOf(message, { channel: 'alerts', action: 'ack', ...facts }, 'https://hooks.slack.com/actions/1');
}

function pressOf(facts: Partial<PressFacts>, incident?: Incident): ButtonPress {
  const decoded = parsePress(pressed(facts, incident), decoding);
  assert.ok(decoded.ok, JSON.stringify(decoded));
  return decoded.press;
}

const hour = 3_600_000;
const { now } = wishing;
const commands: readonly { readonly facts: Partial<PressFacts>; readonly want: Readonly<Record<string, unknown>> }[] = [
  { facts: { action: 'ack' }, want: { what: 'ack' } },
  { facts: { action: 'resolve' }, want: { what: 'resolve' } },
  { facts: { action: 'snooze', option: '1h' }, want: { what: 'snooze', until: now + hour } },
  { facts: { action: 'snooze', option: '4h' }, want: { what: 'snooze', until: now + 4 * hour } },
  { facts: { action: 'snooze', option: 'morning' }, want: { what: 'snooze', until: Date.UTC(2026, 10, 25, 9) } },
  { facts: { action: 'more', option: 'archive' }, want: { what: 'archive' } },
];
for (const { facts, want } of commands) {
  test(`a press on ${facts.action} ${facts.option ?? ''} is a command by who pressed`, () => {
    const wish = decidePress(pressOf({ ...facts, user: 'W0ANN' }), incidentOf(), wishing);
    assert.deepEqual(wish, { kind: 'command', command: { ...want, incident: '7d3f9a1c2b', by: 'W0ANN' } });
  });
}

test('asking why is answered in any state, and changes nothing', () => {
  const press = pressOf({ action: 'more', option: 'why' });
  assert.deepEqual(decidePress(press, incidentOf({ reopens: 3 }), wishing), { kind: 'why' });
  assert.deepEqual(decidePress(press, undefined, wishing), { kind: 'why' });
});

const silenced: readonly {
  readonly name: string;
  readonly incident: Incident;
  readonly want: Record<string, string[]>;
}[] = [
  { name: 'its tasks', incident: incidentOf(), want: { tasks: ['billing.tasks.charge'] } },
  {
    name: 'no other task than the one whose name holds a star',
    incident: incidentOf({ subject: subjectOf({ tasks: ['*'] }) }),
    want: { tasks: ['?'] },
  },
  {
    name: 'what was seen of its pool, not the tasks that run there',
    incident: incidentOf({
      keys: [keyOf({ key: keyText({ kind: 'pool', pool: 'celery@pay' }), signal: 'worker.short' })],
    }),
    want: { pools: ['celery@pay'], signals: ['worker.short'] },
  },
  {
    name: 'what was seen of its queue',
    incident: incidentOf({ keys: [keyOf({ key: keyText({ kind: 'queue', queue: 'payments' }), signal: 'latency' })] }),
    want: { queues: ['payments'], signals: ['latency'] },
  },
  {
    name: 'its signal where it is about nothing else',
    incident: incidentOf({
      keys: [keyOf({ key: keyText({ kind: 'self' }), signal: 'self.blind' })],
      subject: subjectOf({ tasks: [], pools: [], queues: [] }),
    }),
    want: { signals: ['self.blind'] },
  },
];
for (const { name, incident, want } of silenced) {
  test(`a silence covers ${name}`, () => {
    const wish = decidePress(pressOf({ action: 'more', option: 'silence' }, incident), incident, wishing);
    assert.ok(wish.kind === 'command' && wish.command.what === 'silence');
    const { match, until, by } = wish.command.silence;
    const nothing = { tasks: [], exceptions: [], queues: [], pools: [], signals: [], classes: [] };
    assert.deepEqual({ match, until, by }, { match: { ...nothing, ...want }, until: now + 24 * hour, by: 'U0JO' });
  });
}

const changes: readonly { readonly name: string; readonly facts: Partial<Incident>; readonly isStale: boolean }[] = [
  { name: 'it counted on', facts: { count: 900, rev: 7, trend: 'rising' }, isStale: false },
  { name: 'somebody acknowledged it', facts: { ack: { by: 'U0ANN', at: now } }, isStale: true },
  { name: 'it is snoozed', facts: { snoozedUntil: now + hour }, isStale: true },
  { name: 'it is resolved', facts: { phase: { name: 'resolved', at: now, by: undefined } }, isStale: true },
  { name: 'it came back', facts: { reopens: 1 }, isStale: true },
];
for (const { name, facts, isStale } of changes) {
  test(`a press ${isStale ? 'does nothing' : 'still counts'} when since then ${name}`, () => {
    const wish = decidePress(pressOf({ action: 'resolve' }), incidentOf(facts), wishing);
    assert.equal(wish.kind === 'refused' ? wish.reason : wish.kind, isStale ? 'stale' : 'command');
  });
}

test('a press on an incident that is gone does nothing', () => {
  assert.deepEqual(decidePress(pressOf({}), undefined, wishing), { kind: 'refused', reason: 'gone' });
});

test('only those who are allowed may silence and archive; everybody may do the rest', () => {
  const listed = { ...wishing, allow: ['U0ANN'] };
  const wish = (facts: Partial<PressFacts>) => decidePress(pressOf(facts), incidentOf(), listed);
  assert.deepEqual(wish({ action: 'more', option: 'silence' }), { kind: 'refused', reason: 'not-allowed' });
  assert.deepEqual(wish({ action: 'more', option: 'archive' }), { kind: 'refused', reason: 'not-allowed' });
  assert.equal(wish({ action: 'more', option: 'archive', user: 'U0ANN' }).kind, 'command');
  assert.equal(wish({ action: 'ack' }).kind, 'command');
});

const ticket = { namespace: 'shop', incident: '7d3f9a1c2b', stateCode: 'o0' };
const refused: readonly { readonly name: string; readonly payload: unknown; readonly reason: string }[] = [
  { name: 'of nothing', payload: undefined, reason: 'not-a-press' },
  { name: 'of another kind', payload: { ...(pressed({}) as object), type: 'view_submission' }, reason: 'not-a-press' },
  { name: 'by nobody', payload: { ...(pressed({}) as object), user: {} }, reason: 'not-a-press' },
  { name: 'by what is no person', payload: pressed({ user: 'B0BOT' }), reason: 'not-a-press' },
  { name: 'with a made-up ticket', payload: pressed({ blockId: 'tv1|shop|abc|o0|AAAA' }), reason: 'not-signed' },
  { name: 'with another key', payload: pressed({ blockId: signButtonToken(ticket, 'other')! }), reason: 'not-signed' },
  {
    name: 'of another fleet',
    payload: pressed({ blockId: signButtonToken({ ...ticket, namespace: 'bakery' }, key)! }),
    reason: 'other-fleet',
  },
];
for (const { name, payload, reason } of refused) {
  test(`refuses a press ${name}`, () => {
    const decoded = parsePress(payload, decoding);
    assert.equal(decoded.ok ? 'taken' : decoded.reason, reason);
  });
}

test('refuses an act it does not know', () => {
  const payload = pressed({ action: 'more', option: 'why' }) as { actions: { selected_option: { value: string } }[] };
  payload.actions[0]!.selected_option.value = 'delete-everything';
  assert.deepEqual(parsePress(payload, decoding), {
    ok: false,
    reason: 'unknown-act',
    responseUrl: 'https://hooks.slack.com/actions/1',
  });
});

test('nothing that Slack could send makes decoding throw', () => {
  fc.assert(fc.property(fc.anything(), (payload) => assert.equal(parsePress(payload, decoding).ok, false)));
});

test('a ticket opens as it was sealed, and not when a character of it is another', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.nat(),
      fc.string({ minLength: 1, maxLength: 1 }),
      (namespace, incident, at, sign) => {
        const sealed = signButtonToken({ namespace, incident, stateCode: 'o0a' }, key);
        if (sealed === undefined) return;
        assert.deepEqual(verifyButtonToken(sealed, key), { namespace, incident, stateCode: 'o0a' });
        const spot = at % sealed.length;
        const forged = sealed.slice(0, spot) + sign + sealed.slice(spot + 1);
        if (forged !== sealed) assert.equal(verifyButtonToken(forged, key), undefined);
      },
    ),
  );
});

test('a ticket that would not fit is none, and the message goes without buttons', () => {
  assert.equal(signButtonToken({ ...ticket, incident: 'x'.repeat(250) }, key), undefined);
  const message = renderSlack(notificationOf(incidentOf({ id: 'x'.repeat(250) })), { links: [], buttonKey: key });
  assert.ok(!message.blocks.some(({ type }) => type === 'actions'));
});

test('how it stands is told apart by what people decide, in few letters', () => {
  assert.equal(stateCodeOf(incidentOf()), 'o0');
  assert.equal(stateCodeOf(incidentOf({ ack: { by: 'U1', at: 0 }, reopens: 2 })), 'o2a');
  assert.equal(stateCodeOf(incidentOf({ snoozedUntil: 5_000 })), 'o0z5');
});

const mornings: readonly { readonly zone: string; readonly now: string; readonly want: string }[] = [
  { zone: 'UTC', now: '2026-11-24T08:59:59Z', want: '2026-11-24T09:00:00Z' },
  { zone: 'UTC', now: '2026-11-24T09:00:00Z', want: '2026-11-25T09:00:00Z' },
  { zone: 'Europe/Berlin', now: '2026-11-24T23:30:00Z', want: '2026-11-25T08:00:00Z' },
  { zone: 'America/New_York', now: '2026-11-24T23:30:00Z', want: '2026-11-25T14:00:00Z' },
  { zone: 'Asia/Kolkata', now: '2026-11-24T10:00:00Z', want: '2026-11-25T03:30:00Z' },
  // The night before, the clocks go back in Berlin and New York, and forward by half an hour on Lord Howe.
  { zone: 'Europe/Berlin', now: '2026-10-24T20:00:00Z', want: '2026-10-25T08:00:00Z' },
  { zone: 'America/New_York', now: '2026-10-31T22:00:00Z', want: '2026-11-01T14:00:00Z' },
  { zone: 'Australia/Lord_Howe', now: '2026-10-03T10:00:00Z', want: '2026-10-03T22:00:00Z' },
  // And forward in Berlin.
  { zone: 'Europe/Berlin', now: '2026-03-28T20:00:00Z', want: '2026-03-29T07:00:00Z' },
];
for (const { zone, now: from, want } of mornings) {
  test(`after ${from} the clocks of ${zone} show nine at ${want}`, () => {
    assert.equal(new Date(nextMorning(Date.parse(from), zone)).toISOString().replace('.000', ''), want);
  });
}
