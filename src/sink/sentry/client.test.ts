import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { failureOf } from '../../../test/fakes/failure.ts';
import { startFakeSentry } from '../../../test/fakes/sentry.ts';
import { createVirtualClock } from '../../runtime/clock.ts';
import { createSentryClient, type SentryResponse } from './client.ts';
import { sentryEventOf } from './event.ts';

const event = (id = 'failure-1') =>
  sentryEventOf(failureOf({ id }), { environment: 'test', release: undefined, grouping: 'taskvigil' });

async function open(t: TestContext) {
  const sentry = await startFakeSentry();
  const clock = createVirtualClock(Date.UTC(2026, 10, 24));
  const client = createSentryClient({ dsn: sentry.dsn, version: '1.2.3', lanes: 2, clock });
  t.after(async () => {
    await client.close();
    await sentry.stop();
  });
  return { sentry, clock, client };
}

const responses: readonly {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly want: SentryResponse;
}[] = [
  { status: 200, want: { outcome: 'delivered', reason: 'http-200', restMs: 0 } },
  { status: 400, want: { outcome: 'refused', reason: 'http-400', restMs: 0 } },
  { status: 403, want: { outcome: 'refused', reason: 'http-403', restMs: 0 } },
  { status: 408, want: { outcome: 'failed', reason: 'http-408', restMs: 0 } },
  { status: 413, want: { outcome: 'refused', reason: 'http-413', restMs: 0 } },
  { status: 429, headers: { 'retry-after': '7' }, want: { outcome: 'limited', reason: 'http-429', restMs: 7_000 } },
  { status: 500, want: { outcome: 'failed', reason: 'http-500', restMs: 0 } },
  { status: 503, want: { outcome: 'failed', reason: 'http-503', restMs: 0 } },
  { status: 0, want: { outcome: 'failed', reason: 'no-answer', restMs: 0 } },
];

for (const { status, headers = {}, want } of responses) {
  test(`a response of ${status} is ${want.outcome}`, async (t) => {
    const { sentry, client } = await open(t);
    sentry.answerNext(status, headers);
    assert.deepEqual(await client.send(event()), want);
  });
}

test('an accepted event may carry a rate limit for the next ones', async (t) => {
  const { sentry, client } = await open(t);
  sentry.answerNext(200, { 'x-sentry-rate-limits': '60:error:organization' });
  assert.deepEqual(await client.send(event()), { outcome: 'delivered', reason: 'http-200', restMs: 60_000 });
  // The client itself does not drop the next event: the deliveries decide when to send it.
  assert.equal((await client.send(event('failure-2'))).outcome, 'delivered');
});

test('the envelope names the SDK and the trace of the task', async (t) => {
  const { sentry, client } = await open(t);
  const sent = event();
  await client.send(sent);
  const [envelope] = sentry.envelopes();
  const { trace_id: traceId } = sent.contexts.trace;
  assert.match(JSON.stringify(envelope?.headers), new RegExp(`"trace_id":"${traceId}"`));
  assert.deepEqual(sentry.objections(), []);
  assert.match(JSON.stringify(envelope), /"name":"taskvigil","version":"1\.2\.3"/);
});

test('after an abort every request ends without an answer', async (t) => {
  const { client } = await open(t);
  client.abort();
  assert.deepEqual(await client.send(event()), { outcome: 'failed', reason: 'no-answer', restMs: 0 });
});
