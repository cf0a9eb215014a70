import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Hostname, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { Observation } from './observation.ts';
import { Retries } from './retries.ts';

type AttemptEnded = Extract<Observation, { kind: 'attempt-ended' }>;

const minute = 60_000;
const hour = 60 * minute;
const now = 1_000 * hour;
const host = 'celery@mail-1' as Hostname;

function ended(fields: Partial<AttemptEnded> = {}): AttemptEnded {
  return {
    kind: 'attempt-ended',
    at: now,
    attempt: 'a',
    taskId: 'task-1' as TaskId,
    retries: 0,
    task: 'mail.send',
    queue: 'mail',
    host,
    outcome: 'succeeded',
    runtimeMs: undefined,
    retry: undefined,
    ...fields,
  };
}

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
