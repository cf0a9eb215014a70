import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigDraft } from '../draft/draft.ts';
import { slack, slackConfig, slackTroubles } from './slack.ts';

const base = { token: 'xoxb-1', channel: '#a' };
const signingSecret = '0123456789abcdef';

function configOf(values: Record<string, unknown>, issuesUrl?: string) {
  return slackConfig(slack.schema.parse({ ...base, ...values }), issuesUrl);
}

test('a token and a channel are enough', () => {
  const { token, ...rest } = configOf({});
  assert.equal(token.expose(), 'xoxb-1');
  assert.partialDeepStrictEqual(rest, {
    channel: '#a',
    apiUrl: undefined,
    pageUrl: undefined,
    allow: [],
    tokenFile: undefined,
    mentions: [],
    links: [],
    actions: { over: 'off' },
  });
});

test('the file of the token is kept, to read it again after a rotation', () => {
  assert.equal(configOf({ token_file: '/token' }).tokenFile, '/token');
});

test('links are in a fixed order: trace, task, Sentry issue', () => {
  const { links } = configOf(
    { task_url: 'https://f/{task_id}', trace_url: 'https://j/{trace_id}' },
    'https://s/issues/?project=7',
  );
  assert.deepEqual(links, [
    { label: 'Trace', url: 'https://j/{trace_id}' },
    { label: 'Task', url: 'https://f/{task_id}' },
    { label: 'Sentry issue', url: 'https://s/issues/?project=7&query=fp%3A{fingerprint}' },
  ]);
});

const ways: readonly (readonly [values: Record<string, unknown>, want: readonly (string | undefined)[]])[] = [
  [{}, ['off']],
  [{ actions: 'socket', app_token: 'xapp-1' }, ['socket', 'xapp-1']],
  [{ actions: 'http', signing_secret: signingSecret }, ['http', signingSecret]],
  [{ actions: 'off', app_token: 'xapp-1' }, ['off']],
  [{ actions: 'socket', signing_secret: signingSecret }, ['off']],
  [{ actions: 'http', app_token: 'xapp-1' }, ['off']],
];
for (const [values, want] of ways) {
  test(`buttons with ${JSON.stringify(values)}`, () => {
    const { actions } = configOf(values);
    const secret =
      'appToken' in actions ? actions.appToken : 'signingSecret' in actions ? actions.signingSecret : undefined;
    assert.deepEqual(secret === undefined ? [actions.over] : [actions.over, secret.expose()], want);
  });
}

const bad: readonly (readonly [values: Record<string, unknown>, want: string])[] = [
  [{ token: 'canary' }, 'expected a bot token (xoxb-…), got another text'],
  [{ channel: 'alerts' }, 'expected a channel like "#celery-alerts" (quoted) or its id, got "alerts"'],
  [{ mention: '@ops' }, 'expected the id of a user (U…, W…) or a user group (S…) or a list of them, got another text'],
  [{ allow: 'S0GROUP1' }, 'expected the id of a user (U…, W…) or a list of them, got "S0GROUP1"'],
  [{ actions: 'webhook' }, 'expected "off", "socket" or "http", got "webhook"'],
  [{ signing_secret: 'canary' }, 'expected the signing secret of the app, got another text'],
  [{ api_url: 'ftp://canary' }, 'expected the URL of Slack’s API, got another text'],
];
for (const [values, want] of bad) {
  test(`refuses ${JSON.stringify(values)} of Slack`, () => {
    assert.equal(slack.schema.safeParse({ ...base, ...values }).error?.issues[0]?.message, want);
  });
}

const checks: readonly (readonly [title: string, slack: unknown, want: readonly string[]])[] = [
  ['no buttons', base, []],
  [
    'Socket Mode without its token',
    { actions: 'socket' },
    ['slack.app_token: expected the app-level token (xapp-…) for actions: socket, got nothing'],
  ],
  [
    'HTTP without its secret, which is null',
    { actions: 'http', signing_secret: null },
    ['slack.signing_secret: expected the signing secret of the app for actions: http, got nothing'],
  ],
  ['Socket Mode with its token', { actions: 'socket', app_token: 'x' }, []],
  ['an unknown way is left to the schema', { actions: 'webhook' }, []],
  ['no mapping', 'text', []],
];
for (const [title, written, want] of checks) {
  test(`the secret of the buttons: ${title}`, () => {
    const troubles = slackTroubles(new ConfigDraft({ slack: written }));
    assert.deepEqual(
      troubles.map(({ path, message }) => `${path.join('.')}: ${message}`),
      want,
    );
  });
}
