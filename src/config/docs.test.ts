/** Loads every configuration in the documentation, and compares the thresholds in it with those of the code. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { defaultThresholds } from '../alert/signals/registry.ts';
import { loadConfig } from './load.ts';
import { policyOf } from './policy/policy.ts';
import { problemLine } from './problems.ts';

const root = new URL('../../', import.meta.url);

interface Block {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const blocks: readonly Block[] = ['docs/noise.md', 'docs/configuration.md', 'README.md'].flatMap((file) => {
  const content = readFileSync(new URL(file, root), 'utf8');
  return [...content.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => ({
    file,
    line: content.slice(0, match.index).split('\n').length + 1,
    text: match[1] ?? '',
  }));
});

const isNumbers = ({ text }: Block): boolean => text.startsWith('new_failure:');

/** A block shows a part of a configuration and is completed here. */
function completed(block: Block): string {
  const text = isNumbers(block) ? `alerts:\n  defaults:\n${block.text.replace(/^/gm, '    ')}` : block.text;
  return /^(broker|brokers|mode):/m.test(text) ? text : `broker: redis://redis\n${text}`;
}

for (const block of blocks) {
  test(`the configuration at ${block.file}:${block.line} is valid`, () => {
    const readFile = (path: string): string => (path.includes('app') ? 'xapp-1' : 'xoxb-1');
    const loaded = loadConfig({ text: completed(block), file: block.file, env: { HOSTNAME: 'pod' }, readFile });
    assert.deepEqual(loaded.ok ? [] : loaded.problems.map(problemLine), []);
    if (loaded.ok && isNumbers(block))
      assert.deepEqual(policyOf(loaded.config).thresholds, defaultThresholds('balanced'));
  });
}

test('docs/noise.md has one block with all thresholds', () => {
  assert.equal(blocks.filter(isNumbers).length, 1);
});
