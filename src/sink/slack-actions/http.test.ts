import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { type SignedRequest, signed, signedBody } from '../../../test/fakes/slack-press.ts';
import { createSlackHttp, type SlackHttpOptions } from './http.ts';

const secret = 'signing-secret';
const startAt = 1_795_514_520_000;
const nowS = startAt / 1_000;
const closing: (() => void)[] = [];
after(() => closing.forEach((close) => void close()));

/** The handler behind a real server. */
async function open(options: Partial<SlackHttpOptions> = {}) {
  const taken: unknown[] = [];
  const clock = { at: startAt, now: () => clock.at };
  const http = createSlackHttp({
    signingSecret: () => secret,
    take: (payload) => taken.push(payload),
    clock,
    report: () => {},
    ...options,
  });
  const server = createServer((request, response) => {
    void http.handle(request).then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type });
      response.end(body);
    });
  }).listen(0, '127.0.0.1');
  closing.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  async function send({ headers, body }: SignedRequest, method = 'POST'): Promise<string> {
    const response = await fetch(`http://127.0.0.1:${port}/slack/actions`, {
      method,
      headers: { ...headers, connection: 'close' },
      ...(method === 'POST' ? { body } : {}),
    });
    return `${response.status} ${(await response.text()).trim()}`.trim();
  }
  return { send, taken, clock };
}

const press = { type: 'block_actions', user: { id: 'U0JO' }, text: 'ünï & <码>' };

test('a request that Slack signed is accepted and answered at once', async () => {
  const { send, taken } = await open();
  assert.equal(await send(signed(press, secret, nowS)), '200');
  assert.deepEqual(taken, [press]);
});

const wrong: readonly { readonly name: string; readonly request: SignedRequest; readonly want: string }[] = [
  { name: 'another secret', request: signed(press, 'guessed', nowS), want: '401 not-signed' },
  { name: 'no signature', request: { ...signed(press, secret, nowS), headers: {} }, want: '401 not-signed' },
  {
    name: 'another body than was signed',
    request: { ...signed(press, secret, nowS), body: 'payload=%7B%7D' },
    want: '401 not-signed',
  },
  {
    name: 'another time than was signed',
    request: {
      ...signed(press, secret, nowS - 400),
      headers: { ...signed(press, secret, nowS - 400).headers, 'x-slack-request-timestamp': `${nowS}` },
    },
    want: '401 not-signed',
  },
  { name: 'a request of six minutes ago', request: signed(press, secret, nowS - 301), want: '401 too-old' },
  { name: 'a request from the future', request: signed(press, secret, nowS + 301), want: '401 too-old' },
  { name: 'a body without JSON', request: signedBody('payload=%7B', secret, nowS), want: '400 not readable' },
  {
    name: 'more than a mebibyte',
    request: signedBody(`payload=${'a'.repeat(1_048_576)}`, secret, nowS),
    want: '413 too large',
  },
];
for (const { name, request, want } of wrong) {
  test(`${name} is refused`, async () => {
    const { send, taken } = await open();
    assert.equal(await send(request), want);
    assert.deepEqual(taken, []);
  });
}

test('a difference of five minutes between the clocks is accepted', async () => {
  const { send, taken } = await open();
  assert.equal(await send(signed(press, secret, nowS - 300)), '200');
  assert.equal(await send(signed(press, secret, nowS + 300)), '200');
  assert.equal(taken.length, 2);
});

test('a repeated request is refused', async () => {
  const { send, taken, clock } = await open();
  const request = signed(press, secret, nowS);
  assert.equal(await send(request), '200');
  assert.equal(await send(request), '409 repeated');
  clock.at += 299_000;
  assert.equal(await send(request), '409 repeated');
  assert.equal(taken.length, 1);
});

test('the challenges of the app set-up are answered', async () => {
  const { send, taken } = await open();
  const question = JSON.stringify({ type: 'url_verification', challenge: 'abc123' });
  assert.equal(await send(signedBody(question, secret, nowS)), '200 abc123');
  assert.equal(await send({ headers: {}, body: 'ssl_check=1&token=x' }), '200');
  assert.equal(await send(signedBody(question, 'guessed', nowS)), '401 not-signed');
  assert.deepEqual(taken, []);
});

test('without a secret every request is refused, and every method but POST', async () => {
  const { send } = await open({ signingSecret: () => '' });
  assert.equal(await send(signed(press, '', nowS)), '401 not-signed');
  assert.equal(await send(signed(press, '', nowS), 'GET'), '405 only POST');
});

test('a body of one mebibyte is read', async () => {
  const { send } = await open();
  const body = `payload=${'a'.repeat(1_048_576 - 'payload='.length)}`;
  assert.equal(await send(signedBody(body, secret, nowS)), '400 not readable');
});

test('a refusal is reported with its reason', async () => {
  const outcomes: string[] = [];
  const { send } = await open({
    report: (notice) => {
      if (notice.kind === 'pressed') outcomes.push(notice.outcome);
    },
  });
  const request = signed(press, secret, nowS);
  for (const one of [request, request, signed(press, 'guessed', nowS), signed(press, secret, nowS - 301)])
    await send(one);
  assert.deepEqual(outcomes, ['repeated', 'not-signed', 'too-old']);
});
