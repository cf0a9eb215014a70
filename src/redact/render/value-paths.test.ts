import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isOnPath, leavesOf, pathGlobOf } from './value-paths.ts';

describe('the paths of values', () => {
  const texts: readonly (readonly [text: string, leaves: string])[] = [
    ["{'a': 1}", 'f.a=1'],
    ["{'a': 'x y', 'b': None}", 'f.a=x y f.b=None'],
    ["('x', 2)", 'f.0=x f.1=2'],
    ["{'a': {'b': ['x', {'c': 7}]}}", 'f.a.b.0=x f.a.b.1.c=7'],
    ["User(name='ann', pos=(1, 2))", 'f.name=ann f.pos.0=1 f.pos.1=2'],
    ['{"a":"x"}', 'f.a=x'],
    ['{1: "x"}', 'f.1=x'],
    ['a == b', 'f=a f== f== f=b'],
    ["'x'", 'f=x'],
    ['', ''],
    ['()', ''],
    ["{'a': 'x", 'f.a=x'],
    [')]}', ''],
  ];
  for (const [text, leaves] of texts)
    test(`${text === '' ? 'an empty text' : text} has ${leaves === '' ? 'no values' : leaves}`, () =>
      assert.equal(
        leavesOf('f', text)
          .map(({ path, from, to }) => `${path.join('.')}=${text.slice(from, to)}`)
          .join(' '),
        leaves,
      ));

  test('64 levels and 10,000 values are within the budget', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
    assert.equal(leavesOf('f', nested(64)).length, 1);
    assert.throws(() => leavesOf('f', nested(65)), RangeError);
    const list = (length: number) => `[${'1,'.repeat(length)}]`;
    assert.equal(leavesOf('f', list(10_000)).length, 10_000);
    assert.throws(() => leavesOf('f', list(10_001)), RangeError);
  });
});

describe('a glob of paths', () => {
  const globs: readonly (readonly [glob: string, path: string, isIncluded: boolean])[] = [
    ['kwargs.user', 'kwargs.user', true],
    ['kwargs.user', 'kwargs.user.home.zip', true],
    ['kwargs.user', 'kwargs', false],
    ['kwargs.user', 'kwargs.users', false],
    ['kwargs.*.zip', 'kwargs.home.zip', true],
    ['kwargs.*.zip', 'kwargs.zip', false],
    ['kwargs.*.zip', 'kwargs.a.b.zip', false],
    ['kwargs.**.zip', 'kwargs.zip', true],
    ['kwargs.**.zip', 'kwargs.a.b.zip', true],
    ['kwargs.**.zip', 'kwargs.a.b.city', false],
    ['**', 'args.0', true],
    ['**.zip.**.x', 'args.0.zip.a.x', true],
    ['args.1', 'args.1', true],
    ['args.1', 'args.10', false],
    ['kwargs.zipCode', 'kwargs.zip_code', true],
    ['kwargs.ZIP-CODE', 'kwargs.zipCode', true],
    ['kwargs.größe', 'kwargs.GROSSE', true],
  ];
  for (const [glob, path, isIncluded] of globs)
    test(`${glob} ${isIncluded ? 'includes' : 'does not include'} ${path}`, () =>
      assert.equal(isOnPath(path.split('.'), pathGlobOf(glob)), isIncluded));
});
