import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientMessageId } from './client-message-id.ts';

test('one name has one id, a UUID of version 5', () => {
  assert.equal(clientMessageId('shop:7d3f:root'), clientMessageId('shop:7d3f:root'));
  assert.notEqual(clientMessageId('shop:7d3f:root'), clientMessageId('bakery:7d3f:root'));
  for (const name of ['', 'a', 'shop:7d3f:line:12'])
    assert.match(clientMessageId(name), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
