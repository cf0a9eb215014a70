import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { everythingOn, sampleFile } from './sample-file.ts';

test('config/taskvigil.yaml is generated from the declarations', () => {
  const file = readFileSync(new URL('../../../config/taskvigil.yaml', import.meta.url), 'utf8');
  assert.equal(file, sampleFile(), 'run: node config/generate.ts');
});

const switches: readonly (readonly [title: string, line: string, want: string])[] = [
  ['an option', '#size: 7', 'size: 7'],
  ['an option that is indented', '  #size: 7', '  size: 7'],
  ['an option of a section that is commented out', '#  size: 7', '  size: 7'],
  ['a comment', '# Items in the queue.', '# Items in the queue.'],
  ['a comment of a section that is commented out', '#  # Items.', '  # Items.'],
  ['an active option', 'channel: "#alerts"', 'channel: "#alerts"'],
];
for (const [title, line, want] of switches) {
  test(`everything on: ${title}`, () => assert.equal(everythingOn(line), want));
}
