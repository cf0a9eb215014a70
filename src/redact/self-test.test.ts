import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultRedactOptions } from '../../test/fakes/redact-options.ts';
import { type Redacted, redactedText } from '../event/untrusted.ts';
import { defaultModes, type Field, type Modes } from './field.ts';
import { createRedactor, type Redactor } from './redact.ts';
import { failedCanaries } from './self-test.ts';

const every = (treatment: Modes[Field]): Modes =>
  Object.fromEntries(Object.keys(defaultModes).map((field) => [field, treatment])) as Modes;

describe('the self-test passes', () => {
  const passing = [
    ['with the defaults', defaultRedactOptions],
    ['with all fields redacted', { ...defaultRedactOptions, modes: every('redact') }],
    ['with all fields dropped', { ...defaultRedactOptions, modes: every('drop') }],
    ['with all shapes', { ...defaultRedactOptions, modes: every('shape') }],
    ['with all fields raw, which the operator chose', { ...defaultRedactOptions, modes: every('raw') }],
    [
      'with safe keys',
      { ...defaultRedactOptions, safeKeys: ['password', 'token', 'api_key', 'secret', 'access_token'] },
    ],
    [
      'with other marks',
      { ...defaultRedactOptions, actions: { password: 'mask', token: 'mask', card: 'last4' } as const },
    ],
  ] as const;
  for (const [name, options] of passing) test(name, () => assert.deepEqual(failedCanaries(options), []));
});

describe('the self-test fails', () => {
  const raw = (): Redactor => ({ redact: () => assert.fail('no events'), redactText: (_, text) => text as Redacted });

  test('with one sentence for each canary that was shown', () => {
    const failed = failedCanaries({ ...defaultRedactOptions, modes: every('redact') }, raw);
    assert.equal(failed.length, 13);
    assert.ok(failed.includes('canary 1 in args was not hidden'));
    assert.ok(failed.includes('canary 13 in log under "secret" was not hidden'));
  });

  test('without a value in any sentence', () => {
    assert.doesNotMatch(failedCanaries(defaultRedactOptions, raw).join('\n'), /canary-4Kx|ghp_|4111|ann@/);
  });

  test('if half of a secret is shown', () => {
    const half = (): Redactor => ({
      ...raw(),
      redactText: (_, text) => text.replace('canary-4Kx91mP2', '') as Redacted,
    });
    assert.deepEqual(failedCanaries(defaultRedactOptions, half).length > 0, true);
  });

  test('if one field is not redacted', () => {
    const leaky = (options: typeof defaultRedactOptions): Redactor => {
      const redactor = createRedactor(options);
      return {
        ...raw(),
        redactText: (field, text) => (field === 'log' ? (text as Redacted) : redactor.redactText(field, text)),
      };
    };
    assert.deepEqual(failedCanaries(defaultRedactOptions, leaky), ['canary 13 in log under "secret" was not hidden']);
  });
});

test('a redactor that shows nothing passes', () => {
  assert.deepEqual(
    failedCanaries(defaultRedactOptions, () => ({
      redact: () => assert.fail(),
      redactText: () => redactedText`[dropped]`,
    })),
    [],
  );
});
