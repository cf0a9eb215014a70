/** The JSON Schema of the configuration file, for editors. Derived from the schema of the loader, and never stricter. */
import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { z } from 'zod';
import { configuration } from '../config.ts';
import type { ConfigOption, Declarations } from '../option.ts';
import { durationPattern, durationText } from '../values/duration.ts';
import { everythingOn, sampleFile } from './sample-file.ts';

interface Json {
  [key: string]: unknown;
  properties?: Record<string, Json>;
  required?: string[];
}

/** The comments of the sample file are the descriptions of the options. */
function configJsonSchema(): object {
  const json = z.toJSONSchema(configuration.schema, {
    io: 'input',
    override: ({ jsonSchema, zodSchema }) => describeDefault(jsonSchema as Json, zodSchema._zod.def),
  }) as Json;
  describe(json, parseDocument(everythingOn(sampleFile())).contents);
  followDeclarations(json, configuration.options);
  acceptSingleMuteHours(json);
  return { ...json, title: 'taskvigil' };
}

export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

/** The default as it is written in the file; none for sections and for values whose spelling is not known here. */
function describeDefault(json: Json, def: { readonly type: string; readonly defaultValue?: unknown }): void {
  delete json['default'];
  if (def.type !== 'default' && def.type !== 'prefault') return;
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

/** Adds the comment above each key to the description of its value. The first occurrence of a key counts. */
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
  // A comment before a blank line is not about the key below it.
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

/** Relaxes the schema: a value may come from the environment or another file, and a section may have a short form. */
function followDeclarations(json: Json, declarations: Declarations): void {
  const properties = json.properties ?? {};
  for (const [key, node] of Object.entries(declarations)) {
    const inner = properties[key];
    if (inner === undefined) continue;
    if (node.kind === 'option' && comesFromElsewhere(node)) makeOptional(json, key);
    const section = node.kind === 'section' ? node : node.items;
    if (section === undefined) continue;
    const item = node.kind === 'section' ? inner : (inner['items'] as Json);
    followDeclarations(item, section.options);
    if (section.shorthand === undefined) continue;
    const short = { anyOf: [{ type: 'string' }, item] };
    if (node.kind === 'section') properties[key] = short;
    else inner['items'] = short;
  }
}

function comesFromElsewhere({ variable, hasFileKey }: ConfigOption): boolean {
  return variable !== undefined || hasFileKey;
}

function makeOptional(json: Json, key: string): void {
  if (json.required === undefined) return;
  json.required = json.required.filter((name) => name !== key);
  if (json.required.length === 0) delete json.required;
}

/** A name of mute hours may have one entry or a list of them. */
function acceptSingleMuteHours(json: Json): void {
  const mute = json.properties?.['alerts']?.properties?.['mute'] as Record<string, Json>;
  const list = mute['additionalProperties'];
  mute['additionalProperties'] = { anyOf: [list?.['items'], list] } as Json;
}
