import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TaskId } from '../event/ids.ts';
import { defaultModes } from './field.ts';
import { Profiles } from './profiles.ts';

const id = 't1' as TaskId;
const profiles = () =>
  new Profiles(defaultModes, [
    { tasks: ['payroll.*', 'hr.?.run'], modes: { args: 'drop', kwargs: 'shape' } },
    { tasks: ['payroll.report', 'mail.*'], modes: { kwargs: 'drop', exception: 'shape' } },
  ]);

describe('the treatments of a task name', () => {
  const names = [
    ['payroll.run', 'drop', 'shape', 'redact'],
    ['payroll.report', 'drop', 'shape', 'redact'],
    ['hr.a.run', 'drop', 'shape', 'redact'],
    ['hr.ab.run', 'redact', 'redact', 'redact'],
    ['mail.send', 'redact', 'drop', 'shape'],
    ['payroll', 'redact', 'redact', 'redact'],
    ['shop.pay', 'redact', 'redact', 'redact'],
  ] as const;
  for (const [name, args, kwargs, exception] of names)
    test(`${name} has ${args}, ${kwargs} and ${exception}`, () => {
      const modes = profiles().modesForName(name);
      assert.deepEqual([modes.args, modes.kwargs, modes.exception], [args, kwargs, exception]);
      assert.equal(modes.traceback, 'redact');
    });
});

describe('the treatments of a task id', () => {
  test('are the strictest of all profiles while its name is unknown', () => {
    const { args, kwargs, exception, traceback, result } = profiles().modesOf(id);
    assert.deepEqual([args, kwargs, exception, traceback, result], ['drop', 'drop', 'shape', 'redact', 'drop']);
  });

  test('are those of its name once it is known', () => {
    const all = profiles();
    all.setName(id, 'mail.send');
    assert.equal(all.modesOf(id).args, 'redact');
    all.setName(id, 'payroll.run');
    assert.equal(all.modesOf(id).args, 'drop');
    all.forget(id);
    assert.equal(all.modesOf(id).exception, 'shape');
  });

  test('are the defaults without profiles', () => {
    const none = new Profiles(defaultModes, []);
    none.setName(id, 'payroll.run');
    assert.equal(none.modesOf(id), defaultModes);
  });

  test('stay known for 100,000 tasks', () => {
    const all = profiles();
    for (let index = 0; index <= 100_000; index += 1) all.setName(`t${index}` as TaskId, 'mail.send');
    assert.equal(all.modesOf('t0' as TaskId).args, 'drop');
    assert.equal(all.modesOf('t1' as TaskId).args, 'redact');
  });
});
