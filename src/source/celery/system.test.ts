import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { celerySettings, systemServices } from '../../../test/conformance/source.ts';
import type { BrokerUrl } from '../broker-url.ts';
import type { SystemServices } from '../system.ts';
import type { CelerySettings } from './settings.ts';
import { celery } from './system.ts';

const password = { expose: () => 'secret' };
const redisUrl: BrokerUrl = { kind: 'redis', host: 'h', port: 1, db: 0, username: undefined, password, tls: undefined };
const amqpUrl: BrokerUrl = { kind: 'amqp', host: 'h', port: 1, vhost: '/', username: 'u', password, tls: undefined };

/** The parts that the system creates, by name. */
function partsOf(url: BrokerUrl, settings: Partial<CelerySettings> = {}, services: Partial<SystemServices> = {}) {
  const access = celery.connect(
    celerySettings(url, settings),
    systemServices(() => {}, services),
  );
  return {
    events: access.eventSources.map(({ name }) => name),
    results: access.resultSources.map(({ name }) => name),
    witnesses: access.witnesses.map(({ kind }) => kind),
    hasControl: access.enableEvents !== undefined,
    hasDepths: access.queueDepths !== undefined,
  };
}

describe('Celery observes a broker', () => {
  const cases = [
    {
      name: 'over Redis: events, queues and their depths',
      url: redisUrl,
      want: { events: ['celery'], results: [], witnesses: ['broker'], hasControl: false, hasDepths: true },
    },
    {
      name: 'over RabbitMQ: events',
      url: amqpUrl,
      want: { events: ['celery'], results: [], witnesses: [], hasControl: false, hasDepths: false },
    },
    {
      name: 'with a result backend: results too, in both ways',
      url: amqpUrl,
      settings: { resultBackend: redisUrl },
      want: {
        events: ['celery'],
        results: ['celery-results'],
        witnesses: ['result-backend'],
        hasControl: false,
        hasDepths: false,
      },
    },
    {
      name: 'with control allowed: the workers, last',
      url: redisUrl,
      settings: { resultBackend: redisUrl, name: 'shop' },
      services: { isControlAllowed: true },
      want: {
        events: ['shop'],
        results: ['shop-results'],
        witnesses: ['result-backend', 'broker', 'workers'],
        hasControl: true,
        hasDepths: true,
      },
    },
    {
      name: 'over RabbitMQ with control allowed',
      url: amqpUrl,
      services: { isControlAllowed: true },
      want: { events: ['celery'], results: [], witnesses: ['workers'], hasControl: true, hasDepths: false },
    },
  ];
  for (const { name, url, settings, services, want } of cases)
    test(name, () => assert.deepEqual(partsOf(url, settings, services), want));
});

test('a certificate file that does not exist is an error before anything connects', () => {
  const tls = {
    isVerified: true,
    checksHostname: true,
    caFile: '/none/ca.pem',
    certFile: undefined,
    keyFile: undefined,
  };
  assert.throws(() => partsOf({ ...redisUrl, tls }), /ENOENT/);
});

test('Celery observes every broker', () => {
  assert.equal(celery.observes(celerySettings(redisUrl)), true);
  assert.deepEqual(celery.defaultQueues, ['celery']);
});
