/**
 * What every source of Celery events must do, whatever brings them. Called once for each transport, against a real server
 * that is first away and then there.
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
  /** What is said while nobody listens is delivered later, so that a lost connection is no gap. */
  readonly keepsWhileAway: boolean;
  /** Never to be seen in a notice. */
  readonly password: string;
  /** Starts the server; does nothing when it runs. */
  openServer(): Promise<void>;
  /** A source that shares nothing with others. `port` instead of the server's own. */
  create(report: Report, port?: number): Source;
  /** Each body as one message, as a worker would send it; they are with the server when this resolves. */
  publish(bodies: readonly EventBody[]): Promise<void>;
  /** Bytes of any kind where events are expected. */
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

/** A source that was told where to put things, and all that it put there. */
export interface Listener {
  readonly source: Source;
  readonly messages: readonly Message[];
  readonly gaps: readonly Gap[];
  /** Connected or not, as it changed. */
  readonly states: readonly boolean[];
  readonly notices: readonly Notice[];
  /** Task ids of all decoded events, in the order of arrival. */
  ids(): readonly string[];
  readonly outlet: Outlet;
}

const withinMs = 20_000;

/** Listens with what `create` makes; its notices go to the listener too. */
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

export async function hasHeard(listener: Listener, id: string): Promise<void> {
  await waitFor(
    () => `${id} is heard, got ${listener.ids().length}: ${listener.ids().slice(-5)}`,
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

    test('waits for a server that is not there yet, and connects when it is', async () => {
      const listener = await listen();
      const isTrying = ({ kind }: Notice) => kind === 'source-disconnected';
      await waitFor('two tries have failed', withinMs, () => listener.notices.filter(isTrying).length >= 2);
      assert.deepEqual(listener.states, []);
      await harness.openServer();
      await isConnected(listener);
      await harness.publish([taskEvent('first')]);
      await hasHeard(listener, 'first');
      assert.deepEqual(listener.states, [true]);
      assert.deepEqual(listener.gaps, []);
      const told = listener.notices.find(isTrying);
      assert.ok(told?.kind === 'source-disconnected');
      assert.equal(told.reason, 'ECONNREFUSED');
      assert.ok(told.retryInMs > 0 && told.retryInMs <= 30_000);
      assert.equal(listener.notices.filter(({ kind }) => kind === 'source-connected').length, 1);
      await listener.source.stop();
    });

    test('delivers every event once and in order, alone or several in one message', async () => {
      const listener = await listening();
      const ids = Array.from({ length: 2_000 }, (_, index) => `task-${index}`);
      const bodies = ids.flatMap((id, index): EventBody[] => {
        if (index % 10 === 0) return [taskEvent(id)];
        // The other nine of ten travel together.
        if (index % 10 !== 1) return [];
        return [ids.slice(index, index + 9).map((one) => taskEvent(one))];
      });
      await harness.publish(bodies);
      await hasHeard(listener, ids.at(-1)!);
      assert.deepEqual(listener.ids(), ids);
      assert.equal(listener.messages.length, bodies.length);
      assert.deepEqual(listener.gaps, []);
      await listener.source.stop();
    });

    test('stamps each message with its name and our clock', async () => {
      const listener = await listening();
      const from = Date.now();
      await harness.publish([taskEvent('stamped')]);
      await hasHeard(listener, 'stamped');
      const [message] = listener.messages;
      assert.equal(message?.source, listener.source.name);
      assert.ok(message.receivedAt >= from && message.receivedAt <= Date.now());
      await listener.source.stop();
    });

    test('can be stopped without a start, twice, and at once', async () => {
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
      await hasHeard(listener, 'after-restart');
      assert.deepEqual(
        listener.ids().filter((id) => id === 'after-restart'),
        ['after-restart'],
      );
      await listener.source.stop();
    });

    test('can be stopped while it waits for a server that accepts and says nothing', async () => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      silent = { server, sockets };
      const listener = await listen((server.address() as AddressInfo).port);
      await waitFor('it has come', withinMs, () => sockets.size > 0);
      const from = Date.now();
      await listener.source.stop();
      assert.ok(Date.now() - from < 3_000, `stopping took ${Date.now() - from} ms`);
      assert.deepEqual(listener.states, []);
      assert.deepEqual(listener.messages, []);
    });

    test('says nothing after a stop', async () => {
      const stopped = await listening();
      await stopped.source.stop();
      const { messages, states, notices, gaps } = stopped;
      // That it is not connected any more may be said a moment later.
      const said = () => [messages.length, states.filter(Boolean).length, notices.length, gaps.length];
      const before = said();
      // Another source shows that the event was to be had.
      const witness = await listening();
      await harness.publish([taskEvent('too-late')]);
      await harness.breakConnection();
      await isConnected(witness, 2);
      await harness.publish([taskEvent('much-too-late')]);
      await hasHeard(witness, 'much-too-late');
      assert.deepEqual(said(), before);
      assert.equal(states.at(-1), false);
      await witness.source.stop();
    });

    test('comes back when its connection is broken, and has or admits every event', async () => {
      const listener = await listening();
      await harness.publish([taskEvent('before')]);
      await hasHeard(listener, 'before');
      const heardAt = listener.messages[0]!.receivedAt;

      await harness.breakConnection();
      await waitFor('the loss is noticed', withinMs, () => listener.states.includes(false));
      const brokenAt = Date.now();
      await harness.publish([taskEvent('meanwhile')]);
      const publishedAt = Date.now();
      await isConnected(listener, 2);
      await harness.publish([taskEvent('behind')]);
      await hasHeard(listener, 'behind');

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
        assert.ok(gap.from >= heardAt && gap.from <= brokenAt, `from ${gap.from - heardAt} ms after the last event`);
        assert.ok(gap.to >= gap.from && gap.to <= Date.now());
        const wasHeard = listener.ids().includes('meanwhile');
        assert.ok(wasHeard || publishedAt <= gap.to, 'what was missed lies in the gap');
        assert.deepEqual(
          listener.ids().filter((id) => id !== 'meanwhile'),
          ['before', 'behind'],
        );
      }
      await listener.source.stop();
    });

    test('comes back again and again', async () => {
      const listener = await listening();
      for (const round of [2, 3, 4]) {
        await harness.breakConnection();
        await isConnected(listener, round);
      }
      await harness.publish([taskEvent('still-here')]);
      await hasHeard(listener, 'still-here');
      assert.deepEqual(listener.states, [true, false, true, false, true, false, true]);
      await listener.source.stop();
    });

    test('passes on garbage for decode to reject, and goes on', async () => {
      const listener = await listening();
      const garbage = ['', '{', '[]', 'null', '"text"', '[[[]]]', '{"type": "task-started"}', '\u0000\u0000'];
      const bytes = [...garbage.map((text) => Buffer.from(text)), Buffer.from([0xff, 0xfe, 0x80, 0x02])];
      await harness.publishBytes(bytes);
      await harness.publish([taskEvent('sane')]);
      await hasHeard(listener, 'sane');
      assert.deepEqual(listener.ids(), ['sane']);
      assert.equal(listener.messages.length, bytes.length + 1);
      assert.deepEqual(listener.states, [true]);
      await listener.source.stop();
    });

    test('tells its password to nobody', () => {
      assert.ok(harness.password.length > 8);
      for (const { notices } of started) {
        assert.ok(!JSON.stringify(notices).includes(harness.password));
      }
    });
  });
}
