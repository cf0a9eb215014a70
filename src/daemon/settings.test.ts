import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { policyOf } from '../config/policy/policy.ts';
import type { TaskEvent } from '../event/task-event.ts';
import type { Untrusted } from '../event/untrusted.ts';
import type { Notice } from '../report.ts';
import { decode } from '../source/celery/format.ts';
import { createSettings } from './settings.ts';

function configOf(yaml: string): Config {
  const loaded = loadConfig({
    text: `broker: redis://a/0\n${yaml}`,
    file: 'c.yaml',
    env: {},
    hostname: 'h',
    readFile: () => '',
  });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

function open(yaml = '') {
  const notices: Notice[] = [];
  const config = configOf(yaml);
  return { notices, settings: createSettings({ config, policy: policyOf(config) }, (notice) => notices.push(notice)) };
}

/** A received task with keyword arguments. */
function received(kwargs: string): TaskEvent<Untrusted> {
  const body = {
    type: 'task-received',
    uuid: 'a',
    name: 'shop.pay',
    args: '()',
    kwargs,
    hostname: 'celery@a',
    timestamp: 1.7e9,
  };
  const [decoded] = decode({ source: 'test', receivedAt: 1_000, payload: JSON.stringify(body), form: 'event-body' });
  assert.ok(decoded?.ok, JSON.stringify(decoded));
  return decoded.event as TaskEvent<Untrusted>;
}

const slack = (channel: string): string => `slack: { token: xoxb-1, channel: "${channel}" }\n`;

test('a reload replaces the policy, the redaction rules and the Slack options', () => {
  const { settings } = open(slack('#one'));
  const event = () => JSON.stringify(settings.redact(received("{'colour': 'mauve'}")));
  assert.match(event(), /mauve/);
  const before = settings.policy().hash;
  settings.reload(configOf(`${slack('#two')}critical: [shop.*]\nredact: { sensitive_keys: [colour] }\n`));
  assert.notEqual(settings.policy().hash, before);
  assert.equal(settings.config().slack?.channel, '#two');
  assert.doesNotMatch(event(), /mauve/);
});

test('redacted values are reported by field and kind', () => {
  const { settings, notices } = open();
  settings.redact(received("{'password': 'hunter2hunter2'}"));
  assert.deepEqual(notices, [{ kind: 'redacted', field: 'kwargs', what: 'password', count: 1 }]);
});
