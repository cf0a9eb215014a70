import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tracebackParts } from './traceback-parts.ts';

/** The parts as `source: …` and `text: …`, without line ends at their ends. */
const partsOf = (text: string): string[] =>
  tracebackParts(text)
    .map(({ context, from, to }) => `${context}: ${text.slice(from, to).trim()}`)
    .filter((part) => !part.endsWith(': '));

const frame = '  File "/app/shop.py", line 12, in pay\n';
const header = 'Traceback (most recent call last):\n';

describe('the parts to scan', () => {
  test('are the source lines and the messages', () => {
    assert.deepEqual(partsOf(`${header}${frame}    connect(pw)\nshop.Refused: no\nway\n`), [
      'source: connect(pw)',
      'text: shop.Refused: no\nway',
    ]);
  });

  test('leave out carets and headers of chained exceptions', () => {
    const text = `${header}${frame}    a(b)\n    ^^^^\nshop.E: one\n\nDuring handling of the above exception, another exception occurred:\n\n${header}${frame}shop.F: two\n`;
    assert.deepEqual(partsOf(text), ['source: a(b)', 'text: shop.E: one', 'text: shop.F: two']);
  });

  test('leave out the margins of exception groups', () => {
    const text = [
      '  + Exception Group Traceback (most recent call last):',
      '  |   File "/app/shop.py", line 14, in pay',
      '  |     raise group',
      '  | ExceptionGroup: two (2 sub-exceptions)',
      '  +-+---------------- 1 ----------------',
      '    | ValueError: no',
      '    +------------------------------------',
    ].join('\n');
    assert.deepEqual(partsOf(text), [
      'source: |     raise group',
      'text: | ExceptionGroup: two (2 sub-exceptions)',
      'text: | ValueError: no',
    ]);
  });

  test('are one message in a text without a traceback', () => {
    assert.deepEqual(partsOf('password=x\nmore'), ['text: password=x\nmore']);
    assert.deepEqual(partsOf(''), []);
  });

  test('cover every character that is no skeleton', () => {
    const text = `log line\n${header}${frame}    a\n    b\nshop.E: x`;
    const covered = tracebackParts(text).map(({ from, to }) => text.slice(from, to));
    assert.equal(covered.join(''), 'log line\n    a    bshop.E: x');
  });
});

describe('a line that only resembles a frame is a message', () => {
  const lines = [
    '  File "x", line 3, in y password=z',
    '  File "x", line three, in y',
    '  File x, line 3',
    `  File "${'a'.repeat(1_400)}", line 3, in y`,
    'Traceback (most recent call last): password=z',
  ];
  for (const line of lines) test(line.slice(0, 60), () => assert.deepEqual(partsOf(line), [`text: ${line.trim()}`]));
});

describe('a frame is spared in every form', () => {
  const lines = [
    '  File "/app/x.py", line 3, in <module>',
    '  File "/app/x.py", line 3',
    '  | File "/app/x.py", line 3, in go',
    '  File "C:\\app\\x.py", line 3, in Größe.go',
    '    [Previous line repeated 3 more times]',
    '    [Previous line repeated 1 more time]',
    '    ... and 2 more exceptions',
  ];
  for (const line of lines) test(line, () => assert.deepEqual(partsOf(line), []));
});
