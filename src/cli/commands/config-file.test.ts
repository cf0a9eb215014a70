import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeHost } from '../../../test/fakes/host.ts';
import { CommandError, UsageError } from './command.ts';
import { loadFor, offlineConfig, replayLifecycle, requireRedaction } from './config-file.ts';

function fileWith(yaml: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'taskvigil-')), 'config.yaml');
  writeFileSync(file, yaml);
  return file;
}

/** The error of a load, as exit code and lines. */
function problemsOf(yaml: string): { readonly code: number; readonly text: string } {
  try {
    loadFor(createFakeHost(), { file: fileWith(yaml) });
  } catch (error) {
    if (error instanceof CommandError) return { code: error.exitCode, text: error.message };
    throw error;
  }
  return assert.fail('the configuration was accepted');
}

test('a file is read with the environment of the host', () => {
  const host = createFakeHost({ env: { TASKVIGIL_LOG_LEVEL: 'debug' } });
  const config = loadFor(host, { file: fileWith('broker: redis://file/0\n') });
  assert.equal(config.brokers[0]?.url.kind, 'redis');
  assert.equal(config.log.level, 'debug');
});

test('without a file the fallback is used, and the environment alone without a fallback', () => {
  assert.equal(loadFor(createFakeHost(), { file: undefined, fallback: offlineConfig }).brokers.length, 1);
  const host = createFakeHost({ env: { CELERY_BROKER_URL: 'redis://env/3' } });
  assert.equal(loadFor(host, { file: undefined }).brokers.length, 1);
});

test('a missing file is wrong usage', () => {
  assert.throws(() => loadFor(createFakeHost(), { file: '/nowhere/c.yaml' }), UsageError);
});

test('all problems come at once, one line each, with their places', () => {
  const { code, text } = problemsOf('broker: redis://a/0\nshutdown_timeout: five\nlog: { level: loud }\n');
  assert.equal(code, 78);
  assert.equal(text.split('\n').length, 2);
  assert.match(text, /config\.yaml:2:\d+: shutdown_timeout: expected a duration/);
  assert.match(text, /config\.yaml:3:\d+: log\.level: /);
});

test('warnings go to standard error, unless missing secrets are accepted', () => {
  const file = fileWith('broker: redis://a/0\n');
  const env = { TASKVIGIL_NONSENSE: '1' };
  const [loud, quiet] = [createFakeHost({ env }), createFakeHost({ env })];
  loadFor(loud, { file });
  loadFor(quiet, { file, withoutSecrets: true });
  assert.match(loud.err(), /^warning: .*TASKVIGIL_NONSENSE/);
  assert.equal(quiet.err(), '');
});

test('the default redaction passes its self-test', () => {
  const config = loadFor(createFakeHost(), { file: undefined, fallback: offlineConfig });
  assert.equal(requireRedaction(config), config);
});

test('a replay has the limits of the daemon and no second witnesses', () => {
  const config = loadFor(createFakeHost(), {
    file: undefined,
    fallback: `${offlineConfig}limits: { open_tasks: 500 }\n`,
  });
  const options = replayLifecycle(config);
  assert.equal(options.openTasksMax, 500);
  assert.deepEqual(options.witnesses, []);
});
