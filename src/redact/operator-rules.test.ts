import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OperatorDetector, type OperatorRules } from './operator-rules.ts';
import type { Match } from './text/match.ts';

const patient = {
  name: 'patient',
  find: (text: string) =>
    [...text.matchAll(/PAT-\d+/g)].map((match) => [match.index, match.index + match[0].length] as const),
};

function foundIn(
  rules: OperatorRules,
  field: 'args' | 'kwargs' | 'result' | 'exception' | 'log',
  text: string,
): string[] {
  const found: Match[] = [];
  new OperatorDetector(rules).detect(field, text, found);
  return found.map(({ from, to, kind }) => `${kind}:${text.slice(from, to)}`);
}

describe('sensitive paths', () => {
  const text = "{'user': {'zip': 12345, 'name': 'ann'}, 'zip': 7}";
  const cases = [
    ['kwargs.user.zip', 'kwargs', ['secret:12345']],
    ['kwargs.user', 'kwargs', ['secret:12345', 'secret:ann']],
    ['**.zip', 'kwargs', ['secret:12345', 'secret:7']],
    ['*.zip', 'result', ['secret:7']],
    ['kwargs.user.zip', 'args', []],
    ['**.zip', 'exception', []],
    ['**.zip', 'log', []],
  ] as const;
  for (const [path, field, found] of cases)
    test(`${path} finds ${found.length} values in ${field}`, () =>
      assert.deepEqual(foundIn({ sensitivePaths: [path] }, field, text), found));
});

describe('patterns', () => {
  test('find their places in every field, with their name as the kind', () => {
    for (const field of ['args', 'kwargs', 'exception', 'log'] as const)
      assert.deepEqual(foundIn({ patterns: [patient] }, field, 'see PAT-1 and PAT-22'), [
        'patient:PAT-1',
        'patient:PAT-22',
      ]);
    assert.deepEqual(foundIn({ patterns: [patient] }, 'log', 'see PAT-x'), []);
  });

  test('limit the text to 64 KiB', () => {
    assert.equal(new OperatorDetector({ patterns: [patient] }).charsMax, 65_536);
    assert.equal(new OperatorDetector({ sensitivePaths: ['**.zip'] }).charsMax, Number.POSITIVE_INFINITY);
  });

  test('exceed the budget with more than 20,000 places', () => {
    const each = { name: 'each', find: (text: string) => Array.from(text, (_, index) => [index, index + 1] as const) };
    assert.equal(foundIn({ patterns: [each] }, 'log', 'x'.repeat(20_000)).length, 20_000);
    assert.throws(() => foundIn({ patterns: [each] }, 'log', 'x'.repeat(20_001)), RangeError);
  });
});

test('rules exist if there is a path or a pattern', () => {
  assert.equal(new OperatorDetector({}).hasRules, false);
  assert.equal(new OperatorDetector({ sensitivePaths: [], patterns: [] }).hasRules, false);
  assert.equal(new OperatorDetector({ sensitivePaths: ['**.zip'] }).hasRules, true);
  assert.equal(new OperatorDetector({ patterns: [patient] }).hasRules, true);
});
