import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aboutValues, classByRules, named, typed, worded } from './rule.ts';

test('the first rule that matches wins', () => {
  const rules = [named('bug', /^Broken$/), typed('resource', /^depot\./), worded('transient', /./, /later/)];
  assert.equal(classByRules(rules, 'depot.Broken', 'later'), 'bug');
  assert.equal(classByRules(rules, 'depot.Other', 'later'), 'resource');
  assert.equal(classByRules(rules, 'shop.Other', 'later'), 'transient');
  assert.equal(classByRules(rules, 'shop.Other', 'never'), undefined);
});

const names: readonly (readonly [string, boolean])[] = [
  ['ValueError', true],
  ['UnicodeDecodeError', true],
  ['ValidationError', true],
  ['CheckViolation', true],
  ['ConfigurationError', true],
  ['RuntimeError', false],
  ['PartnerError', false],
  ['ConnectionError', false],
];
for (const [name, want] of names)
  test(`${name} is ${want ? '' : 'not '}about a value`, () => assert.equal(aboutValues.test(name), want));
