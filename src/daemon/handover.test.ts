import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hostname } from '../event/ids.ts';
import type { Gap } from '../source/source.ts';
import { createWorkHandover, type HandoverBroker } from './handover.ts';

/** A broker whose open work is one text per host. */
function brokerOf(name: string, work: Record<string, string>) {
  const restored: string[] = [];
  const gaps: Gap[] = [];
  const limits: number[] = [];
  const included = (isIncluded?: (hostname: Hostname) => boolean): string[] =>
    Object.keys(work).filter((host) => isIncluded?.(`celery@${host}` as Hostname) ?? true);
  const broker: HandoverBroker = {
    name,
    lifecycle: {
      save(charsMax, isIncluded) {
        limits.push(charsMax);
        return included(isIncluded)
          .map((host) => work[host])
          .join('+');
      },
      restore: (text) => void restored.push(text),
      release(isIncluded) {
        for (const host of included(isIncluded)) delete work[host];
        return 0 as never;
      },
    } as HandoverBroker['lifecycle'],
    pipeline: { gap: (gap) => void gaps.push(gap) },
  };
  return { broker, restored, gaps, limits };
}

test('the snapshot has one text per broker, in order', () => {
  const [first, second] = [brokerOf('a', { x: '1', y: '2' }), brokerOf('b', {})];
  const handover = createWorkHandover([first.broker, second.broker], () => 0);
  assert.equal(handover.snapshot(), '["1+2",""]');
  assert.deepEqual([...first.limits, ...second.limits], [200_000, 200_000]);
});

test('without open work the snapshot is empty', () => {
  assert.equal(createWorkHandover([brokerOf('a', {}).broker], () => 0).snapshot(), '');
});

test('each text is restored in the broker of its place; a text without a broker is ignored', () => {
  const [first, second] = [brokerOf('a', {}), brokerOf('b', {})];
  createWorkHandover([first.broker, second.broker], () => 0).restore('["one","two","three"]');
  assert.deepEqual([first.restored, second.restored], [['one'], ['two']]);
});

test('a hand-back returns and removes the work of one host only', () => {
  const work = { x: '1', y: '2' };
  const handover = createWorkHandover([brokerOf('a', work).broker], () => 0);
  assert.equal(handover.handBack('x'), '["1"]');
  assert.deepEqual(work, { y: '2' });
});

test('the gap of a hand-over reaches every broker under its name', () => {
  const [first, second] = [brokerOf('a', {}), brokerOf('b', {})];
  createWorkHandover([first.broker, second.broker], () => 0).onHandOver({
    host: 'x',
    from: 1,
    to: 2,
    cause: 'hand-over',
  });
  assert.deepEqual(first.gaps, [{ source: 'a', from: 1, to: 2, cause: 'hand-over' }]);
  assert.deepEqual(second.gaps, [{ source: 'b', from: 1, to: 2, cause: 'hand-over' }]);
});
