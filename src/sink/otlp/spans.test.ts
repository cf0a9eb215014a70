import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAttempt, anException, aSend, aTask, attemptEnded, taskEnded } from '../../../test/fakes/transition.ts';
import type { TaskId } from '../../event/ids.ts';
import type { Outcome } from '../../lifecycle/transition.ts';
import { type Span, spansOf } from './spans.ts';

const timeout = anException('requests.exceptions.Timeout', 'no answer', 'Traceback …');

function only(spans: readonly Span[]): Span {
  assert.equal(spans.length, 1);
  return spans[0] as Span;
}

describe('the span of an attempt', () => {
  test('is a consumer below the task, from start to end', () => {
    const span = only(spansOf(attemptEnded()));
    assert.deepEqual(
      [span.name, span.kind, span.traceId, span.spanId, span.parentSpanId, span.startAt, span.endAt, span.isError],
      ['process mail.send', 'consumer', 'trace-1', 'attempt-span', 'task-span', 2_000, 5_000, false],
    );
    assert.equal(span.attributes['messaging.operation.type'], 'process');
    assert.equal(span.attributes['messaging.destination.name'], 'mail');
    assert.equal(span.attributes['celery.hostname'], 'celery@mail-1');
  });

  const times = [
    { name: 'without a start: from its receipt', fields: { startedAt: undefined }, want: [1_000, 5_000] },
    {
      name: 'without start and receipt: its end',
      fields: { startedAt: undefined, receivedAt: undefined },
      want: [5_000, 5_000.001],
    },
    {
      name: 'without any time: the first sign of the task',
      fields: { startedAt: undefined, receivedAt: undefined, endedAt: undefined },
      want: [500, 500.001],
    },
    {
      name: 'with an end before its start: the shortest duration',
      fields: { endedAt: 1_500 },
      want: [2_000, 2_000.001],
    },
  ];
  for (const { name, fields, want } of times)
    test(name, () => {
      const span = only(spansOf(attemptEnded({ attempt: anAttempt(fields) })));
      assert.deepEqual([span.startAt, span.endAt], want);
    });

  const outcomes = [
    ['succeeded', false],
    ['failed', true],
    ['retried', true],
    ['lost', true],
    ['revoked', false],
    ['rejected', false],
  ] as const;
  for (const [outcome, isError] of outcomes)
    test(`${outcome} is ${isError ? 'an error' : 'no error'}`, () => {
      const span = only(
        spansOf(attemptEnded({ attempt: anAttempt({ outcome, cause: 'app-error', exception: timeout }) })),
      );
      assert.equal(span.isError, isError);
      assert.equal(span.statusMessage, isError ? 'requests.exceptions.Timeout: no answer' : undefined);
      assert.equal(span.attributes['error.type'], isError ? 'requests.exceptions.Timeout' : undefined);
      assert.deepEqual(
        span.events.map(({ name, at }) => [name, at]),
        isError ? [['exception', 5_000]] : [],
      );
    });

  const statuses = [
    { exception: undefined, cause: 'worker-lost', want: 'worker-lost' },
    { exception: undefined, cause: undefined, want: 'failed' },
    { exception: anException('Timeout', ''), cause: undefined, want: 'Timeout' },
    { exception: anException('Timeout', 'x'.repeat(400)), cause: undefined, want: `Timeout: ${'x'.repeat(291)}` },
  ] as const;
  for (const { exception, cause, want } of statuses)
    test(`the status is "${want.slice(0, 20)}"`, () => {
      const span = only(spansOf(attemptEnded({ attempt: anAttempt({ outcome: 'failed', exception, cause }) })));
      assert.equal(span.statusMessage, want);
    });

  test('an exception event has type, message and stack trace, and no field without a value', () => {
    const withTrace = only(spansOf(attemptEnded({ attempt: anAttempt({ outcome: 'failed', exception: timeout }) })));
    assert.deepEqual(withTrace.events[0]?.attributes, {
      'exception.type': 'requests.exceptions.Timeout',
      'exception.message': 'no answer',
      'exception.stacktrace': 'Traceback …',
    });
    const without = only(
      spansOf(attemptEnded({ attempt: anAttempt({ outcome: 'failed', exception: anException('A', 'b') }) })),
    );
    assert.deepEqual(without.events[0]?.attributes, { 'exception.type': 'A', 'exception.message': 'b' });
  });

  const links = [
    { name: 'a retry links to the attempt before', isRedelivery: false, want: 'retry-of' },
    { name: 'a redelivery links to the delivery before', isRedelivery: true, want: 'redelivery-of' },
  ];
  for (const { name, isRedelivery, want } of links)
    test(name, () => {
      const first = anAttempt({ spanId: 'first-span' });
      const second = anAttempt({ key: '1.1', number: 2, retries: 1, isRedelivery });
      const task = aTask({ attempts: [first, second] });
      const span = only(spansOf(attemptEnded({ task, attempt: second })));
      assert.deepEqual(span.links, [
        { traceId: 'trace-1', spanId: 'first-span', attributes: { 'taskvigil.link': want } },
      ]);
    });

  test('the first attempt of an unpublished task has no link', () =>
    assert.deepEqual(only(spansOf(attemptEnded())).links, []));
});

describe('the span before an attempt', () => {
  test('is the publication, if it was received', () => {
    const [send, process, ...more] = spansOf(attemptEnded({ wait: { send: aSend(), startAt: 500, endAt: 2_000 } }));
    assert.deepEqual(more, []);
    assert.deepEqual(
      [send?.name, send?.kind, send?.spanId, send?.parentSpanId, send?.startAt, send?.endAt],
      ['send mail.send', 'producer', 'send-span', 'task-span', 500, 2_000],
    );
    assert.equal(send?.attributes['messaging.operation.type'], 'send');
    assert.equal(process?.name, 'process mail.send');
  });

  test('is a wait otherwise, with an id that every observer computes', () => {
    const ended = attemptEnded({ wait: { send: undefined, startAt: 1_000, endAt: 2_000 } });
    const [wait] = spansOf(ended);
    assert.deepEqual(
      [wait?.name, wait?.kind, wait?.startAt, wait?.endAt],
      ['wait mail.send', 'internal', 1_000, 2_000],
    );
    assert.match(wait?.spanId ?? '', /^[0-9a-f]{16}$/);
    assert.equal(spansOf(ended)[0]?.spanId, wait?.spanId);
  });

  test('names the routing key if the queue is unknown', () => {
    const send = aSend({ queue: undefined, routingKey: 'mail.fast' as never });
    const [span] = spansOf(attemptEnded({ wait: { send, startAt: 500, endAt: 2_000 } }));
    assert.equal(span?.attributes['messaging.destination.name'], 'mail.fast');
  });
});

describe('the span of a task', () => {
  test('is internal, from the first sign to the end, with the outcome', () => {
    const span = only(spansOf(taskEnded({ outcome: 'recovered' })));
    assert.deepEqual(
      [span.name, span.kind, span.spanId, span.startAt, span.endAt],
      ['mail.send', 'internal', 'task-span', 500, 5_000],
    );
    assert.deepEqual(
      [span.attributes['taskvigil.outcome'], span.attributes['taskvigil.attempts'], span.attributes['celery.state']],
      ['recovered', 1, 'success'],
    );
  });

  const outcomes: readonly (readonly [Outcome, boolean])[] = [
    ['succeeded', false],
    ['recovered', false],
    ['failed', true],
    ['exhausted', true],
    ['lost', true],
    ['vanished', true],
    ['revoked', false],
    ['expired', false],
    ['rejected', false],
    ['cancelled', false],
    ['unknown', false],
  ];
  for (const [outcome, isError] of outcomes)
    test(`${outcome} is ${isError ? 'an error' : 'no error'}`, () => {
      const span = only(spansOf(taskEnded({ outcome, cause: 'app-error' })));
      assert.equal(span.isError, isError);
      assert.equal(span.attributes['error.type'], isError ? 'app-error' : undefined);
    });

  test('a correction exports no second span', () => assert.deepEqual(spansOf(taskEnded({ corrects: 'lost' })), []));

  test('publications without an attempt come before it', () => {
    const spans = spansOf(taskEnded({ unbegun: [aSend({ spanId: 'a' }), aSend({ spanId: 'b', at: 700 })] }));
    assert.deepEqual(
      spans.map(({ name, startAt, endAt }) => [name, startAt, endAt]),
      [
        ['send mail.send', 500, 500.001],
        ['send mail.send', 700, 700.001],
        ['mail.send', 500, 5_000],
      ],
    );
  });

  test('an exception without an attempt stands on the task', () => {
    const task = aTask({ attempts: [], exception: anException('NotRegistered', 'mail.gone') });
    const span = only(spansOf(taskEnded({ task, attempt: undefined, outcome: 'failed', cause: 'unregistered' })));
    assert.equal(span.events[0]?.attributes['exception.type'], 'NotRegistered');
    assert.equal(span.statusMessage, 'NotRegistered: mail.gone');
  });

  test('with an attempt the exception stands on the attempt only', () => {
    const attempt = anAttempt({ outcome: 'failed', exception: timeout });
    const span = only(
      spansOf(taskEnded({ task: aTask({ attempts: [attempt] }), attempt, outcome: 'failed', cause: 'app-error' })),
    );
    assert.deepEqual(span.events, []);
    assert.equal(span.attributes['error.type'], 'requests.exceptions.Timeout');
  });

  const parents = [
    { name: 'no parent', fields: {}, parentSpanId: undefined, links: 0 },
    {
      name: 'a parent that was received',
      fields: { parentId: 'p' as TaskId, parentSpanId: 'parent-span' },
      parentSpanId: 'parent-span',
      links: 0,
    },
    { name: 'a parent that was not received', fields: { parentId: 'p' as TaskId }, parentSpanId: undefined, links: 1 },
  ];
  for (const { name, fields, parentSpanId, links } of parents)
    test(`with ${name}`, () => {
      const span = only(spansOf(taskEnded({ task: aTask(fields) })));
      assert.equal(span.parentSpanId, parentSpanId);
      assert.equal(span.links.length, links);
    });

  test('a task without a name has spans all the same', () => {
    assert.equal(only(spansOf(taskEnded({ task: aTask({ name: undefined }) }))).name, 'unknown task');
  });
});

test('transitions that complete no span have none', () => {
  const task = aTask();
  assert.deepEqual(spansOf({ kind: 'task-queued', at: 1, task }), []);
  assert.deepEqual(spansOf({ kind: 'attempt-started', at: 1, task, attempt: anAttempt() }), []);
  assert.deepEqual(spansOf({ kind: 'task-noted', at: 1, task, note: { what: 'overdue', runningMs: 1 } }), []);
});
