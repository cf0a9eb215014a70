import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRedactOptions } from '../../../test/fakes/redact-options.ts';
import { ConfigDraft } from '../draft/draft.ts';
import { redact, redactConfig, redactTroubles } from './redact.ts';

function configOf(values: Record<string, unknown>) {
  return redactConfig(redact.schema.parse(values));
}

test('the defaults are those of the redactor', () => {
  const config = configOf({});
  assert.deepEqual(config.modes, defaultRedactOptions.modes);
  assert.deepEqual([config.sensitiveKeys, config.safeKeys, config.profiles, config.patterns], [[], [], [], []]);
  assert.deepEqual([config.sensitivePaths, config.allowedPaths, config.hashKey], [[], [], undefined]);
});

test('names and log texts are redacted whatever is written', () => {
  const { modes } = configOf({ args: 'raw', kwargs: 'drop', result: 'shape', exception: 'drop', traceback: 'raw' });
  assert.deepEqual(modes, {
    args: 'raw',
    kwargs: 'drop',
    result: 'shape',
    exception: 'drop',
    traceback: 'raw',
    name: 'redact',
    log: 'redact',
  });
});

test('a profile contains only the treatments that it names', () => {
  const { profiles } = configOf({ profiles: [{ task: 'a.*', args: 'drop' }, { task: ['b', 'c'] }] });
  assert.deepEqual(profiles, [
    { tasks: ['a.*'], modes: { args: 'drop' } },
    { tasks: ['b', 'c'], modes: {} },
  ]);
});

test('only actions other than mark are passed on', () => {
  assert.deepEqual(configOf({}).actions, {});
  assert.deepEqual(configOf({ actions: { email: 'hash', card: 'last4', ip: 'mark' } }).actions, {
    email: 'hash',
    card: 'last4',
  });
});

test('a pattern is compiled and keeps its name', () => {
  const [pattern] = configOf({ patterns: [{ name: 'patient', pattern: 'PAT-\\d{6}' }] }).patterns;
  assert.equal(pattern?.name, 'patient');
  assert.deepEqual([...pattern!.find('x PAT-123456 y')], [[2, 12]]);
});

const bad: readonly (readonly [values: Record<string, unknown>, want: string])[] = [
  [{ args: 'keep' }, 'expected "drop", "shape", "allow", "redact" or "raw", got "keep"'],
  [{ exception: 'allow' }, 'expected "drop", "shape", "redact" or "raw", got "allow"'],
  [{ actions: { email: 'last4' } }, 'expected "mark", "mask" or "hash", got "last4"'],
  [{ actions: { card: 'first4' } }, 'expected "mark", "mask", "hash" or "last4", got "first4"'],
  [{ sensitive_paths: 'user.zip' }, 'expected a path like "kwargs.user.*.zip" or a list of them, got "user.zip"'],
  [{ hash_key: 'canary' }, 'expected a text of at least 16 characters, got another text'],
  [{ patterns: [{ name: 'Patient', pattern: 'x' }] }, 'expected a short name of small letters and "-", got "Patient"'],
];
for (const [values, want] of bad) {
  test(`refuses ${JSON.stringify(values)}`, () => {
    const { error } = redact.schema.safeParse(values);
    assert.equal(error?.issues[0]?.message, want);
  });
}

const raw = 'expected redact.allow_raw: true beside it, because raw shows every secret';
const allow = 'expected redact.allowed_paths for the treatment "allow", got none';
const hash =
  'expected redact.hash_key or hash_key_file for the action "hash": without a key anyone could try all values';

const checks: readonly (readonly [title: string, redact: unknown, want: readonly string[]])[] = [
  ['the default', {}, []],
  [
    'raw that is not confirmed, in each place',
    { args: 'raw', profiles: [{ result: 'raw' }] },
    [`redact.args: ${raw}`, `redact.profiles.0.result: ${raw}`],
  ],
  ['raw that is confirmed', { args: 'raw', allow_raw: true }, []],
  ['raw that is confirmed by a text', { args: 'raw', allow_raw: 'true' }, []],
  ['raw that is denied', { args: 'raw', allow_raw: false }, [`redact.args: ${raw}`]],
  ['allow without paths', { args: 'allow' }, [`redact: ${allow}`]],
  ['allow with an empty list of paths', { args: 'allow', allowed_paths: [] }, [`redact: ${allow}`]],
  ['allow in a profile without paths', { profiles: [{}, { kwargs: 'allow' }] }, [`redact.profiles.1: ${allow}`]],
  ['allow with a path', { args: 'allow', allowed_paths: ['kwargs.a'] }, []],
  ['a hash without a key', { actions: { ip: 'mark', email: 'hash' } }, [`redact.actions.email: ${hash}`]],
  ['a hash with a key', { actions: { email: 'hash' }, hash_key: 'x' }, []],
  ['no mapping', 'text', []],
];
for (const [title, written, want] of checks) {
  test(`redaction: ${title}`, () => {
    const troubles = redactTroubles(new ConfigDraft({ redact: written }));
    assert.deepEqual(
      troubles.map(({ path, message }) => `${path.join('.')}: ${message}`),
      want,
    );
  });
}
