import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Notice } from '../../report.ts';
import type { Gap, Outlet } from '../source.ts';
import type { AmqpDelivery } from './consumer.ts';
import { createAmqpGapDetector } from './gap-detector.ts';

const start = 1_700_000_000_000;
const second = 1_000;
const limits = { bytesMax: 1_000_000, ttlMs: 60 * second, expiresMs: 600 * second };

function stage({ isShared = false, accepts }: { isShared?: boolean; accepts?: (hostname: string) => boolean } = {}) {
  let now = start;
  const gaps: Omit<Gap, 'source'>[] = [];
  const said: string[] = [];
  const notices: Notice[] = [];
  const outlet: Outlet = {
    message: ({ payload }) => said.push(String(JSON.parse(payload).uuid)),
    decoded: () => assert.fail('nothing is decoded here'),
    gap: ({ source: _, ...gap }) => {
      gaps.push(gap);
      said.push('gap');
    },
    connected: () => {},
  };
  const hearing = createAmqpGapDetector({
    name: 'rabbit',
    isShared,
    limits,
    now: () => now,
    report: (notice) => notices.push(notice),
    ...(accepts === undefined ? {} : { accepts }),
  });
  return {
    gaps,
    said,
    notices,
    hearing,
    at(seconds: number): void {
      now = start + seconds * second;
    },
    connect: () => hearing.connected(outlet),
    lose: () => hearing.disconnected(outlet),
    /** Events sent at these seconds, received together now. */
    hear: (...seconds: readonly number[]) =>
      hearing.handOn(
        seconds.map((one) => delivery(one, now)),
        outlet,
      ),
  };
}

/** A heartbeat, under an id that tells when it was sent. */
function delivery(seconds: number, receivedAt: number, hostname = 'w@a'): AmqpDelivery {
  const timestamp = start / second + seconds;
  const content = Buffer.from(JSON.stringify({ type: 'worker-heartbeat', freq: 2, uuid: `at-${seconds}`, timestamp }));
  const properties = { contentType: 'application/json', contentEncoding: 'utf-8', headers: { hostname } };
  const fields = { deliveryTag: 1, redelivered: false, exchange: 'celeryev', routingKey: 'worker.heartbeat' };
  return { receivedAt, message: { content, fields, properties } as unknown as AmqpDelivery['message'] };
}

const at = (seconds: number) => start + seconds * second;

describe('a lost connection', () => {
  test('is no gap, and neither is a first start with a new queue', () => {
    const { hear, connect, lose, gaps, said, hearing, at: goTo } = stage();
    hearing.queueMade();
    connect();
    goTo(2);
    hear(1, 2);
    lose();
    goTo(30);
    connect();
    hear(4, 6, 8, 10, 28, 30);
    assert.deepEqual(gaps, []);
    assert.equal(said.length, 8);
  });

  test('that cost the queue is a gap since the last event, told before the next one', () => {
    const { hear, connect, lose, gaps, said, hearing, at: goTo } = stage();
    connect();
    goTo(10);
    hear(9);
    lose();
    goTo(20);
    hearing.queueMade();
    connect();
    goTo(22);
    hear(21);
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(9), to: at(20) }]);
    assert.deepEqual(said, ['at-9', 'gap', 'at-21']);
  });

  test('that cost the queue is told once, even when the connection that made it anew failed', () => {
    const { hear, connect, lose, gaps, hearing, at: goTo } = stage();
    connect();
    hear(0);
    lose();
    hearing.queueMade();
    goTo(5);
    connect();
    lose();
    goTo(9);
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(0), to: at(5) }]);
  });

  test('after a long quiet time costs no more than what it took to notice', () => {
    const { hear, connect, lose, gaps, hearing, at: goTo } = stage();
    connect();
    hear(0);
    goTo(3_600);
    lose();
    hearing.queueMade();
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(3_570), to: at(3_600) }]);
  });

  test('while far behind counts from the last event, however long ago it was sent', () => {
    const { hear, connect, lose, gaps, hearing, at: goTo } = stage();
    connect();
    goTo(3_600);
    hear(5);
    lose();
    hearing.queueMade();
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(5), to: at(3_600) }]);
  });

  test('for longer than a message lives is a gap up to the oldest that can be left', () => {
    const { hear, connect, lose, gaps, at: goTo } = stage();
    connect();
    hear(0);
    lose();
    goTo(60);
    connect();
    assert.deepEqual(gaps, []);
    lose();
    goTo(121);
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(0), to: at(61) }]);
    hear(62);
    assert.equal(gaps.length, 1);
  });

  test('with a jump in the heartbeats behind it is a gap', () => {
    const { hear, connect, lose, gaps, said, at: goTo } = stage();
    connect();
    hear(0);
    lose();
    goTo(30);
    connect();
    hear(28, 30);
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(0), to: at(28) }]);
    assert.deepEqual(said, ['at-0', 'gap', 'at-28', 'at-30']);
  });
});

describe('in a shared queue', () => {
  test('the one that waited answers for nothing before its own connection went', () => {
    const { connect, lose, gaps, hearing, at: goTo } = stage({ isShared: true });
    connect();
    goTo(3_600);
    lose();
    hearing.queueMade();
    goTo(3_605);
    connect();
    assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(3_600), to: at(3_605) }]);
  });

  test('what another took meanwhile is a gap for this one', () => {
    const { hear, connect, lose, gaps, at: goTo } = stage({ isShared: true });
    connect();
    hear(0);
    lose();
    goTo(1);
    connect();
    goTo(600);
    hear(600);
    assert.deepEqual(gaps, [{ cause: 'hand-over', from: at(0), to: at(600) }]);
  });
});

test('a foreign host is counted and goes no further', () => {
  const { hear, connect, said, notices } = stage({ accepts: () => false });
  connect();
  hear(0, 1);
  assert.deepEqual(said, []);
  assert.deepEqual(notices.slice(1), [{ kind: 'foreign-messages', source: 'rabbit', count: 2 }]);
});

test('a clock that is ahead counts as ours', () => {
  const { hear, connect, lose, gaps, at: goTo } = stage();
  connect();
  hear(86_400);
  lose();
  goTo(30);
  connect();
  hear(30);
  assert.deepEqual(gaps, [{ cause: 'queue-lost', from: at(0), to: at(30) }]);
});
