/** docs/slack.md is true: its manifest is valid and requests exactly the scopes that its table explains; every signal has its text. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { SignalName } from '../src/alert/signal.ts';
import { wordsOf } from '../src/sink/slack-message/signal-words.ts';

const page = readFileSync(new URL('../docs/slack.md', import.meta.url), 'utf8');

test('the manifest asks for the scopes that are explained, and for buttons', () => {
  const { oauth_config: oauth, settings } = parse(/```yaml manifest\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  const cells = page.split('\n').flatMap((line) => /^\| (`[a-z]+:[a-z]+`.*?) \|/.exec(line)?.[1] ?? []);
  const explained = cells.flatMap((cell) => cell.match(/[a-z]+:[a-z]+/g) ?? []);
  assert.deepEqual([...oauth.scopes.bot].sort(), explained.sort());
  assert.equal(settings.interactivity.is_enabled, true);
  assert.equal(settings.socket_mode_enabled, true);
});

const signals: Readonly<Record<SignalName, true>> = {
  'failures.new': true,
  'failures.critical': true,
  'failures.surge': true,
  'failures.ratio': true,
  'failures.regressed': true,
  'failures.escalated': true,
  'retries.storm': true,
  lost: true,
  redelivery: true,
  'run-twice': true,
  'worker.short': true,
  'worker.crash-loop': true,
  stuck: true,
  latency: true,
  'schedule.missed': true,
  'self.blind': true,
};

test('the page names each signal with the headline that it has', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  for (const signal of Object.keys(signals) as SignalName[]) {
    const row = rows.find((line) => line.split('|')[1]?.includes(`\`${signal}\``));
    assert.ok(row?.includes(wordsOf(signal).headline), `${signal}: ${row}`);
  }
});
