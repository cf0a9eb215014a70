import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from './clock.ts';
import { type Service, startAll, stopAll, stopTogether } from './service.ts';

interface Behaviour {
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
}

function serviceOf(name: string, calls: string[], { start, stop }: Behaviour = {}): Service {
  return {
    name,
    start: async () => {
      calls.push(`start ${name}`);
      await start?.();
    },
    stop: async () => {
      calls.push(`stop ${name}`);
      await stop?.();
    },
  };
}

const never = () => new Promise<void>(() => {});

test('services start in order and stop backwards', async () => {
  const clock = createVirtualClock();
  const calls: string[] = [];
  const services = ['a', 'b', 'c'].map((name) => serviceOf(name, calls));
  await startAll(services, clock, 1_000);
  assert.deepEqual(await stopAll(services, clock, 1_000), { late: [], failed: [] });
  assert.deepEqual(calls, ['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
  assert.equal(clock.pendingCount(), 0);
});

test('if one cannot start, it and those before it are stopped and its error is thrown', async () => {
  const calls: string[] = [];
  const broken = serviceOf('b', calls, { start: () => Promise.reject(new Error('no port')) });
  const services = [serviceOf('a', calls), broken, serviceOf('c', calls)];
  await assert.rejects(startAll(services, createVirtualClock(), 1_000), /no port/);
  assert.deepEqual(calls, ['start a', 'start b', 'stop b', 'stop a']);
});

test('one that fails to stop does not keep the others from stopping', async () => {
  const calls: string[] = [];
  const error = new Error('stuck');
  const services = [serviceOf('a', calls), serviceOf('b', calls, { stop: () => Promise.reject(error) })];
  const outcome = await stopAll(services, createVirtualClock(), 1_000);
  assert.deepEqual(outcome, { late: [], failed: [{ name: 'b', error }] });
  assert.deepEqual(calls, ['stop b', 'stop a']);
});

test('one that throws instead of rejecting does not keep the others from stopping', async () => {
  const calls: string[] = [];
  const error = new Error('stuck');
  const throwing: Service = {
    ...serviceOf('b', calls),
    stop: () => {
      throw error;
    },
  };
  const outcome = await stopAll([serviceOf('a', calls), throwing], createVirtualClock(), 1_000);
  assert.deepEqual(outcome, { late: [], failed: [{ name: 'b', error }] });
  assert.deepEqual(calls, ['stop a']);
});

test('after the deadline the remaining services are stopped without waiting', async () => {
  const clock = createVirtualClock();
  const calls: string[] = [];
  const services = [serviceOf('a', calls, { stop: never }), serviceOf('b', calls, { stop: never })];
  const stopping = stopAll(services, clock, 1_000);
  clock.advanceTo(999);
  await Promise.resolve();
  assert.deepEqual(calls, ['stop b']);
  clock.advanceTo(1_000);
  // The second one has no time left; its deadline is now, and a virtual clock moves only by advanceTo.
  while (calls.length < 2) await Promise.resolve();
  clock.advanceTo(1_000);
  assert.deepEqual(await stopping, { late: ['b', 'a'], failed: [] });
});

test('a service that exceeds its own limit leaves the rest of the deadline to the others', async () => {
  const clock = createVirtualClock();
  const calls: string[] = [];
  const slow: Service = { ...serviceOf('b', calls, { stop: never }), stopWithinMs: 100 };
  const services = [serviceOf('a', calls, { stop: () => clock.sleep(500) }), slow];
  const stopping = stopAll(services, clock, 1_000);
  clock.advanceTo(100);
  while (calls.length < 2) await Promise.resolve();
  clock.advanceTo(600);
  assert.deepEqual(await stopping, { late: ['b'], failed: [] });
});

const reject = (error: unknown) => ({ stop: () => Promise.reject(error) });

test('services that stop together all end before the error of one is thrown', async () => {
  const calls: string[] = [];
  const slow = { stop: async () => void calls.push('slow') };
  await assert.rejects(stopTogether([reject(new Error('stuck')), slow]), /stuck/);
  assert.deepEqual(calls, ['slow']);
});

test('the errors of several services that stop together are thrown as one', async () => {
  const error = await stopTogether([reject('a'), { stop: async () => {} }, reject('b')]).catch((thrown) => thrown);
  assert.ok(error instanceof AggregateError);
  assert.deepEqual(error.errors, ['a', 'b']);
  assert.equal(error.message, '2 of 3 failed to stop');
});
