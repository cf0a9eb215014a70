import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { Path } from '../document.ts';
import { defineSection, option } from '../option.ts';
import { text, unresolved } from '../values/leaf.ts';
import { ConfigDraft } from './draft.ts';
import { placeholderOf, standInFor } from './placeholders.ts';

const broker = defineSection(
  { url: option(text(), { isRequired: true, placeholder: 'redis://unknown' }), name: option(text(), {}) },
  {},
);
const declarations = {
  broker,
  brokers: option(z.array(broker.schema), { items: broker }),
  store: option(text(), { placeholder: 'redis://unknown/0' }),
  headers: option(z.record(z.string(), text()), { default: {}, isMapping: true, placeholder: 'unknown' }),
};

const places: readonly (readonly [path: Path, want: string | undefined])[] = [
  [['store'], 'redis://unknown/0'],
  [['broker', 'url'], 'redis://unknown'],
  [['broker', 'name'], undefined],
  [['broker'], undefined],
  [['brokers', 3, 'url'], 'redis://unknown'],
  [['brokers', 3, 'name'], undefined],
  [['brokers', 3], undefined],
  [['headers', 'authorization'], 'unknown'],
  [['headers'], undefined],
  [['headers', 'a', 'b'], undefined],
  [['unknown'], undefined],
];
for (const [path, want] of places) {
  test(`a value at ${path.join('.')} may ${want === undefined ? 'not ' : ''}be fetched`, () =>
    assert.equal(placeholderOf(path, declarations), want));
}

const trouble = { path: ['broker', 'url_file'], message: 'got ENOENT' };
const input = { declarations, env: {}, readFile: () => '' };

test('a value that cannot be fetched is a problem', () => {
  const draft = new ConfigDraft({});
  assert.equal(standInFor({ path: ['broker', 'url'], trouble, draft, input: input }), unresolved);
  assert.deepEqual([draft.troubles, draft.warnings], [[trouble], []]);
});

test('without secrets it is a warning, and the placeholder is used', () => {
  const draft = new ConfigDraft({});
  const value = standInFor({ path: ['broker', 'url'], trouble, draft, input: { ...input, withoutSecrets: true } });
  assert.equal(value, 'redis://unknown');
  assert.deepEqual([draft.troubles, draft.warnings], [[], ['broker.url_file: got ENOENT: taken as given']]);
});

test('without a placeholder it is a problem in any case', () => {
  const draft = new ConfigDraft({});
  assert.equal(
    standInFor({ path: ['broker', 'name'], trouble, draft, input: { ...input, withoutSecrets: true } }),
    unresolved,
  );
  assert.equal(draft.troubles.length, 1);
});
