import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen, loopbackListen } from './listen.ts';

const good: readonly (readonly [text: string, host: string | undefined, port: number])[] = [
  [':9464', undefined, 9_464],
  ['127.0.0.1:0', '127.0.0.1', 0],
  ['localhost:65535', 'localhost', 65_535],
  ['[::1]:8080', '::1', 8_080],
];
for (const [text, host, port] of good) {
  test(`listens on ${text}`, () => assert.deepEqual(listen().parse(text), { host, port }));
}

for (const raw of ['9464', 9_464, ':65536', 'host:', 'a b:1', '::1:8080', '', null]) {
  test(`${JSON.stringify(raw)} is no address to listen on`, () => {
    const message = listen().safeParse(raw).error?.issues[0]?.message ?? '';
    assert.match(message, /^expected an address like ":9464" or "127\.0\.0\.1:9464", got /);
  });
}

const pages: readonly (readonly [raw: unknown, want: unknown])[] = [
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8_080 }],
  ['127.1.2.3:8080', { host: '127.1.2.3', port: 8_080 }],
  ['localhost:1', { host: 'localhost', port: 1 }],
  ['[::1]:1', { host: '::1', port: 1 }],
  ['off', 'off'],
  [false, 'off'],
];
for (const [raw, want] of pages) {
  test(`the status page on ${JSON.stringify(raw)}`, () => assert.deepEqual(loopbackListen().parse(raw), want));
}

for (const raw of [
  ':8080',
  '0.0.0.0:8080',
  '10.0.0.1:8080',
  '128.0.0.1:1',
  '127.0.0.1.evil.example:1',
  '[::]:1',
  true,
]) {
  test(`the status page is not shown to others on ${JSON.stringify(raw)}`, () => {
    const message = loopbackListen().safeParse(raw).error?.issues[0]?.message ?? '';
    assert.match(message, /^expected "off" or a loopback address like "127\.0\.0\.1:8080" \(the page has no login/);
  });
}
