import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf } from '../../../test/fakes/incident.ts';
import type { Incident } from '../../alert/incident.ts';
import { decidePress } from './decide-press.ts';
import type { ButtonPress, PressAct } from './parse-press.ts';

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 24, 10, 2);
const context = { now, timezone: 'UTC', allow: [] };
const incident = '7d3f9a1c2b';

function pressOf(act: PressAct, facts: Partial<ButtonPress> = {}): ButtonPress {
  return { act, incident, stateCode: 'o0', by: 'U0JO', responseUrl: undefined, ...facts };
}

const commands: readonly (readonly [act: PressAct, command: Readonly<Record<string, unknown>>])[] = [
  ['ack', { what: 'ack' }],
  ['resolve', { what: 'resolve' }],
  ['archive', { what: 'archive' }],
  ['snooze-1h', { what: 'snooze', until: now + hour }],
  ['snooze-4h', { what: 'snooze', until: now + 4 * hour }],
  ['snooze-morning', { what: 'snooze', until: Date.UTC(2026, 10, 25, 9) }],
];
for (const [act, command] of commands) {
  test(`${act} is a command on the incident by the author of the press`, () => {
    assert.deepEqual(decidePress(pressOf(act, { by: 'W0ANN' }), incidentOf(), context), {
      kind: 'command',
      command: { ...command, incident, by: 'W0ANN' },
    });
  });
}

test('silence is a command for 24 hours', () => {
  const decision = decidePress(pressOf('silence'), incidentOf(), context);
  assert.ok(decision.kind === 'command' && decision.command.what === 'silence');
  const { id, until, by, match } = decision.command.silence;
  assert.deepEqual(
    [id, until, by, match.tasks],
    [`slack-${incident}`, now + 24 * hour, 'U0JO', ['billing.tasks.charge']],
  );
});

test('why is answered in any state', () => {
  assert.deepEqual(decidePress(pressOf('why'), incidentOf({ reopens: 3 }), context), { kind: 'why' });
  assert.deepEqual(decidePress(pressOf('why'), undefined, context), { kind: 'why' });
});

const changes: readonly { readonly name: string; readonly facts: Partial<Incident>; readonly isStale: boolean }[] = [
  { name: 'only the count has grown', facts: { count: 900, rev: 7, trend: 'rising' }, isStale: false },
  { name: 'another person has acknowledged it', facts: { ack: { by: 'U0ANN', at: now } }, isStale: true },
  { name: 'it is snoozed', facts: { snoozedUntil: now + hour }, isStale: true },
  { name: 'it is resolved', facts: { phase: { name: 'resolved', at: now, by: undefined } }, isStale: true },
  { name: 'it was reopened', facts: { reopens: 1 }, isStale: true },
];
for (const { name, facts, isStale } of changes) {
  test(`a press is ${isStale ? 'refused as stale' : 'executed'} if ${name}`, () => {
    const decision = decidePress(pressOf('resolve'), incidentOf(facts), context);
    assert.equal(decision.kind === 'refused' ? decision.reason : decision.kind, isStale ? 'stale' : 'command');
  });
}

test('a press on a closed incident is refused', () => {
  assert.deepEqual(decidePress(pressOf('ack'), undefined, context), { kind: 'refused', reason: 'gone' });
});

const permissions: readonly (readonly [act: PressAct, by: string, isAllowed: boolean])[] = [
  ['silence', 'U0JO', false],
  ['archive', 'U0JO', false],
  ['silence', 'U0ANN', true],
  ['archive', 'U0ANN', true],
  ['ack', 'U0JO', true],
  ['snooze-1h', 'U0JO', true],
  ['resolve', 'U0JO', true],
];
for (const [act, by, isAllowed] of permissions) {
  test(`with allow: [U0ANN], ${by} ${isAllowed ? 'may' : 'may not'} ${act}`, () => {
    const decision = decidePress(pressOf(act, { by }), incidentOf(), { ...context, allow: ['U0ANN'] });
    assert.deepEqual(decision.kind === 'refused' ? decision.reason : 'allowed', isAllowed ? 'allowed' : 'not-allowed');
  });
}

const mornings: readonly { readonly zone: string; readonly from: string; readonly until: string }[] = [
  { zone: 'UTC', from: '2026-11-24T08:59:59Z', until: '2026-11-24T09:00:00Z' },
  { zone: 'UTC', from: '2026-11-24T09:00:00Z', until: '2026-11-25T09:00:00Z' },
  { zone: 'Europe/Berlin', from: '2026-11-24T23:30:00Z', until: '2026-11-25T08:00:00Z' },
  { zone: 'America/New_York', from: '2026-11-24T23:30:00Z', until: '2026-11-25T14:00:00Z' },
  { zone: 'Asia/Kolkata', from: '2026-11-24T10:00:00Z', until: '2026-11-25T03:30:00Z' },
  // The following night clocks go back in Berlin and New York, and forward by half an hour on Lord Howe Island.
  { zone: 'Europe/Berlin', from: '2026-10-24T20:00:00Z', until: '2026-10-25T08:00:00Z' },
  { zone: 'America/New_York', from: '2026-10-31T22:00:00Z', until: '2026-11-01T14:00:00Z' },
  { zone: 'Australia/Lord_Howe', from: '2026-10-03T10:00:00Z', until: '2026-10-03T22:00:00Z' },
  // Clocks go forward in Berlin.
  { zone: 'Europe/Berlin', from: '2026-03-28T20:00:00Z', until: '2026-03-29T07:00:00Z' },
];
for (const { zone, from, until } of mornings) {
  test(`a snooze until 09:00 pressed at ${from} ends at ${until} in ${zone}`, () => {
    const at = { ...context, now: Date.parse(from), timezone: zone };
    const decision = decidePress(pressOf('snooze-morning'), incidentOf(), at);
    assert.ok(decision.kind === 'command' && decision.command.what === 'snooze');
    assert.equal(new Date(decision.command.until).toISOString().replace('.000', ''), until);
  });
}
