/** Plain, standard English in every comment, page and text: the checker itself, and the whole repository. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkedFiles, commentsOf, languageProblems, paragraphsOf, proseProblems, textsOf } from './language.ts';

const bad: readonly (readonly [text: string, found: RegExp])[] = [
  ['What the store holds.', /starts with "What"/],
  ['Whoever holds the lease posts.', /starts with "Whoever"/],
  ['So long the lease is valid.', /starts with "So long"/],
  ['Of several instances one exports.', /starts with "Of several"/],
  ['It is bounded.', /starts with "It"/],
  ['Nobody reads the queue.', /Nobody/],
  ['The channel is told of the incident.', /told/],
  ['Messages that were heard twice.', /heard/],
  ['The interval in which the source was deaf.', /deaf/],
  ['The page says how many.', /says/],
];

const good = [
  'A closed incident keeps its id for the longest detection window.',
  'Whatsoever-like prefixes of longer words do not count: Whole, Itself, Sold.',
  'The word `told` in code is a name, and "nobody" in quotes is an example.',
  'Returns undefined if the task has no name.',
];

test('sentences without a subject and words of the old dialect are found', () => {
  for (const [text, found] of bad)
    assert.match(
      proseProblems(text)
        .map(({ what }) => what)
        .join('; '),
      found,
      text,
    );
});

test('plain sentences are accepted', () => {
  for (const text of good) assert.deepEqual(proseProblems(text), [], text);
});

test('comments are found with the line they start on', () => {
  const source = [
    '/** First.',
    ' * Second line.',
    ' *',
    ' * New paragraph. */',
    'const a = 1; // After code.',
    '',
    '// One',
    '// two.',
    "const url = 'http://x';",
  ];
  assert.deepEqual(commentsOf(source.join('\n')), [
    { line: 1, text: 'First. Second line.' },
    { line: 4, text: 'New paragraph.' },
    { line: 5, text: 'After code.' },
    { line: 7, text: 'One two.' },
  ]);
});

test('paragraphs, headings, items and cells of a page are found, code is not', () => {
  const page = ['# A title', '', 'One', 'two.', '- An item', '| a cell | b |', '```', 'What is code?', '```', 'Last.'];
  assert.deepEqual(
    paragraphsOf(page.join('\n')).filter(({ text }) => text !== ''),
    [
      { line: 1, text: 'A title' },
      { line: 3, text: 'One two.' },
      { line: 5, text: 'An item' },
      { line: 6, text: 'a cell' },
      { line: 6, text: 'b' },
      { line: 10, text: 'Last.' },
    ],
  );
});

test('texts of at least three words are found in source files, short literals and imports are not', () => {
  const source = [
    "import x from './what it is.ts';",
    "const a = 'no-such-key';",
    "fail('the queue is full');",
    'report(`tasks are lost now`);',
  ];
  assert.deepEqual(
    textsOf(source.join('\n')).map(({ text }) => text),
    ['the queue is full', 'tasks are lost now'],
  );
});

test('every comment, page and text of the repository is plain English', () => {
  const root = new URL('../', import.meta.url).pathname;
  const problems = checkedFiles
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((path) => !path.startsWith('test/language'))
    .flatMap((path) =>
      languageProblems(path, readFileSync(`${root}${path}`, 'utf8')).map(
        ({ line, what, text }) => `${path}:${line}: ${what}\n    ${text.slice(0, 120)}`,
      ),
    );
  const shown = problems.slice(0, 20).join('\n  ');
  assert.equal(problems.length, 0, `${problems.length} places, see CONTRIBUTING.md:\n  ${shown}`);
});
