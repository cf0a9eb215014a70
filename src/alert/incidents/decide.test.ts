import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bulletinOf, incidentOf, keyOf, openedAt } from '../../../test/fakes/incident.ts';
import { decisionText, incidentKey, key, minute, now, type SignalFacts, signalOf } from '../../../test/fakes/signal.ts';
import { defaultPolicy } from '../default-policy.ts';
import { type Book, emptyBook, type Incident } from '../incident.ts';
import type { Delivered } from '../receipts.ts';
import type { Signal, SignalFindings, SuppressedSignal } from '../signal.ts';
import { type DecideInput, decide } from './decide.ts';

const policy = defaultPolicy('#alerts');
const noFindings: SignalFindings = { signals: [], suppressed: [], cleared: [], deploys: [] };
/** The digest is not due. */
const digest = { since: now, lines: [], counts: {} };
const bookOf = (incidents: readonly Incident[] = [], facts: Partial<Book> = {}): Book => ({
  ...emptyBook,
  digest,
  ...facts,
  incidents,
});

function decided(book: Book, findings: Partial<SignalFindings> = {}, facts: Partial<DecideInput> = {}) {
  const step = decide(book, policy, {
    now,
    receivers: ['slack'],
    findings: { ...noFindings, ...findings },
    delivered: [],
    canJudgeAbsence: true,
    ...facts,
  });
  return { ...step, texts: step.decisions.map(decisionText) };
}

const resolved = (by?: string) => ({ name: 'resolved', at: now - 2 * minute, by }) as const;
const hidden = { reason: 'silenced', by: 's1', since: openedAt } as const;

test('without findings nothing changes', () => {
  const book = bookOf([incidentOf({ keys: [keyOf({ lastAt: now })] })]);
  assert.equal(decided(book).book, book);
});

describe('a delivery is recorded', () => {
  const slack = (facts: Partial<Delivered>): Delivered => ({ receiver: 'slack', id: 'x', rev: 1, ref: 'r', ...facts });
  const book = bookOf([incidentOf({ keys: [keyOf({ lastAt: now })] })], { bulletins: [bulletinOf()] });

  test('in its incident', () => {
    const next = decided(book, {}, { delivered: [slack({ id: '7d3f9a1c2b' })] }).book;
    assert.deepEqual(next.incidents[0]!.receipts, { slack: { rev: 1, ref: 'r' } });
  });

  test('in its bulletin', () => {
    const next = decided(book, {}, { delivered: [slack({ id: 'storm-1' })] }).book;
    assert.deepEqual(next.bulletins[0]!.receipts, { slack: { rev: 1, ref: 'r' } });
  });

  test('nowhere if the incident is gone', () => assert.equal(decided(book, {}, { delivered: [slack({})] }).book, book));
});

describe('a detected deploy', () => {
  const deploy = (at: number, pools: readonly string[] = ['celery@pay']) => ({ version: '2', at, pools });
  const known = { version: '1', at: openedAt, pools: ['celery@*'] };
  const deploysAfter = (one: ReturnType<typeof deploy>, before = [known]) =>
    decided(bookOf([], { deploys: before }), { deploys: [one] }).book.deploys.length;

  test('is the known one within 15 minutes before or after it', () => {
    for (const offset of [-15 * minute + 1, 15 * minute - 1]) assert.equal(deploysAfter(deploy(openedAt + offset)), 1);
    for (const offset of [-15 * minute, 15 * minute]) assert.equal(deploysAfter(deploy(openedAt + offset)), 2);
  });

  test('of other pools is another one', () => assert.equal(deploysAfter(deploy(openedAt, ['other@x'])), 2));

  test('is the known one of all pools', () => {
    assert.equal(deploysAfter(deploy(openedAt), [{ ...known, pools: [] }]), 1);
  });

  test('evicts the oldest of 100', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ ...known, at: index, version: `${index}` }));
    const { deploys } = decided(bookOf([], { deploys: many }), { deploys: [deploy(openedAt)] }).book;
    assert.deepEqual([deploys.length, deploys[0]!.version, deploys.at(-1)!.version], [100, '1', '2']);
  });
});

describe('failures are accounted for once', () => {
  const failures = (signal: Signal, incidents: readonly Incident[] = []) => {
    const { decisions, texts } = decided(bookOf(incidents), { signals: [signal] });
    return { texts, sum: decisions.reduce((sum, one) => sum + one.failures, 0) };
  };
  const active = incidentOf({ keys: [keyOf({ lastAt: now })], countedAt: now - 1 });
  const cases: readonly { name: string; incidents: readonly Incident[]; signal?: SignalFacts; want: string }[] = [
    { name: 'by a new incident', incidents: [], want: 'suppress collecting' },
    {
      name: 'by a signal that only lingers',
      incidents: [],
      signal: { state: 'lingers' },
      want: 'suppress below-threshold',
    },
    { name: 'by an open incident', incidents: [active], want: 'suppress already-told' },
    {
      name: 'by a pending incident',
      incidents: [{ ...active, rev: 0, phase: { name: 'pending', until: now + 1 } }],
      want: 'suppress collecting',
    },
    { name: 'by a hidden incident', incidents: [{ ...active, rev: 0, hidden }], want: 'suppress silenced s1' },
    {
      name: 'by an incident that a person resolved',
      incidents: [{ ...active, phase: resolved('U1') }],
      signal: { lastAt: openedAt },
      want: 'suppress resolved-by-human U1',
    },
    {
      name: 'by a resolved incident',
      incidents: [{ ...active, phase: resolved() }],
      signal: { lastAt: openedAt },
      want: 'suppress below-threshold',
    },
  ];
  for (const { name, incidents, signal = {}, want } of cases) {
    test(name, () => {
      const { texts, sum } = failures(signalOf({ failures: 3, ...signal }), incidents);
      // The hidden incident may be shown in the same step; its failures belong to the first decision.
      assert.equal(texts[0], want);
      assert.equal(sum, 3);
    });
  }

  test('by the reason of a suppressed signal', () => {
    const suppressed: SuppressedSignal = {
      key: incidentKey,
      signal: 'failures.new',
      reason: 'learning',
      figures: signalOf().figures,
      task: 'a',
      exception: undefined,
      failures: 4,
    };
    const { decisions, texts } = decided(bookOf(), { suppressed: [suppressed] });
    assert.deepEqual([texts, decisions[0]!.failures, decisions[0]!.incident], [['suppress learning'], 4, undefined]);
  });
});

test('the most severe signal opens the incident, and the others join it', () => {
  const signals = [
    signalOf({ key: key('g|1'), severity: 'normal' }),
    signalOf({ key: key('g|2'), severity: 'critical', name: 'failures.critical', waitMs: 0 }),
  ];
  const { incidents } = decided(bookOf(), { signals }).book;
  assert.equal(incidents.length, 1);
  assert.deepEqual(
    incidents[0]!.keys.map((one) => one.key),
    ['g|2', 'g|1'],
  );
});

test('time passes for every incident: one opens, one ends, one is removed', () => {
  const ended = keyOf({ key: key('g|2'), lastAt: now - 30 * minute });
  const incidents = [
    incidentOf({ id: 'pending', rev: 0, phase: { name: 'pending', until: now } }),
    incidentOf({ id: 'open', keys: [ended] }),
    incidentOf({
      id: 'old',
      rev: 0,
      keys: [{ ...ended, key: key('g|3') }],
      phase: { ...resolved(), at: now - 61 * minute },
    }),
  ];
  const { book, texts } = decided(bookOf(incidents), { signals: [signalOf({ failures: 0 })] });
  assert.deepEqual(
    book.incidents.map(({ id, phase }) => `${id} ${phase.name}`),
    ['pending open', 'open resolved'],
  );
  assert.deepEqual(texts, ['notify opened post', 'notify resolved edit']);
});

describe('a pending incident', () => {
  const { lastAt, clearMs } = keyOf();
  const until = lastAt + 20_000;
  const pending = incidentOf({ rev: 0, openedAt: undefined, phase: { name: 'pending', until } });
  const firing = { signals: [signalOf({ failures: 0, state: 'lingers' })] };
  const cases = [
    { title: 'collects', at: until - 1, findings: firing, texts: [] },
    { title: 'that fires opens after its collection time', at: until, findings: firing, texts: ['notify opened post'] },
    {
      title: 'that does not fire here opens too: its evidence may be gone with a restart',
      at: until,
      findings: {},
      texts: ['notify opened post'],
    },
    { title: 'opens after a long outage', at: lastAt + clearMs - 1, findings: {}, texts: ['notify opened post'] },
    {
      title: 'that has been silent for its quiet time is absorbed',
      at: lastAt + clearMs,
      findings: {},
      texts: ['suppress absorbed'],
    },
    {
      title: 'is absorbed in its collection time if its end is known',
      at: lastAt + 15_000,
      findings: { cleared: [incidentKey] },
      clearMs: 15_000,
      texts: ['suppress absorbed'],
    },
  ] as const;
  for (const { title, at, findings, texts, ...facts } of cases) {
    test(title, () => {
      const book = bookOf([{ ...pending, keys: [keyOf(facts)] }], { digest: { ...digest, since: at } });
      assert.deepEqual(decided(book, findings, { now: at }).texts, texts);
    });
  }

  test('whose end cannot be judged opens', () => {
    const facts = { now: lastAt + 60 * minute, canJudgeAbsence: false };
    assert.deepEqual(decided(bookOf([pending]), {}, facts).texts, ['notify opened post']);
  });
});

test('an error in one incident does not keep the others from changing', () => {
  const broken = { ...incidentOf({ id: 'broken' }), keys: undefined } as unknown as Incident;
  const ended = incidentOf({ id: 'ended', keys: [keyOf({ key: key('g|2'), lastAt: now - 30 * minute })] });
  assert.throws(() => decided(bookOf([broken, ended])), 'the index needs keys');
  const failing = {
    ...incidentOf({ id: 'failing', keys: [keyOf({ lastAt: now - 30 * minute })] }),
    subject: undefined,
  };
  const { book, bugs } = decided(bookOf([failing as unknown as Incident, ended]));
  assert.equal(bugs.length, 1);
  assert.equal(book.incidents.find(({ id }) => id === 'ended')!.phase.name, 'resolved');
});
