import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { createStatusServer, type StatusServerOptions } from './server.ts';

interface Reply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Ask {
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly host?: string;
}

function ask({ port, path, method = 'GET', host }: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

function optionsOf(errors: unknown[]): StatusServerOptions {
  return {
    ops: { host: '127.0.0.1', port: 0 },
    ui: { host: '127.0.0.1', port: 0 },
    version: '1.2.3',
    isHealthy: () => true,
    readiness: () => ({
      isReady: true,
      components: [{ name: 'source', state: 'ready', since: 0, reason: undefined }],
    }),
    metrics: { text: async () => 'taskvigil_bugs_total 0\n', contentType: 'text/plain; version=0.0.4' },
    page: (path) =>
      path === '/' ? { status: 200, type: 'text/html; charset=utf-8', body: '<p>tasks ✓</p>' } : undefined,
    onError: (error) => errors.push(error),
  };
}

async function serve(t: TestContext, changes: Partial<StatusServerOptions> = {}) {
  const errors: unknown[] = [];
  const server = createStatusServer({ ...optionsOf(errors), ...changes });
  t.after(() => server.stop());
  await server.start();
  const { ops, ui } = server.address();
  return { server, errors, ops: ops?.port ?? 0, ui: ui?.port ?? 0 };
}

const opsPaths = [
  { path: '/healthz', status: 200, body: 'ok\n' },
  { path: '/livez', status: 200, body: 'ok\n' },
  { path: '/-/healthy', status: 200, body: 'ok\n' },
  { path: '/healthz?verbose', status: 200, body: 'ok\n' },
  { path: '/metrics', status: 200, body: 'taskvigil_bugs_total 0\n' },
  { path: '/version', status: 200, body: '{"version":"1.2.3"}\n' },
  { path: '/', status: 404, body: 'not found\n' },
  { path: '/healthz/', status: 404, body: 'not found\n' },
  { path: '/-/quit', status: 404, body: 'not found\n' },
  { path: `/${'x'.repeat(3_000)}`, status: 414, body: 'too long\n' },
];
for (const { path, status, body } of opsPaths) {
  test(`ops answers ${path.slice(0, 40)} with ${status}`, async (t) => {
    const { ops } = await serve(t);
    const reply = await ask({ port: ops, path });
    assert.deepEqual([reply.status, reply.body], [status, body]);
  });
}

test('a stalled daemon is not healthy', async (t) => {
  const { ops } = await serve(t, { isHealthy: () => false });
  assert.equal((await ask({ port: ops, path: '/healthz' })).status, 503);
});

for (const path of ['/readyz', '/-/ready']) {
  test(`${path} shows the state of each component, with status 503 while one is down`, async (t) => {
    let isReady = true;
    const { ops } = await serve(t, {
      readiness: () => ({
        isReady,
        components: [
          {
            name: 'source',
            state: isReady ? 'ready' : 'down',
            since: 1_000,
            reason: isReady ? undefined : 'not connected',
          },
        ],
      }),
    });
    const ready = await ask({ port: ops, path });
    assert.equal(ready.status, 200);
    assert.deepEqual(JSON.parse(ready.body), {
      ready: true,
      components: [{ name: 'source', state: 'ready', since: '1970-01-01T00:00:01.000Z' }],
    });
    isReady = false;
    const down = await ask({ port: ops, path });
    assert.equal(down.status, 503);
    assert.deepEqual(JSON.parse(down.body).components[0].reason, 'not connected');
  });
}

for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
  test(`${method} is refused on both listeners`, async (t) => {
    const { ops, ui } = await serve(t);
    for (const port of [ops, ui]) {
      const reply = await ask({ port, path: '/', method });
      assert.deepEqual([reply.status, reply.headers['allow']], [405, 'GET, HEAD']);
    }
  });
}

test('HEAD has the headers of GET and no body', async (t) => {
  const { ui } = await serve(t);
  const get = await ask({ port: ui, path: '/' });
  const head = await ask({ port: ui, path: '/', method: 'HEAD' });
  assert.equal(get.body, '<p>tasks ✓</p>');
  assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', get.headers['content-length']]);
});

test('every reply has the headers that restrict the page', async (t) => {
  const { ops, ui } = await serve(t);
  for (const [port, path] of [
    [ui, '/'],
    [ui, '/nowhere'],
    [ops, '/healthz'],
  ] as const) {
    const { headers } = await ask({ port, path });
    assert.equal(
      headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    );
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['access-control-allow-origin'], undefined);
  }
});

const hosts = [
  { host: 'localhost:8080', status: 200 },
  { host: 'LOCALHOST', status: 200 },
  { host: '127.0.0.1:1', status: 200 },
  { host: '[::1]:8080', status: 200 },
  { host: '127.0.0.2:8080', status: 200 },
  { host: '127.0.0.2.evil.example', status: 421 },
  { host: 'evil.example', status: 421 },
  { host: 'localhost.evil.example', status: 421 },
  { host: '127.0.0.1.evil.example:8080', status: 421 },
  { host: 'evil.example@localhost', status: 421 },
  { host: '10.0.0.1:8080', status: 421 },
];
for (const { host, status } of hosts) {
  test(`a request for the page with host ${host} is answered with ${status}`, async (t) => {
    const { ui } = await serve(t);
    assert.equal((await ask({ port: ui, path: '/', host })).status, status);
  });
}

test('probes may use any host name', async (t) => {
  const { ops } = await serve(t);
  assert.equal((await ask({ port: ops, path: '/healthz', host: '10.0.0.1:9464' })).status, 200);
});

test('each listener serves only its own paths', async (t) => {
  const { ops, ui } = await serve(t);
  assert.equal((await ask({ port: ui, path: '/metrics' })).status, 404);
  assert.equal((await ask({ port: ops, path: '/' })).status, 404);
});

test('a page that throws is a 500 without details, and its error is reported', async (t) => {
  const error = new Error('canary');
  const { ui, errors } = await serve(t, {
    page: () => {
      throw error;
    },
  });
  const reply = await ask({ port: ui, path: '/' });
  assert.deepEqual([reply.status, reply.body], [500, 'something went wrong\n']);
  assert.deepEqual(errors, [error]);
});

test('without a page there is no second listener', async (t) => {
  const { server } = await serve(t, { ui: undefined });
  assert.equal(server.address().ui, undefined);
  assert.notEqual(server.address().ops, undefined);
});

test('a second stop has no effect', async (t) => {
  const { server, ops } = await serve(t);
  await server.stop();
  await server.stop();
  assert.deepEqual(server.address(), { ops: undefined, ui: undefined });
  await assert.rejects(ask({ port: ops, path: '/healthz' }));
});

test('without a port for the page the probes are not served either', async (t) => {
  const { ui } = await serve(t);
  const second = createStatusServer({ ...optionsOf([]), ui: { host: '127.0.0.1', port: ui } });
  t.after(() => second.stop());
  await assert.rejects(second.start(), { name: 'ListenError', option: 'ui.listen' });
  assert.deepEqual(second.address(), { ops: undefined, ui: undefined });
});

test('an occupied port is an error at the start, and no listener stays open', async (t) => {
  const { ops } = await serve(t);
  const second = createStatusServer({
    ...optionsOf([]),
    ops: { host: '127.0.0.1', port: ops },
    ui: undefined,
  });
  await assert.rejects(second.start(), { name: 'ListenError', option: 'ops.listen' });
  assert.deepEqual(second.address(), { ops: undefined, ui: undefined });
  await second.stop();
});

test('a post reaches its handler, on the ops listener and at its path only', async (t) => {
  const { ops, ui } = await serve(t, {
    postHandler: (path) =>
      path === '/slack/actions'
        ? async (posted) => ({ status: 200, type: 'text/plain', body: String(posted.headers['content-type']) })
        : undefined,
  });
  const status = async (port: number, path: string, method = 'POST') => (await ask({ port, path, method })).status;
  assert.equal(await status(ops, '/slack/actions'), 200);
  assert.equal(await status(ops, '/slack/actions?x=1'), 200);
  assert.equal(await status(ops, '/slack/actions', 'GET'), 404);
  assert.equal(await status(ops, '/elsewhere'), 405);
  assert.equal(await status(ui, '/slack/actions'), 405);
});

test('with `onUnavailable` a busy port costs that listener only', async (t) => {
  const { ops } = await serve(t);
  const problems: string[] = [];
  const second = await serve(t, {
    ops: { host: '127.0.0.1', port: ops },
    onUnavailable: ({ option }) => problems.push(option),
  });
  assert.deepEqual(problems, ['ops.listen']);
  assert.equal(second.server.address().ops, undefined);
  assert.equal((await ask({ port: second.ui, path: '/' })).status, 200);
});
