import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ConsumeMessage } from 'amqplib';
import { celeryDeliveries } from './delivery-reader.ts';

const event = { type: 'task-started', uuid: 'a', hostname: 'w1@a', timestamp: 1_700_000_000.5, clock: 1, pid: 2 };

function message(payload: string, form = 'event-body') {
  return { source: 's', receivedAt: 0, payload, form };
}

function delivery(routingKey: string): ConsumeMessage {
  return { fields: { routingKey } } as ConsumeMessage;
}

describe('the time of an event is read without parsing', () => {
  const cases = [
    { payload: JSON.stringify(event), want: 1_700_000_000_500 },
    { payload: '{"timestamp": 1700000000.25, "type": "task-sent"}', want: 1_700_000_000_250 },
    { payload: '{"timestamp":1700000000}', want: 1_700_000_000_000 },
    {
      name: 'the last of several events counts',
      payload: '[{"timestamp": 1700000000.5}, {"timestamp": 1700000003.5}]',
      want: 1_700_000_003_500,
    },
    {
      name: 'a key quoted in a text does not count',
      payload: '{"timestamp": 1700000000.5, "traceback": "{\\"timestamp\\": 1800000000}"}',
      want: 1_700_000_000_500,
    },
    { name: 'the first plausible second', payload: '{"timestamp": 1000000000}', want: 1e12 },
    { name: 'the second before it', payload: '{"timestamp": 999999999}', want: undefined },
    { name: 'the last plausible second', payload: '{"timestamp": 9999999999}', want: 9_999_999_999_000 },
    { name: 'the second after it', payload: '{"timestamp": 10000000000}', want: undefined },
    { payload: '{"timestamp": "now"}', want: undefined },
    { payload: '{"timestamp": -1}', want: undefined },
    { payload: '{"timestamp": 1e99}', want: undefined },
    { payload: '{"timestamp"', want: undefined },
    { payload: '', want: undefined },
  ];
  for (const { name, payload, want } of cases)
    test(name ?? payload, () => assert.equal(celeryDeliveries.sentAtOf(message(payload)), want));

  test('an envelope has no time, because its body is encoded', () => {
    assert.equal(celeryDeliveries.sentAtOf(message('{"timestamp": 1700000000}', 'kombu-envelope')), undefined);
  });
});

describe('the interval of heartbeats', () => {
  const cases = [
    { payload: '{"freq": 2.5, "timestamp": 1700000000.5}', want: 2_500 },
    { payload: '{"freq": 86399}', want: 86_399_000 },
    { payload: '{"freq": 86400}', want: 2_000 },
    { payload: '{"freq": 0}', want: 2_000 },
    { payload: '{}', want: 2_000 },
  ];
  for (const { payload, want } of cases)
    test(`is ${want} ms in ${payload}`, () => {
      assert.equal(celeryDeliveries.heartbeatMsOf(delivery('worker.heartbeat'), message(payload)), want);
    });

  test('is undefined for a message that is no heartbeat', () => {
    assert.equal(celeryDeliveries.heartbeatMsOf(delivery('task.multi'), message('{"freq": 2}')), undefined);
  });
});
