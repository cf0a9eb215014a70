import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAttempt, anException, aTask, attemptEnded, taskEnded } from '../../../test/fakes/transition.ts';
import type { Note, Outcome } from '../../lifecycle/transition.ts';
import { recordOf } from './log-records.ts';

const timeout = anException('Timeout', 'no answer', 'Traceback …');

describe('records of attempts', () => {
  test('a start refers to the span of the attempt', () => {
    const record = recordOf({ kind: 'attempt-started', at: 9, task: aTask(), attempt: anAttempt({ number: 2 }) });
    assert.deepEqual(
      [record.at, record.severity, record.body, record.traceId, record.spanId],
      [9, 'DEBUG', 'mail.send attempt 2 started', 'trace-1', 'attempt-span'],
    );
    assert.equal(record.attributes['taskvigil.transition'], 'attempt-started');
  });

  test('a start has nothing of the end, although that may be known already', () => {
    const attempt = anAttempt({ outcome: 'failed', cause: 'app-error', exception: timeout });
    const { attributes } = recordOf({ kind: 'attempt-started', at: 9, task: aTask(), attempt });
    const ofEnd = ['taskvigil.outcome', 'taskvigil.cause', 'error.type'].filter((name) => name in attributes);
    assert.deepEqual([attributes['taskvigil.attempt'], ofEnd], [1, []]);
  });

  const ends = [
    { fields: { outcome: 'succeeded' }, severity: 'DEBUG', body: 'mail.send attempt 1 succeeded' },
    { fields: { outcome: 'lost' }, severity: 'WARN', body: 'mail.send attempt 1 lost' },
    {
      fields: { outcome: 'failed', exception: timeout },
      severity: 'INFO',
      body: 'mail.send attempt 1 failed: Timeout',
    },
    {
      fields: { outcome: 'retried', exception: timeout },
      severity: 'INFO',
      body: 'mail.send attempt 1 retried: Timeout',
    },
    { fields: { outcome: undefined }, severity: 'INFO', body: 'mail.send attempt 1 ended' },
  ] as const;
  for (const { fields, severity, body } of ends)
    test(body, () => {
      const record = recordOf(attemptEnded({ attempt: anAttempt(fields) }));
      assert.deepEqual([record.severity, record.body], [severity, body]);
    });
});

describe('records of ended tasks', () => {
  const severities: Readonly<Record<Outcome, string>> = {
    succeeded: 'INFO',
    recovered: 'WARN',
    failed: 'ERROR',
    exhausted: 'ERROR',
    revoked: 'INFO',
    expired: 'WARN',
    rejected: 'WARN',
    cancelled: 'INFO',
    lost: 'ERROR',
    vanished: 'ERROR',
    unknown: 'WARN',
  };
  for (const [outcome, severity] of Object.entries(severities) as [Outcome, string][])
    test(`${outcome} has severity ${severity}`, () =>
      assert.equal(recordOf(taskEnded({ outcome })).severity, severity));

  test('the exception of the deciding attempt is in the record', () => {
    const attempt = anAttempt({ outcome: 'failed', exception: timeout });
    const record = recordOf(
      taskEnded({ task: aTask({ attempts: [attempt] }), attempt, outcome: 'failed', cause: 'app-error' }),
    );
    assert.equal(record.body, 'mail.send failed: Timeout');
    assert.deepEqual(
      [
        record.attributes['exception.type'],
        record.attributes['exception.message'],
        record.attributes['exception.stacktrace'],
      ],
      ['Timeout', 'no answer', 'Traceback …'],
    );
    assert.equal(record.spanId, 'task-span');
  });

  test('the cause stands where there is no exception', () => {
    assert.equal(recordOf(taskEnded({ outcome: 'lost', cause: 'worker-lost' })).body, 'mail.send lost: worker-lost');
  });

  test('a correction names the outcome that was reported before', () => {
    const record = recordOf(taskEnded({ outcome: 'succeeded', corrects: 'lost' }));
    assert.match(record.body, /^mail\.send succeeded \(.*lost\)$/);
    assert.equal(record.attributes['taskvigil.corrects'], 'lost');
  });
});

describe('records of notes', () => {
  const notes: readonly (readonly [note: Note, severity: string, attributes: Readonly<Record<string, string>>])[] = [
    [{ what: 'suspected', of: 'lost' }, 'WARN', { 'taskvigil.suspected': 'lost' }],
    [
      { what: 'cleared', of: 'vanished', by: 'broker' },
      'INFO',
      { 'taskvigil.suspected': 'vanished', 'taskvigil.cleared_by': 'broker' },
    ],
    [{ what: 'overdue', runningMs: 61_000 }, 'WARN', {}],
    [
      { what: 'comes-back', because: 'unacknowledged', at: 0 },
      'WARN',
      { 'taskvigil.comes_back.reason': 'unacknowledged', 'taskvigil.comes_back.at': '1970-01-01T00:00:00.000Z' },
    ],
    [{ what: 'comes-back', because: 'reserved', at: undefined }, 'WARN', { 'taskvigil.comes_back.reason': 'reserved' }],
    [{ what: 'run-twice', runs: 2 }, 'WARN', {}],
    [{ what: 'poison-loop', starts: 4 }, 'ERROR', {}],
  ];
  for (const [note, severity, attributes] of notes)
    test(`${note.what}${'because' in note ? ` (${note.because})` : ''}`, () => {
      const record = recordOf({ kind: 'task-noted', at: 3, task: aTask(), note });
      assert.equal(record.severity, severity);
      assert.equal(record.attributes['taskvigil.note'], note.what);
      const own = Object.fromEntries(
        Object.entries(record.attributes).filter(([name]) => /suspected|cleared_by|comes_back/.test(name)),
      );
      assert.deepEqual(own, attributes);
    });

  test('figures of a note are in its text', () => {
    const body = (note: Note): string => recordOf({ kind: 'task-noted', at: 3, task: aTask(), note }).body;
    assert.match(body({ what: 'overdue', runningMs: 61_400 }), /\b61 s\b/);
    assert.match(body({ what: 'run-twice', runs: 3 }), /\b3 times\b/);
    assert.match(body({ what: 'poison-loop', starts: 4 }), /\b4 times\b/);
    assert.match(body({ what: 'comes-back', because: 'eta', at: 0 }), /1970-01-01T00:00:00\.000Z/);
  });
});

test('a queued task without a name has a record', () => {
  const record = recordOf({ kind: 'task-queued', at: 1, task: aTask({ name: undefined }) });
  assert.deepEqual([record.severity, record.body, record.spanId], ['DEBUG', 'unknown task queued', 'task-span']);
});
