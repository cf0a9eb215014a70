/** docs/slack.md is true: its manifest is valid and requests exactly the scopes that its table explains; every signal has its text. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { withHeadlineTable } from '../config/signal-tables.ts';

const page = readFileSync(new URL('../docs/slack.md', import.meta.url), 'utf8');

test('the manifest asks for the scopes that are explained, and for buttons', () => {
  const { oauth_config: oauth, settings } = parse(/```yaml manifest\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  const cells = page.split('\n').flatMap((line) => /^\| (`[a-z]+:[a-z]+`.*?) \|/.exec(line)?.[1] ?? []);
  const explained = cells.flatMap((cell) => cell.match(/[a-z]+:[a-z]+/g) ?? []);
  assert.deepEqual([...oauth.scopes.bot].sort(), explained.sort());
  assert.equal(settings.interactivity.is_enabled, true);
  assert.equal(settings.socket_mode_enabled, true);
});

test('the page lists each signal with its headline', () => {
  assert.equal(page, withHeadlineTable(page), 'run: node config/generate.ts');
});
