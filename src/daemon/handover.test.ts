import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hostname } from '../event/ids.ts';
import type { Notice } from '../report.ts';
import type { Gap } from '../source/source.ts';
import { createWorkHandover, type HandoverBroker } from './handover.ts';

const options = { now: () => 0, report: () => {} };

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
        const text = included(isIncluded)
          .map((host) => work[host])
          .join('+');
        return { text, isCut: text.length > charsMax };
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
  const handover = createWorkHandover([first.broker, second.broker], options);
  assert.equal(handover.snapshot(), '["1+2",""]');
  assert.deepEqual([...first.limits, ...second.limits], [200_000, 200_000]);
});

test('without open work the snapshot is empty', () => {
  assert.equal(createWorkHandover([brokerOf('a', {}).broker], options).snapshot(), '');
});

test('each text is restored in the broker of its place; a text without a broker is ignored', () => {
  const [first, second] = [brokerOf('a', {}), brokerOf('b', {})];
  createWorkHandover([first.broker, second.broker], options).restore('["one","two","three"]');
  assert.deepEqual([first.restored, second.restored], [['one'], ['two']]);
});

test('a hand-back returns and removes the work of one host only', () => {
  const work = { x: '1', y: '2' };
  const handover = createWorkHandover([brokerOf('a', work).broker], options);
  assert.equal(handover.handBack('x'), '["1"]');
  assert.deepEqual(work, { y: '2' });
});

test('the gap of a hand-over reaches every broker under its name', () => {
  const [first, second] = [brokerOf('a', {}), brokerOf('b', {})];
  createWorkHandover([first.broker, second.broker], options).onHandOver({
    host: 'x',
    from: 1,
    to: 2,
    cause: 'hand-over',
  });
  assert.deepEqual(first.gaps, [{ source: 'a', from: 1, to: 2, cause: 'hand-over' }]);
  assert.deepEqual(second.gaps, [{ source: 'b', from: 1, to: 2, cause: 'hand-over' }]);
});

test('open work over the limit is reported once until it fits again', () => {
  const notices: Notice[] = [];
  const work = { x: 'x'.repeat(500_000) };
  const handover = createWorkHandover([brokerOf('a', work).broker], {
    now: () => 0,
    report: (one) => notices.push(one),
  });
  handover.snapshot();
  handover.snapshot();
  assert.deepEqual(notices, [{ kind: 'items-dropped', queue: 'saved-tasks', reason: 'full', count: 1 }]);
});
