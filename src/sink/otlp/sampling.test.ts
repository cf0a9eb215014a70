import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { names } from './attributes.ts';
import { createSampler } from './sampling.ts';
import type { Span } from './spans.ts';

/** A trace id that a ratio of one half drops. */
const dropped = `0af7651916cd43dd8${'f'.repeat(15)}`;
const kept = `0af7651916cd43dd80${'0'.repeat(14)}`;

function span(spanId: string, more: Partial<Span> = {}): Span {
  return {
    traceId: dropped,
    spanId,
    parentSpanId: undefined,
    name: 'x',
    kind: 'consumer',
    startAt: 0,
    endAt: 10,
    isError: false,
    statusMessage: undefined,
    attributes: { [names.attempt]: 1 },
    events: [],
    links: [],
    ...more,
  };
}

const sampler = (spansMax?: number) =>
  createSampler({ sample: 0.5, sampleSlowMs: 1_000, holdMs: 100, ...(spansMax === undefined ? {} : { spansMax }) });
const ids = (spans: readonly Span[]): string[] => spans.map(({ spanId }) => spanId);

test('the same share of the traces is kept everywhere, by their ids', () => {
  const isKept = (traceId: string, sample: number): boolean =>
    createSampler({ sample, sampleSlowMs: 1_000 }).offer([span('a', { traceId })], 0).length === 1;
  assert.deepEqual([isKept(kept, 0.5), isKept(dropped, 0.5)], [true, false]);
  assert.deepEqual([isKept(dropped, 1), isKept(kept, 0)], [true, false]);
});

const worth: readonly { name: string; span: Partial<Span> }[] = [
  { name: 'an error', span: { isError: true } },
  { name: 'a slow attempt', span: { endAt: 1_000 } },
  { name: 'a second attempt', span: { attributes: { [names.attempt]: 2 } } },
  { name: 'a task that recovered', span: { kind: 'internal', attributes: { [names.outcome]: 'recovered' } } },
];
for (const { name, span: more } of worth) {
  test(`${name} lets its whole trace leave, before and after it`, () => {
    const one = sampler();
    assert.deepEqual(ids(one.offer([span('a')], 0)), []);
    assert.deepEqual(ids(one.offer([span('b', more)], 10)), ['a', 'b']);
    assert.deepEqual(ids(one.offer([span('c')], 5_000)), ['c']);
    assert.equal(one.takeSampledOut(), 0);
  });
}

test('a good trace is let go of after its hold, and counted', () => {
  const one = sampler();
  one.offer([span('a'), span('b')], 0);
  one.sweep(99);
  assert.equal(one.takeSampledOut(), 0);
  one.sweep(100);
  assert.equal(one.takeSampledOut(), 2);
});

test('what fails after its parent was let go of stands alone and names it', () => {
  const one = sampler();
  one.offer([span('parent')], 0);
  one.sweep(200);
  const child = span('child', {
    kind: 'internal',
    parentSpanId: 'parent',
    isError: true,
    attributes: { [names.outcome]: 'failed' },
  });
  const [left] = one.offer([child], 300);
  assert.equal(left?.parentSpanId, undefined);
  assert.deepEqual(left?.links[0]?.spanId, 'parent');
});

test('no more is held than there is room for, and the trace that was quiet for longest goes first', () => {
  const one = sampler(2);
  const other = `1${dropped.slice(1)}`;
  one.offer([span('a')], 0);
  one.offer([span('b', { traceId: other }), span('c', { traceId: other })], 1);
  assert.equal(one.takeSampledOut(), 1);
  assert.deepEqual(ids(one.offer([span('d', { traceId: other, isError: true })], 2)), ['b', 'c', 'd']);
});

test('every error leaves, and nothing leaves twice', () => {
  const offered = fc.array(fc.record({ trace: fc.integer({ min: 0, max: 5 }), isError: fc.boolean(), ms: fc.nat(80) }));
  fc.assert(
    fc.property(offered, (all) => {
      const one = sampler(20);
      let now = 0;
      const left: string[] = [];
      all.forEach(({ trace, isError, ms }, index) => {
        now += ms;
        one.sweep(now);
        left.push(...ids(one.offer([span(`${index}`, { traceId: `${trace}${dropped.slice(1)}`, isError })], now)));
      });
      assert.equal(new Set(left).size, left.length);
      for (const [index, { isError }] of all.entries()) assert.ok(!isError || left.includes(`${index}`));
    }),
  );
});
