/** The JSON Schema of the configuration file, for editors: made of the schema that we check with, and never stricter. */
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { sections } from './draft.ts';
import { schema } from './schema.ts';
import { durationPattern, durationText } from './values/leaf.ts';

interface Json {
  [key: string]: unknown;
  properties?: Record<string, Json>;
  required?: string[];
}

/** `reference` is config/taskvigil.yaml, whose comments say what each option is for. */
export function configJsonSchema(reference: string): object {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema, zodSchema }) => describeDefault(jsonSchema as Json, zodSchema._zod.def),
  }) as Json;
  describe(json, parseDocument(everythingOn(reference)).contents);
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
  return { ...json, title: 'taskvigil' };
}

export function configJsonSchemaText(reference: string): string {
  return `${JSON.stringify(configJsonSchema(reference), null, 2)}\n`;
}

/** The reference with all its options turned on: prose has one blank behind its "#", an option none or more than one. */
export function everythingOn(reference: string): string {
  return reference.replace(/^( *)#(?! \S)/gm, '$1');
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

/** Puts the comment above each key to what is known of its value. The first time that a key stands there is the one. */
function describe(json: Json, node: Node | null | undefined): void {
  if (isSeq(node)) {
    if (json['items'] !== undefined) for (const item of node.items) describe(json['items'] as Json, item as Node);
  }
  if (!isMap(node)) return;
  for (const [index, { key, value }] of node.items.entries()) {
    if (!isScalar(key)) continue;
    const inner = json.properties?.[String(key.value)] ?? json['additionalProperties'];
    if (typeof inner !== 'object' || inner === null) continue;
    const comment = proseOf([index === 0 ? node.commentBefore : undefined, key.commentBefore]);
    if (comment !== '') addDescription(inner as Json, comment);
    describe(inner as Json, value as Node);
  }
}

function proseOf(comments: readonly (string | null | undefined)[]): string {
  const lines = comments.flatMap((comment) => comment?.split('\n') ?? []);
  // What a blank line parts from the key was about something else.
  const last = lines.lastIndexOf('');
  return lines
    .slice(last + 1)
    .map((line) => line.trim())
    .join(' ')
    .trim();
}

function addDescription(json: Json, comment: string): void {
  const before = json['description'];
  if (typeof before === 'string' && !before.startsWith('Expected: ')) return;
  json['description'] = before === undefined ? comment : `${comment}\n\n${before}`;
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
