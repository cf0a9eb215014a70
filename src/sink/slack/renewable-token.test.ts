import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { createRenewableToken } from './renewable-token.ts';

test('a replaced token is read on demand and applies until the configuration changes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'taskvigil-token-'));
  const file = join(directory, 'token');
  let configured = 'xoxb-1';
  const token = createRenewableToken(() => ({ token: configured, file }));

  assert.deepEqual([token.renew(), token.current()], [false, 'xoxb-1'], 'no file yet');
  writeFileSync(file, 'xoxb-2\n');
  assert.equal(token.current(), 'xoxb-1');
  assert.deepEqual([token.renew(), token.current()], [true, 'xoxb-2']);
  assert.equal(token.renew(), false, 'the same as before');
  writeFileSync(file, '');
  assert.deepEqual([token.renew(), token.current()], [false, 'xoxb-2'], 'an empty file is still being written');
  configured = 'xoxb-3';
  assert.equal(token.current(), 'xoxb-3');
  rmSync(directory, { recursive: true });
});

test('a token without a file cannot be renewed', () => {
  const token = createRenewableToken(() => ({ token: 'xoxb-1', file: undefined }), assert.fail);
  assert.deepEqual([token.renew(), token.current()], [false, 'xoxb-1']);
});
