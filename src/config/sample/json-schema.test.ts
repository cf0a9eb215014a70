import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { faultsOf } from '../../../test/fakes/json-schema.ts';
import { parseConfigDocument } from '../document.ts';
import { configJsonSchemaText } from './json-schema.ts';

const config = new URL('../../../config/', import.meta.url);
const fileOf = (name: string): string => readFileSync(new URL(name, config), 'utf8');
const jsonSchema = JSON.parse(configJsonSchemaText()) as object;

test('config/taskvigil.schema.json is generated from the declarations', () => {
  assert.equal(fileOf('taskvigil.schema.json'), configJsonSchemaText(), 'run: node config/generate.ts');
});

const files = [
  'taskvigil.yaml',
  'minimal.yaml',
  ...readdirSync(new URL('examples/', config)).map((name) => `examples/${name}`),
];
for (const name of files) {
  test(`the JSON Schema accepts config/${name}`, () =>
    assert.deepEqual(faultsOf(jsonSchema, parseConfigDocument(fileOf(name)).values, ''), []));
}

const odd: readonly { readonly text: string; readonly want: readonly string[] }[] = [
  { text: 'alerts: { tasks: [{ match: a, sevrity: high }] }', want: ['/alerts/tasks/0/sevrity'] },
  { text: 'alerts: { wait: 20 }', want: ['/alerts/wait'] },
  { text: 'alerts: { profile: loud }', want: ['/alerts/profile'] },
  { text: 'alerts: { owners: [{ match: { task: a } }] }', want: ['/alerts/owners/0/channel'] },
  { text: 'limits: { open_tasks: 1 }', want: ['/limits/open_tasks'] },
  { text: 'broker: { url: redis://a, nam: b }', want: ['/broker'] },
  { text: 'brokers: [redis://a, { url: redis://b }]\nalerts: { mute: { a: { from: "1:00", to: "2:00" } } }', want: [] },
];
for (const { text, want } of odd) {
  test(`the JSON Schema refuses ${want.join(', ') || 'nothing'} in "${text}"`, () =>
    assert.deepEqual(faultsOf(jsonSchema, parseConfigDocument(text).values, ''), want));
}

test('defaults are shown as they are written in the file', () => {
  const alerts = at(jsonSchema, 'alerts');
  assert.deepEqual(
    ['wait', 'profile', 'timezone', 'reminders'].map((key) => at(alerts, key)['default']),
    ['20s', 'balanced', 'UTC', ['4h', '1d']],
  );
});

test('the comment of the sample file describes the option', () => {
  const source = at(at(jsonSchema, 'source'), 'control');
  assert.match(String(source['description']), /^off: writes nothing to the broker\. .*\n\nExpected: "off" or "on"$/);
  // A comment before a blank line is about the file, not about the key below it.
  assert.match(String(at(jsonSchema, 'version')['description']), /^Format of this file\./);
});

type Json = Readonly<Record<string, unknown>>;

function at(schema: object, key: string): Json {
  return ((schema as Json)['properties'] as Readonly<Record<string, Json>>)[key]!;
}
