import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import {
  count,
  flag,
  gotOf,
  kindOf,
  leaf,
  listed,
  oneOf,
  oneOfNumber,
  ratio,
  someOf,
  text,
  texts,
  unresolved,
} from './leaf.ts';

/** The value, or the message of the refusal. */
function read(schema: z.ZodType, raw: unknown): unknown {
  const { data, error } = schema.safeParse(raw);
  return error === undefined ? data : error.issues[0]?.message;
}

const boundsOf = 'expected a whole number between 1 and 10, got';
const shareOf = 'expected a number between 0 and 1, got';

const cases: readonly (readonly [name: string, schema: z.ZodType, raw: unknown, want: unknown])[] = [
  ['oneOf', oneOf(['a', 'b']), 'b', 'b'],
  ['oneOf', oneOf(['a', 'b']), 'c', 'expected "a" or "b", got "c"'],
  ['oneOf', oneOf(['a', 'b']), 'B', 'expected "a" or "b", got "B"'],
  ['oneOf', oneOf(['a', 'b']), undefined, 'expected "a" or "b", got nothing'],
  ['oneOfNumber', oneOfNumber(1), 1, 1],
  ['oneOfNumber', oneOfNumber(1), 2, 'expected 1, got 2'],
  ['oneOfNumber', oneOfNumber(1), '1', 'expected 1, got "1"'],
  ['flag', flag(), true, true],
  ['flag', flag(), 'false', false],
  ['flag', flag(), 'yes', 'expected true or false, got "yes"'],
  ['flag', flag(), 1, 'expected true or false, got 1'],
  ['count', count(1, 10), 1, 1],
  ['count', count(1, 10), 10, 10],
  ['count', count(1, 10), 0, `${boundsOf} 0`],
  ['count', count(1, 10), 11, `${boundsOf} 11`],
  ['count', count(1, 10), 1.5, `${boundsOf} 1.5`],
  ['count', count(1, 10), '5', `${boundsOf} "5"`],
  ['ratio', ratio(), 0, 0],
  ['ratio', ratio(), 1, 1],
  ['ratio', ratio(), 1.001, `${shareOf} 1.001`],
  ['ratio', ratio(), '50%', `${shareOf} "50%"`],
  ['text', text(), 'a', 'a'],
  ['text', text(), '', 'expected a text, got ""'],
  ['text', text(), 'x'.repeat(512), 'x'.repeat(512)],
  ['text', text(), 'x'.repeat(513), 'expected a text, got another text'],
  ['text', text(), 'a\nb', 'expected a text, got another text'],
  ['text', text('a short name', /^[a-z]+$/), 'A1', 'expected a short name, got "A1"'],
  ['texts', texts('a name'), 'a', ['a']],
  ['texts', texts('a name'), ['a', 'b'], ['a', 'b']],
  ['texts', texts('a name'), [], []],
  ['texts', texts('a name'), ['a', 5], 'expected a name or a list of them, got a list with 5'],
  ['texts', texts('a name'), { a: 1 }, 'expected a name or a list of them, got a mapping'],
  ['someOf', someOf(['a', 'b']), 'a', ['a']],
  ['someOf', someOf(['a', 'b']), ['b', 'a'], ['b', 'a']],
  ['someOf', someOf(['a', 'b']), ['a', 'c'], 'expected some of "a" or "b", got "c"'],
  ['someOf', someOf(['a', 'b']), [], 'expected some of "a" or "b", got nothing'],
  ['someOf', someOf(['a', 'b'], 0), [], []],
];
for (const [name, schema, raw, want] of cases) {
  test(`${name} reads ${String(JSON.stringify(raw)).slice(0, 30)}`, () => {
    assert.deepEqual(read(schema, raw), want);
  });
}

test('a value that could not be fetched is refused without another message', () => {
  const schema = leaf<string>(() => assert.fail('expected no second reading'));
  assert.deepEqual(schema.safeParse(unresolved).error, undefined);
});

const lists: readonly (readonly [readonly string[], string])[] = [
  [[], ''],
  [['a'], '"a"'],
  [['a', 'b'], '"a" or "b"'],
  [['a', 'b', 'c'], '"a", "b" or "c"'],
];
for (const [choices, want] of lists)
  test(`choices are listed as ${want || 'nothing'}`, () => assert.equal(listed(choices), want));

const received: readonly (readonly [raw: unknown, want: string])[] = [
  [5, '5'],
  [true, 'true'],
  ['five minutes', '"five minutes"'],
  ['#alerts', '"#alerts"'],
  ['x'.repeat(40), `"${'x'.repeat(40)}"`],
  ['x'.repeat(41), 'another text'],
  ['redis://:canary@a', 'another text'],
  ['user@canary', 'another text'],
  ['xoxb-canary', 'another text'],
  ['XOXB-canary', 'another text'],
  ['a "canary"', 'another text'],
  [null, 'nothing'],
  [undefined, 'nothing'],
  [[], 'an empty list'],
  [['a', 5], 'a list with 5'],
  [['redis://canary'], 'a list with another text'],
  [{ canary: 1 }, 'a mapping'],
];
for (const [raw, want] of received) {
  test(`a message shows ${String(JSON.stringify(raw)).slice(0, 30)} as ${want.slice(0, 20)}`, () => {
    assert.equal(gotOf(raw), want);
    assert.doesNotMatch(gotOf(raw), /canary/);
  });
}

const kinds: readonly (readonly [raw: unknown, want: string])[] = [
  ['', 'nothing'],
  [null, 'nothing'],
  ['canary', 'another text'],
  [5, 'a number'],
  [true, 'a boolean'],
  [[], 'an empty list'],
  [['canary'], 'a list'],
  [{}, 'a mapping'],
];
for (const [raw, want] of kinds)
  test(`the kind of ${JSON.stringify(raw)} is ${want}`, () => assert.equal(kindOf(raw), want));
