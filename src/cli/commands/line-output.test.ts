import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileOutput, LineOutput } from './line-output.ts';

const dir = mkdtempSync(join(tmpdir(), 'output-'));

function open(path: string) {
  const problems: string[] = [];
  return { output: fileOutput(path, (problem) => problems.push(problem)), problems };
}

test('every line is in the file at the end, and later ones are dropped without an error', async () => {
  const path = join(dir, 'lines.ndjson');
  const { output, problems } = open(path);
  output.write('one');
  const ended = output.end();
  output.write('two');
  await ended;
  output.write('three');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(readFileSync(path, 'utf8'), 'one\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(problems, []);
});

for (const { path, reason } of [
  { path: '/dev/full', reason: 'no space left on the device (ENOSPC)' },
  { path: join(dir, 'missing', 'file'), reason: 'its folder does not exist (ENOENT)' },
]) {
  test(`${path}: one problem, and the end resolves`, async () => {
    const { output, problems } = open(path);
    for (let count = 0; count < 100; count += 1) output.write('x'.repeat(10_000));
    await output.end();
    output.write('later');
    await output.end();
    assert.deepEqual(problems, [`cannot write to ${path}: ${reason}`]);
  });
}

test('a pipe whose reader has closed it is one problem', async () => {
  const server = createServer((socket) => socket.destroy());
  const path = join(dir, 'pipe');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  // Open for writing after the reader is gone, as a pipe is.
  const stream = new Socket({ allowHalfOpen: true }).connect(path);
  const { promise, resolve } = Promise.withResolvers<string>();
  const output = new LineOutput(stream, false, { name: 'standard output', onFailed: resolve });
  const writing = setInterval(() => output.write('x'.repeat(10_000)), 1);
  assert.match(await promise, /^cannot write to standard output: .*\((EPIPE|ECONNRESET)\)|ECONNRESET/);
  clearInterval(writing);
  await output.end();
  server.close();
});
