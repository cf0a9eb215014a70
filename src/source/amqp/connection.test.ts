import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refusal, reasonOf } from './connection.ts';

describe('the reason for a lost connection names neither login nor address', () => {
  const cases = [
    {
      error: Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5672'), { code: 'ECONNREFUSED' }),
      want: 'ECONNREFUSED',
    },
    {
      error: Object.assign(new Error('getaddrinfo ENOTFOUND rabbit.internal'), { code: 'ENOTFOUND' }),
      want: 'ENOTFOUND',
    },
    {
      error: new Error('Handshake terminated by server: 403 (ACCESS-REFUSED) with message "ACCESS_REFUSED - user bob"'),
      want: 'login refused (403 ACCESS-REFUSED)',
    },
    {
      error: new Error('Expected ConnectionOpenOk; got <ConnectionClose channel:0>'),
      want: 'vhost refused: it does not exist, or not for this user',
    },
    {
      error: Object.assign(new Error('Connection closed: 320 (CONNECTION-FORCED) with message "by bob at 10.1.2.3"'), {
        code: 320,
      }),
      want: 'closed by the broker (320 CONNECTION-FORCED)',
    },
    { error: new Error('Heartbeat timeout'), want: 'Heartbeat timeout' },
    { error: new Error('x'.repeat(500)), want: 'x'.repeat(120) },
    {
      error: new Refusal('the queue "events" could not be declared'),
      want: 'the queue "events" could not be declared',
    },
    { error: 'thrown text', want: 'unknown' },
  ];
  for (const { error, want } of cases) test(want.slice(0, 60), () => assert.equal(reasonOf(error), want));
});
