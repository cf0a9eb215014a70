import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigDraft, isMapping } from './draft.ts';

const values = { mode: 'sidecar', broker: { url: 'redis://a', name: null }, brokers: [{ url: 'redis://b' }] };

const places: readonly (readonly [path: readonly (string | number)[], value: unknown, isWritten: boolean])[] = [
  [['mode'], 'sidecar', true],
  [['broker', 'url'], 'redis://a', true],
  [['broker', 'name'], null, false],
  [['broker', 'nothing'], undefined, false],
  [['mode', 'length'], undefined, false],
  [['brokers', 0, 'url'], 'redis://b', true],
  [['brokers', 1, 'url'], undefined, false],
];
for (const [path, value, isWritten] of places) {
  test(`the value at ${path.join('.')} is ${String(value)}, ${isWritten ? 'written' : 'not written'}`, () => {
    const draft = new ConfigDraft(values);
    assert.equal(draft.valueAt(path), value);
    assert.equal(draft.isWritten(path), isWritten);
  });
}

test('an object that stands in two places is copied, so that a change reaches one of them', () => {
  const shared = { url: 'redis://a' };
  const draft = new ConfigDraft({ one: shared, two: shared });
  draft.put(['one', 'url'], 'changed');
  assert.deepEqual([draft.valueAt(['two', 'url']), shared.url], ['redis://a', 'redis://a']);
});

test('a value is put below mappings that do not exist yet, and replaces a text in the way', () => {
  const draft = new ConfigDraft({ slack: 'text' });
  draft.put(['slack', 'token'], 'x');
  draft.put(['otlp', 'headers', 'a'], 'y');
  draft.put(['brokers'], [{}]);
  draft.put(['brokers', 0, 'url'], 'z');
  assert.deepEqual(draft.values, { slack: { token: 'x' }, otlp: { headers: { a: 'y' } }, brokers: [{ url: 'z' }] });
});

test('a removed key is gone, and one that is not there is no error', () => {
  const draft = new ConfigDraft({ broker: { url: 'a', url_file: 'b' } });
  draft.remove(['broker', 'url_file']);
  draft.remove(['sentry', 'dsn_file']);
  assert.deepEqual(draft.values, { broker: { url: 'a' } });
});

test('the variable behind a value is known for everything inside the value', () => {
  const draft = new ConfigDraft({});
  draft.put(['broker', 'url'], 'redis://a', 'CELERY_BROKER_URL');
  assert.equal(draft.variableOf(['broker', 'url']), 'CELERY_BROKER_URL');
  assert.equal(draft.variableOf(['broker', 'url', 'host']), 'CELERY_BROKER_URL');
  assert.equal(draft.variableOf(['broker']), undefined);
  assert.equal(draft.variableOf(['broker', 'name']), undefined);
});

for (const [mode, want] of [
  ['sidecar', 'sidecar'],
  ['standalone', 'standalone'],
  [undefined, 'standalone'],
  ['nonsense', 'standalone'],
] as const) {
  test(`the mode of ${String(mode)} is ${want}`, () => assert.equal(new ConfigDraft({ mode }).mode, want));
}

test('problems are taken out by a condition, and the others stay in order', () => {
  const draft = new ConfigDraft({});
  for (const path of ['a', 'b', 'c']) draft.report({ path: [path], message: 'no' });
  const taken = draft.takeTroubles(({ path }) => path[0] === 'b');
  assert.deepEqual(
    [taken, draft.troubles].map((troubles) => troubles.map(({ path }) => path[0])),
    [['b'], ['a', 'c']],
  );
});

for (const [value, want] of [
  [{}, true],
  [{ a: 1 }, true],
  [[], false],
  [null, false],
  ['text', false],
  [undefined, false],
] as const) {
  test(`${JSON.stringify(value)} is ${want ? 'a' : 'no'} mapping`, () => assert.equal(isMapping(value), want));
}
