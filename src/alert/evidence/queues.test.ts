import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TaskId } from '../../event/ids.ts';
import { type QueueEvidence, Queues, waitOf } from './queues.ts';

const second = 1_000;
const minute = 60 * second;
const start = 1_000_000_000;

const id = (name: string): TaskId => name as TaskId;

function wait(queues: Queues, taskId: string, at: number, retries = 0): void {
  queues.wait({ taskId: id(taskId), retries, task: 'mail.send', queue: 'mail', since: start + at });
}

function queueIn(queues: Queues, name = 'mail'): QueueEvidence {
  const found = [...queues.all()].find((queue) => queue.name === name);
  assert.ok(found !== undefined, `no queue ${name}`);
  return found;
}

const waitAt = (queues: Queues, at: number): number => waitOf(queueIn(queues), start + at);

describe('published and not started', () => {
  test('the wait is the age of the oldest message', () => {
    const queues = new Queues();
    wait(queues, 'a', 0);
    wait(queues, 'b', 20 * second);
    assert.equal(waitAt(queues, minute), minute);
  });

  test('a started task no longer waits', () => {
    const queues = new Queues();
    wait(queues, 'a', 0);
    wait(queues, 'b', 20 * second);
    queues.take(id('a'), 0, start + 30 * second);
    assert.equal(waitAt(queues, minute), 40 * second);
    queues.take(id('b'), 0, start + 50 * second);
    assert.equal(waitAt(queues, minute), 0);
  });

  test('a publication that arrives after the start of its task does not wait', () => {
    const queues = new Queues();
    queues.take(id('a'), 0, start, 'mail');
    wait(queues, 'a', 0);
    assert.equal(waitAt(queues, minute), 0);
  });

  test('a retry of a started task waits again', () => {
    const queues = new Queues();
    queues.take(id('a'), 0, start, 'mail');
    wait(queues, 'a', 10 * second, 1);
    assert.equal(waitAt(queues, minute), 50 * second);
  });

  test('the receipt of a sent task does not restart its wait', () => {
    const queues = new Queues();
    wait(queues, 'a', 0);
    wait(queues, 'a', 30 * second);
    assert.equal(waitAt(queues, minute), minute);
  });

  test('a publication ten minutes later is another wait', () => {
    const queues = new Queues();
    wait(queues, 'a', 0);
    wait(queues, 'a', 10 * minute);
    assert.equal(waitAt(queues, 11 * minute), minute);
  });

  test('a revoked task no longer waits', () => {
    const queues = new Queues();
    wait(queues, 'a', 0);
    queues.drop(id('a'));
    queues.drop(id('never-sent'));
    assert.equal(waitAt(queues, minute), 0);
  });

  test('messages from before a gap no longer wait, later ones do', () => {
    const queues = new Queues();
    wait(queues, 'a', 0);
    wait(queues, 'b', 31 * second);
    queues.noteGap(start + 30 * second);
    assert.equal(waitAt(queues, minute), 29 * second);
  });

  test('a future eta is no wait yet', () => {
    const queues = new Queues();
    wait(queues, 'a', 10 * minute);
    assert.equal(waitAt(queues, minute), 0);
  });
});

describe('overtaken messages', () => {
  /** `a` waits since 0; then `count` messages, published a minute later, start. */
  function overtaken(count: number): Queues {
    const queues = new Queues();
    wait(queues, 'a', 0);
    for (let index = 0; index < count; index += 1) {
      wait(queues, `later-${index}`, minute);
      queues.take(id(`later-${index}`), 0, start + minute + second);
    }
    return queues;
  }

  test('two later messages that started may have been reserved together', () => {
    assert.equal(waitAt(overtaken(2), 2 * minute), 2 * minute);
  });

  test('three later messages that started mean that the start was missed', () => {
    assert.equal(waitAt(overtaken(3), 2 * minute), 0);
  });
});

describe('queue length without publications', () => {
  test('the wait follows from the length and the pace of the workers', () => {
    const queues = new Queues();
    for (let index = 0; index < 10; index += 1) queues.take(id(`${index}`), 0, start + index * second, 'mail');
    queues.noteDepth('mail', 4, start + 10 * second);
    assert.equal(waitAt(queues, 10 * second), (4 * 5 * minute) / 10);
  });

  test('with no start at all the wait is the time since messages were first there', () => {
    const queues = new Queues();
    queues.noteDepth('mail', 4, start);
    queues.noteDepth('mail', 9, start + minute);
    assert.equal(waitAt(queues, 90 * second), 90 * second);
  });

  test('a start restarts that time', () => {
    const queues = new Queues();
    queues.noteDepth('mail', 4, start);
    queues.take(id('a'), 0, start + 10 * second, 'mail');
    assert.equal(queueIn(queues).idleSince, undefined);
    queues.noteDepth('mail', 4, start + 20 * second);
    assert.equal(queueIn(queues).idleSince, start + 20 * second);
  });

  test('an empty queue has no wait, and no time without starts', () => {
    const queues = new Queues();
    queues.noteDepth('mail', 4, start);
    queues.noteDepth('mail', 0, start + second);
    assert.equal(waitAt(queues, minute), 0);
    assert.equal(queueIn(queues).idleSince, undefined);
  });

  test('a length older than two minutes counts for nothing', () => {
    const queues = new Queues();
    queues.noteDepth('mail', 4, start);
    assert.equal(waitAt(queues, 2 * minute), 2 * minute);
    assert.equal(waitAt(queues, 2 * minute + 1), 0);
  });
});

describe('bounds', () => {
  test('the oldest of 20,000 waiting messages is dropped for a new one', () => {
    const queues = new Queues();
    for (let index = 0; index <= 20_000; index += 1) wait(queues, `task-${index}`, index);
    assert.equal(queueIn(queues).waiting.size, 20_000);
    assert.equal(queueIn(queues).waiting.has(id('task-0')), false);
  });

  test('at most 50 task names are kept for a queue', () => {
    const queues = new Queues();
    for (let index = 0; index < 60; index += 1)
      queues.wait({ taskId: id(`${index}`), retries: 0, task: `task-${index}`, queue: 'mail', since: start });
    assert.equal(queueIn(queues).tasks.size, 50);
  });

  test('at most 1,000 queues are kept', () => {
    const queues = new Queues();
    for (let index = 0; index <= 1_000; index += 1) queues.noteDepth(`queue-${index}`, 1, start);
    assert.equal([...queues.all()].length, 1_000);
  });
});
