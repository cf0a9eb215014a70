import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeHost } from '../../../test/fakes/host.ts';
import { runProgram } from '../commands.ts';

test('leak-canary prints one line per sink', async () => {
  const host = createFakeHost();
  assert.equal(await runProgram(['leak-canary'], host), 0, host.err());
  const [first = '', header = '', ...sinks] = host.out().trimEnd().split('\n');
  assert.match(first, /^\d+ canaries, sent to receivers on this machine only\.$/);
  assert.match(header, /^sink +searched +found$/);
  assert.equal(sinks.pop(), 'No canary leaked.');
  for (const line of sinks) assert.match(line, /^[a-z]+ +\d+ {2}none( \(off in this configuration\))?$/);
  assert.ok(host.out().endsWith('\n'));
});
