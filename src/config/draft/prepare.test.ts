// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax under test.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configuration } from '../config.ts';
import type { ConfigDraft } from './draft.ts';
import type { Environment } from './environment.ts';
import { prepareDraft } from './prepare.ts';

function prepared(values: Record<string, unknown>, env: Environment = {}): ConfigDraft {
  const readFile = (path: string): string => `content of ${path}\n`;
  return prepareDraft(values, { declarations: configuration.options, env, readFile });
}

const urls: readonly (readonly [title: string, values: Record<string, unknown>, env: Environment, want: string])[] = [
  [
    'the short form is expanded before the environment replaces it',
    { broker: 'a' },
    { TASKVIGIL_BROKER_URL: 'b' },
    'b',
  ],
  ['a reference in the short form is resolved', { broker: 'redis://${env:H}' }, { H: 'h' }, 'redis://h'],
  ['a named file is read when no variable replaces it', { broker: { url_file: '/u' } }, {}, 'content of /u'],
  [
    'a named file takes precedence over a conventional variable',
    { broker: { url_file: '/u' } },
    { CELERY_BROKER_URL: 'c' },
    'content of /u',
  ],
  ['a conventional variable is used without a broker in the file', {}, { CELERY_BROKER_URL: 'c' }, 'c'],
  ['a reference in a variable is not resolved', {}, { CELERY_BROKER_URL: '${env:H}', H: 'h' }, '${env:H}'],
];
for (const [title, values, env, want] of urls) {
  test(title, () => assert.equal(prepared(values, env).valueAt(['broker', 'url']), want));
}

test('a secret of a sidecar that cannot be fetched is a warning, because all sources were tried before', () => {
  const { values, warnings, troubles } = prepared({
    mode: 'sidecar',
    slack: { token: '${env:NONE}', channel: '#a' },
  });
  assert.deepEqual([values['slack'], troubles], [undefined, []]);
  assert.deepEqual(warnings, [
    'slack.token: expected the environment variable NONE to be set, got nothing: Slack is off',
  ]);
});
