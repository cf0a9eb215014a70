import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReadiness } from './readiness.ts';

test('every source is starting until it reports', () => {
  assert.deepEqual(createReadiness(['redis', 'redis-results'], 5, () => false).components(), [
    { name: 'redis', state: 'starting', since: 5, reason: 'connecting' },
    { name: 'redis-results', state: 'starting', since: 5, reason: 'connecting' },
  ]);
});

test('a source is ready while it is connected and down otherwise', () => {
  const readiness = createReadiness(['redis'], 5, () => false);
  readiness.setConnected('redis', true, 10);
  assert.deepEqual(readiness.components(), [{ name: 'redis', state: 'ready', since: 10, reason: undefined }]);
  readiness.setConnected('redis', false, 20);
  assert.deepEqual(readiness.components(), [{ name: 'redis', state: 'down', since: 20, reason: 'disconnected' }]);
});

test('a connected source that delivers events of other hosts only is ready, with that reason', () => {
  const readiness = createReadiness(['redis', 'redis-results'], 5, () => true);
  readiness.setConnected('redis', true, 10);
  assert.deepEqual(
    readiness.components().map(({ state, reason }) => [state, reason]),
    [
      ['ready', 'only events of other hosts'],
      ['starting', 'connecting'],
    ],
  );
});
