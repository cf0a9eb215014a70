import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '../report.ts';
import type { LogFields, LogLevel } from './log.ts';
import { createReporter } from './reporter.ts';

function reporterInto(count: (notice: Notice) => void = () => {}) {
  const lines: { level: LogLevel; msg: string; fields: LogFields | undefined }[] = [];
  const report = createReporter({
    log: (level, msg, fields) => lines.push({ level, msg, fields }),
    metrics: { count },
  });
  return { report, lines };
}

const levels: readonly { notice: Notice; want: LogLevel | undefined }[] = [
  { notice: { kind: 'started', version: '1', mode: 'sidecar', configDigest: 'abc' }, want: 'info' },
  { notice: { kind: 'stopping', reason: 'SIGTERM' }, want: 'info' },
  { notice: { kind: 'stopped', undelivered: 0 }, want: 'info' },
  { notice: { kind: 'stopped', undelivered: 3 }, want: 'warn' },
  { notice: { kind: 'listening', address: ':9464' }, want: 'info' },
  { notice: { kind: 'source-connected', source: 'celery' }, want: 'info' },
  { notice: { kind: 'reloaded', isChanged: true, policy: 'abc', waiting: 0 }, want: 'info' },
  { notice: { kind: 'config-warning', warning: 'x' }, want: 'warn' },
  { notice: { kind: 'restart-needed', options: ['ops'] }, want: 'warn' },
  { notice: { kind: 'reload-refused', problems: ['tv.yaml:1:1: x'] }, want: 'error' },
  { notice: { kind: 'source-disconnected', source: 'celery', reason: 'closed', retryInMs: 1 }, want: 'warn' },
  { notice: { kind: 'gap', source: 'celery', cause: 'too-slow', fromMs: 0, toMs: 5 }, want: 'warn' },
  { notice: { kind: 'worker-lost', hostname: 'celery@a', silentMs: 30_000 }, want: 'warn' },
  { notice: { kind: 'delivery-failed', sink: 'slack', reason: 'x', count: 1, willRetry: true }, want: 'warn' },
  { notice: { kind: 'delivery-failed', sink: 'slack', reason: 'x', count: 1, willRetry: false }, want: 'error' },
  { notice: { kind: 'events-received', source: 'celery', type: 'task-sent', count: 1 }, want: undefined },
  { notice: { kind: 'event-shortened', source: 'celery', type: 'task-failed' }, want: 'warn' },
  { notice: { kind: 'message-rejected', source: 'celery', reason: 'not-json' }, want: undefined },
  { notice: { kind: 'delivered', sink: 'traces', count: 1 }, want: undefined },
  { notice: { kind: 'redacted', field: 'args', what: 'token', count: 1 }, want: undefined },
  { notice: { kind: 'decided', isNotified: false, reason: 'below-threshold', failures: 1 }, want: undefined },
  { notice: { kind: 'tracked-tasks', count: 1, unsure: 0 }, want: undefined },
  { notice: { kind: 'items-dropped', queue: 'tasks', reason: 'full', count: 1 }, want: 'error' },
  { notice: { kind: 'redaction-failed', field: 'args', reason: 'x' }, want: 'error' },
  { notice: { kind: 'bug', where: 'x', error: new Error('y') }, want: 'error' },
];
for (const { notice, want } of levels) {
  test(`${notice.kind} is ${want === undefined ? 'counted only' : `logged as ${want}`} (${JSON.stringify(notice)})`, () => {
    const counted: Notice[] = [];
    const { report, lines } = reporterInto((one) => counted.push(one));
    report(notice);
    assert.deepEqual(
      lines.map(({ level }) => level),
      want === undefined ? [] : [want],
    );
    assert.deepEqual(counted, [notice]);
  });
}

test('a line names its component', () => {
  const { report, lines } = reporterInto();
  report({ kind: 'source-connected', source: 'celery' });
  assert.deepEqual(lines, [
    { level: 'info', msg: 'source connected', fields: { component: 'source', source: 'celery' } },
  ]);
});

test('a bug is logged with its type and place, without a message that may quote data', () => {
  const { report, lines } = reporterInto();
  report({ kind: 'bug', where: 'pipeline', error: new TypeError('cannot read s3cret') });
  assert.equal(lines[0]?.fields?.['error'], 'TypeError');
  assert.match(String(lines[0]?.fields?.['at']), /reporter\.test\.ts/);
  assert.doesNotMatch(JSON.stringify(lines), /s3cret/);
});

test('reporting never throws', () => {
  const { report, lines } = reporterInto(() => {
    throw new Error('a label is wrong');
  });
  report({ kind: 'delivered', sink: 'traces', count: 1 });
  assert.equal(lines[0]?.level, 'error');
});

test('a refused reload shows the first ten problems and their number', () => {
  const { report, lines } = reporterInto();
  report({ kind: 'reload-refused', problems: Array.from({ length: 12 }, (_, index) => `problem ${index}`) });
  assert.equal(lines[0]?.fields?.['count'], 12);
  assert.match(String(lines[0]?.fields?.['problems']), /problem 9$/);
});

test('a gap shows its interval as ISO times', () => {
  const { report, lines } = reporterInto();
  report({ kind: 'gap', source: 'celery', cause: 'overload', fromMs: 0, toMs: 1_500 });
  assert.deepEqual(lines[0]?.fields, {
    component: 'source',
    source: 'celery',
    cause: 'overload',
    from: '1970-01-01T00:00:00.000Z',
    to: '1970-01-01T00:00:01.500Z',
  });
});

const texts: readonly { readonly notice: Notice; readonly msg: string }[] = [
  { notice: { kind: 'reloaded', isChanged: true, policy: 'p', waiting: 0 }, msg: 'configuration reloaded' },
  {
    notice: { kind: 'reloaded', isChanged: false, policy: 'p', waiting: 0 },
    msg: 'configuration reloaded without changes',
  },
  { notice: { kind: 'policies-differ', instances: 0 }, msg: 'all instances have the same policy' },
  { notice: { kind: 'policies-differ', instances: 2 }, msg: 'other instances have a different policy' },
];

for (const { notice, msg } of texts) {
  test(`the line of ${JSON.stringify(notice)} is "${msg}"`, () => {
    const { report, lines } = reporterInto();
    report(notice);
    assert.equal(lines[0]?.msg, msg);
  });
}

test('a bug that is not an Error is logged with the type of the value', () => {
  const { report, lines } = reporterInto();
  report({ kind: 'bug', where: 'pipeline', error: 's3cret' });
  assert.equal(lines[0]?.fields?.['error'], 'string');
  assert.doesNotMatch(JSON.stringify(lines), /s3cret/);
});
