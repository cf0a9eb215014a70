/** The JSON Schema of the configuration file, for editors: made of the schema that we check with, and never stricter. */
import { z } from 'zod';
import { sections } from './draft.ts';
import { durationPattern, durationText } from './leaf.ts';
import { schema } from './schema.ts';

interface Json {
  [key: string]: unknown;
  properties?: Record<string, Json>;
  required?: string[];
}

export function configJsonSchema(): object {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema, zodSchema }) => describeDefault(jsonSchema as Json, zodSchema._zod.def),
  }) as Json;
  const properties = json.properties as Record<string, Json>;
  // Sections have a default for all that they hold; a secret may come from the environment or a file.
  leaveOpen(json, sections);
  leaveOpen(properties['slack'], ['token', 'channel']);
  leaveOpen(properties['sentry'], ['dsn']);
  leaveOpen(properties['broker'], ['url']);
  leaveOpen(properties['brokers']?.['items'], ['url']);
  spellShort(properties, 'broker');
  if (properties['brokers'] !== undefined) spellShort(properties['brokers'] as Record<string, Json>, 'items');
  const mute = properties['alerts']?.properties?.['mute'] as Record<string, Json>;
  mute['additionalProperties'] = {
    anyOf: [mute['additionalProperties']?.['items'], mute['additionalProperties']],
  } as Json;
  return {
    ...json,
    title: 'taskvigil',
    description: 'Configuration of taskvigil. docs/configuration.md tells how it works together.',
  };
}

/** As an operator would write it; where that cannot be told, and for whole sections, nothing. */
function describeDefault(json: Json, def: { readonly type: string; readonly defaultValue?: unknown }): void {
  delete json['default'];
  if (def.type !== 'default') return;
  const written = writtenAs(def.defaultValue, json);
  if (written !== undefined) json['default'] = written;
}

function writtenAs(value: unknown, { type, pattern }: Json): unknown {
  if (typeof value === 'number' && pattern === durationPattern.source) return durationText(value);
  if (typeof value === 'number') return type === 'integer' || type === 'number' ? value : undefined;
  if (Array.isArray(value))
    return value.length > 0 && value.every((item) => typeof item === 'string') ? value : undefined;
  return typeof value === 'boolean' || (typeof value === 'string' && value !== '') ? value : undefined;
}

function leaveOpen(json: unknown, names: readonly string[]): void {
  const node = json as Json | undefined;
  if (node?.required === undefined) return;
  node.required = node.required.filter((name) => !names.includes(name));
  if (node.required.length === 0) delete node.required;
}

/** A broker is its URL, or a mapping with one. */
function spellShort(parent: Record<string, Json>, key: string): void {
  parent[key] = { anyOf: [{ type: 'string' }, parent[key]] };
}

export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}
