/** The sources against a real redis-server, a real RabbitMQ and a real Celery worker on it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { encode as encodeMsgpack } from '@msgpack/msgpack';
import { type ConfirmChannel, connect } from 'amqplib';
import { Redis } from 'ioredis';
import type { Report } from '../../src/report.ts';
import { createSystemClock } from '../../src/runtime/clock.ts';
import { type AmqpSourceOptions, createAmqpSource } from '../../src/source/amqp/source.ts';
import { celeryDeliveries } from '../../src/source/celery/delivery-reader.ts';
import { decode } from '../../src/source/celery/format.ts';
import type { Source } from '../../src/source/source.ts';
import {
  celerySettings,
  celerySource,
  describeSource,
  type EventBody,
  hasReceived,
  isConnected,
  type Listener,
  listenerOf,
  type SourceHarness,
  systemServices,
  taskEvent,
} from '../conformance/source.ts';
import {
  freePort,
  missingTools,
  produce,
  start,
  startRedis,
  startWorker,
  stopEverything,
  temporaryFolder,
  waitFor,
} from '../live/process.ts';
import { missingRabbit, type Rabbit, startRabbit } from '../live/rabbitmq.ts';

const clock = createSystemClock();
const password = 'correct-horse-9f3a';
const withinMs = 20_000;
const noRabbit = missingRabbit() ?? false;
const noTools = missingTools() ?? false;

const redisPort = await freePort();
let redis: Redis | undefined;

const overRedis: SourceHarness = {
  skip: noTools,
  keepsWhileAway: false,
  password,
  async openServer() {
    if (redis !== undefined) return;
    await startRedis(redisPort);
    redis = new Redis(redisPort, '127.0.0.1');
    await redis.config('SET', 'requirepass', password);
    await redis.auth(password);
  },
  create: (report, port) =>
    celerySource(
      celerySettings(
        {
          kind: 'redis',
          host: '127.0.0.1',
          port: port ?? redisPort,
          db: 0,
          username: undefined,
          password: { expose: () => password },
          tls: undefined,
        },
        { name: 'redis' },
      ),
      systemServices(report),
    ),
  async publish(bodies) {
    await Promise.all(bodies.map((body) => redis!.publish('/0.celeryev/task.multi', envelopeOf(body))));
  },
  async publishBytes(payloads) {
    await Promise.all(payloads.map((payload) => redis!.publish('/0.celeryev/task.multi', payload)));
  },
  async breakConnection() {
    await redis!.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  },
  async close() {
    redis?.disconnect();
  },
};

function envelopeOf(body: EventBody): string {
  return JSON.stringify({
    body: Buffer.from(JSON.stringify(body)).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: { hostname: 'w1@a' },
    properties: { delivery_mode: 1, body_encoding: 'base64' },
  });
}

const rabbitPort = await freePort();
let opened: Promise<Rabbit> | undefined;

function openRabbit(): Promise<Rabbit> {
  opened ??= startRabbit(rabbitPort).then(async (rabbit) => {
    await rabbit.addUser('watcher', password, { configure: '.*', write: '.*', read: '.*' });
    return rabbit;
  });
  return opened;
}

const limits = { bytesMax: 64 * 1024 * 1024, ttlMs: 600_000, expiresMs: 600_000 };

function createAmqp(report: Report, options: Partial<AmqpSourceOptions> = {}): Source {
  return createAmqpSource({
    name: 'rabbitmq',
    address: addressOf('watcher', password),
    reader: celeryDeliveries,
    exchange: 'celeryev',
    queue: `taskvigil.${randomUUID()}`,
    isShared: false,
    limits,
    clock,
    random: Math.random,
    report,
    ...options,
  });
}

function addressOf(username: string, secret: string, vhost = '/', port = rabbitPort) {
  return { host: '127.0.0.1', port, vhost, username, password: secret, tls: undefined };
}

const overRabbit: SourceHarness = {
  skip: noRabbit,
  keepsWhileAway: true,
  password,
  async openServer() {
    await openRabbit();
  },
  create: (report, port) =>
    createAmqp(report, port === undefined ? {} : { address: addressOf('u', password, '/', port) }),
  publish: publishAmqp,
  publishBytes: (payloads) =>
    onChannel((channel) => {
      for (const payload of payloads) channel.publish('celeryev', 'task.multi', payload, jsonBody);
    }),
  async breakConnection() {
    await (await openRabbit()).closeConnections();
  },
  async close() {},
};

const jsonBody = {
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  headers: { hostname: 'w1@a' },
  persistent: false,
};

function publishAmqp(bodies: readonly EventBody[]): Promise<void> {
  return onChannel((channel) => {
    for (const body of bodies) {
      const type = Array.isArray(body) ? 'task-multi' : String((body as { type: unknown }).type);
      channel.publish('celeryev', type.replace('-', '.'), Buffer.from(JSON.stringify(body)), jsonBody);
    }
  });
}

/** On a connection of its own, since tests break all there are. Resolves when the broker has everything. */
async function onChannel(run: (channel: ConfirmChannel) => unknown): Promise<void> {
  const connection = await connect((await openRabbit()).url);
  try {
    const channel = await connection.createConfirmChannel();
    await channel.assertExchange('celeryev', 'topic', { durable: true });
    await run(channel);
    await channel.waitForConfirms();
  } finally {
    await connection.close();
  }
}

describe('sources of Celery events', () => {
  // Not at the top of the file: there it would not run when a filter leaves some suites out.
  after(stopEverything);
  describeSource('Celery over Redis', overRedis);
  describeSource('Celery over RabbitMQ', overRabbit);
  describe('only over RabbitMQ', { skip: noRabbit }, testRabbitOnly);
});

function testRabbitOnly(): void {
  const started: Listener[] = [];
  after(async () => {
    for (const { source } of started) await source.stop();
  });

  async function listen(options: Partial<AmqpSourceOptions> = {}): Promise<Listener> {
    await openRabbit();
    const listener = listenerOf((report) => createAmqp(report, options));
    started.push(listener);
    await listener.source.start(listener.outlet);
    return listener;
  }

  async function listening(options: Partial<AmqpSourceOptions> = {}): Promise<Listener> {
    const listener = await listen(options);
    await isConnected(listener);
    return listener;
  }

  async function reasons(listener: Listener, count = 1): Promise<readonly string[]> {
    const told = () => listener.notices.flatMap((one) => (one.kind === 'source-disconnected' ? [one.reason] : []));
    await waitFor('a reason is reported', withinMs, () => told().length >= count);
    return told();
  }

  const numbered = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

  test('reads every serializer and compression that kombu has a name for', async () => {
    const listener = await listening();
    const event = (id: string) => Buffer.from(JSON.stringify(taskEvent(id)));
    await onChannel((channel) => {
      const send = (content: Buffer, options: object) =>
        channel.publish('celeryev', 'task.started', content, { ...jsonBody, ...options });
      const msgpack = { contentType: 'application/x-msgpack', contentEncoding: 'binary' };
      send(Buffer.from(encodeMsgpack(taskEvent('msgpack'))), msgpack);
      send(event('yaml'), { contentType: 'application/x-yaml' });
      send(deflateSync(event('compressed')), { headers: { hostname: 'w1@a', compression: 'application/x-gzip' } });
      send(event('bare'), { contentType: undefined, contentEncoding: undefined, headers: undefined });
      send(Buffer.from([0x80, 0x02, 0x4e, 0x2e]), { contentType: 'application/x-python-serialize' });
      send(event('last'), {});
    });
    await hasReceived(listener, 'last');
    assert.deepEqual(listener.ids(), ['msgpack', 'yaml', 'compressed', 'bare', 'last']);
    const rejected = listener.messages.flatMap((one) => decode(one)).filter((one) => !one.ok);
    assert.deepEqual(rejected, [{ ok: false, reason: 'pickle' }]);
    await listener.source.stop();
  });

  test('keeps the events of the time in which taskvigil restarts', async () => {
    const queue = `taskvigil.${randomUUID()}`;
    const first = await listening({ queue });
    await first.source.stop();
    const ids = numbered('kept', 3_000);
    await publishAmqp(ids.map((id) => taskEvent(id)));
    // Stopped at work, with more at hand and more on its way.
    let stopped: Promise<void> | undefined;
    await first.source.start({
      ...first.outlet,
      message(message) {
        first.outlet.message(message);
        if (first.messages.length === 10) stopped = first.source.stop();
      },
    });
    await waitFor('it has begun', withinMs, () => stopped !== undefined);
    await stopped;
    const handedOn = first.ids().length;
    // The run was under way and not complete; how much the broker had sent by then is not asserted.
    assert.ok(handedOn >= 10 && handedOn < ids.length, `it handed on ${handedOn}`);
    const second = await listening({ queue });
    await hasReceived(second, ids.at(-1)!);
    assert.deepEqual([...first.ids(), ...second.ids()], ids);
    assert.deepEqual([...first.gaps, ...second.gaps], []);
    await second.source.stop();
  });

  test('loses nothing when taskvigil is killed', async () => {
    const queue = `taskvigil.${randomUUID()}`;
    const ids = numbered('killed', 3_000);
    await openRabbit();
    const victim = start(process.execPath, [victimFile(queue)]);
    await waitFor(
      () => `the victim listens: ${victim.output()}`,
      withinMs,
      () => victim.output().includes('connected'),
    );
    await publishAmqp(ids.map((id) => taskEvent(id)));
    await waitFor('the victim is at work', withinMs, () => victim.output().includes('killed-500\n'));
    await victim.stop('SIGKILL');
    const printed = victim.output().match(/^killed-\d+$/gm) ?? [];
    assert.ok(printed.length < ids.length, 'it was killed before it had everything');

    const heir = await listening({ queue });
    await hasReceived(heir, ids.at(-1)!);
    assert.deepEqual(new Set([...printed, ...heir.ids()]), new Set(ids));
    // Duplicates are at most the messages in flight when the first instance died.
    assert.ok(printed.length + heir.ids().length - ids.length <= 1_024);
    assert.deepEqual(
      heir.ids(),
      [...heir.ids()].sort((a, b) => ids.indexOf(a) - ids.indexOf(b)),
    );
    await heir.source.stop();
  });

  test('two share a queue: one works, the other waits connected and takes over', async () => {
    const options = { queue: `taskvigil.${randomUUID()}`, isShared: true };
    const one = await listening(options);
    const other = await listening(options);
    const ids = numbered('shared', 50);
    await publishAmqp(ids.map((id) => taskEvent(id)));
    await hasReceived(one, ids.at(-1)!);
    assert.deepEqual(one.ids(), ids);
    assert.deepEqual(other.ids(), []);
    assert.deepEqual(other.states, [true]);

    await one.source.stop();
    const more = numbered('taken-over', 50);
    await publishAmqp(more.map((id) => taskEvent(id)));
    await hasReceived(other, more.at(-1)!);
    assert.deepEqual(other.ids(), more);
    assert.deepEqual(one.ids(), ids);
    assert.deepEqual([...one.gaps, ...other.gaps], []);
    await other.source.stop();
  });

  test('a full queue drops its oldest messages, stays small, and the loss is recorded', async () => {
    const queue = `taskvigil.${randomUUID()}`;
    const bytesMax = 100_000;
    const listener = await listening({ queue, limits: { ...limits, bytesMax } });
    const startAt = Date.now() / 1_000 - 300;
    const heartbeat = (second: number) => ({
      type: 'worker-heartbeat',
      freq: 2,
      timestamp: startAt + second,
      hostname: 'w1@a',
    });
    await publishAmqp([heartbeat(0), taskEvent('heard', { timestamp: startAt })]);
    await hasReceived(listener, 'heard');
    await listener.source.stop();

    const second = (index: number) => startAt + 1 + index / 2;
    const ids = numbered('away', 580);
    const padding = 'x'.repeat(1_000);
    await publishAmqp(ids.map((id, index) => taskEvent(id, { timestamp: second(index), padding })));
    const rabbit = await openRabbit();
    const kept = (await rabbit.queues()).find(({ name }) => name === queue);
    assert.ok(kept !== undefined && kept.message_bytes <= bytesMax, `${kept?.message_bytes} bytes are kept`);
    assert.ok(kept.messages > 50 && kept.messages < 100, `${kept.messages} messages are kept`);

    await listener.source.start(listener.outlet);
    await hasReceived(listener, ids.at(-1)!);
    const [gap, ...more] = listener.gaps;
    assert.deepEqual(more, []);
    assert.equal(gap?.cause, 'queue-lost');
    const missed = ids.flatMap((id, index) => (listener.ids().includes(id) ? [] : [second(index) * 1_000]));
    assert.equal(missed.length, ids.length - kept.messages);
    assert.ok(
      missed.every((at) => at >= gap.from && at <= gap.to),
      'what was missed lies in the gap',
    );
    assert.ok(gap.to - missed.at(-1)! <= 1_000 && missed[0]! - gap.from <= 2_000, 'and little else');
    await listener.source.stop();
  });

  test('a queue that is deleted under it is made anew, and the time without it is a gap', async () => {
    const queue = `taskvigil.${randomUUID()}`;
    const listener = await listening({ queue });
    await publishAmqp([taskEvent('before-delete')]);
    await hasReceived(listener, 'before-delete');
    const heardAt = listener.messages[0]!.receivedAt;
    await (await openRabbit()).ctl('delete_queue', queue);
    await isConnected(listener, 2);
    assert.equal((await reasons(listener))[0], 'the queue was deleted');
    await publishAmqp([taskEvent('after-delete')]);
    await hasReceived(listener, 'after-delete');
    const [gap, ...more] = listener.gaps;
    assert.deepEqual(more, []);
    assert.equal(gap?.cause, 'queue-lost');
    assert.ok(gap.from <= heardAt && gap.from > heardAt - 1_000);
    assert.ok(gap.to > gap.from && gap.to <= Date.now());
    await listener.source.stop();
  });

  test('a queue of that name with other arguments is reported by name, and used once it is gone', async () => {
    const queue = `taskvigil.${randomUUID()}`;
    await onChannel((channel) => channel.assertQueue(queue, { durable: true }));
    const listener = await listen({ queue });
    const told = await reasons(listener, 2);
    assert.deepEqual(listener.states, []);
    for (const reason of told) {
      const want = `the queue "${queue}" could not be declared: it exists with other arguments: delete it, or choose another name`;
      assert.equal(reason, want);
    }
    await (await openRabbit()).ctl('delete_queue', queue);
    await isConnected(listener);
    assert.deepEqual(listener.gaps, []);
    await listener.source.stop();
  });

  test('needs no more than its own queue and to read the event exchange', async () => {
    const queue = `taskvigil.${randomUUID()}`;
    const own = `^${queue.replaceAll('.', '\\.')}$`;
    await onChannel(() => {});
    await (await openRabbit()).addUser('restricted', password, {
      configure: own,
      write: own,
      read: `${own}|^celeryev$`,
    });
    const listener = await listening({ queue, address: addressOf('restricted', password) });
    await publishAmqp([taskEvent('allowed')]);
    await hasReceived(listener, 'allowed');
    await listener.source.stop();
  });

  const refusals = [
    {
      name: 'a wrong password',
      options: { address: addressOf('watcher', 'not-the-password') },
      want: 'login refused (403 ACCESS-REFUSED)',
    },
    {
      name: 'a vhost that does not exist',
      options: { address: addressOf('watcher', password, 'no%where/else') },
      want: 'vhost refused: it does not exist, or not for this user',
    },
    {
      name: 'an exchange that it may not declare',
      options: { address: addressOf('nobody', password), exchange: 'elsewhere' },
      want: 'the exchange "elsewhere" does not exist yet, and could not be declared: this user lacks the permission',
    },
    {
      name: 'a queue that it may not declare',
      options: { address: addressOf('nobody', password), queue: 'forbidden' },
      want: 'the queue "forbidden" could not be declared: this user lacks the permission',
    },
  ];
  for (const { name, options, want } of refusals) {
    test(`${name} is a reason, reported again with each try`, async () => {
      const rabbit = await openRabbit();
      await onChannel(() => {});
      if (options.address.username === 'nobody') {
        await rabbit.addUser('nobody', password, { configure: '', write: '', read: '' }).catch(() => {});
      }
      const listener = await listen(options);
      assert.deepEqual(new Set(await reasons(listener, 2)), new Set([want]));
      assert.deepEqual(listener.states, []);
      await listener.source.stop();
    });
  }

  describe('over TLS', () => {
    const address = async (tls: { rejectUnauthorized: boolean; ca?: string }) => ({
      ...addressOf('watcher', password, '/', (await openRabbit()).tlsPort),
      tls,
    });

    test('trusts the authority that it was given', async () => {
      const { certificate } = await openRabbit();
      const listener = await listening({ address: await address({ rejectUnauthorized: true, ca: certificate }) });
      await publishAmqp([taskEvent('sealed')]);
      await hasReceived(listener, 'sealed');
      await listener.source.stop();
    });

    test('trusts any server when verification is off', async () => {
      const listener = await listening({ address: await address({ rejectUnauthorized: false }) });
      await listener.source.stop();
    });

    test('refuses a server without a trusted certificate', async () => {
      const listener = await listen({ address: await address({ rejectUnauthorized: true }) });
      assert.equal((await reasons(listener))[0], 'DEPTH_ZERO_SELF_SIGNED_CERT');
      await listener.source.stop();
    });

    test('reports a server that does not support TLS', async () => {
      const tls = { rejectUnauthorized: true };
      const listener = await listen({ address: { ...addressOf('watcher', password), tls } });
      assert.match((await reasons(listener))[0]!, /^(ERR_SSL_[A-Z_]+|EPROTO|ECONNRESET)$/);
      await listener.source.stop();
    });
  });

  test('refuses messages of excluded hosts, counts them, and acknowledges them', async () => {
    const queue = `taskvigil.${randomUUID()}`;
    const listener = await listening({ queue, accepts: (hostname) => hostname.endsWith('@mine') });
    await onChannel((channel) => {
      for (const [id, hostname] of [
        ['a', 'w@mine'],
        ['b', 'w@other'],
        ['c', 'w@other'],
        ['d', 'w@mine'],
      ] as const) {
        const content = Buffer.from(JSON.stringify(taskEvent(id)));
        channel.publish('celeryev', 'task.started', content, { ...jsonBody, headers: { hostname } });
      }
    });
    await hasReceived(listener, 'd');
    assert.deepEqual(listener.ids(), ['a', 'd']);
    // However many slices they came in.
    const refused = listener.notices.map((one) => (one.kind === 'foreign-messages' ? one.count : 0));
    assert.equal(
      refused.reduce((sum, count) => sum + count, 0),
      2,
    );
    await listener.source.stop();
    const left = (await (await openRabbit()).queues()).find(({ name }) => name === queue);
    assert.equal(left?.messages, 0);
  });

  function victimFile(queue: string): string {
    const file = join(temporaryFolder(), 'victim.ts');
    const src = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));
    writeFileSync(
      file,
      `import { writeSync } from 'node:fs';
import { createSystemClock } from ${src('runtime/clock.ts')};
import { createAmqpSource } from ${src('source/amqp/source.ts')};
import { celeryDeliveries } from ${src('source/celery/delivery-reader.ts')};
const source = createAmqpSource({
  name: 'victim', reader: celeryDeliveries, exchange: 'celeryev', queue: ${JSON.stringify(queue)}, isShared: false,
  address: ${JSON.stringify(addressOf('watcher', password))},
  limits: ${JSON.stringify(limits)}, clock: createSystemClock(), random: Math.random, report: () => {},
});
await source.start({
  message: ({ payload }) => {
    writeSync(1, JSON.parse(payload).uuid + '\\n');
    // Slow enough to be killed at work.
    const until = Date.now() + 1;
    while (Date.now() < until);
  },
  decoded: () => {}, gap: () => {}, connected: () => writeSync(1, 'connected\\n'),
});
`,
    );
    return file;
  }

  test('outlives a restart of the broker, which keeps the queue', async () => {
    const listener = await listening();
    await publishAmqp([taskEvent('before-reboot')]);
    await hasReceived(listener, 'before-reboot');
    await (await openRabbit()).restart();
    await isConnected(listener, 2);
    await publishAmqp([taskEvent('after-reboot')]);
    await hasReceived(listener, 'after-reboot');
    assert.deepEqual(listener.ids(), ['before-reboot', 'after-reboot']);
    assert.deepEqual(listener.gaps, []);
    assert.equal((await reasons(listener))[0], 'closed by the broker (320 CONNECTION-FORCED)');
    await listener.source.stop();
  });

  test('receives all events of a real worker from publication to end', { skip: noTools }, async () => {
    const rabbit = await openRabbit();
    const listener = await listening();
    const env = { BROKER_URL: rabbit.url };
    const worker = await startWorker(env, 'w1@rabbit');
    const produced = await produce(env, {}, ['success', 'failure', 'retry_then_success', 'unregistered']);
    const typesOf = (id: string) =>
      listener.messages
        .flatMap((message) => decode(message))
        .flatMap((one) => (one.ok && 'id' in one.event && String(one.event.id) === id ? [one.event] : []))
        .sort((a, b) => a.at - b.at)
        .map(({ type }) => type);
    const wants: Readonly<Record<string, readonly string[]>> = {
      success: ['task-sent', 'task-received', 'task-started', 'task-succeeded'],
      failure: ['task-sent', 'task-received', 'task-started', 'task-failed'],
      unregistered: ['task-sent', 'task-failed'],
    };
    const all = [...produced.values()].flat();
    const isOver = (id: string) => /succeeded|failed/.test(typesOf(id).at(-1) ?? '');
    await waitFor(
      () => `every task ends: ${all.map(typesOf).join(' | ')}`,
      30_000,
      () => all.every(isOver),
    );
    for (const [scenario, want] of Object.entries(wants)) {
      for (const id of produced.get(scenario) ?? []) assert.deepEqual(new Set(typesOf(id)), new Set(want), scenario);
    }
    const [retried] = produced.get('retry_then_success') ?? [];
    assert.equal(typesOf(retried!).filter((type) => type === 'task-retried').length, 2);
    assert.equal(typesOf(retried!).at(-1), 'task-succeeded');
    assert.ok(listener.messages.every(({ form }) => form === 'event-body'));
    const types = () =>
      listener.messages.flatMap((one) => decode(one)).flatMap((one) => (one.ok ? [one.event.type] : []));
    await waitFor('a heartbeat is received', withinMs, () => types().includes('worker-heartbeat'));
    await worker.stop();
    await waitFor('the worker shuts down', withinMs, () => types().includes('worker-offline'));
    const unreadable = listener.messages.flatMap((one) => decode(one)).filter((one) => !one.ok);
    assert.deepEqual(unreadable, []);
    assert.deepEqual(listener.gaps, []);
    await listener.source.stop();
  });
}
