/** The Slack of the tests does what Slack is known to do: what it checks, what it limits, what it shows to whom. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { type FakeSlackOptions, startFakeSlack } from '../fakes/slack.ts';

type Fields = Readonly<Record<string, unknown>>;

async function open(t: TestContext, options: FakeSlackOptions = {}) {
  const slack = await startFakeSlack(options);
  t.after(() => slack.stop());
  async function call(method: string, args: Fields, token = slack.token): Promise<Fields> {
    const form = Object.entries(args).map(([name, value]): [string, string] => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
    const response = await fetch(`${slack.apiUrl}${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams(form),
    });
    const retryAfter = response.headers.get('retry-after');
    const answer = (await response.json()) as Fields;
    return { ...answer, ...(retryAfter === null ? {} : { retryAfter }) };
  }
  const post = (args: Fields) => call('chat.postMessage', { channel: '#alerts', text: 'hello', ...args });
  return { slack, call, post };
}

const text = (value: string) => ({ type: 'plain_text', text: value, emoji: false });
const header = (value: string) => ({ type: 'header', text: text(value) });
const context = (value: string) => ({ type: 'context', elements: [text(value)] });
const button = (id: string, label = 'Go') => ({ type: 'button', action_id: id, text: text(label) });
const actions = (elements: unknown[], id = 'b1') => ({ type: 'actions', block_id: id, elements });
const option = (value: string) => ({ text: text('Option'), value });
const menu = (type: string, count: number) => ({
  type,
  action_id: 'm',
  ...(type === 'static_select' ? { placeholder: text('Choose') } : {}),
  options: Array.from({ length: count }, (_, index) => option(`${index}`)),
});

const contents: readonly { readonly name: string; readonly args: Fields; readonly want: string | undefined }[] = [
  { name: 'a header of 150', args: { blocks: [header('a'.repeat(150))] }, want: undefined },
  { name: 'a header of 151', args: { blocks: [header('a'.repeat(151))] }, want: 'invalid_blocks' },
  { name: 'an empty text', args: { blocks: [context('')] }, want: 'invalid_blocks' },
  { name: 'a text of 3,001', args: { blocks: [context('a'.repeat(3_001))] }, want: 'invalid_blocks' },
  { name: '51 blocks', args: { blocks: Array.from({ length: 51 }, () => context('a')) }, want: 'invalid_blocks' },
  { name: '13,200 characters in all', args: { blocks: Array(5).fill(context('a'.repeat(2_640))) }, want: undefined },
  { name: '13,205 in all', args: { blocks: Array(5).fill(context('a'.repeat(2_641))) }, want: 'msg_blocks_too_long' },
  { name: 'a type that there is not', args: { blocks: [{ type: 'table-of-doom' }] }, want: 'invalid_blocks' },
  { name: 'blocks that are no list', args: { blocks: '{}' }, want: 'invalid_blocks_format' },
  { name: 'a label of 76', args: { blocks: [actions([button('a', 'a'.repeat(76))])] }, want: 'invalid_blocks' },
  { name: 'two controls of one id', args: { blocks: [actions([button('a'), button('a')])] }, want: 'invalid_blocks' },
  {
    name: 'two blocks of one id',
    args: { blocks: [actions([button('a')]), actions([button('b')])] },
    want: 'invalid_blocks',
  },
  { name: 'an id of 256', args: { blocks: [actions([button('a')], 'a'.repeat(256))] }, want: 'invalid_blocks' },
  { name: 'an overflow of one', args: { blocks: [actions([menu('overflow', 1)])] }, want: 'invalid_blocks' },
  { name: 'an overflow of five', args: { blocks: [actions([menu('overflow', 5)])] }, want: undefined },
  { name: 'an overflow of six', args: { blocks: [actions([menu('overflow', 6)])] }, want: 'invalid_blocks' },
  { name: 'a menu', args: { blocks: [actions([menu('static_select', 3)])] }, want: undefined },
  { name: 'nothing', args: { text: '' }, want: 'no_text' },
  { name: 'a text of 40,001', args: { text: 'a'.repeat(40_001) }, want: 'msg_too_long' },
  { name: 'metadata without a type', args: { metadata: { event_payload: {} } }, want: 'invalid_metadata_format' },
  { name: 'a channel that there is not', args: { channel: '#nowhere' }, want: 'channel_not_found' },
  { name: 'a thread that there is not', args: { thread_ts: '1.000001' }, want: 'thread_not_found' },
];
for (const { name, args, want } of contents) {
  test(`${name} is ${want === undefined ? 'accepted' : `refused as ${want}`}`, async (t) => {
    const { post } = await open(t);
    const answer = await post(args);
    assert.deepEqual([answer['ok'], answer['error']], [want === undefined, want]);
  });
}

test('timestamps increase, and a reply appears in the channel only if it is broadcast', async (t) => {
  const { call, post } = await open(t);
  const metadata = { event_type: 'x', event_payload: { id: '1' } };
  const first = await post({ metadata });
  const second = await post({ thread_ts: first['ts'] });
  const third = await post({ thread_ts: first['ts'], reply_broadcast: true });
  const all = [first, second, third].map(({ ts }) => String(ts));
  assert.deepEqual(all, [...new Set(all)].sort());

  const read = async (method: string, args: Fields) => {
    const answer = await call(method, { channel: 'C0ALERTS01', ...args });
    return (answer['messages'] as Fields[]).map(({ ts }) => ts);
  };
  assert.deepEqual(await read('conversations.history', {}), [all[2], all[0]]);
  assert.deepEqual(await read('conversations.replies', { ts: all[0] }), all);
  assert.deepEqual(await read('conversations.history', { oldest: all[0] }), [all[2]]);
  assert.deepEqual(await read('conversations.history', { oldest: all[0], inclusive: true }), [all[2], all[0]]);
  assert.deepEqual(await read('conversations.history', { limit: 1 }), [all[2]]);
  const shown = async (args: Fields) =>
    ((await call('conversations.history', { channel: 'C0ALERTS01', ...args }))['messages'] as Fields[]).at(-1)?.[
      'metadata'
    ];
  assert.equal(await shown({}), undefined);
  assert.deepEqual(await shown({ include_all_metadata: true }), metadata);
});

test('accepts one post per second and channel, and returns the waiting time', async (t) => {
  const { post } = await open(t, { postLimit: { burst: 1, refillMs: 5_000 } });
  assert.equal((await post({}))['ok'], true);
  const refused = await post({});
  assert.deepEqual([refused['error'], refused['retryAfter']], ['ratelimited', '5']);
  assert.equal((await post({ channel: '#payments' }))['ok'], true);
});

test('a message appears in the history after a delay', async (t) => {
  const { call, post } = await open(t, { historyLagMs: 60_000 });
  await post({});
  assert.deepEqual((await call('conversations.history', { channel: 'C0ALERTS01' }))['messages'], []);
});

test('an edit without blocks removes them', async (t) => {
  const { call, post, slack } = await open(t);
  const { ts } = await post({ blocks: [header('a')] });
  await call('chat.update', { channel: 'C0ALERTS01', ts, text: 'over' });
  assert.deepEqual(slack.messages('alerts')[0]!.blocks, []);
});

test('each method requires its kind of token', async (t) => {
  const { call, slack } = await open(t);
  const errors = [
    await call('auth.test', {}, 'xoxb-guessed'),
    await call('apps.connections.open', {}),
    await call('auth.test', {}, slack.appToken),
  ].map(({ error }) => error);
  assert.deepEqual(errors, ['invalid_auth', 'not_allowed_token_type', 'not_allowed_token_type']);
});

test('an address opens once, a connection is greeted, and the eleventh is refused', async (t) => {
  const { call, slack } = await open(t, { ackWithinMs: 50 });
  async function first(url: string): Promise<string> {
    const socket = new WebSocket(url);
    return new Promise((resolve) => {
      socket.once('error', () => resolve('refused'));
      socket.once('message', (data) => {
        const { type, reason } = JSON.parse(String(data)) as Record<string, string>;
        resolve(`${type} ${reason ?? ''}`.trim());
      });
    });
  }
  const address = async () => String((await call('apps.connections.open', {}, slack.appToken))['url']);
  const used = await address();
  assert.equal(await first(used), 'hello');
  assert.equal(await first(used), 'refused');
  for (let count = 2; count <= 10; count += 1) assert.equal(await first(await address()), 'hello');
  assert.equal(await first(await address()), 'disconnect too_many_websockets');
  assert.equal(await slack.sockets.send({ type: 'block_actions' }).then(() => 'waited'), 'waited');
  assert.deepEqual(slack.sockets.acks, []);
});
