import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MembershipHandlers } from '../fleet/membership.ts';
import { createVirtualClock } from '../runtime/clock.ts';
import { startAll, stopAll } from '../runtime/service.ts';
import { createServices, type ServicesOptions } from './services.ts';

type Failures = Readonly<Record<string, Error>>;

/** Services that note their calls; the ones in `failures` reject their stop. */
function open(failures: Failures = {}) {
  const calls: string[] = [];
  const clock = createVirtualClock(1_000);
  let handlers: MembershipHandlers | undefined;
  let takenOver: number | undefined;
  const step = async (name: string): Promise<void> => {
    calls.push(name);
    if (failures[name] !== undefined) throw failures[name];
  };
  const part = (name: string) => ({ name, start: () => step(`start ${name}`), stop: () => step(`stop ${name}`) });
  const options = {
    store: part('store'),
    membership: {
      ...part('membership'),
      start: (given: MembershipHandlers) => {
        handlers = given;
        return step('start membership');
      },
    },
    clock,
    exports: {
      ...part('exports'),
      takeOver: (since: number) => {
        takenOver = since;
      },
    },
    alerts: { ...part('alerts'), stop: () => step('stop alerts').then(() => 4) },
    sweeps: {
      ...part('sweeps'),
      deliveredUntil: () => 900,
      markDelivered: () => void calls.push('mark delivered'),
    },
    brokers: [part('redis'), part('rabbit')],
    readiness: { setConnected: () => {} },
    handover: {},
  } as unknown as ServicesOptions;
  return { calls, clock, ...createServices(options), handlers: () => handlers, takenOver: () => takenOver };
}

test('brokers stop first, then the last outcomes are derived and delivered, then the leases are released', async () => {
  const { calls, clock, services, undelivered } = open();
  await startAll(services, clock, 1_000);
  assert.deepEqual(calls.splice(0), [
    'start membership',
    'start alerts',
    'start sweeps',
    'start redis',
    'start rabbit',
  ]);
  await stopAll(services, clock, 1_000);
  assert.deepEqual(calls, [
    'stop redis',
    'stop rabbit',
    'stop sweeps',
    'stop alerts',
    'stop exports',
    'mark delivered',
    'stop membership',
    'stop store',
  ]);
  assert.equal(undelivered(), 4);
});

test('two brokers that fail to stop keep no other service from stopping', async () => {
  const { calls, clock, services } = open({ 'stop redis': new Error('a'), 'stop rabbit': new Error('b') });
  const { failed } = await stopAll(services, clock, 1_000);
  assert.deepEqual(
    failed.map(({ name, error }) => [name, (error as Error).message]),
    [['brokers', '2 of 2 failed to stop']],
  );
  assert.equal(calls.at(-1), 'stop store');
});

test('alerts that fail to stop do not keep the exports from draining, and nothing is marked as delivered', async () => {
  const { calls, clock, services } = open({ 'stop alerts': new Error('store') });
  const { failed } = await stopAll(services, clock, 1_000);
  assert.deepEqual(
    failed.map(({ name }) => name),
    ['sinks'],
  );
  assert.ok(calls.includes('stop exports'));
  assert.ok(!calls.includes('mark delivered'));
});

for (const { note, since } of [
  { note: '1234', since: 1_234 },
  { note: '', since: 0 },
  { note: 'nonsense', since: 0 },
]) {
  test(`a take-over with the watermark "${note}" flushes the buffer from ${since}`, async () => {
    const { clock, services, handlers, takenOver } = open();
    await startAll(services, clock, 1_000);
    assert.equal(handlers()?.watermark(), '900');
    handlers()?.onExporting({ isMine: true, holder: 'a', term: 0, note });
    assert.equal(takenOver(), since);
  });
}
