/** Celery as a broker system: which parts observe a broker, over Redis and over RabbitMQ. */
import { parseTaskId } from '../../event/ids.ts';
import { amqpAddressOf } from '../amqp/address.ts';
import { createAmqpSource } from '../amqp/source.ts';
import type { AmqpUrl, BrokerUrl } from '../broker-url.ts';
import { createAmqpPidbox } from '../kombu/amqp-pidbox.ts';
import { escapeGlob, topicChannels } from '../kombu/redis-channels.ts';
import { createRedisPidbox } from '../kombu/redis-pidbox.ts';
import { createRedisQueueDepths } from '../kombu/redis-queue-depths.ts';
import { createRedisQueueWitness } from '../kombu/redis-queue-witness.ts';
import { createSenderReader, senderOf } from '../kombu/sender.ts';
import { redisAddressOf } from '../redis/address.ts';
import type { Sending } from '../redis/read-lag.ts';
import { createSubscriber } from '../redis/subscriber.ts';
import type { Source } from '../source.ts';
import type { BrokerAccess, System, SystemServices } from '../system.ts';
import type { Witness } from '../witness.ts';
import { createCeleryControl } from './control.ts';
import { celeryDeliveries } from './delivery-reader.ts';
import { celeryFormat, resultKeyPart } from './format.ts';
import { priorityOf } from './message-priority.ts';
import { createResultWitness } from './result-witness.ts';
import type { CelerySettings, CeleryTransport } from './settings.ts';

/** Observes every broker, so it comes last in the list of systems. */
export const celery: System<CelerySettings> = {
  ...celeryFormat,
  name: 'celery',
  defaultQueues: ['celery'],
  observes: () => true,
  connect(settings, services) {
    const { name, url, resultBackend } = settings;
    const transport = url.kind === 'amqp' ? amqpTransport(settings, url, services) : redisTransport(settings, services);
    const control = services.isControlAllowed
      ? createCeleryControl({ ...services, name, pidbox: transport.createPidbox() })
      : undefined;
    const results = resultBackend && resultAccess(settings, resultBackend, services);
    const witnesses = [results?.witness, transport.queueWitness, control];
    return {
      eventSources: [transport.events],
      resultSources: results === undefined ? [] : [results.source],
      witnesses: witnesses.filter((witness) => witness !== undefined),
      enableEvents: control && (() => control.enableEvents()),
      queueDepths: transport.queueDepths,
    } satisfies BrokerAccess;
  },
};

function redisTransport(settings: CelerySettings, services: SystemServices): CeleryTransport {
  const address = redisAddressOf(settings.url, settings.sentinelPassword);
  const { patterns, names } = topicChannels({ ...settings, address }, settings.eventExchange);
  const { clock, random, report, queues, sidecar } = services;
  const readSender = createSenderReader();
  return {
    events: createSubscriber({
      name: settings.name,
      address,
      patterns,
      channels: names,
      form: 'kombu-envelope',
      priorityOf,
      sendingOf,
      isChannelWanted: false,
      // A message without a readable sender is parsed, and the pipeline decides.
      accepts: sidecar && ((payload) => sidecar.accepts(senderOf(payload) ?? sidecar.host)),
      acceptsBytes: sidecar && ((bytes, from, to) => sidecar.accepts(readSender(bytes, from, to) ?? sidecar.host)),
      clock,
      random,
      report,
    }),
    createPidbox: () => createRedisPidbox({ ...settings, address, clock }),
    queueWitness: createRedisQueueWitness({ ...settings, address, queues }),
    queueDepths: createRedisQueueDepths({ ...settings, address, queues, clock }),
  };
}

/** Sender and time of the last event in a message. */
function sendingOf(payload: string): Sending | undefined {
  const last = celeryFormat.decode({ source: '', receivedAt: 0, payload, form: 'kombu-envelope' }).at(-1);
  if (last?.ok !== true) return undefined;
  const { hostname, at } = last.event;
  return hostname === undefined ? undefined : { hostname, at };
}

/** RabbitMQ reports queue lengths only to users who may declare the queue; its own metrics cover them better. */
function amqpTransport(settings: CelerySettings, url: AmqpUrl, services: SystemServices): CeleryTransport {
  const { name, eventExchange, controlExchange } = settings;
  const { name: queue = services.queueName, ...limits } = settings.queue;
  const { clock, random, report, sidecar } = services;
  const address = amqpAddressOf(url);
  return {
    events: createAmqpSource({
      name,
      address,
      reader: celeryDeliveries,
      exchange: eventExchange,
      queue,
      // Standalone instances share the queue; each sidecar has its own.
      isShared: sidecar === undefined,
      limits,
      accepts: sidecar?.accepts,
      clock,
      random,
      report,
    }),
    createPidbox: () => createAmqpPidbox({ name, address, controlExchange, clock }),
    queueWitness: undefined,
    queueDepths: undefined,
  };
}

/** Celery publishes each state that it stores on a channel with the name of the key. Source: celery/backends/redis.py, `_set`. */
function resultAccess(
  { name, resultKeyprefix }: CelerySettings,
  resultBackend: BrokerUrl,
  services: SystemServices,
): { readonly source: Source; readonly witness: Witness } {
  const { clock, random, report, sidecar } = services;
  const address = redisAddressOf(resultBackend);
  const keyPrefix = `${resultKeyprefix}${resultKeyPart}`;
  const source = createSubscriber({
    name: `${name}-results`,
    address,
    patterns: [`${escapeGlob(keyPrefix)}*`],
    channels: [],
    form: 'result-meta',
    priorityOf,
    isChannelWanted: sidecar !== undefined,
    accepts: sidecar && ((_payload, channel) => isTracked(sidecar, channel.slice(keyPrefix.length))),
    clock,
    random,
    report,
  });
  return { source, witness: createResultWitness({ name, address, keyPrefix, clock }) };
}

function isTracked(sidecar: NonNullable<SystemServices['sidecar']>, key: string): boolean {
  const id = parseTaskId(key);
  return id !== undefined && sidecar.isTracked(id);
}
