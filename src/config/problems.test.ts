import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { parseConfigDocument } from './document.ts';
import { ConfigDraft, type ConfigTrouble } from './draft/draft.ts';
import { type Problem, problemLine, problemsOf, troublesOf } from './problems.ts';
import { section } from './values/section.ts';

const lines: readonly (readonly [problem: Problem, want: string])[] = [
  [{ where: 'tv.yaml:3:1', path: 'alerts.wait', message: 'expected x' }, 'tv.yaml:3:1: alerts.wait: expected x'],
  [{ where: 'TASKVIGIL_MODE', path: '', message: 'expected x' }, 'TASKVIGIL_MODE: expected x'],
  [{ where: '', path: '', message: 'expected x' }, 'expected x'],
];
for (const [problem, want] of lines)
  test(`a problem is written as "${want}"`, () => assert.equal(problemLine(problem), want));

const schema = z.object({
  list: z.array(z.unknown()).min(1).max(2).optional(),
  inner: section({ level: z.unknown().optional(), format: z.unknown().optional() }).optional(),
});

const issues: readonly (readonly [title: string, values: Record<string, unknown>, want: readonly string[]])[] = [
  ['a text instead of a mapping', { inner: 'canary' }, ['inner: expected a mapping, got a text']],
  ['a list instead of a mapping', { inner: [1] }, ['inner: expected a mapping, got a list']],
  ['a mapping instead of a list', { list: {} }, ['list: expected a list, got a mapping']],
  ['a list that is too long', { list: [1, 2, 3] }, ['list: expected at most 2 items']],
  ['a list that is too short', { list: [] }, ['list: expected at least 1, got none']],
  ['a key with a typing error', { inner: { levle: 1 } }, ['inner.levle: unknown key; did you mean level?']],
  [
    'several unknown keys',
    { inner: { zebra: 1, apple: 2 } },
    [
      'inner.zebra: unknown key, expected one of level, format',
      'inner.apple: unknown key, expected one of level, format',
    ],
  ],
];
for (const [title, values, want] of issues) {
  test(`an issue of the schema: ${title}`, () => {
    const draft = new ConfigDraft(values);
    const { error } = schema.safeParse(values);
    const troubles = (error?.issues ?? []).flatMap((issue) => troublesOf(issue, draft));
    assert.deepEqual(
      troubles.map(({ path, message }) => `${path.join('.')}: ${message}`),
      want,
    );
  });
}

const text = `mode: x
broker: redis://a
alerts:
  owners:
    - match: { task: a }
  mute:
    nights: { from: "1" }
  "odd key!": 1
`;

function placed(troubles: readonly ConfigTrouble[], variable?: string): string[] {
  const document = parseConfigDocument(text);
  const draft = new ConfigDraft(document.values);
  if (variable !== undefined) draft.put(['broker', 'url'], 'redis://b', variable);
  return problemsOf({ troubles, draft, document, file: 'tv.yaml' }).map(problemLine);
}

const trouble = (path: readonly (string | number)[], message = 'no'): ConfigTrouble => ({ path, message });

const places: readonly (readonly [title: string, trouble: ConfigTrouble, want: string])[] = [
  ['a value', trouble(['mode']), 'tv.yaml:1:7: mode: no'],
  ['a key', { ...trouble(['mode']), isAboutKey: true }, 'tv.yaml:1:1: mode: no'],
  ['an item of a list', trouble(['alerts', 'owners', 0, 'match']), 'tv.yaml:5:14: alerts.owners[0].match: no'],
  ['an absent key is placed at its mapping', trouble(['alerts', 'wait']), 'tv.yaml:4:3: alerts.wait: no'],
  ['a part of a short form is placed at the short form', trouble(['broker', 'url']), 'tv.yaml:2:9: broker: no'],
  [
    'an entry that is written without a list has no index',
    trouble(['alerts', 'mute', 'nights', 0, 'from']),
    'tv.yaml:7:21: alerts.mute.nights.from: no',
  ],
  ['a key that is no plain word is not repeated', trouble(['alerts', 'odd key!']), 'tv.yaml:8:15: alerts.?: no'],
  ['a variable', { ...trouble([]), variable: 'TASKVIGIL_MODE' }, 'TASKVIGIL_MODE: no'],
];
for (const [title, one, want] of places)
  test(`the place of a problem: ${title}`, () => assert.deepEqual(placed([one]), [want]));

test('a problem with a value from the environment names the variable', () => {
  assert.deepEqual(placed([trouble(['broker', 'url'])], 'CELERY_BROKER_URL'), ['CELERY_BROKER_URL: no']);
});

test('problems are in the order of the file, variables last, and equal ones appear once', () => {
  const troubles = [
    { ...trouble([]), variable: 'X' },
    trouble(['alerts', 'owners', 0, 'match']),
    trouble(['mode']),
    trouble(['mode']),
  ];
  assert.deepEqual(placed(troubles), ['tv.yaml:1:7: mode: no', 'tv.yaml:5:14: alerts.owners[0].match: no', 'X: no']);
});
