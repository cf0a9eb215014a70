import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, openedAt } from '../../../test/fakes/incident.ts';
import { visibleLines } from '../../../test/fakes/slack-content.ts';
import type { Incident } from '../../alert/incident.ts';
import { buttonsOf } from './buttons.ts';

function labelsOf(facts: Partial<Incident>): string[] {
  const block = buttonsOf(incidentOf(facts), 'shop', 'key');
  return block === undefined ? [] : visibleLines([block]);
}

const menu = ['Archive until it gets worse', 'Why do I see this?'];
const cases: readonly (readonly [name: string, facts: Partial<Incident>, labels: readonly string[]])[] = [
  ['an open incident', {}, ['Ack', 'Snooze …', 'Resolve', 'Silence this task for 24 h', ...menu]],
  [
    'an acknowledged incident has no Ack',
    { ack: { by: 'U0JO', at: openedAt } },
    ['Snooze …', 'Resolve', 'Silence this task for 24 h', ...menu],
  ],
  [
    'a queue without an exception cannot be archived',
    { keys: [keyOf({ signal: 'latency' })] },
    ['Ack', 'Snooze …', 'Resolve', 'Silence this queue for 24 h', 'Why do I see this?'],
  ],
  [
    'a pool',
    { keys: [keyOf({ signal: 'worker.short' })] },
    ['Ack', 'Snooze …', 'Resolve', 'Silence this pool for 24 h', 'Why do I see this?'],
  ],
  [
    'a signal without an object',
    { keys: [keyOf({ signal: 'self.blind' })] },
    ['Ack', 'Snooze …', 'Resolve', 'Silence this signal for 24 h', 'Why do I see this?'],
  ],
];
for (const [name, facts, labels] of cases) {
  test(`buttons: ${name}`, () => assert.deepEqual(labelsOf(facts), labels));
}

test('ids that are too long for Slack leave the message without buttons', () => {
  assert.equal(buttonsOf(incidentOf({ id: 'x'.repeat(250) }), 'shop', 'key'), undefined);
});

test('a new state changes the id of the block', () => {
  const idOf = (facts: Partial<Incident>) => {
    const block = buttonsOf(incidentOf(facts), 'shop', 'key');
    return block?.type === 'actions' ? block.block_id : undefined;
  };
  assert.equal(idOf({ count: 1 }), idOf({ count: 900 }));
  assert.notEqual(idOf({}), idOf({ reopens: 1 }));
});
