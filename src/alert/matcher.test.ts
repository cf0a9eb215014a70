import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Redacted } from '../event/untrusted.ts';
import { matches, matchesEverything } from './matcher.ts';
import type { Matcher } from './policy.ts';
import type { Subject } from './signal.ts';

const subject: Subject = {
  tasks: ['mail.send', 'mail.receive'],
  exceptions: ['Timeout'],
  hosts: [],
  pools: ['celery@mail'],
  queues: ['mail-fast'],
  title: 'Timeout: no answer' as Redacted,
  fingerprint: undefined,
  class: 'transient',
  cause: 'app-error',
  example: undefined,
};
const unknown: Subject = { ...subject, tasks: [], exceptions: [], pools: [], queues: [], class: undefined };

const cases: readonly (readonly [name: string, matcher: Partial<Matcher>, known: boolean, ofUnknown: boolean])[] = [
  ['no list', {}, true, true],
  ['a task', { tasks: ['mail.send'] }, true, false],
  ['a glob over the second task', { tasks: ['*.receive'] }, true, false],
  ['another task', { tasks: ['pay.*'] }, false, false],
  ['one of two globs', { tasks: ['pay.*', 'mail.*'] }, true, false],
  ['an exception', { exceptions: ['Time*'] }, true, false],
  ['a queue', { queues: ['mail-*'] }, true, false],
  ['a pool', { pools: ['*@mail'] }, true, false],
  ['another pool', { pools: ['*@pay'] }, false, false],
  ['the signal', { signals: ['failures.new'] }, true, true],
  ['the family of the signal', { signals: ['failures'] }, true, true],
  ['another signal', { signals: ['failures.surge'] }, false, false],
  ['the class', { classes: ['bug', 'transient'] }, true, false],
  ['another class', { classes: ['bug'] }, false, false],
  ['two lists that both match', { tasks: ['mail.*'], queues: ['mail-*'] }, true, false],
  ['two lists of which one does not match', { tasks: ['mail.*'], queues: ['pay'] }, false, false],
];
for (const [name, matcher, known, ofUnknown] of cases) {
  test(`a matcher with ${name}`, () => {
    const complete = { ...matchesEverything, ...matcher };
    assert.equal(matches(complete, subject, 'failures.new'), known, 'a subject with all names');
    assert.equal(matches(complete, unknown, 'failures.new'), ofUnknown, 'a subject without names');
  });
}
