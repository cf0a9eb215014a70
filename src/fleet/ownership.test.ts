import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOwnership } from './ownership.ts';

const sidecar = () => createOwnership({ mode: 'sidecar', host: 'pod-1' });

const names = [
  { name: 'w@pod-1', want: true },
  { name: 'w1.high@pod-1', want: true },
  { name: '@pod-1', want: true },
  { name: 'pod-1', want: true },
  { name: 'w@pod-2', want: false },
  { name: 'w@pod-10', want: false },
  { name: 'w@xpod-1', want: false },
  { name: 'w@POD-1', want: false },
  { name: 'pod-1@pod-2', want: false },
  { name: 'w@pod-2@pod-1', want: false },
  { name: 'w@', want: false },
  { name: '', want: false },
  { name: 'unknown', want: false },
];
for (const { name, want } of names) {
  test(`a sidecar at pod-1 ${want ? 'accepts' : 'refuses'} the events of "${name}"`, () => {
    assert.equal(sidecar().accepts(name), want);
  });
}

test('a standalone instance accepts all events', () => {
  const { accepts } = createOwnership({ mode: 'standalone' });
  for (const { name } of names) assert.equal(accepts(name), true);
});

test('an adopted host is owned until its release, the own host always', () => {
  const ownership = sidecar();
  ownership.adopt('pod-2');
  ownership.adopt('pod-2');
  assert.equal(ownership.accepts('w@pod-2'), true);
  assert.deepEqual(ownership.adopted(), ['pod-2']);
  ownership.release('pod-2');
  ownership.release('pod-1');
  assert.equal(ownership.accepts('w@pod-2'), false);
  assert.equal(ownership.accepts('w@pod-1'), true);
});

test('an adopted host without an event between two calls is released', () => {
  const ownership = sidecar();
  ownership.adopt('alive');
  ownership.adopt('dead');
  assert.deepEqual(ownership.releaseSilent(), [], 'just adopted');
  ownership.accepts('w@alive');
  assert.deepEqual(ownership.releaseSilent(), ['dead']);
  assert.deepEqual(ownership.adopted(), ['alive']);
  assert.equal(ownership.accepts('w@dead'), false);
  assert.deepEqual(ownership.releaseSilent(), ['alive']);
});

test('the oldest adopted host is released when there are more than 1,000', () => {
  const ownership = sidecar();
  for (let index = 0; index < 1_000; index += 1) assert.equal(ownership.adopt(`dead-${index}`), undefined);
  assert.equal(ownership.adopt('one-more'), 'dead-0');
  assert.equal(ownership.adopted().length, 1_000);
  assert.equal(ownership.accepts('w@dead-0'), false);
  assert.equal(ownership.accepts('w@one-more'), true);
});
