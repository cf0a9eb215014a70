/**
 * Writes the files that are derived from the declarations of the options and signals: the sample configuration, the JSON
 * Schema, the table of environment variables in docs/configuration.md and the tables of signals in docs/noise.md and docs/slack.md.
 *
 *   node config/generate.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { configJsonSchemaText } from '../src/config/sample/json-schema.ts';
import { sampleFile } from '../src/config/sample/sample-file.ts';
import { withEnvironmentTable } from './environment-table.ts';
import { withHeadlineTable, withSignalTables } from './signal-tables.ts';

const root = new URL('../', import.meta.url);
const page = new URL('docs/configuration.md', root);

writeFileSync(new URL('config/taskvigil.yaml', root), sampleFile());
writeFileSync(new URL('config/taskvigil.schema.json', root), configJsonSchemaText());
writeFileSync(page, withEnvironmentTable(readFileSync(page, 'utf8')));

const noise = new URL('docs/noise.md', root);
writeFileSync(noise, withSignalTables(readFileSync(noise, 'utf8')));

const slack = new URL('docs/slack.md', root);
writeFileSync(slack, withHeadlineTable(readFileSync(slack, 'utf8')));
