import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { createFakeHost, type FakeHost } from '../../../test/fakes/host.ts';
import { startRedis, whyNoRedis } from '../../../test/fakes/redis.ts';
import { runProgram } from '../commands.ts';

const dir = mkdtempSync(join(tmpdir(), 'record-'));
const main = new URL('../../main.ts', import.meta.url).pathname;

function configFor(broker: string): string {
  const file = join(mkdtempSync(join(dir, 'config-')), 'taskvigil.yaml');
  writeFileSync(file, `broker: ${broker}\nlog: { format: json }\n`);
  return file;
}

/** Without a broker a recording consists of its first line and the sweeps. */
const away = configFor('redis://127.0.0.1:1/0');

const linesOf = (file: string): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function has(host: FakeHost, text: string): Promise<void> {
  while (!host.err().includes(text)) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a recording of a busy broker', { skip: whyNoRedis() }, () => {
  test('ends with 0 and whole lines at whatever moment it is stopped, and notes that it stopped listening', async (t) => {
    const server = await startRedis();
    const redis = new Redis(server.url);
    const body = Buffer.from(
      JSON.stringify({ type: 'task-started', uuid: 'u', hostname: 'w@a', timestamp: 1, clock: 1, pid: 1 }),
    );
    const envelope = JSON.stringify({
      body: body.toString('base64'),
      'content-encoding': 'utf-8',
      'content-type': 'application/json',
      headers: {},
      properties: { body_encoding: 'base64' },
    });
    const publishing = setInterval(() => {
      for (let count = 0; count < 20; count += 1) void redis.publish('/0.celeryev/task.started', envelope);
    }, 1);
    t.after(() => {
      clearInterval(publishing);
      redis.disconnect();
      return server.stop();
    });
    for (let round = 0; round < 8; round += 1) {
      const file = join(dir, `busy-${round}.ndjson`);
      const host = createFakeHost();
      const running = runProgram(['record', '-c', configFor(`${server.url}/0`), '-o', file], host);
      await has(host, 'source connected');
      await new Promise((resolve) => setTimeout(resolve, 20 * round));
      host.stop(round % 2 === 0 ? 'SIGTERM' : 'SIGINT');
      assert.equal(await running, 0, host.err());
      const inputs = linesOf(file).flatMap(({ input }) => (input === undefined ? [] : [input as { kind: string }]));
      assert.deepEqual(
        inputs.filter(({ kind }) => kind === 'listening'),
        [
          { kind: 'listening', isListening: true },
          { kind: 'listening', isListening: false },
        ],
      );
    }
  });
});

for (const { option, other } of [
  { option: '-o', other: [] },
  { option: '--decisions', other: ['-o', join(dir, 'other.ndjson')] },
]) {
  test(`a recording whose ${option} cannot be written ends with one line and exit code 1`, async () => {
    const host = createFakeHost();
    const file = join(dir, 'missing', 'file');
    assert.equal(await runProgram(['record', '-c', away, ...other, option, file], host), 1);
    const own = host
      .err()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('{'));
    assert.deepEqual(own, [`record: cannot write to ${file}: its folder does not exist (ENOENT)`]);
  });
}

test('a full disk ends a recording with one line and exit code 1', async () => {
  const host = createFakeHost();
  assert.equal(await runProgram(['record', '-c', away, '-o', '/dev/full'], host), 1);
  assert.match(host.err(), /record: cannot write to \/dev\/full: no space left on the device \(ENOSPC\)\n$/);
});

interface Ended {
  readonly code: number | null;
  readonly err: string;
}

async function recordTo(stdout: 'pipe' | number, onOutput: (child: ReturnType<typeof spawn>) => void): Promise<Ended> {
  const child = spawn(process.execPath, [main, 'record', '-c', away], { stdio: ['ignore', stdout, 'pipe'] });
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  if (stdout === 'pipe') child.stdout?.once('data', () => onOutput(child));
  const [code] = (await once(child, 'close')) as [number | null];
  return {
    code,
    err: err
      .split('\n')
      .filter((line) => !line.startsWith('{'))
      .join('\n'),
  };
}

test('standard output on a full disk: one line and exit code 1', async () => {
  const { code, err } = await recordTo(openSync('/dev/full', 'w'), () => {});
  assert.equal(err, 'record: cannot write to standard output: no space left on the device (ENOSPC)\n');
  assert.equal(code, 1);
});

test('standard output whose reader stops: one line and exit code 1, because the recording is cut', async () => {
  const { code, err } = await recordTo('pipe', (child) => child.stdout?.destroy());
  assert.equal(err, 'record: cannot write to standard output: its reader has closed it (EPIPE)\n');
  assert.equal(code, 1);
});

test('a second signal ends a recording at once, with one line', async () => {
  const { code, err } = await recordTo('pipe', (child) => {
    child.kill('SIGINT');
    child.kill('SIGTERM');
  });
  // The kernel may deliver them in either order.
  const signal = code === 143 ? 'SIGTERM' : 'SIGINT';
  assert.ok(code === 143 || code === 130, `${code}`);
  assert.equal(err, `taskvigil: ended at once by a second signal (${signal}); what was not written is lost\n`);
});
