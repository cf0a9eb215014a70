import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type FakeSlackOptions, startFakeSlack } from '../../../test/fakes/slack.ts';
import { createSlackApi, type SlackApiOptions } from './web-api.ts';

/** An API with a clock that moves only by its sleeps. */
async function open(t: TestContext, options: Partial<SlackApiOptions> = {}, fake: FakeSlackOptions = {}) {
  const slack = await startFakeSlack(fake);
  t.after(() => slack.stop());
  const sleeps: number[] = [];
  const clock = { at: 0, now: () => clock.at };
  const api = createSlackApi({
    token: () => slack.token,
    apiUrl: slack.apiUrl,
    clock,
    sleep: async (ms) => {
      sleeps.push(ms);
      clock.at += ms;
    },
    ...options,
  });
  const post = (channel = '#alerts', startBy = Number.POSITIVE_INFINITY) =>
    api.call({ method: 'chat.postMessage', channel, args: { text: 'hello' }, startBy });
  return { slack, api, post, clock, sleeps };
}

const later = { startBy: Number.POSITIVE_INFINITY };

test('a call returns the fields of the answer', async (t) => {
  const { api } = await open(t);
  const answer = await api.call({ method: 'auth.test', ...later });
  assert.ok(answer.ok);
  assert.equal(answer.result['team'], 'Fake Team');
});

test('posts into one channel are a second apart, posts into others are not delayed', async (t) => {
  const { post, sleeps } = await open(t);
  for (const channel of ['#alerts', '#payments', '#alerts', '#alerts']) await post(channel);
  assert.deepEqual(sleeps, [1_000, 1_000]);
});

test('only posts are paced', async (t) => {
  const { api, sleeps } = await open(t);
  for (let count = 0; count < 3; count += 1) await api.call({ method: 'auth.test', ...later });
  assert.deepEqual(sleeps, []);
});

test('a post that its lane would delay beyond the deadline is not made', async (t) => {
  const { post, slack } = await open(t);
  assert.equal((await post('#alerts', 0)).ok, true);
  assert.deepEqual(await post('#alerts', 999), {
    ok: false,
    error: { kind: 'not-sent', reason: 'paced' },
    retryInMs: 1_000,
  });
  assert.equal((await post('#alerts', 1_000)).ok, true);
  assert.equal(slack.calls.length, 2);
});

test('a call whose deadline passes during its wait is not made', async (t) => {
  const state = { at: 0 };
  const { post, slack } = await open(t, {
    clock: { now: () => state.at },
    sleep: async () => {
      state.at = 5_000;
    },
  });
  await post();
  assert.deepEqual(await post('#alerts', 2_000), {
    ok: false,
    error: { kind: 'not-sent', reason: 'out-of-time' },
    retryInMs: 0,
  });
  assert.equal(slack.calls.length, 1);
});

test('a rate limit delays the next call of its method and channel', async (t) => {
  const { slack, post, sleeps } = await open(t);
  slack.fault('chat.postMessage', { kind: 'rate-limit', retryAfterS: 7, isAccepted: false });
  const limited = await post();
  assert.ok(!limited.ok && limited.retryInMs === 7_000);
  await post('#payments');
  assert.deepEqual(sleeps, []);
  await post();
  assert.deepEqual(sleeps, [7_000]);
});

test('a call that Slack refused for its token is repeated once with a new token', async (t) => {
  let token = 'xoxb-old';
  const { slack, api } = await open(t, {
    token: () => token,
    renewToken: () => {
      token = slack.token;
      return true;
    },
  });
  assert.equal((await api.call({ method: 'auth.test', ...later })).ok, true);
  assert.equal(slack.calls.length, 2);
});

test('without a new token a refused call is not repeated', async (t) => {
  const { slack, api } = await open(t, { token: () => 'xoxb-old', renewToken: () => false });
  const answer = await api.call({ method: 'auth.test', ...later });
  assert.ok(!answer.ok && answer.error.reason === 'invalid_auth');
  assert.equal(slack.calls.length, 1);
});

test('a refusal for another reason does not renew the token', async (t) => {
  const { slack, api } = await open(t, { renewToken: () => assert.fail('renewed') }, { missingScopes: ['auth.test'] });
  const answer = await api.call({ method: 'auth.test', ...later });
  assert.ok(!answer.ok && answer.error.reason === 'missing_scope');
  assert.equal(slack.calls.length, 1);
});

test('a call that fails is made once', async (t) => {
  const { slack, api } = await open(t);
  slack.fault('auth.test', { kind: 'status', status: 503, isAccepted: false });
  const answer = await api.call({ method: 'auth.test', ...later });
  assert.ok(!answer.ok && answer.error.kind === 'unknown');
  assert.equal(slack.calls.length, 1);
});

test('pages are read up to the last one', async (t) => {
  const { api, post } = await open(t, { postIntervalMs: 0 });
  for (let count = 0; count < 201; count += 1) await post();
  const counts: number[] = [];
  for await (const page of api.pages({ method: 'conversations.history', channel: 'C0ALERTS01', ...later })) {
    assert.ok(page.ok);
    counts.push((page.result['messages'] as unknown[]).length);
  }
  assert.deepEqual(counts, [200, 1]);
});

test('a page that fails is the last one', async (t) => {
  const { slack, api } = await open(t);
  slack.fault('conversations.history', { kind: 'error', error: 'internal_error', isAccepted: false });
  const results: boolean[] = [];
  for await (const page of api.pages({ method: 'conversations.history', channel: 'C0ALERTS01', ...later }))
    results.push(page.ok);
  assert.deepEqual(results, [false]);
});

test('after the deadline a call with a new token is not repeated', async (t) => {
  const state = { at: 0 };
  let token = 'xoxb-old';
  const { slack, api } = await open(t, {
    clock: { now: () => state.at },
    token: () => token,
    renewToken: () => {
      token = slack.token;
      state.at = 1_001;
      return true;
    },
  });
  const answer = await api.call({ method: 'auth.test', startBy: 1_000 });
  assert.ok(!answer.ok && answer.error.reason === 'invalid_auth');
  assert.equal(slack.calls.length, 1);
});

test('a rate limit of a method without pacing delays its next call', async (t) => {
  const { slack, api, sleeps } = await open(t);
  slack.fault('auth.test', { kind: 'rate-limit', retryAfterS: 3, isAccepted: false });
  await api.call({ method: 'auth.test', ...later });
  await api.call({ method: 'auth.test', ...later });
  assert.deepEqual(sleeps, [3_000]);
});
