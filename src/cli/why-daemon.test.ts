import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createSystemClock } from '../runtime/clock.ts';
import { askDaemon } from './why-daemon.ts';

interface Told {
  readonly code: number;
  readonly lines: readonly string[];
  readonly complaints: readonly string[];
}

async function ask(question: string, answer: RequestListener): Promise<Told> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const told = await askAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, question);
  server.close();
  server.closeAllConnections();
  return told;
}

async function askAt(address: string, question: string): Promise<Told> {
  const lines: string[] = [];
  const complaints: string[] = [];
  const code = await askDaemon({
    address,
    question,
    timeoutSignal: createSystemClock().timeoutSignal,
    print: (line) => lines.push(line),
    complain: (line) => complaints.push(line.replace(address, 'http://daemon')),
  });
  return { code, lines, complaints };
}

test('a daemon answers in lines', async () => {
  let path = '';
  const told = await ask('a b&c', (request, response) => {
    path = request.url ?? '';
    response.end(JSON.stringify({ lines: ['below-threshold: 2 of 3', 'joined i-1'] }));
  });
  assert.equal(path, '/why?q=a%20b%26c');
  assert.deepEqual(told, { code: 0, lines: ['below-threshold: 2 of 3', 'joined i-1'], complaints: [] });
});

test('an unknown id is reported with the similar ids that the daemon names', async () => {
  const body = JSON.stringify({ lines: ['x: not found', 'Similar:'] });
  const told = await ask('x', (_, response) => response.writeHead(404).end(body));
  assert.deepEqual(told, { code: 1, lines: [], complaints: ['x: not found', 'Similar:'] });
});

const refusals: readonly {
  readonly name: string;
  readonly status: number;
  readonly body: string;
  readonly want: RegExp;
}[] = [
  { name: 'an unknown id', status: 404, body: '{}', want: /^x: the daemon knows nothing with this id/ },
  {
    name: 'an error',
    status: 500,
    body: '',
    want: /^http:\/\/daemon: expected a response of taskvigil, got status 500$/,
  },
  {
    name: 'another server',
    status: 200,
    body: '{"ok":true}',
    want: /expected a response of taskvigil, got status 200$/,
  },
  { name: 'something else', status: 200, body: '<html>', want: /expected a running taskvigil, got SyntaxError$/ },
];
for (const { name, status, body, want } of refusals) {
  test(`the answer is no: ${name}`, async () => {
    const told = await ask('x', (_request, response) => response.writeHead(status).end(body));
    assert.deepEqual([told.code, told.lines], [1, []]);
    assert.match(told.complaints.join(), want);
  });
}

test('nobody there', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const told = await askAt(`http://127.0.0.1:${port}`, 'x');
  assert.deepEqual(told, {
    code: 1,
    lines: [],
    complaints: ['http://daemon: expected a running taskvigil, got ECONNREFUSED'],
  });
});
