/**
 * The conformance suite of sources. Runs once per transport, against a real server that starts after the source.
 */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import type { Notice, Report } from '../../src/report.ts';
import { createSystemClock } from '../../src/runtime/clock.ts';
import type { BrokerUrl } from '../../src/source/broker-url.ts';
import { decode } from '../../src/source/celery/format.ts';
import type { CelerySettings } from '../../src/source/celery/settings.ts';
import { celery } from '../../src/source/celery/system.ts';
import type { Gap, Message, Outlet, Source } from '../../src/source/source.ts';
import type { SystemServices } from '../../src/source/system.ts';
import { waitFor } from '../live/process.ts';

export interface SourceHarness {
  readonly skip: string | false;
  /** True if the broker keeps events for a disconnected source, so that a lost connection is no gap. */
  readonly keepsWhileAway: boolean;
  /** Must not appear in a notice. */
  readonly password: string;
  /** Starts the server, unless it runs. */
  openServer(): Promise<void>;
  /** A source that shares nothing with others. `port` replaces the server's own. */
  create(report: Report, port?: number): Source;
  /** Publishes each body as one message, as a worker does. Resolves when the server has all of them. */
  publish(bodies: readonly EventBody[]): Promise<void>;
  /** Publishes any bytes in place of events. */
  publishBytes(payloads: readonly Buffer[]): Promise<void>;
  /** Ends the sources' connections from the server's side. */
  breakConnection(): Promise<void>;
  close(): Promise<void>;
}

/** Settings with kombu's and Celery's defaults. */
export function celerySettings(url: BrokerUrl, more: Partial<CelerySettings> = {}): CelerySettings {
  return {
    name: 'celery',
    url,
    globalKeyprefix: '',
    fanoutPrefix: true,
    eventExchange: 'celeryev',
    sentinelPassword: undefined,
    controlExchange: 'celery',
    visibilityTimeoutMs: 3_600_000,
    resultBackend: undefined,
    resultKeyprefix: '',
    queue: { name: undefined, bytesMax: 64 * 1024 * 1024, ttlMs: 600_000, expiresMs: 600_000 },
    ...more,
  };
}

/** Services of a standalone instance with the system clock. */
export function systemServices(report: Report, more: Partial<SystemServices> = {}): SystemServices {
  return {
    clock: createSystemClock(),
    random: Math.random,
    report,
    isControlAllowed: false,
    sidecar: undefined,
    queueName: 'taskvigil.events.test',
    workers: () => [],
    queues: () => ['celery'],
    ...more,
  };
}

/** The event source that the Celery system creates for a broker. */
export function celerySource(settings: CelerySettings, services: SystemServices): Source {
  const [source] = celery.connect(settings, services).eventSources;
  assert.ok(source !== undefined);
  return source;
}

type Fields = Readonly<Record<string, unknown>>;
/** One event, or several that a worker flushed together. */
export type EventBody = Fields | readonly Fields[];

/** A task event as a worker writes it. */
export function taskEvent(uuid: string, fields: Fields = {}): Fields {
  const timestamp = Date.now() / 1_000;
  return { hostname: 'w1@a', utcoffset: 0, pid: 7, clock: 1, uuid, timestamp, type: 'task-started', ...fields };
}

/** A source and everything that it delivered. */
export interface Listener {
  readonly source: Source;
  readonly messages: readonly Message[];
  readonly gaps: readonly Gap[];
  /** Each change of the connection. */
  readonly states: readonly boolean[];
  readonly notices: readonly Notice[];
  /** Task ids of all decoded events, in the order of receipt. */
  ids(): readonly string[];
  readonly outlet: Outlet;
}

const withinMs = 20_000;

/** A listener for the source that `create` returns. It also receives the source's notices. */
export function listenerOf(create: (report: Report) => Source): Listener {
  const messages: Message[] = [];
  const gaps: Gap[] = [];
  const states: boolean[] = [];
  const notices: Notice[] = [];
  return {
    source: create((notice) => notices.push(notice)),
    messages,
    gaps,
    states,
    notices,
    ids: () => messages.flatMap(idsOf),
    outlet: {
      message: (message) => messages.push(message),
      decoded: () => assert.fail('a source of messages decodes nothing'),
      gap: (gap) => gaps.push(gap),
      connected: (isConnected) => states.push(isConnected),
    },
  };
}

function idsOf(message: Message): readonly string[] {
  return decode(message).flatMap((one) => (one.ok && 'id' in one.event ? [String(one.event.id)] : []));
}

export async function isConnected({ states, notices }: Listener, times = 1): Promise<void> {
  await waitFor(
    () => `connected ${times} times: ${JSON.stringify(notices.slice(-3))}`,
    withinMs,
    () => states.filter(Boolean).length >= times && states.at(-1) === true,
  );
}

export async function hasReceived(listener: Listener, id: string): Promise<void> {
  await waitFor(
    () => `${id} is received, got ${listener.ids().length}: ${listener.ids().slice(-5)}`,
    withinMs,
    () => listener.ids().includes(id),
  );
}

export function describeSource(name: string, harness: SourceHarness): void {
  describe(name, { skip: harness.skip }, () => {
    const started: Listener[] = [];
    let silent: { readonly server: Server; readonly sockets: Set<Socket> } | undefined;

    after(async () => {
      for (const { source } of started) await source.stop();
      for (const socket of silent?.sockets ?? []) socket.destroy();
      silent?.server.close();
      await harness.close();
    });

    async function listen(port?: number): Promise<Listener> {
      const listener = listenerOf((report) => harness.create(report, port));
      started.push(listener);
      await listener.source.start(listener.outlet);
      return listener;
    }

    async function listening(): Promise<Listener> {
      await harness.openServer();
      const listener = await listen();
      await isConnected(listener);
      return listener;
    }

    test('retries until the server starts, then connects', async () => {
      const listener = await listen();
      const isTrying = ({ kind }: Notice) => kind === 'source-disconnected';
      await waitFor('two attempts have failed', withinMs, () => listener.notices.filter(isTrying).length >= 2);
      assert.deepEqual(listener.states, []);
      await harness.openServer();
      await isConnected(listener);
      await harness.publish([taskEvent('first')]);
      await hasReceived(listener, 'first');
      assert.deepEqual(listener.states, [true]);
      assert.deepEqual(listener.gaps, []);
      const disconnected = listener.notices.find(isTrying);
      assert.ok(disconnected?.kind === 'source-disconnected');
      assert.equal(disconnected.reason, 'ECONNREFUSED');
      assert.ok(disconnected.retryInMs > 0 && disconnected.retryInMs <= 30_000);
      assert.equal(listener.notices.filter(({ kind }) => kind === 'source-connected').length, 1);
      await listener.source.stop();
    });

    test('delivers every event once and in order, alone or several in one message', async () => {
      const listener = await listening();
      const ids = Array.from({ length: 2_000 }, (_, index) => `task-${index}`);
      const bodies = ids.flatMap((id, index): EventBody[] => {
        if (index % 10 === 0) return [taskEvent(id)];
        // The other nine of ten are in one message.
        if (index % 10 !== 1) return [];
        return [ids.slice(index, index + 9).map((one) => taskEvent(one))];
      });
      await harness.publish(bodies);
      await hasReceived(listener, ids.at(-1)!);
      assert.deepEqual(listener.ids(), ids);
      assert.equal(listener.messages.length, bodies.length);
      assert.deepEqual(listener.gaps, []);
      await listener.source.stop();
    });

    test('stamps each message with its name and the time of receipt', async () => {
      const listener = await listening();
      const from = Date.now();
      await harness.publish([taskEvent('stamped')]);
      await hasReceived(listener, 'stamped');
      const [message] = listener.messages;
      assert.equal(message?.source, listener.source.name);
      assert.ok(message.receivedAt >= from && message.receivedAt <= Date.now());
      await listener.source.stop();
    });

    test('stops without a start, twice, and right after a start', async () => {
      await harness.openServer();
      const listener = listenerOf((report) => harness.create(report));
      await listener.source.stop();
      await listener.source.start(listener.outlet);
      await Promise.all([listener.source.stop(), listener.source.stop()]);
      await listener.source.stop();
      assert.deepEqual([listener.states, listener.messages, listener.gaps], [[], [], []]);
    });

    test('starts again after a stop', async () => {
      const listener = await listening();
      await listener.source.stop();
      await listener.source.start(listener.outlet);
      await isConnected(listener, 2);
      await harness.publish([taskEvent('after-restart')]);
      await hasReceived(listener, 'after-restart');
      assert.deepEqual(
        listener.ids().filter((id) => id === 'after-restart'),
        ['after-restart'],
      );
      await listener.source.stop();
    });

    test('stops while it waits for a server that accepts and does not answer', async () => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      silent = { server, sockets };
      const listener = await listen((server.address() as AddressInfo).port);
      await waitFor('the source has connected', withinMs, () => sockets.size > 0);
      const from = Date.now();
      await listener.source.stop();
      assert.ok(Date.now() - from < 3_000, `stopping took ${Date.now() - from} ms`);
      assert.deepEqual(listener.states, []);
      assert.deepEqual(listener.messages, []);
    });

    test('delivers nothing after a stop', async () => {
      const stopped = await listening();
      await stopped.source.stop();
      const { messages, states, notices, gaps } = stopped;
      assert.deepEqual(states, [true, false]);
      const delivered = () => [messages.length, states.length, notices.length, gaps.length];
      const before = delivered();
      // Another source proves that the event was published.
      const witness = await listening();
      await harness.publish([taskEvent('too-late')]);
      await harness.breakConnection();
      await isConnected(witness, 2);
      await harness.publish([taskEvent('much-too-late')]);
      await hasReceived(witness, 'much-too-late');
      assert.deepEqual(delivered(), before);
      await witness.source.stop();
    });

    test('reconnects when its connection breaks, and delivers every event or reports a gap', async () => {
      const listener = await listening();
      await harness.publish([taskEvent('before')]);
      await hasReceived(listener, 'before');
      const receivedAt = listener.messages[0]!.receivedAt;

      await harness.breakConnection();
      await waitFor('the loss is noticed', withinMs, () => listener.states.includes(false));
      const brokenAt = Date.now();
      await harness.publish([taskEvent('meanwhile')]);
      const publishedAt = Date.now();
      await isConnected(listener, 2);
      await harness.publish([taskEvent('behind')]);
      await hasReceived(listener, 'behind');

      assert.deepEqual(listener.states, [true, false, true]);
      const kinds = listener.notices.map(({ kind }) => kind).filter((kind) => kind.startsWith('source-'));
      assert.deepEqual(kinds, ['source-connected', 'source-disconnected', 'source-connected']);
      if (harness.keepsWhileAway) {
        assert.deepEqual(listener.ids(), ['before', 'meanwhile', 'behind']);
        assert.deepEqual(listener.gaps, []);
      } else {
        const [gap, ...more] = listener.gaps;
        assert.deepEqual(more, []);
        assert.equal(gap?.source, listener.source.name);
        assert.equal(gap.cause, 'connection-lost');
        assert.ok(
          gap.from >= receivedAt && gap.from <= brokenAt,
          `from ${gap.from - receivedAt} ms after the last event`,
        );
        assert.ok(gap.to >= gap.from && gap.to <= Date.now());
        const wasReceived = listener.ids().includes('meanwhile');
        assert.ok(wasReceived || publishedAt <= gap.to, 'the missed event lies in the gap');
        assert.deepEqual(
          listener.ids().filter((id) => id !== 'meanwhile'),
          ['before', 'behind'],
        );
      }
      await listener.source.stop();
    });

    test('reconnects repeatedly', async () => {
      const listener = await listening();
      for (const round of [2, 3, 4]) {
        await harness.breakConnection();
        await isConnected(listener, round);
      }
      await harness.publish([taskEvent('still-here')]);
      await hasReceived(listener, 'still-here');
      assert.deepEqual(listener.states, [true, false, true, false, true, false, true]);
      await listener.source.stop();
    });

    test('passes garbage on to the decoder and continues', async () => {
      const listener = await listening();
      const garbage = ['', '{', '[]', 'null', '"text"', '[[[]]]', '{"type": "task-started"}', '\u0000\u0000'];
      const bytes = [...garbage.map((text) => Buffer.from(text)), Buffer.from([0xff, 0xfe, 0x80, 0x02])];
      await harness.publishBytes(bytes);
      await harness.publish([taskEvent('sane')]);
      await hasReceived(listener, 'sane');
      assert.deepEqual(listener.ids(), ['sane']);
      assert.equal(listener.messages.length, bytes.length + 1);
      assert.deepEqual(listener.states, [true]);
      await listener.source.stop();
    });

    test('never reports its password', () => {
      assert.ok(harness.password.length > 8);
      for (const { notices } of started) {
        assert.ok(!JSON.stringify(notices).includes(harness.password));
      }
    });
  });
}
