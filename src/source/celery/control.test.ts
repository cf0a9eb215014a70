import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TaskId } from '../../event/ids.ts';
import { createVirtualClock } from '../../runtime/clock.ts';
import type { PidboxCommand } from '../kombu/pidbox.ts';
import { createCeleryControl } from './control.ts';

const id = (text: string) => text as TaskId;
const never = new AbortController().signal;

/** A control whose workers send these reply bodies, and the commands it published. */
function stage(workers: readonly string[], bodies: readonly unknown[]) {
  const clock = createVirtualClock();
  const commands: PidboxCommand[] = [];
  const control = createCeleryControl({
    name: 'celery',
    clock,
    workers: () => workers,
    pidbox: {
      async publish(command) {
        commands.push(command);
      },
      async request(command, receive, signal) {
        commands.push(command);
        for (const body of bodies) if (receive(body)) return;
        const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
        clock.advanceTo(10_000);
        await aborted;
      },
      async stop() {},
    },
  });
  return { control, commands, clock };
}

describe('the answer of the workers', () => {
  const info = { args: ['canary'], kwargs: { password: 'canary' }, acknowledged: false, time_start: 12.5 };

  test('contains where each task is, and nothing of its arguments', async () => {
    const body = { 'w@a': { one: ['active', info], two: ['reserved', info], three: ['ready', info] } };
    const { control, commands } = stage(['w@a'], [body]);
    const found = await control.ask([id('one'), id('two'), id('three')], never);
    assert.deepEqual(commands, [{ method: 'query_task', arguments: { ids: ['one', 'two', 'three'] } }]);
    assert.deepEqual(Object.fromEntries(found), {
      one: { kind: 'executing', hostname: 'w@a', startedAt: undefined, isAcknowledged: false },
      two: { kind: 'reserved', hostname: 'w@a' },
      three: { kind: 'reserved', hostname: 'w@a' },
    });
  });

  test('is asked for an id that looks like a number in both types', async () => {
    const { control, commands } = stage(['w@a'], [{ 'w@a': { '42': ['active', info] } }]);
    const found = await control.ask([id('42'), id('007'), id('123456789012345678901')], never);
    assert.equal(found.get(id('42'))?.kind, 'executing');
    assert.equal(
      JSON.stringify(commands[0]?.arguments),
      '{"ids":["42",42,"007","123456789012345678901",123456789012345678901]}',
    );
  });

  const acknowledgements = [
    { info: { acknowledged: true }, want: true },
    { info: { acknowledged: 'yes' }, want: undefined },
    { info: {}, want: undefined },
    { info: null, want: undefined },
  ];
  for (const { info: given, want } of acknowledgements) {
    test(`with ${JSON.stringify(given)} is an execution with isAcknowledged ${want}`, async () => {
      const { control } = stage(['w@a'], [{ 'w@a': { one: ['active', given] } }]);
      const found = (await control.ask([id('one')], never)).get(id('one'));
      assert.equal(found?.kind === 'executing' && found.isAcknowledged, want);
    });
  }

  test('prefers the worker that executes a task to one that holds another delivery', async () => {
    const executing = { 'w@a': { one: ['active', {}] } };
    const holding = { 'w@b': { one: ['reserved', {}] } };
    for (const bodies of [
      [executing, holding],
      [holding, executing],
    ]) {
      const { control } = stage(['w@a', 'w@b'], bodies);
      const found = await control.ask([id('one')], never);
      assert.equal(found.get(id('one'))?.kind, 'executing');
    }
  });

  test('is complete when every worker has answered: a task that none has is absent', async () => {
    const { control } = stage(['w@a', 'w@b'], [{ 'w@a': {} }, { 'w@b': {} }]);
    assert.equal((await control.ask([id('one')], never)).size, 0);
  });

  test('is no answer if a worker is silent for two seconds and a task was not found', async () => {
    const { control } = stage(['w@a', 'w@b'], [{ 'w@a': {} }]);
    await assert.rejects(control.ask([id('one')], never), /^Error: 1 of 2 workers did not answer$/);
  });

  test('is an answer although a worker is silent, if every task was found', async () => {
    const { control } = stage(['w@a', 'w@b'], [{ 'w@a': { one: ['active', {}] } }]);
    assert.equal((await control.ask([id('one')], never)).size, 1);
  });

  test('is no answer if no worker is online, and no command is sent', async () => {
    const { control, commands } = stage([], []);
    await assert.rejects(control.ask([id('one')], never), /^Error: 0 of 0 workers did not answer$/);
    assert.deepEqual(commands, []);
  });

  for (const body of [null, [], 'text', { 'w@a': { error: 'AttributeError()' } }, { 'w@a': 'pong' }]) {
    test(`does not include ${JSON.stringify(body)}`, async () => {
      const { control } = stage(['w@a'], [body]);
      await assert.rejects(control.ask([id('one')], never), /1 of 1 workers/);
    });
  }
});

test('events are enabled by a command without a reply', async () => {
  const { control, commands } = stage(['w@a'], []);
  await control.enableEvents();
  assert.deepEqual(commands, [{ method: 'enable_events', arguments: {} }]);
});
