import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReadiness } from './readiness.ts';

test('every source is starting until it reports', () => {
  assert.deepEqual(createReadiness(['redis', 'redis-results'], 5).components(), [
    { name: 'redis', state: 'starting', since: 5, reason: 'connecting' },
    { name: 'redis-results', state: 'starting', since: 5, reason: 'connecting' },
  ]);
});

test('a source is ready while it is connected and down otherwise', () => {
  const readiness = createReadiness(['redis'], 5);
  readiness.setConnected('redis', true, 10);
  assert.deepEqual(readiness.components(), [{ name: 'redis', state: 'ready', since: 10, reason: undefined }]);
  readiness.setConnected('redis', false, 20);
  assert.deepEqual(readiness.components(), [{ name: 'redis', state: 'down', since: 20, reason: 'disconnected' }]);
});
