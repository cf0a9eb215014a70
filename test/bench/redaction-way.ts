/** One way of redacting, in a process of its own: `node redaction-way.ts NAME PASSES` prints its megabytes a second. */
// The package ships no types.
// @ts-expect-error
import fastRedact from 'fast-redact';
import type { Field } from '../../src/redact/field.ts';
import { createRedactor } from '../../src/redact/redact.ts';
import { defaultRedactOptions } from '../fakes/redact-options.ts';
import { median } from './cpu.ts';
import { readRepr, secretNames, secretPaths, textsOf } from './redaction-texts.ts';

export const wayNames = ['repr', 'json', 'traceback', 'fastRedact', 'fastRedactJson', 'fastRedactExactPaths'] as const;
export type WayName = (typeof wayNames)[number];

const textCount = 3_000;
/** A daemon runs for days; the compiler needs some ten thousand texts before it knows what is hot. */
const warmUps = 10;
const frames = Array.from(
  { length: 12 },
  (_, index) =>
    `  File "/app/shop/part_${index}.py", line ${index + 7}, in step_${index}\n    return run(order, retries=${index})\n`,
).join('');

function wayOf(name: WayName): readonly [inputs: readonly string[], run: (text: string) => unknown] {
  const redactor = createRedactor(defaultRedactOptions);
  const texts = textsOf(textCount, 7);
  const reprs = texts.map(({ repr }) => repr);
  const jsons = texts.map(({ json }) => json);
  const through = (field: Field) => (text: string) => redactor.redactText(field, text);
  // From text to text, as ours: a task's arguments come as text, in Python's spelling, and leave as text.
  switch (name) {
    case 'repr':
      return [reprs, through('kwargs')];
    case 'json':
      return [jsons, through('kwargs')];
    case 'traceback':
      return [
        reprs.map(
          (repr) => `Traceback (most recent call last):\n${frames}shop.Refused: no stock for ${repr.slice(0, 300)}\n`,
        ),
        through('traceback'),
      ];
    case 'fastRedact': {
      const peer = peerOf(anywherePaths());
      return [reprs, (text) => peer(readRepr(text))];
    }
    case 'fastRedactJson': {
      const peer = peerOf(anywherePaths());
      return [jsons, (text) => peer(JSON.parse(text) as object)];
    }
    case 'fastRedactExactPaths': {
      const peer = peerOf(secretPaths);
      return [jsons, (text) => peer(JSON.parse(text) as object)];
    }
    default:
      return name satisfies never;
  }
}

function peerOf(paths: readonly string[]): (value: object) => unknown {
  return fastRedact({ paths: [...paths], serialize: JSON.stringify }) as (value: object) => unknown;
}

/** fast-redact has no wildcard for any depth and no spellings: each name is nine paths, at three depths in three spellings. */
function anywherePaths(): string[] {
  const spelled = secretNames.flatMap((name) => [
    name,
    name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    name.toUpperCase(),
  ]);
  return [...new Set(spelled)].flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*[*].${name}`]);
}

function speedOf(inputs: readonly string[], run: (text: string) => unknown): number {
  const bytes = inputs.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const from = process.cpuUsage();
  for (const text of inputs) run(text);
  const { user, system } = process.cpuUsage(from);
  return bytes / (user + system);
}

if (import.meta.main) {
  const [inputs, run] = wayOf(process.argv[2] as WayName);
  const passes = Number(process.argv[3]);
  const speeds = Array.from({ length: warmUps + passes }, () => speedOf(inputs, run)).slice(warmUps);
  process.stdout.write(`${median(speeds)}\n`);
}
