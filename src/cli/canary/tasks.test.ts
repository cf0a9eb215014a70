import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultModes } from '../../redact/field.ts';
import { type Canary, canaryMessages, canaryTasks, isMeantToShow } from './tasks.ts';

const counted = (): (() => string) => {
  let count = 0;
  return () => `canary-value-${String(++count).padStart(3, '0')}`;
};

describe('the canary tasks', () => {
  const tasks = canaryTasks(counted(), ['patientRef', 'befund']);

  test('have a canary each, in a field of the task', () => {
    for (const { canaries, fields } of tasks) {
      assert.equal(canaries.length, 1);
      const { value, field, position } = canaries[0] as Canary;
      const half = value.slice(0, 8);
      assert.ok(
        Object.values(fields).some((text) => text.includes(half)),
        position,
      );
      assert.ok(position.startsWith(`${field}: `), position);
    }
  });

  test('have different canaries and positions', () => {
    const all = tasks.flatMap(({ canaries }) => canaries);
    assert.equal(new Set(all.map(({ value }) => value)).size, all.length);
    assert.equal(new Set(all.map(({ position }) => position)).size, all.length);
  });

  test('include the keys of the operator', () => {
    const positions = tasks.flatMap(({ canaries }) => canaries.map(({ position }) => position));
    assert.ok(positions.includes('kwargs: under "patientRef"'));
    assert.ok(positions.includes('kwargs: under "befund"'));
    assert.equal(tasks.length, canaryTasks(counted(), []).length + 2);
  });

  test('echo some canaries in a second field', () => {
    const echo = tasks.find(({ canaries }) => canaries[0]?.position === 'kwargs: echoed in the exception');
    const value = echo?.canaries[0]?.value ?? 'missing';
    assert.ok(echo?.fields.kwargs?.includes(value) && echo.fields.exception?.includes(value));
  });
});

describe('a canary is meant to be shown', () => {
  const secret: Canary = { position: 'p', field: 'kwargs', value: 'v', isPlain: false, key: 'password' };
  const plain: Canary = { ...secret, isPlain: true, key: undefined };
  const cases = [
    [secret, 'raw', true],
    [secret, 'redact', false],
    [secret, 'shape', false],
    [plain, 'raw', true],
    [plain, 'redact', true],
    [plain, 'shape', false],
    [plain, 'allow', false],
    [plain, 'drop', false],
  ] as const;
  for (const [canary, kwargs, isMeant] of cases)
    test(`${canary.isPlain ? 'an ordinary value' : 'a secret'} with ${kwargs}: ${isMeant}`, () =>
      assert.equal(isMeantToShow(canary, { ...defaultModes, kwargs }), isMeant));
});

describe('the messages of a task', () => {
  const messagesOf = (fields: Record<string, string>, index = 3) =>
    canaryMessages({ task: { canaries: [], fields }, name: 'canary.run', id: 'id-1', at: 1_000_000, index }).map(
      (text) => JSON.parse(text) as Record<string, unknown>,
    );

  test('report a task that fails', () => {
    const messages = messagesOf({
      kwargs: '{1}',
      exception: "Refused('no')",
      traceback: 'canary.errors.Refused: no\n',
    });
    assert.deepEqual(
      messages.map(({ type }) => type),
      ['task-sent', 'task-received', 'task-started', 'task-failed'],
    );
    for (const message of messages) assert.equal(message['uuid'], 'id-1');
    assert.equal(messages[0]?.['kwargs'], '{1}');
    assert.equal(messages[0]?.['args'], '()');
    assert.equal(messages[3]?.['exception'], "RefusedAd('no')");
    assert.equal(messages[3]?.['traceback'], 'canary.errors.RefusedAd: no\n');
  });

  test('report a task that succeeds if it has a result', () => {
    const [, , , last] = messagesOf({ result: '7' });
    assert.deepEqual([last?.['type'], last?.['result']], ['task-succeeded', '7']);
  });

  test('follow each other in time and in the logical clock', () => {
    const messages = messagesOf({});
    assert.deepEqual(
      messages.map(({ timestamp }) => timestamp),
      [1_000.001, 1_000.002, 1_000.003, 1_000.004],
    );
    assert.deepEqual(
      messages.map(({ clock }) => clock),
      [31, 32, 33, 34],
    );
  });

  test('raise a class of their own', () => {
    const classOf = (index: number) => String(messagesOf({ exception: 'Refused()' }, index)[3]?.['exception']);
    assert.equal(new Set(Array.from({ length: 100 }, (_, index) => classOf(index))).size, 100);
  });
});
