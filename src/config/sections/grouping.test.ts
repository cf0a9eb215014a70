import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigDraft } from '../draft/draft.ts';
import { defineSection } from '../option.ts';
import { failurePolicyOf, grouping, groupingTroubles } from './grouping.ts';

const section = defineSection(grouping, {});
const match = { task: 'x' };

const rules: readonly (readonly [
  title: string,
  rule: Record<string, unknown>,
  parts: readonly string[] | undefined,
])[] = [
  ['parts replace the built-in group', { parts: ['{task}', 'mine'] }, ['{task}', 'mine']],
  ['a single part may be written without a list', { parts: 'mine' }, ['mine']],
  ['split adds to the built-in group', { split: ['{codes}'] }, ['{default}', '{codes}']],
  ['a class leaves the group as it is', { class: 'bug' }, undefined],
];
for (const [title, rule, parts] of rules) {
  test(title, () => {
    const written = section.schema.parse({ grouping: { rules: [{ name: 'a', match, ...rule }] } });
    const [policy] = failurePolicyOf(written).rules;
    assert.deepEqual(policy?.parts, parts);
  });
}

test('a rule and the classes reach the policy of failures', () => {
  const written = section.schema.parse({
    grouping: { rules: [{ name: 'a', match: { exception: ['A', 'B'], frame: 'f.*' }, ignore: true }] },
    classes: { 'a.*': 'transient', B: 'bug' },
  });
  assert.deepEqual(failurePolicyOf(written), {
    rules: [
      {
        name: 'a',
        match: { tasks: [], exceptions: ['A', 'B'], messages: [], frames: ['f.*'] },
        parts: undefined,
        isIgnored: true,
        class: undefined,
      },
    ],
    classes: [
      { exception: 'a.*', class: 'transient' },
      { exception: 'B', class: 'bug' },
    ],
  });
});

const names = '"{default}", "{task}", "{exception}", "{message}", "{codes}", "{place}" or "{path}"';
const badParts: readonly (readonly [parts: unknown, got: string])[] = [
  [['{tsak}'], '"{tsak}"'],
  [['a{task}'], '"a{task}"'],
  [['a}'], '"a}"'],
  [[5], '5'],
  [[''], '""'],
  [['x'.repeat(257)], `"${'x'.repeat(40)}"`],
];
for (const [parts, got] of badParts) {
  test(`the parts ${JSON.stringify(parts).slice(0, 40)} are refused`, () => {
    const { error } = section.schema.safeParse({ grouping: { rules: [{ name: 'a', match, parts }] } });
    assert.equal(error?.issues[0]?.message, `expected texts and some of ${names}, got ${got}`);
  });
}

for (const [count, isAccepted] of [
  [16, true],
  [17, false],
  [0, false],
] as const) {
  test(`${count} parts are ${isAccepted ? 'accepted' : 'refused'}`, () => {
    const parts = Array.from({ length: count }, (_, index) => `part ${index}`);
    const { success } = section.schema.safeParse({ grouping: { rules: [{ name: 'a', match, parts }] } });
    assert.equal(success, isAccepted);
  });
}

test('an unknown class is refused', () => {
  const { error } = section.schema.safeParse({ classes: { A: 'fatal' } });
  assert.match(
    error?.issues[0]?.message ?? '',
    /^expected "bug", "transient", "resource" or "cancelled", got "fatal"$/,
  );
});

const checks: readonly (readonly [title: string, rule: unknown, want: readonly string[]])[] = [
  ['a condition and an effect', { match, class: 'bug' }, []],
  ['a rule that ignores', { match, ignore: true }, []],
  ['no condition', { match: {}, class: 'bug' }, ['match: expected at least one of task, exception, message, frame']],
  ['no effect', { match }, [': expected one of parts, split, ignore, class']],
  ['ignore: false is no effect', { match, ignore: false }, [': expected one of parts, split, ignore, class']],
  [
    'a rule that ignores and classifies',
    { match, ignore: 'true', class: 'bug' },
    ['ignore: expected either ignore or class, got both'],
  ],
  ['parts and split', { match, parts: 'a', split: 'b' }, ['split: expected either parts or split, got both']],
  ['no mapping', 'text', []],
];
for (const [title, rule, want] of checks) {
  test(`a grouping rule with ${title}`, () => {
    const troubles = groupingTroubles(new ConfigDraft({ grouping: { rules: [rule] } }));
    assert.deepEqual(
      troubles.map(({ path, message }) => `${path.slice(3).join('.')}: ${message}`),
      want,
    );
  });
}

test('two rules with one name are a problem', () => {
  const rule = { name: 'a', match, class: 'bug' };
  const troubles = groupingTroubles(new ConfigDraft({ grouping: { rules: [rule, rule] } }));
  assert.deepEqual(
    troubles.map(({ path }) => path.join('.')),
    ['grouping.rules.1.name'],
  );
});
