import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrawnSpan, TraceSummary } from '../board-traces.ts';
import { durationOf, waterfall } from './trace.ts';

function spanOf(spanId: string, facts: Partial<DrawnSpan> = {}): DrawnSpan {
  return {
    traceId: 't',
    spanId,
    parentSpanId: undefined,
    name: spanId,
    kind: 'internal',
    startAt: 0,
    endAt: 1_000,
    isError: false,
    statusMessage: undefined,
    attributes: {},
    ...facts,
  };
}

function draw(...spans: readonly DrawnSpan[]): string {
  const summary: TraceSummary = {
    traceId: 't',
    name: 'mail.send',
    spans,
    isError: false,
    attempts: 1,
    startAt: 0,
    endAt: 1_000,
  };
  return waterfall(summary).toString();
}

/** Name and depth of each row. */
function rowsOf(drawn: string): string[] {
  return [...drawn.matchAll(/<svg width="(\d+)" height="1"[^>]*><\/svg>(?:<b[^>]*>✗<\/b> )?([\w-]+)/g)].map(
    ([, width, name]) => `${name} ${Number(width) / 14}`,
  );
}

test('children follow their parent, siblings are in the order of their start', () => {
  const drawn = draw(
    spanOf('late', { parentSpanId: 'root', startAt: 500 }),
    spanOf('early', { parentSpanId: 'root', startAt: 100 }),
    spanOf('child', { parentSpanId: 'early', startAt: 600 }),
    spanOf('root'),
  );
  assert.deepEqual(rowsOf(drawn), ['root 0', 'early 1', 'child 2', 'late 1']);
});

test('of two spans with one start the longer one is first', () => {
  assert.deepEqual(rowsOf(draw(spanOf('short', { endAt: 10 }), spanOf('long', { endAt: 20 }))), ['long 0', 'short 0']);
});

test('a span without its parent in the trace is a root', () => {
  assert.deepEqual(rowsOf(draw(spanOf('orphan', { parentSpanId: 'elsewhere' }))), ['orphan 0']);
});

test('nesting beyond twelve levels is drawn at the twelfth', () => {
  const chain = Array.from({ length: 15 }, (_, index) =>
    spanOf(`s${index}`, index === 0 ? {} : { parentSpanId: `s${index - 1}` }),
  );
  assert.deepEqual(rowsOf(draw(...chain)).slice(-3), ['s12 12', 's13 12', 's14 12']);
});

test('a bar starts and ends at its share of the trace, and is never invisible', () => {
  assert.match(draw(spanOf('a', { startAt: 250, endAt: 750 })), /x="25\.000" y="1" width="50"/);
  assert.match(draw(spanOf('a', { startAt: 1_000, endAt: 1_000 })), /x="100\.000" y="1" width="0\.4"/);
});

const bars: readonly (readonly [facts: Partial<DrawnSpan>, style: string])[] = [
  [{ kind: 'consumer' }, 'consumer'],
  [{ kind: 'consumer', isError: true }, 'error'],
  [{ name: 'wait mail' }, 'wait'],
];
for (const [facts, style] of bars) {
  test(`${JSON.stringify(facts)} is drawn as ${style}`, () => {
    assert.ok(draw(spanOf('a', facts)).includes(`<rect class="${style}"`));
  });
}

test('details show the status, each attribute and the id, escaped', () => {
  const drawn = draw(
    spanOf('a', { isError: true, statusMessage: '<KeyError>', attributes: { 'messaging.system': 'celery', n: 2 } }),
  );
  assert.ok(drawn.includes('<dt>status</dt><dd>&lt;KeyError&gt;</dd>'));
  assert.ok(drawn.includes('<dt>messaging.system</dt><dd>celery</dd><dt>n</dt><dd>2</dd><dt>span id</dt><dd>a</dd>'));
});

const durations: readonly (readonly [ms: number, text: string])[] = [
  [0, '0 µs'],
  [0.25, '250 µs'],
  [1, '1.0 ms'],
  [9.94, '9.9 ms'],
  [10, '10 ms'],
  [999, '999 ms'],
  [1_000, '1.00 s'],
  [59_499, '59.50 s'],
  [60_000, '1 min 0 s'],
  [119_600, '2 min 0 s'],
  [125_000, '2 min 5 s'],
];
for (const [ms, text] of durations) test(`${ms} ms are ${text}`, () => assert.equal(durationOf(ms), text));
