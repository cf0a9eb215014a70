import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { foldedWord } from './spelling.ts';
import * as vocabulary from './vocabulary.ts';

describe('every word list', () => {
  for (const [name, words] of Object.entries(vocabulary)) {
    test(`${name} holds folded words without spaces`, () => {
      assert.ok(words.size > 0);
      for (const word of words) {
        assert.equal(foldedWord(word), word);
        assert.doesNotMatch(word, /\s/);
      }
    });
  }
});

test('no fact about a secret is the name of a password or a token', () => {
  for (const word of vocabulary.harmlessTails) {
    assert.ok(!vocabulary.passwordWords.has(word), word);
    assert.ok(!vocabulary.cookieWords.has(word), word);
  }
});

test('a qualifier of a key is not itself a word for key', () => {
  for (const word of vocabulary.keyQualifiers) assert.ok(!vocabulary.keyWords.has(word), word);
});
