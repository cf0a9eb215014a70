import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { defineSection, option } from '../option.ts';
import { text, unresolved } from '../values/leaf.ts';
import { ConfigDraft } from './draft.ts';
import type { Environment } from './environment.ts';
import { overlayEnvironment } from './overlay.ts';

const broker = defineSection(
  {
    url: option(text(), {
      isRequired: true,
      isSecret: true,
      fileKey: '/run/url',
      variable: 'TASKVIGIL_BROKER_URL',
      conventional: ['CELERY_READ_URL', 'CELERY_URL'],
      enablesSection: true,
      replacedBy: 'brokers',
    }),
  },
  { isOptional: true },
);
const declarations = {
  broker,
  brokers: option(z.array(broker.schema), { items: broker }),
  slack: defineSection(
    {
      token: option(text(), { isRequired: true, conventional: ['SLACK_TOKEN'], ignoredNote: 'but slack is off' }),
      name: option(text(), { conventional: ['SLACK_NAME'] }),
    },
    { isOptional: true },
  ),
};

const cases: readonly {
  readonly title: string;
  readonly values: Record<string, unknown>;
  readonly env: Environment;
  readonly want: Record<string, unknown>;
  readonly warnings?: readonly string[];
  readonly problems?: readonly string[];
}[] = [
  { title: 'no variable changes nothing', values: { broker: { url: 'a' } }, env: {}, want: { broker: { url: 'a' } } },
  {
    title: 'a variable replaces the value of the file',
    values: { broker: { url: 'a' } },
    env: { TASKVIGIL_BROKER_URL: 'b' },
    want: { broker: { url: 'b' } },
  },
  {
    title: 'a variable replaces the file that the configuration names',
    values: { broker: { url_file: '/a' } },
    env: { TASKVIGIL_BROKER_URL: 'b' },
    want: { broker: { url: 'b' } },
  },
  {
    title: 'an empty variable counts as not set',
    values: { broker: { url: 'a' } },
    env: { TASKVIGIL_BROKER_URL: '', TASKVIGIL_BROKER_URL_FILE: '' },
    want: { broker: { url: 'a' } },
  },
  {
    title: 'the file of a variable is read',
    values: {},
    env: { TASKVIGIL_BROKER_URL_FILE: '/content' },
    want: { broker: { url: 'content' } },
  },
  {
    title: 'a file that cannot be read is a problem of its variable',
    values: {},
    env: { TASKVIGIL_BROKER_URL_FILE: '/missing' },
    want: { broker: { url: unresolved } },
    problems: ['TASKVIGIL_BROKER_URL_FILE: expected a readable file at /missing, got ENOENT'],
  },
  {
    title: 'a variable and its file exclude each other',
    values: {},
    env: { TASKVIGIL_BROKER_URL: 'a', TASKVIGIL_BROKER_URL_FILE: '/content' },
    want: { broker: { url: unresolved } },
    problems: [
      'TASKVIGIL_BROKER_URL_FILE: expected either TASKVIGIL_BROKER_URL or TASKVIGIL_BROKER_URL_FILE, got both',
    ],
  },
  {
    title: 'a variable and the key that replaces its option exclude each other',
    values: { brokers: [{}] },
    env: { TASKVIGIL_BROKER_URL: 'a' },
    want: { brokers: [{}] },
    problems: ['TASKVIGIL_BROKER_URL: expected either this variable or "brokers" in the file, got both'],
  },
  {
    title: 'a conventional variable does not replace the value of the file',
    values: { broker: { url: 'a' } },
    env: { CELERY_URL: 'b' },
    want: { broker: { url: 'a' } },
  },
  {
    title: 'a conventional variable does not replace the file that the configuration names',
    values: { broker: { url_file: '/a' } },
    env: { CELERY_URL: 'b' },
    want: { broker: { url_file: '/a' } },
  },
  {
    title: 'a conventional variable is not used beside the key that replaces its option',
    values: { brokers: [{}] },
    env: { CELERY_URL: 'b' },
    want: { brokers: [{}] },
  },
  {
    title: 'a conventional variable fills in a key without a value',
    values: { broker: { url: null } },
    env: { CELERY_URL: 'b' },
    want: { broker: { url: 'b' } },
  },
  {
    title: 'the first conventional variable that is set is used',
    values: {},
    env: { CELERY_URL: 'b', CELERY_READ_URL: 'c' },
    want: { broker: { url: 'c' } },
  },
  {
    title: 'a conventional variable does not switch a section on',
    values: {},
    env: { SLACK_TOKEN: 'a', SLACK_NAME: 'b' },
    want: {},
    warnings: ['SLACK_TOKEN is set, but slack is off'],
  },
  {
    title: 'a conventional variable fills in a section that is on',
    values: { slack: {} },
    env: { SLACK_TOKEN: 'a', SLACK_NAME: 'b' },
    want: { slack: { token: 'a', name: 'b' } },
  },
];
for (const { title, values, env, want, warnings = [], problems = [] } of cases) {
  test(title, () => {
    const draft = new ConfigDraft(values);
    overlayEnvironment(draft, { declarations, env, readFile });
    assert.deepEqual(draft.values, want);
    assert.deepEqual(draft.warnings, warnings);
    assert.deepEqual(
      draft.troubles.map(({ variable, message }) => `${variable}: ${message}`),
      problems,
    );
  });
}

test('the variable that a value came from is known', () => {
  const draft = new ConfigDraft({});
  overlayEnvironment(draft, { declarations, env: { CELERY_URL: 'b' }, readFile });
  assert.equal(draft.variableOf(['broker', 'url']), 'CELERY_URL');
});

function readFile(path: string): string {
  if (path === '/content') return 'content\n';
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
}
