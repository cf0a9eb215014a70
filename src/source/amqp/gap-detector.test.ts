import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Notice } from '../../report.ts';
import { celeryDeliveries } from '../celery/delivery-reader.ts';
import type { Gap, Outlet } from '../source.ts';
import type { AmqpDelivery } from './consumer.ts';
import { AmqpGapDetector } from './gap-detector.ts';

const start = 1_700_000_000_000;
const second = 1_000;
const limits = { bytesMax: 1_000_000, ttlMs: 60 * second, expiresMs: 600 * second };

function stage({ isShared = false, accepts }: { isShared?: boolean; accepts?: (hostname: string) => boolean } = {}) {
  let now = start;
  const gaps: Omit<Gap, 'source'>[] = [];
  const delivered: string[] = [];
  const notices: Notice[] = [];
  const outlet: Outlet = {
    message: ({ payload }) => delivered.push(String(JSON.parse(payload).uuid)),
    decoded: () => assert.fail('a detector decodes nothing'),
    gap: ({ source: _, ...gap }) => {
      gaps.push(gap);
      delivered.push('gap');
    },
    connected: () => {},
  };
  const detector = new AmqpGapDetector({
    name: 'rabbit',
    reader: celeryDeliveries,
    isShared,
    limits,
    clock: { now: () => now },
    report: (notice) => notices.push(notice),
    accepts,
  });
  return {
    gaps,
    delivered,
    notices,
    detector,
    at(seconds: number): void {
      now = start + seconds * second;
    },
    connect: () => detector.connected(outlet),
    lose: () => detector.disconnected(outlet),
    /** Delivers heartbeats sent at these seconds, all received now. */
    deliver: (...seconds: readonly number[]) =>
      detector.deliver(
        seconds.map((one) => heartbeat(one, now)),
        outlet,
      ),
  };
}

/** A heartbeat whose id contains the second at which it was sent. */
function heartbeat(seconds: number, receivedAt: number, hostname = 'w@a'): AmqpDelivery {
  const timestamp = start / second + seconds;
  const content = Buffer.from(JSON.stringify({ type: 'worker-heartbeat', freq: 2, uuid: `at-${seconds}`, timestamp }));
  const properties = { contentType: 'application/json', contentEncoding: 'utf-8', headers: { hostname } };
  const fields = { deliveryTag: 1, redelivered: false, exchange: 'celeryev', routingKey: 'worker.heartbeat' };
  return { receivedAt, message: { content, fields, properties } as unknown as AmqpDelivery['message'] };
}

const at = (seconds: number) => start + seconds * second;

describe('a lost connection', () => {
  test('is no gap, and neither is the first start with a new queue', () => {
    const { deliver, connect, lose, gaps, delivered, detector, at: goTo } = stage();
    detector.queueCreated();
    connect();
    goTo(2);
    deliver(1, 2);
    lose();
    goTo(30);
    connect();
    deliver(4, 6, 8, 10, 28, 30);
    assert.deepEqual(gaps, []);
    assert.equal(delivered.length, 8);
  });

  test('that lost the queue is a gap since the last event, reported before the next one', () => {
    const { deliver, connect, lose, gaps, delivered, detector, at: goTo } = stage();
    connect();
    goTo(10);
    deliver(9);
    lose();
    goTo(20);
    detector.queueCreated();
    connect();
    goTo(22);
    deliver(21);
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(9), to: at(20) }]);
    assert.deepEqual(delivered, ['at-9', 'gap', 'at-21']);
  });

  test('that lost the queue is reported once, even if the connection that created it again failed', () => {
    const { deliver, connect, lose, gaps, detector, at: goTo } = stage();
    connect();
    deliver(0);
    lose();
    detector.queueCreated();
    goTo(5);
    connect();
    lose();
    goTo(9);
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(0), to: at(5) }]);
  });

  test('after a long idle time is a gap of no more than the time that it took to notice', () => {
    const { deliver, connect, lose, gaps, detector, at: goTo } = stage();
    connect();
    deliver(0);
    goTo(3_600);
    lose();
    detector.queueCreated();
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(3_570), to: at(3_600) }]);
  });

  test('while far behind is a gap since the last event, however old that is', () => {
    const { deliver, connect, lose, gaps, detector, at: goTo } = stage();
    connect();
    goTo(3_600);
    deliver(5);
    lose();
    detector.queueCreated();
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(5), to: at(3_600) }]);
  });

  test('for longer than the time to live is a gap up to the oldest message that can remain', () => {
    const { deliver, connect, lose, gaps, at: goTo } = stage();
    connect();
    deliver(0);
    lose();
    goTo(60);
    connect();
    assert.deepEqual(gaps, []);
    lose();
    goTo(121);
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(0), to: at(61) }]);
    deliver(62);
    assert.equal(gaps.length, 1);
  });

  test('with a jump in the heartbeats after it is a gap', () => {
    const { deliver, connect, lose, gaps, delivered, at: goTo } = stage();
    connect();
    deliver(0);
    lose();
    goTo(30);
    connect();
    deliver(28, 30);
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(0), to: at(28) }]);
    assert.deepEqual(delivered, ['at-0', 'gap', 'at-28', 'at-30']);
  });
});

describe('in a shared queue', () => {
  test('a waiting consumer reports no gap from before the loss of its own connection', () => {
    const { connect, lose, gaps, detector, at: goTo } = stage({ isShared: true });
    connect();
    goTo(3_600);
    lose();
    detector.queueCreated();
    goTo(3_605);
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(3_600), to: at(3_605) }]);
  });

  test('messages that another consumer took are a hand-over gap', () => {
    const { deliver, connect, lose, gaps, at: goTo } = stage({ isShared: true });
    connect();
    deliver(0);
    lose();
    goTo(1);
    connect();
    goTo(600);
    deliver(600);
    assert.deepEqual(gaps, [{ cause: 'hand-over', from: at(0), to: at(600) }]);
  });
});

test('a message of another host is counted and not delivered', () => {
  const { deliver, connect, delivered, notices } = stage({ accepts: () => false });
  connect();
  deliver(0, 1);
  assert.deepEqual(delivered, []);
  assert.deepEqual(notices.slice(1), [{ kind: 'foreign-messages', source: 'rabbit', count: 2 }]);
});

test('a sender whose clock is ahead counts as sending at the time of receipt', () => {
  const { deliver, connect, lose, gaps, at: goTo } = stage();
  connect();
  deliver(86_400);
  lose();
  goTo(30);
  connect();
  deliver(30);
  assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(0), to: at(30) }]);
});

test('messages without a time of their own change no state', () => {
  const { deliver, connect, lose, gaps, detector, at: goTo } = stage();
  connect();
  deliver(0);
  goTo(40);
  const { message } = heartbeat(0, at(40));
  const content = Buffer.from('{"type": "task-started", "uuid": "untimed"}');
  detector.deliver([{ receivedAt: at(40), message: { ...message, content } }], silentOutlet);
  lose();
  detector.queueCreated();
  connect();
  assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(10), to: at(40) }]);
});

const silentOutlet: Outlet = { message() {}, decoded() {}, gap() {}, connected() {} };

test('a queue from before the first connection kept messages for their time to live', () => {
  const { detector, connect, lose } = stage();
  connect();
  assert.equal(detector.keptMs(), limits.ttlMs);
  lose();
  detector.queueCreated();
  connect();
  assert.equal(detector.keptMs(), limits.ttlMs, 'a later loss is a gap of its own');
});

test('a queue that was created for the first connection kept nothing', () => {
  const { detector, connect } = stage();
  detector.queueCreated();
  connect();
  assert.equal(detector.keptMs(), 0);
});
