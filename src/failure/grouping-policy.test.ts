import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTraceback } from '../event/python/traceback.ts';
import type { Redacted } from '../event/untrusted.ts';
import { classOf } from './classify/class.ts';
import type { FailureFacts } from './facts.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { groupingOf } from './grouping.ts';
import { type GroupingRule, noPolicy, ruleFor } from './grouping-policy.ts';

const fingerprintOf = (facts: FailureFacts, rules: readonly GroupingRule[] = []): string =>
  fingerprintsOf(facts, rules)[0];

const factsOf = (
  facts: { readonly task?: string; readonly last?: string; readonly at?: string } = {},
): FailureFacts => {
  const { task = 'depot.ship.send', last = 'depot.errors.CarrierError: quota of 5 reached', at = 'book' } = facts;
  const text =
    'Traceback (most recent call last):\n' +
    '  File "/app/depot/ship.py", line 1, in send\n    carrier.book(order)\n' +
    `  File "/app/depot/carrier.py", line 9, in ${at}\n    answer.check()\n${last}\n`;
  const exception = parseTraceback(text as Redacted);
  return { taskName: task, cause: 'app-error', signal: undefined, type: exception?.type, message: '', exception };
};

const nothing = { tasks: [], exceptions: [], messages: [], frames: [] };
const ruleOf = (match: Partial<GroupingRule['match']>, then: Partial<GroupingRule> = {}): GroupingRule => ({
  name: 'rule',
  match: { ...nothing, ...match },
  parts: undefined,
  isIgnored: false,
  class: undefined,
  ...then,
});

const cases: readonly (readonly [string, Partial<GroupingRule['match']>, boolean])[] = [
  ['the task', { tasks: ['depot.*'] }, true],
  ['another task', { tasks: ['billing.*'] }, false],
  ['one of two tasks', { tasks: ['billing.*', '*.send'] }, true],
  ['the class with its module', { exceptions: ['depot.errors.*'] }, true],
  ['the class without its module', { exceptions: ['CarrierError'] }, true],
  ['another class', { exceptions: ['KeyError'] }, false],
  ['the message', { messages: ['*quota*'] }, true],
  ['a part of the message that is no glob', { messages: ['quota'] }, false],
  ['a frame', { frames: ['depot.carrier.book'] }, true],
  ['a frame further out', { frames: ['depot.ship.*'] }, true],
  ['no frame', { frames: ['depot.mail.*'] }, false],
  ['two things, one of them not', { tasks: ['depot.*'], exceptions: ['KeyError'] }, false],
];
for (const [name, match, want] of cases) {
  test(`a rule that asks for ${name} ${want ? 'governs' : 'does not govern'}`, () => {
    assert.equal(ruleFor(factsOf(), [ruleOf(match)]) !== undefined, want);
  });
}

test('the first rule that matches governs', () => {
  const rules = [
    ruleOf({ tasks: ['x'] }, { name: 'no' }),
    ruleOf({}, { name: 'first' }),
    ruleOf({}, { name: 'second' }),
  ];
  assert.equal(ruleFor(factsOf(), rules)?.name, 'first');
});

test('a failure without a traceback is matched by type and message', () => {
  const facts = { ...factsOf(), exception: undefined, type: 'KeyError', message: "'a'" };
  assert.ok(ruleFor(facts, [ruleOf({ exceptions: ['KeyError'], messages: ["'?'"] })]));
  assert.equal(ruleFor(facts, [ruleOf({ frames: ['*'] })]), undefined);
  assert.equal(ruleFor({ ...facts, type: undefined }, [ruleOf({ messages: ['*'] })]), undefined);
});

const own = (parts: readonly string[]): GroupingRule[] => [ruleOf({}, { parts })];

test('failures with equal parts of a rule are one group, with different parts two', () => {
  const one = factsOf();
  const other = factsOf({ at: 'rebook', last: 'depot.errors.CarrierError: no answer' });
  assert.notEqual(fingerprintOf(one), fingerprintOf(other));
  assert.equal(fingerprintOf(one, own(['carrier'])), fingerprintOf(other, own(['carrier'])));
  assert.equal(
    fingerprintOf(one, own(['{task}', '{exception}'])),
    fingerprintOf(other, own(['{task}', '{exception}'])),
  );
  assert.notEqual(fingerprintOf(one, own(['{message}'])), fingerprintOf(other, own(['{message}'])));
  assert.notEqual(fingerprintOf(one, own(['{place}'])), fingerprintOf(other, own(['{place}'])));
});

test('each part stands for a property of the failure', () => {
  const facts = factsOf({ last: 'requests.HTTPError: 503 Server Error: Busy for url: http://x/7' });
  const parts = ['mine', '{task}', '{exception}', '{codes}', '{place}', '{path}', '{message}', '{default}'];
  assert.deepEqual(groupingOf(facts, own(parts)), [
    'mine',
    'depot.ship.send',
    'HTTPError',
    ['503'],
    'depot.carrier:book',
    ['depot.ship:send', 'depot.carrier:book'],
    '<…> Server Error for url: <…>',
    groupingOf(facts),
  ]);
});

test('a rule that matches no failure leaves its fingerprint as it was', () => {
  assert.equal(fingerprintOf(factsOf(), [ruleOf({ tasks: ['x'] }, { parts: ['x'] })]), fingerprintOf(factsOf()));
});

test('the class of a rule wins over that of the list, and that over what is built in', () => {
  const facts = factsOf({ last: 'requests.exceptions.Timeout: 7 s' });
  const classes = [{ exception: 'requests.*', class: 'cancelled' }] as const;
  assert.deepEqual(classOf(facts).class, 'transient');
  assert.deepEqual(classOf(facts, { ...noPolicy, classes }).class, 'cancelled');
  assert.deepEqual(classOf(facts, { classes, rules: [ruleOf({}, { class: 'resource' })] }).class, 'resource');
});

test('a class is given to what an exception was raised from as well', () => {
  const cause = 'Traceback (most recent call last):\n  File "/app/a.py", line 1, in f\n    go()\npartner.Away: 1\n';
  const text = `${cause}\nThe above exception was the direct cause of the following exception:\n\n${cause.replace('partner.Away', 'shop.Failed')}`;
  const facts = { ...factsOf(), exception: parseTraceback(text as Redacted) };
  const verdict = classOf(facts, { ...noPolicy, classes: [{ exception: 'Away', class: 'transient' }] });
  assert.deepEqual(verdict, { class: 'transient', by: 'classes', type: 'partner.Away' });
});
