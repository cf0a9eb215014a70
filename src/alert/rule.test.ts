import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FailureFacts, failureOf } from '../../test/fakes/failure.ts';
import { defaultRules, groupKeyOf, type Rule, type RuleMatch, ruleFor } from './rule.ts';

const anything: RuleMatch = { tasks: [], queues: [], causes: [] };
const [everything] = defaultRules({ channel: '#alerts' });

const matches: readonly { name: string; match: Partial<RuleMatch>; failure: FailureFacts; want: boolean }[] = [
  { name: 'an empty list takes every task', match: {}, failure: {}, want: true },
  { name: 'an empty list takes a task without a name', match: {}, failure: { task: undefined }, want: true },
  { name: 'a star takes no task without a name', match: { tasks: ['*'] }, failure: { task: undefined }, want: false },
  { name: 'a name takes itself', match: { tasks: ['a.b'] }, failure: { task: 'a.b' }, want: true },
  { name: 'a name takes nothing longer', match: { tasks: ['a.b'] }, failure: { task: 'a.bc' }, want: false },
  { name: 'a name takes nothing shorter', match: { tasks: ['a.b'] }, failure: { task: 'a.' }, want: false },
  { name: 'a dot is a dot', match: { tasks: ['a.b'] }, failure: { task: 'aXb' }, want: false },
  { name: 'a star crosses dots', match: { tasks: ['a.*'] }, failure: { task: 'a.b.c' }, want: true },
  { name: 'a star may be nothing', match: { tasks: ['a*'] }, failure: { task: 'a' }, want: true },
  {
    name: 'a star gives back what it took',
    match: { tasks: ['*.send*x'] },
    failure: { task: 'a.send.send.x' },
    want: true,
  },
  { name: 'a question mark is one character', match: { tasks: ['a?c'] }, failure: { task: 'abc' }, want: true },
  { name: 'a question mark is not nothing', match: { tasks: ['a?c'] }, failure: { task: 'ac' }, want: false },
  { name: 'any glob of a list will do', match: { tasks: ['x', 'a.*'] }, failure: { task: 'a.b' }, want: true },
  {
    name: 'task and queue must both match',
    match: { tasks: ['a'], queues: ['q'] },
    failure: { task: 'a', queue: 'p' },
    want: false,
  },
  { name: 'an unknown queue matches no glob', match: { queues: ['*'] }, failure: { queue: undefined }, want: false },
  { name: 'a cause matches', match: { causes: ['worker-lost'] }, failure: { cause: 'worker-lost' }, want: true },
  { name: 'a class matches', match: { causes: ['resource'] }, failure: { class: 'resource' }, want: true },
  { name: 'another cause does not', match: { causes: ['worker-lost'] }, failure: { cause: 'app-error' }, want: false },
];
for (const { name, match, failure, want } of matches) {
  test(`a rule matches: ${name}`, () => {
    const rule: Rule = { ...everything!, match: { ...anything, ...match } };
    assert.equal(ruleFor([rule], failureOf(failure)) !== undefined, want);
  });
}

test('the first rule that matches governs', () => {
  const first: Rule = { ...everything!, name: 'first', match: { ...anything, tasks: ['a'] } };
  const second: Rule = { ...everything!, name: 'second', match: anything };
  assert.equal(ruleFor([first, second], failureOf({ task: 'a' }))?.name, 'first');
  assert.equal(ruleFor([first, second], failureOf({ task: 'b' }))?.name, 'second');
  assert.equal(ruleFor([], failureOf()), undefined);
});

test('without configuration everything is told but what somebody stopped, critical tasks at once', () => {
  const rules = defaultRules({ channel: '#alerts', critical: ['payouts.*'] });
  const critical = ruleFor(rules, failureOf({ task: 'payouts.send' }));
  assert.deepEqual([critical?.name, critical?.threshold, critical?.waitMs], ['critical', 1, 0]);
  const other = ruleFor(rules, failureOf({ task: 'mail.send' }));
  assert.deepEqual([other?.name, other?.threshold, other?.windowMs], ['default', 3, 600_000]);
  assert.equal(ruleFor(rules, failureOf({ class: 'cancelled', cause: 'terminated' })), undefined);
  assert.deepEqual(
    defaultRules({ channel: '#alerts', critical: [] }).map(({ name }) => name),
    ['default'],
  );
});

test('failures of one cause under one rule are one group', () => {
  const failure = failureOf({ fingerprint: 'f00d' });
  assert.equal(groupKeyOf(everything!, failure), 'default:f00d');
});

test('a glob made to hurt is answered at once', () => {
  const rule: Rule = { ...everything!, match: { ...anything, tasks: [`${'*a'.repeat(100)}b`] } };
  assert.equal(ruleFor([rule], failureOf({ task: 'a'.repeat(256) })), undefined);
});
