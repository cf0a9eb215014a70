import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../config/load.ts';
import { localConfig } from './local-config.ts';

const receiver = {
  otlpEndpoint: 'http://127.0.0.1:1',
  sentryDsn: 'http://canary@127.0.0.1:1/1',
  slackApiUrl: 'http://127.0.0.1:1/slack/',
  webhookUrl: 'http://127.0.0.1:1/webhook',
  text: () => '',
  stop: async () => {},
};

function localOf(text: string) {
  const loaded = loadConfig({
    text: `broker: redis://canary/0\n${text}`,
    file: 'tv.yaml',
    env: {},
    readFile: () => assert.fail('no files'),
    hostname: 'pod',
  });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return { config: loaded.config, local: localConfig(loaded.config, receiver) };
}

test('all sinks are on and send to the receivers only', () => {
  const { local } = localOf('');
  assert.equal(local.otlp.isOn && local.otlp.traces && local.otlp.logs, true);
  assert.equal(local.otlp.endpoint, receiver.otlpEndpoint);
  assert.equal(local.sentry?.dsn.expose(), receiver.sentryDsn);
  assert.equal(local.slack?.apiUrl, receiver.slackApiUrl);
  assert.equal(local.webhook?.url.expose(), receiver.webhookUrl);
  assert.equal(local.slack?.token.expose(), 'xoxb-canary');
  assert.equal(local.store.url, undefined);
  assert.equal(local.source.control, 'off');
  assert.equal(local.mode, 'standalone');
});

test('credentials of the operator are not used', () => {
  const { local } = localOf(
    'otlp: { endpoint: "http://collector:4318", headers: { authorization: "Bearer real" } }\nslack: { token: xoxb-real, channel: "#real" }\nwebhook: { url: "https://real.example/", secret: whsec_RealRealRealRealRealRealRealReal }\nstore: redis://store/1\n',
  );
  assert.doesNotMatch(JSON.stringify(local.otlp), /real|collector/);
  assert.notEqual(local.slack?.token.expose(), 'xoxb-real');
  assert.equal(local.slack?.channel, '#canary');
  assert.equal(local.webhook?.url.expose(), receiver.webhookUrl);
  assert.doesNotMatch(local.webhook?.secret.expose() ?? '', /Real/);
  assert.equal(local.store.url, undefined);
});

test('redaction stays as the operator configured it', () => {
  const { config, local } = localOf('redact: { sensitive_keys: [patientRef], kwargs: shape }');
  assert.equal(local.redact, config.redact);
});

test('nothing is sampled, suppressed or learned first', () => {
  const { local } = localOf('otlp: { endpoint: "http://collector:4318", sample: 0.1 }\n');
  assert.deepEqual([local.otlp.sample, local.otlp.sampleLogs, local.otlp.compression], [1, 1, 'none']);
  assert.deepEqual(local.critical, ['*']);
  assert.equal(local.alerts.learning, 0);
  assert.deepEqual([local.alerts.tasks, local.alerts.silences, local.alerts.owners], [[], [], []]);
});
