import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formIn, formsOf } from './search.ts';

describe('the form of a canary in a text', () => {
  const value = 'Kx7pQ2vT9bW4mN1s';
  const forms = formsOf(value);
  const cases = [
    { name: 'as it is', text: `a ${value} b`, want: 'as it is' },
    { name: 'half of it', text: `a ${value.slice(0, 8)}[cut] b`, want: 'as it is' },
    { name: 'in base64 at each offset', text: Buffer.from(`xy${value}zz`).toString('base64'), want: 'in base64' },
    { name: 'in base64, one further', text: Buffer.from(`x${value}zz`).toString('base64'), want: 'in base64' },
    { name: 'in base64, from the start', text: Buffer.from(`${value}zz`).toString('base64url'), want: 'in base64' },
    { name: 'in hex', text: Buffer.from(value).toString('hex'), want: 'in hex' },
    { name: 'backwards', text: [...value].reverse().join(''), want: 'backwards' },
    { name: 'not in seven characters of it', text: `a ${value.slice(0, 7)} b`, want: undefined },
  ];
  for (const { name, text, want } of cases) test(name, () => assert.equal(formIn(text, forms), want));
  test('is found where URLs and JSON change its characters', () => {
    assert.equal(formIn(encodeURIComponent('a b"c/d&e'), formsOf('a b"c/d&e')), 'URL-encoded');
    assert.equal(formIn(JSON.stringify({ x: 'a"b\\c"d"e' }), formsOf('a"b\\c"d"e')), 'in JSON');
  });
});

describe('the forms of a canary', () => {
  test('are its parts of eight characters and its encodings', () => {
    const forms = formsOf('Kx7pQ2vT9b');
    assert.deepEqual(
      [...forms].filter(([, name]) => name === 'as it is').map(([form]) => form),
      ['Kx7pQ2vT', 'x7pQ2vT9', '7pQ2vT9b'],
    );
    assert.deepEqual([...new Set(forms.values())].sort(), ['as it is', 'backwards', 'in base64', 'in hex']);
  });

  test('leave out encodings that change nothing', () => {
    assert.ok(![...formsOf('Kx7pQ2vT9b').values()].includes('URL-encoded'));
    assert.ok([...formsOf('Kx7p/2vT9b').values()].includes('URL-encoded'));
  });
});
