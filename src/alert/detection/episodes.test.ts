import assert from 'node:assert/strict';
import test from 'node:test';
import { keyText, type SignalKey } from '../key.ts';
import { type Condition, emptySubject, levelCondition, plainFigures } from './condition.ts';
import { Episodes } from './episodes.ts';

const minute = 60_000;
const start = 1_000 * minute;
const key: SignalKey = { kind: 'task', task: 'mail.send' };
const definition = { name: 'failures.ratio', severity: 'high' } as const;

const conditionAt = (now: number, level: Condition['level'], parts: Partial<Condition> = {}): Condition =>
  levelCondition(now, {
    key,
    level,
    firstAt: now - minute,
    clearMs: 10 * minute,
    figures: plainFigures(1, 1),
    subject: { ...emptySubject, title: '' as Condition['subject']['title'] },
    ...parts,
  });

test('only a condition that holds starts to fire', () => {
  for (const level of ['clear', 'lingers'] as const) {
    const episodes = new Episodes();
    assert.equal(episodes.apply(conditionAt(start, level), definition, start), undefined);
    assert.equal(episodes.has(key), false);
  }
  const episodes = new Episodes();
  assert.equal(episodes.apply(conditionAt(start, 'holds'), definition, start)?.state, 'holds');
  assert.equal(episodes.has(key), true);
});

test('a signal keeps the time and the name with which it started', () => {
  const episodes = new Episodes();
  episodes.apply(conditionAt(start, 'holds'), definition, start);
  const later = start + 5 * minute;
  const signal = episodes.apply(conditionAt(later, 'lingers'), { name: 'other', severity: 'normal' }, later);
  assert.equal(signal?.firstAt, start - minute);
  assert.equal(signal?.name, 'failures.ratio');
  assert.equal(signal?.state, 'lingers');
});

const clears = [
  { name: 'one millisecond before the clear time', agoMs: 10 * minute - 1, isOpen: true },
  { name: 'at the clear time', agoMs: 10 * minute, isOpen: false },
];
for (const { name, agoMs, isOpen } of clears) {
  test(`${name} a clear condition ${isOpen ? 'lingers' : 'ends'}`, () => {
    const episodes = new Episodes();
    episodes.apply(conditionAt(start, 'holds'), definition, start);
    const now = start + agoMs;
    const signal = episodes.apply(conditionAt(now, 'clear'), definition, now);
    assert.equal(signal?.state, isOpen ? 'lingers' : undefined);
    assert.equal(episodes.has(key), isOpen);
    assert.deepEqual(episodes.takeCleared(), isOpen ? [] : [keyText(key)]);
    assert.deepEqual(episodes.takeCleared(), [], 'a cleared key is taken once');
  });
}

test('a condition that lingers puts off the end', () => {
  const episodes = new Episodes();
  episodes.apply(conditionAt(start, 'holds'), definition, start);
  episodes.apply(conditionAt(start + 9 * minute, 'lingers'), definition, start + 9 * minute);
  const now = start + 12 * minute;
  assert.notEqual(episodes.apply(conditionAt(now, 'clear'), definition, now), undefined);
});

test('the total counts from the start of the episode, and never falls below zero', () => {
  const episodes = new Episodes();
  const counted = (now: number, atFirst: number) => conditionAt(start, 'holds', { counter: { now, atFirst } });
  assert.equal(episodes.apply(counted(10, 7), definition, start)?.total, 3);
  assert.equal(episodes.apply(counted(15, 14), definition, start)?.total, 8);
  assert.equal(episodes.apply(counted(2, 0), definition, start)?.total, 0);
  assert.equal(episodes.apply(conditionAt(start, 'holds'), definition, start)?.total, undefined, 'a level has none');
});

test('the severity is that of the condition, or the declared one', () => {
  const episodes = new Episodes();
  assert.equal(episodes.apply(conditionAt(start, 'holds'), definition, start)?.severity, 'high');
  const critical = conditionAt(start, 'holds', { severity: 'critical' });
  assert.equal(episodes.apply(critical, definition, start)?.severity, 'critical');
});

test('open keys are found by kind and condition', () => {
  const episodes = new Episodes();
  const stuck: SignalKey = { kind: 'task', condition: 'stuck', task: 'web.render' };
  for (const one of [key, stuck, { kind: 'queue', queue: 'mail' } as const])
    episodes.apply(conditionAt(start, 'holds', { key: one }), definition, start);
  assert.deepEqual(episodes.of('task'), [key]);
  assert.deepEqual(episodes.of('task', 'stuck'), [stuck]);
  assert.deepEqual(episodes.of('pool'), []);
  assert.equal([...episodes.keys()].length, 3);
});
