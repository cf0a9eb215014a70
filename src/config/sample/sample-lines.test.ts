import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type Declarations, defineSection, option } from '../option.ts';
import { duration } from '../values/duration.ts';
import { count, flag, oneOf, text } from '../values/leaf.ts';
import { sampleLines } from './sample-lines.ts';

const plain = count(1, 10);
const cases: readonly { readonly title: string; readonly of: Declarations; readonly want: readonly string[] }[] = [
  {
    title: 'an option is printed with its comment and its default',
    of: { size: option(plain, { about: 'Items in the queue.', default: 5 }) },
    want: ['# Items in the queue.', 'size: 5'],
  },
  {
    title: 'an option without a default is commented out and shows its sample',
    of: { size: option(plain, { sample: '7' }) },
    want: ['#size: 7'],
  },
  {
    title: 'a required option is not commented out',
    of: { size: option(plain, { isRequired: true, sample: '7' }) },
    want: ['size: 7'],
  },
  {
    title: 'a sample takes precedence over the default, a shown value is not commented out',
    of: { a: option(plain, { default: 5, sample: '7' }), b: option(plain, { default: 5, shown: '8' }) },
    want: ['#a: 7', 'b: 8'],
  },
  { title: 'a hidden option is left out', of: { size: option(plain, { default: 5, isHidden: true }) }, want: [] },
  {
    title: 'the file key stands below its option',
    of: { key: option(text(), { isRequired: true, sample: 'x', fileKey: '/run/key' }) },
    want: ['key: x', '# Instead of key: a file that contains it.', '#key_file: /run/key'],
  },
  {
    title: 'the options of a section are indented',
    of: {
      otlp: defineSection({ logs: option(flag(), { about: 'Log records.', default: true }) }, { about: 'Export.' }),
    },
    want: ['# Export.', 'otlp:', '  # Log records.', '  logs: true'],
  },
  {
    title: 'an optional section is commented out as a whole, its options only once',
    of: {
      slack: defineSection(
        { a: option(flag(), { about: 'One.', default: true }), b: option(plain, { sample: '7' }) },
        { isOptional: true },
      ),
    },
    want: ['#slack:', '#  # One.', '#  a: true', '#  b: 7'],
  },
  {
    title: 'an optional section that is shown is not commented out',
    of: { broker: defineSection({ a: option(flag(), { default: true }) }, { isOptional: true, isShown: true }) },
    want: ['broker:', '  a: true'],
  },
  {
    title: 'a section without an active option is commented out, lists in it too',
    of: {
      grouping: defineSection(
        { rules: option(z.array(z.unknown()), { default: [], sample: '\n- name: a\n  # Why.' }) },
        {},
      ),
    },
    want: ['#grouping:', '#  rules:', '#    - name: a', '#      # Why.'],
  },
];
for (const { title, of, want } of cases) test(title, () => assert.deepEqual(sampleLines(of), want));

test('a long comment is wrapped at 118 characters, and a line break in it is kept', () => {
  const long = `${'word '.repeat(30)}end\nExample: a`;
  const lines = sampleLines({ a: option(flag(), { about: long, default: true }) });
  assert.deepEqual(
    lines.map((line) => line.length),
    [116, 40, 12, 7],
  );
  assert.equal(lines[2], '# Example: a');
});

test('a duration and a choice are written as in the file', () => {
  const of = {
    wait: option(duration(0, 10_000), { default: '1500ms' }),
    mode: option(oneOf(['off', 'on']), { default: 'off' }),
  };
  assert.deepEqual(sampleLines(of), ['wait: 1500ms', 'mode: "off"']);
});
