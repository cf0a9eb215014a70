import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Path, parseConfigDocument } from './document.ts';

const text = `# a comment
mode: standalone
alerts:
  owners:
    - match: { task: a }
      channel: "#a"
list: [1, 2]
`;

const places: readonly (readonly [path: Path, value: string, key: string])[] = [
  [['mode'], '2:7', '2:1'],
  [['alerts', 'owners'], '5:5', '4:3'],
  [['alerts', 'owners', 0, 'match', 'task'], '5:22', '5:16'],
  [['alerts', 'owners', 0, 'channel'], '6:16', '6:7'],
  [['alerts', 'owners', 0, 'absent'], '5:7', '5:7'],
  [['alerts', 'owners', 7], '5:5', '5:5'],
  [['list', 1], '7:11', '7:7'],
  [['absent'], '2:1', '2:1'],
  [[], '2:1', '2:1'],
];
for (const [path, value, key] of places) {
  test(`${path.join('.') || 'the whole file'} is at ${value}, its key at ${key}`, () => {
    const document = parseConfigDocument(text);
    const [ofValue, ofKey] = [document.placeOf(path), document.placeOfKey(path)];
    assert.deepEqual([`${ofValue.line}:${ofValue.column}`, `${ofKey.line}:${ofKey.column}`], [value, key]);
  });
}

const values: readonly (readonly [title: string, text: string, want: unknown])[] = [
  ['an empty text', '', {}],
  ['a comment only', '# nothing', {}],
  ['null', 'null', {}],
  ['numbers, booleans, lists', 'a: 1\nb: true\nc: [x, null]', { a: 1, b: true, c: ['x', null] }],
  ['words that only YAML 1.1 reads as booleans', 'a: on\nb: no', { a: 'on', b: 'no' }],
  ['an alias', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
];
for (const [title, source, want] of values) {
  test(`values of ${title}`, () => {
    const document = parseConfigDocument(source);
    assert.deepEqual([document.values, document.problems], [want, []]);
  });
}

const bad: readonly (readonly [title: string, text: string, want: string])[] = [
  ['a list', '- a', '1:1: expected keys with values, like "mode: standalone"'],
  ['a single text', 'canary', '1:1: expected keys with values, like "mode: standalone"'],
  ['a repeated key', 'a: 1\na: 2', '2:1: expected every key once, got this one twice'],
  ['a tab', 'a:\n\tb: 1', '2:1: expected spaces, got a tab'],
  ['an open quote', 'a: "canary', '1:11: expected a closing quote, bracket or colon'],
  ['two documents', 'a: 1\n---\nb: 2', '2:1: expected one YAML document, got several'],
  ['a tag', 'a: !canary 1', '1:4: expected no YAML tags'],
  [
    'a character that needs quotes',
    'a: @canary',
    '1:4: expected a quoted text: this character cannot begin a plain one',
  ],
  ['a key that is a list', '? [canary]\n: 1', '1:3: expected a text as the key'],
  ['a glob without quotes', 'a: *canary', '1:4: expected a quoted text: a leading "*" is an alias in YAML'],
  ['an alias of itself', 'a: &x { b: *x }', '1:12: expected an alias of something else, this one holds itself'],
];
for (const [title, source, want] of bad) {
  test(`${title} is refused without a quotation`, () => {
    const { problems, values: read } = parseConfigDocument(source);
    assert.deepEqual(read, {});
    assert.deepEqual(`${problems[0]?.line}:${problems[0]?.column}: ${problems[0]?.message}`, want);
    assert.doesNotMatch(JSON.stringify(problems), /canary/);
  });
}

const aliases = (count: number): string => `a: &x 1\nb: [${Array(count).fill('*x').join(', ')}]`;

for (const [count, isAccepted] of [
  [100, true],
  [101, false],
] as const) {
  test(`${count} uses of aliases are ${isAccepted ? 'accepted' : 'refused'}`, () => {
    const { problems } = parseConfigDocument(aliases(count));
    assert.deepEqual(
      problems.map(({ message }) => message),
      isAccepted ? [] : ['expected at most 100 uses of aliases'],
    );
  });
}

for (const [chars, want] of [
  [1_048_576, []],
  [1_048_577, ['expected at most 1048576 characters, got 1048577']],
] as const) {
  test(`a file of ${chars} characters is ${want.length === 0 ? 'accepted' : 'refused'}`, () => {
    const { problems } = parseConfigDocument(`a: 1 #${' '.repeat(chars - 6)}`);
    assert.deepEqual(
      problems.map(({ message }) => message),
      want,
    );
  });
}
