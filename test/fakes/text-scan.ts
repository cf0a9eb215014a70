/**
 * Rows of tests for one detector. « » enclose each place that the detector must hide, and ¦ is the place where it starts. A
 * row without « » must stay whole.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyNames } from '../../src/redact/names/key-names.ts';
import { distinctMatches } from '../../src/redact/render/replace.ts';
import type { ScanContext } from '../../src/redact/text/match.ts';
import { TextScan } from '../../src/redact/values/text-scan.ts';

const names = new KeyNames({ sensitiveKeys: [], safeKeys: [] });

export function scanOf(text: string, context: ScanContext = 'text'): TextScan {
  return new TextScan({ text, names, context, found: [] });
}

/** The text with « » around each place that the scan found. */
export function markedText({ text, found }: TextScan): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to } of distinctMatches(found)) {
    parts.push(text.slice(at, from), '«', text.slice(from, to), '»');
    at = to;
  }
  return [...parts, text.slice(at)].join('');
}

/** Runs the detector at ¦ and returns the scan. */
export function detectIn(
  row: string,
  detect: (scan: TextScan, at: number) => unknown,
  context?: ScanContext,
): TextScan {
  const bare = row.replace(/[«»]/g, '');
  const scan = scanOf(bare.replace('¦', ''), context);
  detect(scan, Math.max(0, bare.indexOf('¦')));
  return scan;
}

/** One test per row. */
export function testDetector(
  rows: readonly string[],
  detect: (scan: TextScan, at: number) => unknown,
  { kind, context }: { readonly kind?: string; readonly context?: ScanContext } = {},
): void {
  for (const row of rows) {
    const title = row.replaceAll('\n', '⏎').slice(0, 90);
    test(row.includes('«') ? title : `${title} (stays)`, () => {
      const scan = detectIn(row, detect, context);
      assert.equal(markedText(scan), row.replace('¦', ''));
      if (kind !== undefined) for (const match of scan.found) assert.equal(match.kind, kind);
    });
  }
}
