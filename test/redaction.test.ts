/** Redaction over many made-up texts: spellings, languages, vendors, commands, dumps, and what only looks like a secret. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Field } from '../src/redact/field.ts';
import { createRedactor } from '../src/redact/redact.ts';
import { defaultRedactOptions } from './fakes/redact-options.ts';

const fields: Readonly<Record<string, Field>> = {
  a: 'args',
  k: 'kwargs',
  r: 'result',
  e: 'exception',
  t: 'traceback',
  l: 'log',
};
const redactor = createRedactor({
  ...defaultRedactOptions,
  modes: { ...defaultRedactOptions.modes, result: 'redact' },
});

/** Half of a secret, and more than six signs, is a secret still. */
function isLeft(secret: string, out: string, others: readonly string[]): boolean {
  if (out.includes(secret)) return true;
  const part = Math.max(7, Math.floor(secret.length / 2) + 1);
  for (let at = 0; at + part <= secret.length; at += 1) {
    const run = secret.slice(at, at + part);
    if (out.includes(run) && !others.some((other) => other !== secret && other.includes(run))) return true;
  }
  return false;
}

const file = readFileSync(new URL('data/redaction/texts.txt', import.meta.url), 'utf8');
for (const section of file.split(/^## /m).slice(1)) {
  const [title = '', ...lines] = section.split('\n');
  describe(title, () => {
    for (const line of lines.filter((one) => /^\w\|/.test(one))) {
      const marked = line
        .slice(2)
        .replaceAll('·', '')
        .replaceAll('⏎', '\n')
        .replace(/⟨([0-9a-f]{4})⟩/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      const text = marked.replace(/[«»‹›]/g, '');
      const gone = [...marked.matchAll(/«([^»]*)»?/g)].map((match) => match[1] as string);
      const kept = [...marked.matchAll(/‹([^›]*)›/g)].map((match) => match[1] as string);
      test(text.slice(0, 60).replaceAll('\n', ' '), () => {
        const out = redactor.redactText(fields[line[0] as string] as Field, text);
        for (const secret of gone) assert.ok(!isLeft(secret, out, gone), `${secret} stayed in ${out}`);
        for (const plain of kept) assert.ok(out.includes(plain), `${plain} went from ${out}`);
      });
    }
  });
}
