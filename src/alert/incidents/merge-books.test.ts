import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bulletinOf, incidentOf, keyOf, openedAt } from '../../../test/fakes/incident.ts';
import { type Book, emptyBook, type Incident } from '../incident.ts';
import { keyText } from '../key.ts';
import { mergeBooks } from './merge-books.ts';

const ref = 'C1/1.1';
const receipts = { slack: { rev: 1, ref } };
const bookOf = (...incidents: Incident[]): Book => ({ ...emptyBook, begunAt: 5, incidents });

test('a store that holds nothing is given all', () => {
  const ours = bookOf(incidentOf());
  assert.equal(mergeBooks(undefined, ours), ours);
});

test('each keeps what only one of them knows, and the older beginning', () => {
  const both = mergeBooks(
    { ...bookOf(incidentOf({ id: 'a' })), begunAt: 3 },
    bookOf(incidentOf({ id: 'b', keys: [keyOf({ key: keyText({ kind: 'cause', fingerprint: 'b' }) })] })),
  );
  assert.deepEqual(
    both.incidents.map(({ id }) => id),
    ['a', 'b'],
  );
  assert.equal(both.begunAt, 3);
});

test('of one incident the later word counts, and the greater count', () => {
  const [early, late] = [
    incidentOf({ rev: 2, count: 9, receipts: { slack: { rev: 2, ref } } }),
    incidentOf({ rev: 3, count: 8 }),
  ];
  for (const both of [mergeBooks(bookOf(early), bookOf(late)), mergeBooks(bookOf(late), bookOf(early))]) {
    const [one, ...none] = both.incidents;
    assert.deepEqual(none, []);
    assert.deepEqual([one!.rev, one!.count, one!.receipts], [3, 9, { slack: { rev: 2, ref } }]);
  }
});

test('a command of a person survives the merge with an instance that was cut off', () => {
  const said = incidentOf({
    rev: 2,
    ack: { by: 'U1', at: openedAt },
    phase: { name: 'resolved', at: openedAt, by: 'U1' },
  });
  const [one] = mergeBooks(bookOf(said), bookOf(incidentOf({ rev: 7 }))).incidents;
  assert.deepEqual([one!.ack?.by, one!.phase.name], ['U1', 'resolved']);
});

test('a trouble that two opened apart goes on in one, the one that is in the channel', () => {
  const [theirs, ours] = [incidentOf({ id: 'theirs' }), incidentOf({ id: 'ours' })];
  const cases = [
    { stored: theirs, mine: ours, open: 'theirs' },
    { stored: theirs, mine: { ...ours, receipts }, open: 'ours' },
    {
      stored: { ...theirs, receipts: { slack: { rev: 1, ref: 'C1/2.2' } } },
      mine: { ...ours, receipts },
      open: 'theirs',
    },
  ];
  for (const { stored, mine, open } of cases) {
    const { incidents } = mergeBooks(bookOf(stored), bookOf(mine));
    assert.deepEqual(
      incidents.filter(({ phase }) => phase.name === 'open').map(({ id }) => id),
      [open],
    );
    const over = incidents.find(({ id }) => id !== open)!;
    // A shown incident shows its end; an incident that was never shown stays so.
    assert.deepEqual(
      [over.phase.name, over.hidden?.reason, over.rev],
      ['resolved', over.receipts.slack === undefined ? 'inhibited' : undefined, 2],
    );
  }
});

test('merging again changes nothing', () => {
  const stored = {
    ...bookOf(
      incidentOf({ id: 'a', receipts }),
      incidentOf({ id: 'b', keys: [keyOf({ key: keyText({ kind: 'cause', fingerprint: 'b' }) })] }),
    ),
    bulletins: [bulletinOf()],
  };
  const ours = bookOf(
    incidentOf({ id: 'c' }),
    incidentOf({ id: 'b', rev: 4, keys: [keyOf({ key: keyText({ kind: 'cause', fingerprint: 'b' }) })] }),
  );
  const once = mergeBooks(stored, ours);
  assert.deepEqual(mergeBooks(once, ours), once);
  assert.deepEqual(mergeBooks(once, once), once);
});
