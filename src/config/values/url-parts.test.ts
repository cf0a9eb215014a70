import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoded, encodingExpected, splitUrl } from './url-parts.ts';

interface Want {
  readonly scheme?: string;
  readonly username?: string;
  readonly password?: string;
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
}

const good: readonly (readonly [url: string, want: Want])[] = [
  ['redis://host', { host: 'host' }],
  ['REDIS://host', { host: 'host' }],
  ['redis+socket:///run/a.sock', { scheme: 'redis+socket', path: '/run/a.sock' }],
  ['redis://host:6379/0', { host: 'host', port: 6_379, path: '/0' }],
  ['redis://host:/0', { host: 'host', path: '/0' }],
  ['redis://[::1]:1', { host: '::1', port: 1 }],
  ['redis://user:pw@host', { username: 'user', password: 'pw', host: 'host' }],
  ['redis://:pw@host', { password: 'pw', host: 'host' }],
  ['redis://user@host', { username: 'user', host: 'host' }],
  ['redis://user:a:b@c@host', { username: 'user', password: 'a:b@c', host: 'host' }],
  ['redis://u%40v:p%2Fw@host', { username: 'u@v', password: 'p/w', host: 'host' }],
  ['redis://my%2Dhost', { host: 'my-host' }],
  ['amqp://host/my%2Fvhost', { scheme: 'amqp', host: 'host', path: '/my%2Fvhost' }],
  ['redis://host?a=1&b=%2F&c&=d&a=2', { host: 'host', query: { a: '2', b: '/' } }],
  ['redis://', {}],
  ['redis://host:65535', { host: 'host', port: 65_535 }],
];
for (const [url, want] of good) {
  test(`splits ${url}`, () => {
    const parts = splitUrl(url, 'no URL');
    if (typeof parts === 'string') assert.fail(parts);
    assert.deepEqual(
      { ...parts, query: Object.fromEntries(parts.query) },
      {
        scheme: 'redis',
        username: undefined,
        password: undefined,
        host: '',
        port: undefined,
        path: '',
        query: {},
        ...want,
      },
    );
  });
}

const bad: readonly (readonly [url: string, want: RegExp])[] = [
  ['host:6379', /^no URL$/],
  ['redis:/host', /^no URL$/],
  ['1redis://host', /^no URL$/],
  ['redis://:canary#x@host', /^expected a "\/", "\?" or "#" in a user name or password/],
  ['redis://:canary@host:port', /^expected host:port after the login/],
  ['redis://a:b:c', /^expected host:port after the login/],
  ['redis://host:0', /^expected a port between 1 and 65535$/],
  ['redis://host:65536', /^expected a port between 1 and 65535$/],
];
for (const [url, want] of bad) {
  test(`refuses to split ${url}`, () => {
    const reason = splitUrl(url, 'no URL');
    assert.match(typeof reason === 'string' ? reason : 'it was split', want);
    assert.doesNotMatch(String(reason), /canary/);
  });
}

test('the advice about encoding names the three characters', () => {
  assert.match(encodingExpected, /%2F, %3F, %23$/);
});

const encoded: readonly (readonly [text: string, want: string])[] = [
  ['plain', 'plain'],
  ['a%20b', 'a b'],
  ['%C3%A4', 'ä'],
  ['100%', '100%'],
  ['%zz%41', '%zzA'],
  ['a+b', 'a+b'],
  ['%2f%2F', '//'],
];
for (const [text, want] of encoded) test(`decodes ${text} to ${want}`, () => assert.equal(decoded(text), want));
