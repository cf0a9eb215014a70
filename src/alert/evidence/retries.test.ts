import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AttemptEnded, observedEnd } from '../../../test/fakes/attempt-ended.ts';
import type { TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { Retries } from './retries.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = 1_000 * hour;

const ended = (fields: Partial<AttemptEnded> = {}): AttemptEnded => observedEnd(now, fields);

const retry = (exception: string, title = `${exception}: no answer`) => ({
  exception,
  title: title as Redacted,
  traceId: `trace of ${title}`,
});

describe('retries', () => {
  test('are counted by task and exception', () => {
    const retries = new Retries();
    retries.add(ended({ outcome: 'retried', retry: retry('Timeout') }));
    retries.add(ended({ outcome: 'retried', retry: retry('Timeout') }));
    retries.add(ended({ outcome: 'retried', retry: retry('Refused') }));
    const timeouts = retries.get({ kind: 'retry', task: 'mail.send', exception: 'Timeout' });
    assert.equal(timeouts?.total, 2);
    assert.equal(timeouts?.window.count(now, minute), 2);
    assert.equal(retries.get({ kind: 'retry', task: 'mail.send', exception: 'Refused' })?.total, 1);
  });

  test('without a task name or an exception are not counted', () => {
    const retries = new Retries();
    retries.add(ended({ outcome: 'retried', task: undefined, retry: retry('Timeout') }));
    retries.add(ended({ outcome: 'retried', retry: undefined }));
    assert.deepEqual([...retries.touched()], []);
  });

  test('show the last title and example', () => {
    const retries = new Retries();
    retries.add(ended({ outcome: 'retried', retry: retry('Timeout', 'Timeout: 1 s') }));
    retries.add(ended({ outcome: 'retried', taskId: 'task-2' as TaskId, retry: retry('Timeout', 'Timeout: 2 s') }));
    const [evidence, ...more] = retries.touched();
    assert.equal(evidence?.title, 'Timeout: 2 s');
    assert.deepEqual(evidence?.example, { taskId: 'task-2', traceId: 'trace of Timeout: 2 s' });
    assert.deepEqual(more, []);
    retries.clearTouched();
    assert.deepEqual([...retries.touched()], []);
  });

  test('the first of 2,000 is forgotten for another one', () => {
    const retries = new Retries();
    for (let index = 0; index <= 2_000; index += 1)
      retries.add(ended({ outcome: 'retried', task: `task-${index}`, retry: retry('Timeout') }));
    assert.equal(retries.get({ kind: 'retry', task: 'task-0', exception: 'Timeout' }), undefined);
    assert.equal(retries.get({ kind: 'retry', task: 'task-2000', exception: 'Timeout' })?.total, 1);
  });
});
