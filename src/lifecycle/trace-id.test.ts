import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../event/ids.ts';
import { spanIdOf, traceIdOf } from './trace-id.ts';

const traces = [
  { root: 'c46fcd27-5762-483e-bd16-38dca825ab2a', want: 'c46fcd275762483ebd1638dca825ab2a' },
  { root: 'C46FCD275762483EBD1638DCA825AB2A', want: 'c46fcd275762483ebd1638dca825ab2a' },
];
for (const { root, want } of traces) {
  test(`the trace of ${root} is found by its digits`, () => assert.equal(traceIdOf(root as TaskId), want));
}

test('an id that is no UUID has a trace id all the same, and never the one that means none', () => {
  for (const root of ['nightly 2026-01-01', '00000000-0000-0000-0000-000000000000']) {
    const traceId = traceIdOf(root as TaskId);
    assert.match(traceId, /^[0-9a-f]{32}$/);
    assert.doesNotMatch(traceId, /^0+$/);
    assert.equal(traceId, traceIdOf(root as TaskId));
  }
});

test('span ids of a hundred thousand parts differ, and none is the one that means none', () => {
  const seen = new Set<string>();
  for (let task = 0; task < 25_000; task += 1) {
    for (const part of ['task.0', 'attempt.0.0.1', 'attempt.0.0.2', 'send.0.0']) {
      const id = spanIdOf(`nightly-${task}` as TaskId, part);
      assert.match(id, /^[0-9a-f]{16}$/);
      assert.notEqual(id, '0000000000000000');
      seen.add(id);
    }
  }
  assert.equal(seen.size, 100_000);
});
