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

test('a text line quotes what could be read in two ways', () => {
  const { log, lines } = logInto({ format: 'text' });
  log('warn', 'source disconnected', { source: 'celery', reason: 'no "route" here', retry_in_ms: 5 });
  assert.deepEqual(lines, [
    '2026-01-02T03:04:05.000Z WARN  source disconnected source=celery reason="no \\"route\\" here" retry_in_ms=5\n',
  ]);
});

test('levels below the least are not written', () => {
  const { log, lines } = logInto({ level: 'warn' });
  log('debug', 'a');
  log('info', 'b');
  log('warn', 'c');
  log('error', 'd');
  assert.equal(lines.length, 2);
});

test('the least level can be switched while it runs', () => {
  const { log, lines } = logInto({ level: 'warn' });
  log('debug', 'a');
  log.setLevel('debug');
  log('debug', 'b');
  log.setLevel('error');
  log('warn', 'c');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).msg),
    ['b'],
  );
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

test('a text is cut at its longest length', () => {
  const { log, lines } = logInto();
  log('info', 'x'.repeat(100_000));
  assert.ok(lines[0]!.length < 2_100);
});

test('the same error is written once in a while, and says how many were not', () => {
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

test('infos are never held back', () => {
  const { log, lines } = logInto();
  log('info', 'same');
  log('info', 'same');
  assert.equal(lines.length, 2);
});
