import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { withSignalTables } from '../config/signal-tables.ts';
import { signals } from '../src/alert/signals/registry.ts';

const page = readFileSync(new URL('../docs/noise.md', import.meta.url), 'utf8');

test('docs/noise.md shows the declared signals and thresholds', () => {
  assert.equal(page, withSignalTables(page), 'run: node config/generate.ts');
});

test('the table has one row for each signal', () => {
  for (const { name } of signals) assert.equal(page.split(`\n| \`${name}\``).length, 2, name);
});

test('an outdated block is replaced, the text around it stays', () => {
  const outdated = page.replace('`failures.new` ', '`failures.old` ').replace('min: 3', 'min: 4');
  assert.notEqual(outdated, page);
  assert.equal(withSignalTables(outdated), page);
});

test('a page without markers is refused', () => {
  assert.throws(() => withSignalTables('# Noise'), /expected "<!-- signals: generated/);
});
