import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, keyOf, openedAt, subjectOf } from '../../../test/fakes/incident.ts';
import { type KeyText, keyText } from '../key.ts';
import { countedWith, countOf, gravityOf, headingOf, isWhole, titleOf } from './heading.ts';

const lost = keyOf({
  key: keyText({ kind: 'pool', condition: 'lost', pool: 'celery@pay' }),
  signal: 'lost',
  total: 4,
  title: 'WorkerLost: its process was killed by SIGABRT',
});
const short = keyOf({
  key: keyText({ kind: 'pool', pool: 'celery@pay' }),
  signal: 'worker.short',
  total: undefined,
  title: 'no worker left: 2 of 2 workers missing',
});
const cause = (key: string, total: number) => keyOf({ key: `g|${key}` as KeyText, total });
const rate = keyOf({ key: keyText({ kind: 'task', task: 'a' }), signal: 'failures.ratio', total: 9 });
const resolved = { name: 'resolved', at: openedAt, by: undefined } as const;

describe('the heading', () => {
  const cases = [
    { name: 'conditions of equal weight: the first', keys: [lost, short], want: 'lost' },
    { name: 'a graver condition', keys: [lost, { ...short, gravity: 1, peak: 1 } as const], want: 'worker.short' },
    { name: 'a condition that was graver', keys: [lost, { ...short, gravity: 0, peak: 1 } as const], want: 'lost' },
    {
      name: 'the gravest of a resolved incident',
      keys: [lost, { ...short, gravity: 0, peak: 1 } as const],
      phase: resolved,
      want: 'worker.short',
    },
    {
      name: 'the gravest of several',
      keys: [{ ...short, gravity: 1 } as const, { ...lost, gravity: 2 } as const],
      want: 'lost',
    },
  ];
  for (const { name, keys, phase, want } of cases)
    test(name, () => assert.equal(headingOf(incidentOf({ keys, ...(phase && { phase }) })).signal, want));
});

test('the weight of an incident is the greatest of its conditions', () => {
  assert.equal(gravityOf({ keys: [lost, short] }), 0);
  assert.equal(gravityOf({ keys: [lost, { ...short, gravity: 2 }, { ...short, gravity: 1 }] }), 2);
});

describe('the count', () => {
  test('adds up the conditions of one unit', () => {
    assert.equal(countOf({ keys: [cause('a', 7), cause('b', 2), lost] }), 9);
    assert.equal(countOf({ keys: [cause('a', 7), cause('b', 2), lost] }, lost), 4);
  });

  test('of a level is 0', () => assert.equal(countOf({ keys: [short, lost] }), 0));

  test('has no failure twice: the failures of a task include those of its causes', () => {
    assert.equal(isWhole(rate), true);
    assert.equal(isWhole(keyOf({ key: keyText({ kind: 'task', condition: 'stuck', task: 'a' }) })), false);
    const keys = [cause('a', 7), rate, cause('b', 1)];
    assert.equal(countOf({ keys }), 8);
    assert.equal(countOf({ keys }, rate), 9);
    assert.deepEqual(countedWith(keys, keys[0]!), [keys[0], keys[2]]);
  });

  test('of all failures of a task is never below that of its causes', () => {
    assert.equal(countOf({ keys: [rate, cause('a', 7), cause('b', 5)] }), 12);
  });
});

describe('the title', () => {
  const titled = (keys: Parameters<typeof titleOf>[0]['keys']) =>
    titleOf(incidentOf({ keys, subject: subjectOf({ title: 'the latest' }) }));

  test('is that of the latest occurrence', () => assert.equal(titled([lost]), 'the latest'));

  test('of a condition that joined is its own', () => {
    assert.equal(titled([lost, { ...short, gravity: 1 }]), 'no worker left: 2 of 2 workers missing');
  });

  test('of one kind is that of the latest occurrence', () => {
    assert.equal(titled([{ ...lost, parts: { SIGKILL: 4, SIGABRT: 0 } }]), 'the latest');
  });

  test('of several kinds names each with its count, the most frequent first', () => {
    assert.equal(titled([{ ...lost, parts: { SIGABRT: 1, SIGKILL: 3 } }]), '4 attempts lost: SIGKILL 3, SIGABRT 1');
  });
});
