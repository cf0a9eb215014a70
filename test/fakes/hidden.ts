/**
 * Rows of redaction tests. A row is a text in which « » enclose each secret: the redactor must replace exactly these places
 * and leave every other character as it is. A row without « » must stay whole.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../../src/redact/field.ts';
import { createRedactor } from '../../src/redact/redact.ts';
import { defaultRedactOptions } from './redact-options.ts';

const redactor = createRedactor({
  ...defaultRedactOptions,
  modes: { ...defaultRedactOptions.modes, result: 'redact' },
});

/** One test per row. `kind` is the mark that every secret of the table must get; undefined accepts any. */
export function testRows(
  rows: readonly string[],
  { field = 'log', kind }: { field?: Field; kind?: string } = {},
): void {
  for (const row of rows) {
    const title = row.replaceAll('\n', '⏎').slice(0, 90);
    test(row.includes('«') ? title : `${title} (stays)`, () => assertHides(row, field, kind));
  }
}

export function assertHides(row: string, field: Field, kind = '[a-z]+'): void {
  const text = row.replace(/[«»]/g, '');
  const pattern = row
    .split(/«[^»]*»/)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join(`\\[redacted:${kind}\\]`);
  assert.match(redactor.redactText(field, text), new RegExp(`^${pattern}$`, 's'));
}
