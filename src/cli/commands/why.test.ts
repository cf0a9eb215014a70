import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFakeHost } from '../../../test/fakes/host.ts';
import { runProgram } from '../commands.ts';

function fileWith(yaml: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'taskvigil-')), 'config.yaml');
  writeFileSync(file, yaml);
  return file;
}

async function run(...args: string[]) {
  const host = createFakeHost();
  const code = await runProgram(['why', ...args], host);
  return { code, out: host.out(), err: host.err() };
}

/** The port of a daemon that knows one incident. */
async function daemonPort(t: TestContext): Promise<number> {
  const server = createServer((_, response) => response.end(JSON.stringify({ lines: ['opened: 3 of 3'] })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('without a question it is wrong usage', async () => {
  const { code, err } = await run();
  assert.equal(code, 64);
  assert.match(err, /^taskvigil: why: expected --task, --exception, --queue, --pool or an id\n/);
});

test('a question about a task is answered by the defaults, or by a file', async () => {
  assert.match((await run('--task', 'shop.pay')).out, /shop\.pay: no entry of its own\./);
  const file = fileWith('broker: redis://a/0\ncritical: [shop.*]\n');
  assert.match((await run('--task', 'shop.pay', '-c', file)).out, /critical \(shop\.\*\)/);
});

test('a missing secret does not keep the question from being answered', async () => {
  const file = fileWith(`broker: redis://a/0\nslack: { token: "\${env:MISSING}", channel: "#a" }\n`);
  assert.equal((await run('--task', 'shop.pay', '-c', file)).code, 0);
});

test('an id is asked of the daemon on --port, or on the port of the configuration', async (t) => {
  const port = await daemonPort(t);
  assert.deepEqual(await run('i1', '--port', String(port)), { code: 0, out: 'opened: 3 of 3\n', err: '' });
  const file = fileWith(`broker: redis://a/0\nops: { listen: "127.0.0.1:${port}" }\n`);
  assert.equal((await run('i1', '-c', file)).out, 'opened: 3 of 3\n');
});

test('--from reads a replay, and --port is not used', async () => {
  const { code, err } = await run('i1', '--from', '/nowhere');
  assert.equal(code, 1);
  assert.match(err, /^\/nowhere: expected the files of a replay/);
});

test('a wrong port is wrong usage', async () => {
  assert.equal((await run('i1', '--port', '0')).code, 64);
});
