import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shapeOf, shapeWithLeaves } from './shape.ts';
import { leavesOf } from './value-paths.ts';

describe('the shape of a text', () => {
  const shapes = [
    ["{'city': 'Lisbon', 'n': 4711}", "{'city': <6>, 'n': <number>}"],
    ["('Lisbon', [1, 2.5, -3], None)", '(<6>, [<number>, <number>, <number>], None)'],
    ["{'my city': 'x'}", '{<7>: <1>}'],
    ["{'4711': 'x'}", '{<4>: <1>}'],
    ['{"city":"Lisbon"}', "{'city':<6>}"],
    ['User(name=ann)', '<text>(<text>=<text>)'],
    ['True, False, ...', 'True, False, ...'],
    ['Trueish', '<text>'],
    ['', ''],
    ['()', '()'],
    ["'open", '<4>'],
    ["b'abc'", '<3>'],
  ] as const;
  for (const [text, shape] of shapes)
    test(`${text === '' ? 'an empty text' : text} is ${shape}`, () => assert.equal(shapeOf(text), shape));
});

describe('a shape with some values shown', () => {
  const shown = (text: string, names: readonly string[]): string => {
    const leaves = leavesOf('kwargs', text).filter(({ path }) => names.includes(path.join('.')));
    return shapeWithLeaves(text, leaves, (from, to) => text.slice(from, to).toUpperCase());
  };
  const cases = [
    ["{'city': 'Lisbon', 'n': 4711}", ['kwargs.city'], "{'city': 'LISBON', 'n': <number>}"],
    ["{'city': 'Lisbon', 'n': 4711}", ['kwargs.n'], "{'city': <6>, 'n': 4711}"],
    ["{'city': 'Lisbon', 'n': 4711}", ['kwargs.city', 'kwargs.n'], "{'city': 'LISBON', 'n': 4711}"],
    ["{'a': ['x', 'y']}", ['kwargs.a.1'], "{'a': [<1>, 'Y']}"],
    ["{'city': 'Lisbon'}", [], "{'city': <6>}"],
  ] as const;
  for (const [text, names, shape] of cases)
    test(`${text} with ${names.join(', ') || 'nothing'}`, () => assert.equal(shown(text, names), shape));
});
