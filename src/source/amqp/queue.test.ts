import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ChannelModel } from 'amqplib';
import { Refusal } from './connection.ts';
import { prepareQueue, type QueueOptions } from './queue.ts';

const options: QueueOptions = {
  exchange: 'celeryev',
  queue: 'taskvigil.events',
  isShared: false,
  limits: { bytesMax: 1_000, ttlMs: 2_000, expiresMs: 3_000 },
};

/** A broker that answers each method, or refuses it with a reply code. Logs every call with its arguments. */
function brokerOf(refusals: Readonly<Record<string, number>>) {
  const calls: (readonly unknown[])[] = [];
  const method =
    (name: string) =>
    async (...given: readonly unknown[]) => {
      calls.push([name, ...given]);
      const code = refusals[name];
      if (code !== undefined) throw Object.assign(new Error('refused by the broker'), { code });
    };
  const names = ['checkExchange', 'assertExchange', 'checkQueue', 'assertQueue', 'bindQueue'];
  const methods = Object.fromEntries(names.map((name) => [name, method(name)]));
  const channel = { ...methods, on() {}, close: async () => {} };
  const model = { createChannel: async () => channel } as unknown as ChannelModel;
  return { model, calls, names: () => calls.map(([name]) => name) };
}

describe('a queue', () => {
  const cases = [
    { name: 'with its exchange is not new', refusals: {}, isNew: false },
    { name: 'that does not exist is new', refusals: { checkQueue: 404 }, isNew: true },
    { name: 'whose exchange does not exist is new', refusals: { checkExchange: 404 }, isNew: true },
  ];
  for (const { name, refusals, isNew } of cases) {
    test(name, async () => assert.deepEqual(await prepareQueue(brokerOf(refusals).model, options), { isNew }));
  }

  test('is declared as a bounded classic queue and bound to every event', async () => {
    const { model, calls } = brokerOf({});
    await prepareQueue(model, options);
    assert.deepEqual(calls.slice(2), [
      [
        'assertQueue',
        'taskvigil.events',
        {
          durable: true,
          arguments: {
            'x-queue-type': 'classic',
            'x-max-length-bytes': 1_000,
            'x-overflow': 'drop-head',
            'x-message-ttl': 2_000,
            'x-expires': 3_000,
          },
        },
      ],
      ['bindQueue', 'taskvigil.events', 'celeryev', '#'],
    ]);
  });

  test('that is shared has one active consumer', async () => {
    const { model, calls } = brokerOf({});
    await prepareQueue(model, { ...options, isShared: true });
    const [, , declaration] = calls.find(([name]) => name === 'assertQueue') ?? [];
    const { arguments: given } = declaration as { readonly arguments: Readonly<Record<string, unknown>> };
    assert.equal(given['x-single-active-consumer'], true);
  });
});

test('an existing exchange is not declared, a missing one is, as a durable topic exchange', async () => {
  const existing = brokerOf({});
  await prepareQueue(existing.model, options);
  assert.deepEqual(existing.names(), ['checkExchange', 'checkQueue', 'assertQueue', 'bindQueue']);
  const missing = brokerOf({ checkExchange: 404 });
  await prepareQueue(missing.model, options);
  assert.deepEqual(missing.calls[1], ['assertExchange', 'celeryev', 'topic', { durable: true }]);
});

describe('a refusal contains what the operator has to change', () => {
  const queue = 'the queue "taskvigil.events"';
  const cases = [
    {
      refusals: { checkExchange: 404, assertExchange: 403 },
      want: 'the exchange "celeryev" does not exist yet, and could not be declared: this user lacks the permission',
    },
    { refusals: { checkQueue: 405 }, want: `${queue} cannot be used: another connection holds it as its own` },
    {
      refusals: { assertQueue: 406 },
      want: `${queue} could not be declared: it exists with other arguments: delete it, or choose another name`,
    },
    {
      refusals: { bindQueue: 403 },
      want: `${queue} could not be bound to the exchange "celeryev": this user lacks the permission`,
    },
  ];
  for (const { refusals, want } of cases) {
    test(want, async () => {
      await assert.rejects(prepareQueue(brokerOf(refusals).model, options), (error) => {
        assert.ok(error instanceof Refusal);
        assert.equal(error.message, want);
        return true;
      });
    });
  }

  test('and another error is passed on', async () => {
    const { model } = brokerOf({ checkExchange: 320 });
    await assert.rejects(prepareQueue(model, options), (error) => !(error instanceof Refusal));
  });
});
