import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { createVirtualClock } from '../runtime/clock.ts';
import { createFileToken } from './file-token.ts';

test('finds a replaced token within seconds, or at once when told to look', () => {
  const directory = mkdtempSync(join(tmpdir(), 'taskvigil-token-'));
  const path = join(directory, 'token');
  const clock = createVirtualClock();
  const token = createFileToken(path, 'xoxb-1', clock);

  assert.equal(token.renew(), false, 'no file yet');
  writeFileSync(path, 'xoxb-2\n');
  assert.equal(token.current(), 'xoxb-1');
  clock.advanceTo(5_000);
  assert.equal(token.current(), 'xoxb-2');
  writeFileSync(path, 'xoxb-3\n');
  assert.equal(token.renew(), true);
  assert.equal(token.current(), 'xoxb-3');
  assert.equal(token.renew(), false, 'the same as before');
  writeFileSync(path, '');
  clock.advanceTo(20_000);
  assert.equal(token.current(), 'xoxb-3', 'an empty file is one that is being written');
  rmSync(directory, { recursive: true });
});
