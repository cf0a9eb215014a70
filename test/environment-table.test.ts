import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { withEnvironmentTable } from '../config/environment-table.ts';

const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');

test('the table in docs/configuration.md is generated from the declarations', () => {
  assert.equal(page, withEnvironmentTable(page), 'run: node config/generate.ts');
});

const rows: readonly (readonly [variable: string, want: RegExp])[] = [
  [
    'a secret has an asterisk, and its conventional variables their order',
    /^\| `TASKVIGIL_BROKER_URL` \* +\| `broker\.url` +\| `CELERY_BROKER_READ_URL` \*, then `CELERY_BROKER_URL` \* +\|$/m,
  ],
  ['a plain option has none', /^\| `TASKVIGIL_LOG_LEVEL` +\| `log\.level` +\| +\|$/m],
  ['an option with a conventional variable only', /^\| +\| `sentry\.release` +\| `SENTRY_RELEASE` +\|$/m],
  [
    'a variable that another library reads',
    /^\| `TASKVIGIL_OTLP_ENDPOINT` +\| `otlp\.endpoint` +\| `OTEL_EXPORTER_OTLP_…`, read by /m,
  ],
];
for (const [title, want] of rows) test(`a row of the table: ${title}`, () => assert.match(page, want));

test('options without a variable have no row', () => assert.doesNotMatch(page, /^\|.*`limits\.open_tasks`/m));

test('the rest of the page stays, and a table that is there is replaced', () => {
  const [start, end] = [/<!-- environment.*-->/.exec(page)?.[0], /<!-- end of .*-->/.exec(page)?.[0]];
  const result = withEnvironmentTable(`before\n${start}\nold\n${end}\nafter`);
  assert.match(result, /^before\n<!-- environment.*-->\n\n\| variable /);
  assert.match(result, /\|\n\n<!-- end of .*-->\nafter$/);
  assert.doesNotMatch(result, /old/);
});

test('a page without the markers is an error', () => {
  assert.throws(() => withEnvironmentTable('# Configuration'), /expected "<!-- environment variables/);
});
