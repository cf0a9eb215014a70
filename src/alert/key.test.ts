import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { keyText, nameOfKey, parseKey, type SignalKey } from './key.ts';

/** Text forms that stored books and incident ids depend on. */
const texts: readonly (readonly [SignalKey, string, name: string | undefined])[] = [
  [{ kind: 'cause', fingerprint: 'f00d' }, 'g|f00d', undefined],
  [{ kind: 'task', task: 'mail.send' }, 't|mail.send', 'mail.send'],
  [{ kind: 'task', condition: 'stuck', task: 'mail.send' }, 'k|mail.send', 'mail.send'],
  [{ kind: 'task', condition: 'failures.one-host', task: 'a|b' }, 't:failures.one-host|a|b', 'a|b'],
  [{ kind: 'retry', task: 'mail.send', exception: 'Timeout' }, 'r|mail.send|Timeout', 'mail.send'],
  [{ kind: 'pool', pool: 'celery@pay' }, 'p|celery@pay', 'celery@pay'],
  [{ kind: 'pool', condition: 'crash-loop', pool: 'celery@pay' }, 'c|celery@pay', 'celery@pay'],
  [{ kind: 'pool', condition: 'lost', pool: 'celery@pay' }, 'l|celery@pay', 'celery@pay'],
  [{ kind: 'queue', queue: 'payments' }, 'q|payments', 'payments'],
  [{ kind: 'schedule', schedule: 'nightly' }, 's|nightly', 'nightly'],
  [{ kind: 'host', host: 'celery@pay-1' }, 'h|celery@pay-1', 'celery@pay-1'],
  [{ kind: 'self' }, 'self', undefined],
];

for (const [key, text, name] of texts) {
  test(`the key of ${JSON.stringify(key)} is written ${text}`, () => {
    assert.equal(keyText(key), text);
    assert.deepEqual(parseKey(text), key);
    assert.equal(nameOfKey(key), name);
  });
}

test('a task name with the separator survives in front of an exception', () => {
  const key = { kind: 'retry', task: 'a|b%7C', exception: 'E|F' } as const;
  assert.equal(keyText(key), 'r|a%7Cb%257C|E|F');
  assert.deepEqual(parseKey(keyText(key)), key);
});

test('a text that no key has is refused', () => {
  for (const text of ['', 'x|a', 'g', 'self|a', 'mail.send', '|a', 'r|mail.send'])
    assert.equal(parseKey(text), undefined, text);
});

const names = fc.string({ unit: fc.constantFrom('a', '.', '|', '%', '7', 'C', ':', ' ', 'é'), maxLength: 12 });
const keys = fc.record(
  {
    kind: fc.constantFrom('cause', 'task', 'retry', 'pool', 'queue', 'schedule', 'host', 'self'),
    condition: fc.oneof(names, fc.constantFrom('stuck', 'crash-loop', 'lost')),
    name: names,
    exception: names,
  },
  { requiredKeys: ['kind', 'name', 'exception'] },
);

test('parseKey is the inverse of keyText, whatever the names contain', () => {
  const field: Record<string, string> = { cause: 'fingerprint', message: 'taskId', retry: 'task', self: '' };
  fc.assert(
    fc.property(keys, ({ kind, condition, name, exception }) => {
      const key = {
        kind,
        ...(condition === undefined ? {} : { condition }),
        ...(kind === 'self' ? {} : { [field[kind] ?? kind]: name }),
        ...(kind === 'retry' ? { exception } : {}),
      } as SignalKey;
      assert.deepEqual(parseKey(keyText(key)), key);
    }),
    { numRuns: 2_000 },
  );
});
