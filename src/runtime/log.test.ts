import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from './clock.ts';
import { createLog, type LogOptions } from './log.ts';

function logInto(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const clock = createVirtualClock(Date.UTC(2026, 0, 2, 3, 4, 5));
  const log = createLog({ write: (line) => lines.push(line), level: 'info', format: 'json', clock, ...options });
  return { log, lines, clock };
}

test('a json line has time, level and message first, then the fields', () => {
  const { log, lines } = logInto();
  log('info', 'listening', { address: ':9464', nothing: undefined, count: 2 });
  assert.deepEqual(lines, [
    '{"ts":"2026-01-02T03:04:05.000Z","level":"info","msg":"listening","address":":9464","count":2}\n',
  ]);
});

test('a text line quotes values with blanks, quotes or equals signs', () => {
  const { log, lines } = logInto({ format: 'text' });
  log('warn', 'source disconnected', { source: 'celery', reason: 'no "route" here', retry_in_ms: 5 });
  assert.deepEqual(lines, [
    '2026-01-02T03:04:05.000Z WARN  source disconnected source=celery reason="no \\"route\\" here" retry_in_ms=5\n',
  ]);
});

test('records below the lowest level are not written', () => {
  const { log, lines } = logInto({ level: 'warn' });
  log('debug', 'a');
  log('info', 'b');
  log('warn', 'c');
  log('error', 'd');
  assert.equal(lines.length, 2);
});

const hostile = [
  { name: 'a newline', text: 'a\nb' },
  { name: 'a carriage return', text: 'a\rb' },
  { name: 'a terminal command', text: 'a\u001b[2Jb' },
  { name: 'a C1 command', text: 'a\u009b2Jb' },
  { name: 'a bidirectional override', text: 'a\u202eb' },
  { name: 'a line separator', text: 'a\u2028b' },
];
for (const format of ['json', 'text'] as const) {
  for (const { name, text } of hostile) {
    test(`${format}: ${name} stays one plain line`, () => {
      const { log, lines } = logInto({ format });
      log('info', text, { field: text });
      assert.equal(lines.length, 1);
      assert.match(lines[0]!, /^[\x20-\x7e]+\n$/);
    });
  }
}

test('a long text is cut', () => {
  const { log, lines } = logInto();
  log('info', 'x'.repeat(100_000));
  assert.ok(lines[0]!.length < 2_100);
});

test('the same error is written every 30 s, with the number of suppressed ones', () => {
  const { log, lines, clock } = logInto();
  const start = clock.now();
  for (let count = 1; count <= 5; count += 1) log('error', 'delivery failed', { sink: 'slack', count });
  log('error', 'delivery failed', { sink: 'traces', count: 1 });
  assert.equal(lines.length, 2);
  clock.advanceTo(start + 29_999);
  log('error', 'delivery failed', { sink: 'slack', count: 6 });
  assert.equal(lines.length, 2);
  clock.advanceTo(start + 30_000);
  log('error', 'delivery failed', { sink: 'slack', count: 7 });
  assert.equal(lines.length, 3);
  assert.equal(JSON.parse(lines[2]!).suppressed, 5);
});

test('records of level info are never suppressed', () => {
  const { log, lines } = logInto();
  log('info', 'same');
  log('info', 'same');
  assert.equal(lines.length, 2);
});

test('numbers in the fields do not make an error a new one, texts do', () => {
  const { log, lines } = logInto();
  log('warn', 'delivery failed', { reason: 'http-503', count: 1 });
  log('warn', 'delivery failed', { reason: 'http-503', count: 9 });
  log('warn', 'delivery failed', { reason: 'http-502', count: 1 });
  log('error', 'delivery failed', { reason: 'http-503', count: 1 });
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)).map(({ level, reason }) => `${level} ${reason}`),
    ['warn http-503', 'warn http-502', 'error http-503'],
  );
});

test('after 256 other kinds of errors the first one is written again', () => {
  const { log, lines } = logInto();
  log('error', 'first');
  for (let kind = 0; kind < 255; kind += 1) log('error', `kind ${kind}`);
  log('error', 'first');
  assert.equal(lines.length, 256);
  log('error', 'kind 255');
  log('error', 'first');
  assert.equal(lines.length, 258);
});

test('an empty text is quoted, a plain one is not', () => {
  const { log, lines } = logInto({ format: 'text' });
  log('info', 'x', { empty: '', plain: 'a/b:c', flag: true });
  assert.match(lines[0] ?? '', / x empty="" plain=a\/b:c flag=true\n$/);
});
