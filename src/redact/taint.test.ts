import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { TaskId } from '../event/ids.ts';
import { distinctiveValues, findEchoes, Taint } from './taint.ts';
import type { Match } from './text/match.ts';

const id = 't1' as TaskId;

describe('the known values of a task', () => {
  test('are added without duplicates and forgotten', () => {
    const taint = new Taint();
    taint.add(id, ['mango-7x', 'plum-8y']);
    taint.add(id, ['plum-8y', 'cherry-9z']);
    assert.deepEqual(taint.valuesOf(id), ['mango-7x', 'plum-8y', 'cherry-9z']);
    assert.equal(taint.countOf(id), 3);
    taint.forget(id);
    assert.deepEqual(taint.valuesOf(id), []);
    assert.equal(taint.countOf(id), 0);
  });

  test('are 64 at most', () => {
    const taint = new Taint();
    taint.add(
      id,
      Array.from({ length: 70 }, (_, index) => `value-${index}`),
    );
    assert.equal(taint.countOf(id), 64);
    taint.add(id, ['one-more']);
    assert.ok(!taint.valuesOf(id).includes('one-more'));
  });

  test('are kept for the 20,000 tasks used last', () => {
    const taint = new Taint();
    for (let index = 0; index < 20_000; index += 1) taint.add(`t${index}` as TaskId, ['mango-7x']);
    assert.equal(taint.valuesOf('t0' as TaskId).length, 1);
    taint.add('next' as TaskId, ['mango-7x']);
    assert.equal(taint.countOf('t0' as TaskId), 1);
    assert.equal(taint.countOf('t1' as TaskId), 0);
  });

  test('are not printed', () => {
    const taint = new Taint();
    taint.add(id, ['mango-7x']);
    assert.doesNotMatch(`${inspect(taint, { depth: 9 })}${JSON.stringify(taint)}`, /mango/);
  });
});

describe('a value that is distinctive enough to search for', () => {
  const values = [
    ['mango-7x', true],
    ['Quince88', true],
    ['123456', true],
    ['aB3dE5', true],
    ['aB3dE', false],
    ['mangos', false],
    ['Mangos', false],
    ['mangomango', true],
    ['mangomang', false],
    ['os.environ', false],
    ['db_password', false],
    ['127.0.0.1', false],
    ['0.0.0.0', false],
    ['password', false],
    ['ACCESS_TOKEN', false],
    ['localhost', false],
    ['x'.repeat(512), true],
    [`${'x'.repeat(512)}7`, false],
  ] as const;
  for (const [value, isDistinctive] of values)
    test(`${value.slice(0, 20)} ${isDistinctive ? 'is' : 'is not'}`, () =>
      assert.deepEqual(
        distinctiveValues(value, [{ from: 0, to: value.length, kind: 'x' }]),
        isDistinctive ? [value] : [],
      ));

  test('is taken without spaces and the marks of a cut', () => {
    const text = ' mango-7x... ';
    assert.deepEqual(distinctiveValues(text, [{ from: 0, to: text.length, kind: 'x' }]), [
      'mango-7x...'.replace('...', ''),
    ]);
  });
});

describe('an echo', () => {
  function echoesIn(text: string, ...values: string[]): string[] {
    const found: Match[] = [];
    findEchoes(text, values, found);
    return found.map(({ from, to, kind }) => `${kind}:${text.slice(from, to)}`);
  }
  const long = 'mango-and-plum';

  const echoes: readonly (readonly [name: string, text: string, value: string, found: readonly string[]])[] = [
    ['a value', `denied ${long}.`, long, [`secret:${long}`]],
    ['each occurrence', `${long} ${long}`, long, [`secret:${long}`, `secret:${long}`]],
    ['the rest of a cut word', `denied ${long}-cherry7 x`, long, [`secret:${long}-cherry7`]],
    ['a long value inside a word', `x${long}`, long, [`secret:${long}`]],
    ['a short value as a word', 'denied plum-8 now', 'plum-8', ['secret:plum-8']],
    ['no short value after a letter', 'denied xplum-8 now', 'plum-8', []],
    ['no short value before a letter', 'denied plum-8y now', 'plum-8', []],
    ['no value below six characters', 'denied plum7 now', 'plum7', []],
    ['a URL-encoded value', 'x=mango%20and%2Fplum', 'mango and/plum', ['secret:mango%20and%2Fplum']],
    ['a value escaped in JSON', 'x mango\\"and\\"plum', 'mango"and"plum', ['secret:mango\\"and\\"plum']],
    ['a value escaped in a repr', "x mango\\'and\\'plum", "mango'and'plum", ["secret:mango\\'and\\'plum"]],
    ['an unescaped form of the value', 'x mango\\and\\plum', 'mango\\\\and\\\\plum', ['secret:mango\\and\\plum']],
    ['nothing else', 'all fine', long, []],
  ];
  for (const [name, text, value, found] of echoes)
    test(`is ${name}`, () => assert.deepEqual([...new Set(echoesIn(text, value))], [...new Set(found)]));

  test('a value whose surrogate was cut does not stop the search', () => {
    assert.deepEqual(echoesIn('100% mango-and-plum', 'broken-\ud800-value', long), [`secret:${long}`]);
  });
});
