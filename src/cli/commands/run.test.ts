import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
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

async function busyPort(t: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A configuration without a reachable broker: a run stays up and reconnects. */
const configWith = (listeners: string, mode = ''): string =>
  fileWith(`broker: redis://127.0.0.1:1/0\n${mode}log: { format: json }\n${listeners}`);

const linesOf = (text: string): { msg: string; warning?: string; address?: string }[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

for (const { option, listeners } of [
  {
    option: 'ops.listen',
    listeners: (port: number) => `ops: { listen: "127.0.0.1:${port}" }\nui: { listen: "off" }\n`,
  },
  {
    option: 'ui.listen',
    listeners: (port: number) => `ops: { listen: "127.0.0.1:0" }\nui: { listen: "127.0.0.1:${port}" }\n`,
  },
]) {
  test(`a busy port of ${option} ends a standalone run like a wrong configuration`, async (t) => {
    const port = await busyPort(t);
    const host = createFakeHost();
    const code = await runProgram(['run', '-c', configWith(listeners(port))], host);
    assert.equal(
      host.err(),
      `${option}: port ${port} on 127.0.0.1 is in use; expected a free port, choose another one or stop the process that uses it\n`,
    );
    assert.equal(code, 78);
  });
}

test('a busy port costs a sidecar that listener only', async (t) => {
  const port = await busyPort(t);
  const host = createFakeHost();
  const listeners = `ops: { listen: "127.0.0.1:${port}" }\nui: { listen: "127.0.0.1:0" }\n`;
  const running = runProgram(['run', '-c', configWith(listeners, 'mode: sidecar\n')], host);
  while (!host.out().includes('"listening"')) await host.clock.sleep(5);
  host.stop('SIGTERM');
  assert.equal(await running, 0);
  const lines = linesOf(host.out());
  assert.match(lines.find(({ warning }) => warning !== undefined)?.warning ?? '', /^ops\.listen: port \d+ on 127/);
  assert.equal(lines.filter(({ address }) => address !== undefined).length, 1);
});

test('a run reports its start, its addresses and its stop', async () => {
  const host = createFakeHost();
  const running = runProgram(
    ['run', '-c', configWith('ops: { listen: "127.0.0.1:0" }\nui: { listen: "127.0.0.1:0" }\n')],
    host,
  );
  while (!host.out().includes('"listening"')) await host.clock.sleep(5);
  host.stop('SIGTERM');
  assert.equal(await running, 0);
  const messages = linesOf(host.out())
    .map(({ msg }) => msg)
    .filter((msg) => !msg.includes('disconnected'));
  assert.deepEqual(messages, [
    'taskvigil started',
    'without a store a restart loses state',
    'listening',
    'listening',
    'stopping',
    'stopped',
  ]);
  assert.match(host.out(), /"reason":"SIGTERM"/);
});

test('SIGHUP reads the configuration file again', async () => {
  const host = createFakeHost();
  const listeners = 'ops: { listen: "127.0.0.1:0" }\nui: { listen: "off" }\n';
  const file = configWith(listeners);
  const running = runProgram(['run', '-c', file], host);
  while (!host.out().includes('"listening"')) await host.clock.sleep(5);
  writeFileSync(file, 'broker: nonsense\n');
  host.hangUp();
  host.stop('SIGINT');
  assert.equal(await running, 0);
  assert.match(host.out(), /configuration refused/);
});

test('a missing file is wrong usage, a wrong configuration ends with all its problems', async () => {
  const missing = createFakeHost();
  assert.equal(await runProgram(['run', '-c', '/nowhere/config.yaml'], missing), 64);
  assert.match(missing.err(), /^taskvigil: \/nowhere\/config\.yaml: there is no such file\n/);
  const wrong = createFakeHost();
  assert.equal(await runProgram(['run', '-c', fileWith('mode: sidecar\nshutdown_timeout: five\n')], wrong), 78);
  assert.match(wrong.err(), /broker/);
  assert.match(wrong.err(), /shutdown_timeout: expected a duration/);
});
