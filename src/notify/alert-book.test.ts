import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decisionText, signalOf } from '../../test/fakes/signal.ts';
import type { Decision } from '../alert/decision.ts';
import { defaultPolicy } from '../alert/default-policy.ts';
import type { SignalFindings } from '../alert/signal.ts';
import type { Notice } from '../report.ts';
import { createFallbackStore } from '../store/fallback-store.ts';
import { createMemoryStore } from '../store/memory.ts';
import { AlertBook } from './alert-book.ts';

const noFindings: SignalFindings = { signals: [], suppressed: [], cleared: [], deploys: [] };
const startAt = Date.UTC(2026, 10, 24, 10, 9);

/** A book over a memory store whose clock is `offsetMs` ahead of the instance's. */
function open({ offsetMs = 0, policyHash = 'p1' } = {}) {
  let now = startAt;
  const clock = { now: () => now };
  const shared = createMemoryStore({ now: () => now + offsetMs });
  const notices: Notice[] = [];
  const decisions: Decision[] = [];
  let bug: Error | undefined;
  const create = (instance: string, hash = policyHash) =>
    new AlertBook({
      store: createFallbackStore({ shared, isShared: true, clock, onAway() {}, onBack() {} }),
      clock,
      policy: () => {
        if (bug !== undefined) throw bug;
        return { ...defaultPolicy('#alerts'), hash };
      },
      instance,
      receivers: ['slack'],
      report: (notice) => notices.push(notice),
      onDecision: (decision) => decisions.push(decision),
    });
  const decide = (book: AlertBook, findings: Partial<SignalFindings> = {}) =>
    book.decide({ findings: { ...noFindings, ...findings }, delivered: [], canJudgeAbsence: true });
  return {
    book: create('me'),
    create,
    decide,
    notices,
    decisions,
    texts: () => decisions.map(decisionText),
    advance: (ms: number) => (now += ms),
    breakPolicy: (error: Error | undefined) => (bug = error),
  };
}

const urgent = signalOf({ waitMs: 0, firstAt: startAt, lastAt: startAt });

test('decides once in the book that all instances share', async () => {
  const { book, create, decide, texts } = open();
  const other = create('other');
  await decide(book, { signals: [urgent] });
  await decide(other, { signals: [urgent] });
  assert.deepEqual(texts(), ['notify opened post', 'suppress already-told']);
  assert.equal(other.current.incidents.length, 1);
});

test('reports each decision with the failures that it accounts for', async () => {
  const { book, decide, notices } = open();
  await decide(book, { signals: [{ ...urgent, failures: 3 }] });
  assert.deepEqual(notices, [{ kind: 'decided', isNotified: true, reason: 'opened', failures: 3 }]);
});

describe('the time of the store', () => {
  test('is learned from the first update', async () => {
    const { book, decide } = open({ offsetMs: 7_000 });
    assert.equal(book.now(), startAt);
    await decide(book);
    assert.equal(book.now(), startAt + 7_000);
    assert.equal(book.toStoreTime(1), 7_001);
  });

  for (const [offsetMs, learned] of [
    [499, 0],
    [500, 500],
    [-500, -500],
  ] as const) {
    test(`a difference of ${offsetMs} ms counts as ${learned}`, async () => {
      const { book, decide } = open({ offsetMs });
      await decide(book);
      assert.equal(book.now(), startAt + learned);
    });
  }
});

describe('findings of a failed update', () => {
  test('are decided with the next ones', async () => {
    const { book, decide, breakPolicy, notices } = open();
    breakPolicy(new RangeError('a bug'));
    await assert.rejects(decide(book, { signals: [{ ...urgent, failures: 3 }] }), RangeError);
    breakPolicy(undefined);
    await decide(book, { signals: [{ ...urgent, failures: 2 }] });
    assert.deepEqual(notices, [{ kind: 'decided', isNotified: true, reason: 'opened', failures: 5 }]);
  });

  test('are decided also if their signal no longer fires', async () => {
    const { book, decide, breakPolicy, texts } = open();
    breakPolicy(new RangeError('a bug'));
    await assert.rejects(decide(book, { signals: [urgent] }));
    breakPolicy(undefined);
    await decide(book);
    assert.deepEqual(texts(), ['notify opened post']);
  });

  test('are dropped on request, so that one error does not repeat', async () => {
    const { book, decide, breakPolicy, texts } = open();
    breakPolicy(new RangeError('a bug'));
    await assert.rejects(decide(book, { signals: [urgent] }));
    breakPolicy(undefined);
    book.dropUndecided();
    await decide(book);
    assert.deepEqual(texts(), []);
  });
});

describe('a command', () => {
  test('changes the book and is a decision', async () => {
    const { book, decide, texts } = open();
    await decide(book, { signals: [urgent] });
    const { id } = book.current.incidents[0]!;
    assert.deepEqual(await book.execute({ what: 'ack', incident: id, by: 'U1' }), { done: true, incident: id });
    assert.equal(book.current.incidents[0]!.ack?.by, 'U1');
    assert.deepEqual(texts(), ['notify opened post', 'notify commanded edit']);
  });

  test('that changes nothing is no decision', async () => {
    const { book, texts } = open();
    const answer = await book.execute({ what: 'ack', incident: 'unknown', by: 'U1' });
    assert.deepEqual([answer.done, texts()], [false, []]);
  });

  test('without an incident is no decision', async () => {
    const { book, texts } = open();
    const deploy = { version: '1', at: startAt, pools: [] };
    assert.equal((await book.execute({ what: 'deploy', deploy })).done, true);
    assert.deepEqual([book.current.deploys, texts()], [[deploy], []]);
  });
});

test('instances with different policies report it after a minute, and its end', async () => {
  const { book, create, decide, notices, advance } = open();
  const other = create('other', 'p2');
  for (let second = 0; second <= 70; second += 10) {
    await decide(book);
    await decide(other);
    advance(10_000);
  }
  const differ = () => notices.flatMap((notice) => (notice.kind === 'policies-differ' ? [notice.instances] : []));
  assert.deepEqual(differ(), [1, 1], 'one line from each');
  for (let second = 0; second <= 130; second += 10) {
    await decide(book);
    advance(10_000);
  }
  assert.deepEqual(differ(), [1, 1, 0]);
});
