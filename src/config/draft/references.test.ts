// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { defineSection, option } from '../option.ts';
import { text, unresolved } from '../values/leaf.ts';
import { ConfigDraft, type DraftInput } from './draft.ts';
import { readNamedFiles, resolveReferences } from './references.ts';

const broker = defineSection(
  {
    url: option(text(), { isRequired: true, fileKey: '/run/url', placeholder: 'redis://unknown/0' }),
    name: option(text(), {}),
  },
  {},
);
const declarations = { broker, brokers: option(z.array(broker.schema), { items: broker }), mode: option(text(), {}) };
const input: DraftInput = { declarations, env: { HOST: 'redis' }, readFile };

function readFile(path: string): string {
  if (path === '/content') return 'content\n';
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
}

interface Case {
  readonly title: string;
  readonly values: Record<string, unknown>;
  readonly want: Record<string, unknown>;
  readonly problems?: readonly string[];
  readonly warnings?: readonly string[];
  readonly withoutSecrets?: true;
}

function run(step: (draft: ConfigDraft, input: DraftInput) => void, cases: readonly Case[]): void {
  for (const { title, values, want, problems = [], warnings = [], withoutSecrets = false } of cases) {
    test(title, () => {
      const draft = new ConfigDraft(values);
      step(draft, { ...input, withoutSecrets });
      assert.deepEqual(draft.values, want);
      assert.deepEqual(
        draft.troubles.map(({ path, message }) => `${path.join('.')}: ${message}`),
        problems,
      );
      assert.deepEqual(draft.warnings, warnings);
    });
  }
}

run(resolveReferences, [
  {
    title: 'a reference in an address is resolved, in lists too',
    values: { broker: { url: 'redis://${env:HOST}' }, brokers: [{ url: 'a' }, { url: '${file:/content}' }] },
    want: { broker: { url: 'redis://redis' }, brokers: [{ url: 'a' }, { url: 'content' }] },
  },
  {
    title: 'a reference in an option that is shown is refused',
    values: { mode: '${env:HOST}', brokers: [{ name: '${env:HOST}' }] },
    want: { mode: unresolved, brokers: [{ name: unresolved }] },
    problems: ['mode', 'brokers.0.name'].map(
      (path) => `${path}: expected no \${env:…} or \${file:…} here: they work in addresses, tokens and headers only`,
    ),
  },
  {
    title: 'a reference that cannot be resolved is a problem at its place',
    values: { broker: { url: 'redis://${env:NONE}' } },
    want: { broker: { url: unresolved } },
    problems: ['broker.url: expected the environment variable NONE to be set, got nothing'],
  },
  {
    title: 'without secrets the literal part of an address is kept',
    values: { broker: { url: 'redis://:${env:NONE}@redis/1' } },
    want: { broker: { url: 'redis://:unknown@redis/1' } },
    warnings: ['broker.url: expected the environment variable NONE to be set, got nothing: taken as given'],
    withoutSecrets: true,
  },
  {
    title: 'without secrets a value without a literal part becomes the placeholder',
    values: { broker: { url: '${file:/missing}' } },
    want: { broker: { url: 'redis://unknown/0' } },
    warnings: ['broker.url: expected a readable file at /missing, got ENOENT: taken as given'],
    withoutSecrets: true,
  },
  {
    title: 'numbers, booleans and null are left as they are',
    values: { broker: { url: 5, name: null }, mode: true },
    want: { broker: { url: 5, name: null }, mode: true },
  },
]);

test('a value from the environment is taken literally', () => {
  const draft = new ConfigDraft({});
  draft.put(['broker', 'url'], 'redis://${env:HOST}', 'CELERY_BROKER_URL');
  resolveReferences(draft, input);
  assert.equal(draft.valueAt(['broker', 'url']), 'redis://${env:HOST}');
});

run(readNamedFiles, [
  {
    title: 'a named file is read, for each item of a list',
    values: { broker: { url_file: '/content' }, brokers: [{ url: 'a' }, { url_file: '/content' }] },
    want: {
      broker: { url_file: '/content', url: 'content' },
      brokers: [{ url: 'a' }, { url_file: '/content', url: 'content' }],
    },
  },
  {
    title: 'a value and its file exclude each other',
    values: { broker: { url: 'a', url_file: '/content' } },
    want: { broker: { url: 'a', url_file: '/content' } },
    problems: ['broker.url_file: expected either url or url_file, got both'],
  },
  {
    title: 'a file that cannot be read is a problem at its name',
    values: { broker: { url_file: '/missing' } },
    want: { broker: { url_file: '/missing', url: unresolved } },
    problems: ['broker.url_file: expected a readable file at /missing, got ENOENT'],
  },
  {
    title: 'without secrets a file that cannot be read is a warning',
    values: { broker: { url_file: '/missing' } },
    want: { broker: { url_file: '/missing', url: 'redis://unknown/0' } },
    warnings: ['broker.url_file: expected a readable file at /missing, got ENOENT: taken as given'],
    withoutSecrets: true,
  },
  {
    title: 'a path that is no text is left to the schema, and so are sections of another kind',
    values: { broker: { url_file: 5 }, brokers: { url_file: '/content' } },
    want: { broker: { url_file: 5 }, brokers: { url_file: '/content' } },
  },
]);
