import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChannelOptions, escapeGlob, fanoutChannel, topicChannels } from './redis-channels.ts';

const target = { kind: 'tcp', host: 'h', port: 1 } as const;
const address = { target, db: 0, username: undefined, password: undefined, tls: undefined };
const plain: ChannelOptions = { address, globalKeyprefix: '', fanoutPrefix: true };
const channels: readonly {
  readonly name: string;
  readonly options: ChannelOptions;
  readonly exchange?: string;
  readonly want: readonly string[];
}[] = [
  { name: 'the default', options: plain, want: ['/0.celeryev'] },
  { name: 'another database', options: { ...plain, address: { ...address, db: 9 } }, want: ['/9.celeryev'] },
  { name: 'a key prefix', options: { ...plain, globalKeyprefix: 'acme:' }, want: ['acme:/0.celeryev'] },
  { name: 'no fanout prefix', options: { ...plain, fanoutPrefix: false }, want: ['celeryev'] },
  {
    name: 'a fanout prefix of its own',
    options: { ...plain, fanoutPrefix: '/mill-{db}.' },
    want: ['/mill-0.celeryev'],
  },
  { name: 'another exchange', options: plain, exchange: 'millev', want: ['/0.millev'] },
  {
    name: 'Sentinel, where old releases left the placeholder',
    options: {
      ...plain,
      address: {
        ...address,
        target: { kind: 'sentinel', nodes: [], masterName: 'm', sentinelPassword: undefined } as const,
      },
    },
    want: ['/0.celeryev', '/{db}.celeryev'],
  },
];
for (const { name, options, exchange = 'celeryev', want } of channels) {
  test(`events arrive on the channel of ${name}`, () => {
    assert.deepEqual(topicChannels(options, exchange).names, want);
    assert.equal(fanoutChannel(options, exchange), want[0]);
  });
}

test('a prefix with wildcards matches only itself', () => {
  const options = { ...plain, globalKeyprefix: 'a*[b]?' };
  assert.deepEqual(topicChannels(options, 'celeryev').patterns, ['a\\*\\[b\\]\\?/0.celeryev/*']);
});

const globs = [
  { text: 'celery', want: 'celery' },
  { text: 'a*b', want: 'a\\*b' },
  { text: 'a?', want: 'a\\?' },
  { text: '[x]', want: '\\[x\\]' },
  { text: 'a\\b', want: 'a\\\\b' },
];
for (const { text, want } of globs) {
  test(`"${text}" is escaped as "${want}"`, () => assert.equal(escapeGlob(text), want));
}
