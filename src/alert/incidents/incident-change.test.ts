import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, keyOf, openedAt } from '../../../test/fakes/incident.ts';
import { incidentKey, key, minute, now, signalOf } from '../../../test/fakes/signal.ts';
import {
  conditionOf,
  incidentIdOf,
  isNews,
  isTurn,
  severityRank,
  withLine,
  withPresent,
  withRev,
  withSignal,
} from './incident-change.ts';

const figures = (count: number) => ({ count, limit: 3, withinMs: 0, baseline: undefined, of: undefined });

test('severities are ordered', () => {
  assert.ok(severityRank('critical') > severityRank('high'));
  assert.ok(severityRank('high') > severityRank('normal'));
});

test('an incident keeps its first 50 lines', () => {
  const line = { at: now, what: 'grew', text: 'x' } as const;
  let incident = incidentOf();
  for (let index = 0; index < 51; index += 1) incident = withLine(incident, { ...line, text: `${index}` });
  assert.deepEqual([incident.lines.length, incident.lines.at(-1)!.text], [50, '49']);
});

test('a revision is one more than before', () => assert.equal(withRev(incidentOf({ rev: 4 })).rev, 5));

test('a condition has the facts of its signal', () => {
  const signal = signalOf({ name: 'stuck', total: undefined });
  const { signal: name, total, clearMs, figures: shown } = conditionOf(signal);
  assert.deepEqual(
    { name, total, clearMs, shown },
    {
      name: 'stuck',
      total: undefined,
      clearMs: signal.clearMs,
      shown: signal.figures,
    },
  );
});

describe('a signal merged into its incident', () => {
  test('widens the time and takes the greater count, never the sum', () => {
    const merged = withSignal(incidentOf({ count: 7 }), signalOf({ firstAt: openedAt - 1, lastAt: now + 1, total: 5 }));
    assert.deepEqual([merged.firstAt, merged.lastAt, merged.count], [openedAt - 1, now + 1, 7]);
    assert.deepEqual(
      [merged.keys[0]!.firstAt, merged.keys[0]!.lastAt, merged.keys[0]!.total],
      [openedAt - 1, now + 1, 7],
    );
    assert.equal(withSignal(incidentOf({ count: 7 }), signalOf({ total: 9 })).count, 9);
  });

  test('adds up the counts of several causes, and counts all failures of a task no second time', () => {
    const two = incidentOf({ count: 7, keys: [keyOf({ total: 7 }), keyOf({ key: key('g|b'), total: 2 })] });
    assert.equal(withSignal(two, signalOf({ key: key('g|b'), total: 4 })).count, 11);
    const whole = incidentOf({
      count: 7,
      keys: [keyOf({ total: 7 }), keyOf({ key: key('t|b'), signal: 'failures.ratio', total: 2 })],
    });
    assert.equal(withSignal(whole, signalOf({ key: key('t|b'), name: 'failures.ratio', total: 9 })).count, 7);
  });

  test('shows the present figures, also while it lingers, and keeps those that opened the incident', () => {
    const { figures: present, opening } = withSignal(incidentOf(), signalOf({ figures: figures(50) })).keys[0]!;
    assert.deepEqual([present.count, opening?.count], [50, 7]);
    const lingering = withSignal(incidentOf(), signalOf({ figures: figures(50), total: undefined, state: 'lingers' }));
    assert.deepEqual([lingering.keys[0]!.figures.count, lingering.keys[0]!.state], [50, 'lingers']);
  });

  test('keeps total, parts and title of an instance that counted more', () => {
    const known = { ...keyOf({ total: 7 }), parts: { a: 7 }, title: 'known' };
    const merged = withSignal(incidentOf({ keys: [known] }), signalOf({ total: 6, parts: { a: 6 } }));
    assert.deepEqual([merged.keys[0]!.parts, merged.keys[0]!.title], [{ a: 7 }, 'known']);
    assert.deepEqual(
      withSignal(incidentOf({ keys: [known] }), signalOf({ total: 8, parts: { a: 8 } })).keys[0]!.parts,
      { a: 8 },
    );
  });

  test('takes title, trend and example of the first key only', () => {
    const second = incidentOf({ keys: [keyOf(), keyOf({ key: key('t|b') })] });
    const example = { taskId: 'new', traceId: 'new' };
    const subject = { title: 'another', example };
    const bySecond = withSignal(second, signalOf({ key: key('t|b'), subject, trend: 'rising' }));
    assert.deepEqual([bySecond.subject.title, bySecond.trend], [second.subject.title, 'steady']);
    assert.equal(bySecond.subject.example?.taskId, second.subject.example?.taskId);
    const byFirst = withSignal(second, signalOf({ subject, trend: 'rising' }));
    assert.deepEqual([byFirst.subject.title, byFirst.trend, byFirst.subject.example], ['another', 'rising', example]);
  });

  test('unites names, at most 20 of a kind', () => {
    const tasks = Array.from({ length: 25 }, (_, index) => `task-${index}`);
    const merged = withSignal(incidentOf(), signalOf({ subject: { tasks, queues: ['mail'] } }));
    assert.equal(merged.subject.tasks.length, 20);
    assert.equal(merged.subject.tasks[0], 'billing.tasks.charge');
    assert.deepEqual(merged.subject.queues, ['payments', 'mail']);
  });

  test('keeps the deploy that it began after', () => {
    const deploy = { version: '1', at: 0, pools: [] };
    const merged = withSignal(incidentOf({ deploy }), signalOf({ deploy: { ...deploy, version: '2' } }));
    assert.equal(merged.deploy?.version, '1');
    assert.equal(withSignal(incidentOf(), signalOf({ deploy })).deploy?.version, '1');
  });
});

describe('the figures of one evaluation', () => {
  const incident = incidentOf({
    keys: [keyOf(), keyOf({ key: key('g|2'), total: 2 }), keyOf({ key: key('p|x'), total: undefined })],
  });
  const present = {
    signals: new Map([[key('g|2'), signalOf({ key: key('g|2'), total: 4, figures: figures(4) })]]),
    cleared: new Set([incidentKey, key('p|x')]),
    forgotten: new Set([key('p|x')]),
  };
  const { keys, count, countedAt } = withPresent(incident, present, now);

  test('are those of its signals', () => {
    assert.deepEqual([keys[1]!.total, keys[1]!.figures.count, count, countedAt], [4, 4, 11, now]);
  });

  test('of a count that cleared are nothing in its window; its total stays', () => {
    assert.deepEqual(
      [keys[0]!.figures.count, keys[0]!.figures.of, keys[0]!.total, keys[0]!.state],
      [0, undefined, 7, 'over'],
    );
  });

  test('of a level that was forgotten stay', () => {
    assert.deepEqual([keys[2]!.figures.count, keys[2]!.state], [7, 'forgotten']);
  });
});

describe('a turn of a level', () => {
  const incident = incidentOf({ keys: [keyOf({ total: undefined, state: 'holds' })] });
  const level = { total: undefined } as const;
  const cases = [
    { title: 'the same state', signal: signalOf(level), want: false },
    { title: 'another state', signal: signalOf({ ...level, state: 'lingers' }), want: true },
    { title: 'another weight', signal: signalOf({ ...level, gravity: 1 }), want: true },
    { title: 'a count', signal: signalOf({ state: 'lingers' }), want: false },
    {
      title: 'a key that is not of the incident',
      signal: signalOf({ ...level, key: key('g|2'), gravity: 1 }),
      want: false,
    },
  ] as const;
  for (const { title, signal, want } of cases) test(title, () => assert.equal(isTurn(incident, signal), want));
});

describe('the message changes with', () => {
  const level = (count: number) => incidentOf({ keys: [keyOf({ total: undefined, figures: figures(count) })] });
  const cases: readonly {
    name: string;
    before: ReturnType<typeof level>;
    after: ReturnType<typeof level>;
    want: boolean;
  }[] = [
    { name: 'a count', before: incidentOf(), after: incidentOf({ count: 8 }), want: true },
    {
      name: 'a count of a further condition',
      before: incidentOf({ keys: [keyOf(), keyOf({ key: key('t|b'), total: 2 })] }),
      after: incidentOf({ keys: [keyOf(), keyOf({ key: key('t|b'), total: 3 })] }),
      want: true,
    },
    { name: 'a trend', before: incidentOf(), after: incidentOf({ trend: 'rising' }), want: true },
    {
      name: 'a further name',
      before: incidentOf(),
      after: incidentOf({ subject: { ...incidentOf().subject, queues: ['a', 'b'] } }),
      want: true,
    },
    { name: 'no time alone', before: incidentOf(), after: incidentOf({ lastAt: now + minute }), want: false },
    { name: 'a level that changes by more than a quarter', before: level(100), after: level(126), want: true },
    { name: 'no level that changes by a quarter', before: level(100), after: level(125), want: false },
    { name: 'a level that falls by more than a quarter', before: level(100), after: level(74), want: true },
  ];
  for (const { name, before, after, want } of cases) test(name, () => assert.equal(isNews(before, after), want));
});

describe('an incident id', () => {
  const idAt = (firstAt: number, text = 'g|a', salt = '') => incidentIdOf(signalOf({ firstAt, key: key(text) }), salt);
  const slot = Math.floor(openedAt / (5 * minute)) * 5 * minute;

  test('is equal for starts within the same five minutes', () => {
    assert.equal(idAt(slot), idAt(slot + 5 * minute - 1));
    assert.notEqual(idAt(slot), idAt(slot + 5 * minute));
  });

  test('differs by key and by previous incident', () => {
    assert.equal(new Set([idAt(slot), idAt(slot, 'g|b'), idAt(slot, 'g|a', 'previous')]).size, 3);
  });

  test('has 16 hexadecimal digits', () => assert.match(idAt(slot), /^[0-9a-f]{16}$/));
});
