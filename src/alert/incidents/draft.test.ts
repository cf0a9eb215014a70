import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, keyOf, openedAt } from '../../../test/fakes/incident.ts';
import { decisionsOf, draftOf, incidentKey, key, now } from '../../../test/fakes/signal.ts';

const subject = {
  signal: undefined,
  key: undefined,
  incident: 'a',
  task: undefined,
  exception: undefined,
  figures: undefined,
};

test('a step without changes returns the same book', () => {
  const draft = draftOf([incidentOf()]);
  assert.equal(draft.done().book, draft.book);
});

test('changed and new incidents are in the book of the step', () => {
  const draft = draftOf([incidentOf({ id: 'a' })]);
  draft.put(incidentOf({ id: 'a', count: 9 }));
  draft.put(incidentOf({ id: 'b' }));
  assert.deepEqual(
    draft.done().book.incidents.map(({ id, count }) => [id, count]),
    [
      ['a', 9],
      ['b', 7],
    ],
  );
  assert.equal(draft.incidentsCount, 2);
});

test('a removed incident is not in the book of the step', () => {
  const draft = draftOf([incidentOf({ id: 'a' })]);
  draft.remove('a');
  assert.deepEqual(draft.done().book.incidents, []);
  assert.equal(draft.incident('a'), undefined);
});

test('removing an unknown incident changes nothing', () => {
  const draft = draftOf([incidentOf()]);
  draft.remove('unknown');
  assert.equal(draft.done().book, draft.book);
});

describe('the incident of a key', () => {
  const resolved = { name: 'resolved', at: now, by: undefined } as const;
  const pair = (first: object, second: object) => [
    incidentOf({ id: '1', ...first }),
    incidentOf({ id: '2', ...second }),
  ];
  const cases: readonly { name: string; incidents: ReturnType<typeof pair>; want: string }[] = [
    { name: 'is the open one, not the resolved one after it', incidents: pair({}, { phase: resolved }), want: '1' },
    { name: 'is the open one, not the resolved one before it', incidents: pair({ phase: resolved }, {}), want: '2' },
    {
      name: 'is the later of two resolved ones',
      incidents: pair({ phase: resolved, firstAt: openedAt + 1 }, { phase: resolved, firstAt: openedAt }),
      want: '1',
    },
    { name: 'is the later of two open ones', incidents: pair({}, { firstAt: openedAt + 1 }), want: '2' },
  ];
  for (const { name, incidents, want } of cases) {
    test(name, () => assert.equal(draftOf(incidents).incidentOfKey(incidentKey)?.id, want));
  }

  test('is found by every key of the incident, also after a change', () => {
    const draft = draftOf([incidentOf({ id: 'a' })]);
    assert.equal(draft.incidentOfKey(key('t|b')), undefined);
    draft.put(incidentOf({ id: 'a', keys: [keyOf(), keyOf({ key: key('t|b') })] }));
    assert.equal(draft.incidentOfKey(key('t|b'))?.id, 'a');
  });
});

describe('decisions', () => {
  test('are kept in order, with the time of the step', () => {
    const draft = draftOf();
    draft.notify(subject, 'opened', 'post');
    draft.suppress(subject, 'silenced', 's1', 3);
    assert.deepEqual(decisionsOf(draft), ['notify opened post', 'suppress silenced s1']);
    assert.deepEqual(
      draft.done().decisions.map(({ at, failures }) => [at, failures]),
      [
        [now, 0],
        [now, 3],
      ],
    );
  });

  test('the first decision of a signal accounts for its failures', () => {
    const draft = draftOf();
    draft.notify(subject, 'opened', 'post');
    const isDecided = draft.accountFor(5, () => {
      draft.notify(subject, 'grew', 'line');
      draft.notify(subject, 'worse', 'line');
    });
    assert.equal(isDecided, true);
    assert.deepEqual(
      draft.done().decisions.map(({ failures }) => failures),
      [0, 5, 0],
    );
  });

  test('a signal without a decision leaves its failures to be accounted for', () => {
    assert.equal(
      draftOf().accountFor(5, () => {}),
      false,
    );
  });
});

test('an error costs only its own signal and is kept for the report', () => {
  const draft = draftOf();
  const error = new RangeError('a bug');
  draft.guard(() => {
    throw error;
  });
  draft.guard(() => draft.put(incidentOf()));
  assert.deepEqual(draft.done().bugs, [error]);
  assert.equal(draft.done().book.incidents.length, 1);
});
