import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
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
    ['20s', 'balanced', 'UTC', undefined],
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

/** The places in a value that the JSON Schema refuses. A keyword that is not handled here fails the test. */
function faultsOf(schema: object, value: unknown, path: string): string[] {
  const faults: string[] = [];
  const fail = (isRight: boolean, place = path): void => {
    if (!isRight && !faults.includes(place)) faults.push(place);
  };
  const inner = (one: object, part: unknown, name: string | number): void => {
    faults.push(...faultsOf(one, part, `${path}/${name}`));
  };
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isMapping ? (value as Json) : {};
  for (const [word, rule] of Object.entries(schema)) {
    switch (word) {
      case 'type':
        fail([rule].flat().some((type) => isOfType(value, String(type))));
        break;
      case 'enum':
        fail((rule as unknown[]).includes(value));
        break;
      case 'const':
        fail(rule === value);
        break;
      case 'pattern':
        fail(typeof value !== 'string' || new RegExp(rule as string, 'u').test(value));
        break;
      case 'minimum':
        fail(typeof value !== 'number' || value >= (rule as number));
        break;
      case 'maximum':
        fail(typeof value !== 'number' || value <= (rule as number));
        break;
      case 'minItems':
        fail(!Array.isArray(value) || value.length >= (rule as number));
        break;
      case 'maxItems':
        fail(!Array.isArray(value) || value.length <= (rule as number));
        break;
      case 'anyOf':
        fail((rule as object[]).some((one) => faultsOf(one, value, path).length === 0));
        break;
      case 'items':
        if (Array.isArray(value)) for (const [index, item] of value.entries()) inner(rule as object, item, index);
        break;
      case 'properties':
        for (const [key, one] of Object.entries(rule as object))
          if (Object.hasOwn(fields, key)) inner(one, fields[key], key);
        break;
      case 'required':
        for (const key of rule as string[]) fail(!isMapping || Object.hasOwn(fields, key), `${path}/${key}`);
        break;
      case 'propertyNames':
        for (const key of Object.keys(fields)) inner(rule as object, key, key);
        break;
      case 'additionalProperties': {
        const known = Object.keys((schema as Json)['properties'] ?? {});
        for (const key of Object.keys(fields).filter((one) => !known.includes(one))) {
          if (rule === false) fail(false, `${path}/${key}`);
          else inner(rule as object, fields[key], key);
        }
        break;
      }
      case '$schema':
      case 'title':
      case 'description':
      case 'default':
        break;
      default:
        assert.fail(`what does "${word}" mean?`);
    }
  }
  return faults;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
