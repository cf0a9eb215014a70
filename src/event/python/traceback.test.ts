import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Redacted } from '../untrusted.ts';
import type { ParsedException } from './parsed-exception.ts';
import { parseTraceback } from './traceback.ts';

const parse = (text: string): ParsedException | undefined => parseTraceback(text as Redacted);

/** An exception in one line per fact, so that a case shows what was read. */
function outline(exception: ParsedException | undefined, indent = ''): string[] {
  if (exception === undefined) return [`${indent}nothing`];
  const { type, value, frames, cause, context, exceptions, syntax, isTruncated } = exception;
  return [
    `${indent}${type}: ${JSON.stringify(value)}${isTruncated ? ' truncated' : ''}`,
    ...frames.map((frame) => {
      const repeat = frame.repeat === undefined ? '' : ` x${frame.repeat + 1}`;
      return `${indent}  ${frame.file}:${frame.line} ${frame.function} | ${frame.source ?? '-'}${repeat}`;
    }),
    ...(syntax === undefined ? [] : [`${indent}  at ${syntax.file}:${syntax.line} | ${syntax.text ?? '-'}`]),
    ...(cause === undefined ? [] : [`${indent}from`, ...outline(cause, `${indent}  `)]),
    ...(context === undefined ? [] : [`${indent}during`, ...outline(context, `${indent}  `)]),
    ...(exceptions ?? []).flatMap((member) => [`${indent}member`, ...outline(member, `${indent}  `)]),
  ];
}

const cases = [
  {
    name: 'reads type, message and frames',
    text: `Traceback (most recent call last):
  File "/opt/depot/rooms/booking.py", line 12, in book
    room = rooms[number]
           ~~~~~^^^^^^^^
KeyError: 'B-12'
`,
    want: [`KeyError: "'B-12'"`, '  /opt/depot/rooms/booking.py:12 book | room = rooms[number]'],
  },
  {
    name: 'reads an exception without message, a frame without source and a Windows path',
    text: `Traceback (most recent call last):
  File "C:\\depot\\booking.py", line 3, in check
AssertionError`,
    want: ['AssertionError: ""', '  C:\\depot\\booking.py:3 check | -'],
  },
  {
    name: 'takes the first line of a statement of several lines, carets or not',
    text: `Traceback (most recent call last):
  File "/opt/depot/a.py", line 5, in run
    result = send(
        first,
    ...<2 lines>...
    )
  File "/opt/depot/b.py", line 9, in send
    return door.open(key)
           ~~~~~~~~~^^^^^
depot.errors.Locked: door 3`,
    want: [
      'depot.errors.Locked: "door 3"',
      '  /opt/depot/a.py:5 run | result = send(',
      '  /opt/depot/b.py:9 send | return door.open(key)',
    ],
  },
  {
    name: 'counts repeated frames',
    text: `Traceback (most recent call last):
  File "/opt/depot/tree.py", line 4, in walk
    return walk(node.parent)
  [Previous line repeated 977 more times]
RecursionError: maximum recursion depth exceeded`,
    want: [
      'RecursionError: "maximum recursion depth exceeded"',
      '  /opt/depot/tree.py:4 walk | return walk(node.parent) x978',
    ],
  },
  {
    name: 'keeps a message of many lines and the notes after it',
    text: `Traceback (most recent call last):
  File "/opt/depot/a.py", line 1, in run
    check(form)
depot.errors.Invalid: 2 fields

  name: too long
note: form 7
`,
    want: [
      'depot.errors.Invalid: "2 fields\\n\\n  name: too long\\nnote: form 7"',
      '  /opt/depot/a.py:1 run | check(form)',
    ],
  },
  {
    name: 'chains a cause and a context, outermost first',
    text: `Traceback (most recent call last):
  File "/opt/depot/a.py", line 1, in read
    int(text)
ValueError: invalid literal

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/opt/depot/a.py", line 3, in read
    raise Unreadable(name)
depot.errors.Unreadable: list 4

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/opt/depot/b.py", line 8, in load
    raise Failed() from error
depot.errors.Failed
`,
    want: [
      'depot.errors.Failed: ""',
      '  /opt/depot/b.py:8 load | raise Failed() from error',
      'from',
      '  depot.errors.Unreadable: "list 4"',
      '    /opt/depot/a.py:3 read | raise Unreadable(name)',
      '  during',
      '    ValueError: "invalid literal"',
      '      /opt/depot/a.py:1 read | int(text)',
    ],
  },
  {
    name: 'leaves a traceback that a message quotes in the message',
    text: `Traceback (most recent call last):
  File "/opt/depot/a.py", line 1, in run
    raise Remote(text)
depot.errors.Remote: other side said
Traceback (most recent call last):
  File "/other.py", line 2, in f
TypeError: no`,
    want: [
      'depot.errors.Remote: "other side said\\nTraceback (most recent call last):\\n  File \\"/other.py\\", line 2, in f\\nTypeError: no"',
      '  /opt/depot/a.py:1 run | raise Remote(text)',
    ],
  },
  {
    name: 'leaves a chain that another process sent, in triple quotes, in the message',
    text: `pool.RemoteTraceback: 
"""
Traceback (most recent call last):
  File "/p.py", line 1, in f
KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/p.py", line 2, in f
TypeError: no
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/opt/depot/a.py", line 1, in run
    pool.map(f)
TypeError: no`,
    want: [
      'TypeError: "no"',
      '  /opt/depot/a.py:1 run | pool.map(f)',
      'from',
      `  pool.RemoteTraceback: ${JSON.stringify(`
"""
Traceback (most recent call last):
  File "/p.py", line 1, in f
KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/p.py", line 2, in f
TypeError: no
"""`)}`,
    ],
  },
  {
    name: 'reads where a syntax error points to',
    text: `Traceback (most recent call last):
  File "/opt/depot/rules.py", line 7, in load
    return eval(rule)
  File "<string>", line 1
    price * * 2
            ^
SyntaxError: invalid syntax`,
    want: [
      'SyntaxError: "invalid syntax"',
      '  /opt/depot/rules.py:7 load | return eval(rule)',
      '  at <string>:1 | price * * 2',
    ],
  },
  {
    name: 'reads a group in a group, and a member with a cause',
    text: `  + Exception Group Traceback (most recent call last):
  |   File "/opt/depot/a.py", line 1, in run
  |     await all()
  | ExceptionGroup: outer (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/opt/depot/b.py", line 2, in one
    |     raise A
    | A: first
    | 
    | The above exception was the direct cause of the following exception:
    | 
    | Traceback (most recent call last):
    |   File "/opt/depot/b.py", line 4, in one
    |     raise B from a
    | B: second
    +---------------- 2 ----------------
    | ExceptionGroup: inner (2 sub-exceptions)
    +-+---------------- 1 ----------------
      | ValueError: x
      | of two lines
      +---------------- 2 ----------------
      | TypeError
      +------------------------------------
`,
    want: [
      'ExceptionGroup: "outer (2 sub-exceptions)"',
      '  /opt/depot/a.py:1 run | await all()',
      'member',
      '  B: "second"',
      '    /opt/depot/b.py:4 one | raise B from a',
      '  from',
      '    A: "first"',
      '      /opt/depot/b.py:2 one | raise A',
      'member',
      '  ExceptionGroup: "inner (2 sub-exceptions)"',
      '  member',
      '    ValueError: "x\\nof two lines"',
      '  member',
      '    TypeError: ""',
    ],
  },
  {
    name: 'reads a group that was the cause of a plain exception',
    text: `  + Exception Group Traceback (most recent call last):
  |   File "/opt/depot/a.py", line 1, in run
  |     await all()
  | ExceptionGroup: many (1 sub-exception)
  +-+---------------- 1 ----------------
    | OSError: gone
    +------------------------------------

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/opt/depot/a.py", line 3, in run
    raise Failed from group
Failed`,
    want: [
      'Failed: ""',
      '  /opt/depot/a.py:3 run | raise Failed from group',
      'from',
      '  ExceptionGroup: "many (1 sub-exception)"',
      '    /opt/depot/a.py:1 run | await all()',
      '  member',
      '    OSError: "gone"',
    ],
  },
  {
    name: 'reads local classes and letters of any alphabet',
    text: `Traceback (most recent call last):
  File "/opt/depot/a.py", line 1, in öffnen
    tür()
depot.make.<locals>.Größe: zu groß`,
    want: ['depot.make.<locals>.Größe: "zu groß"', '  /opt/depot/a.py:1 öffnen | tür()'],
  },
  {
    name: 'keeps the frames of a cut text and marks it as truncated',
    text: `Traceback (most recent call last):
  File "/opt/depot/a.py", line 1, in run
    go()
  File "/opt/dep`,
    want: [': "" truncated', '  /opt/depot/a.py:1 run | go()'],
  },
  {
    name: 'keeps what came before a chain that was cut',
    text: `Traceback (most recent call last):
  File "/opt/depot/a.py", line 1, in run
    go()
TypeError: no

During handling of the above exception, another exception occurred:

`,
    want: ['TypeError: "no" truncated', '  /opt/depot/a.py:1 run | go()'],
  },
  {
    name: 'reads on where the beginning was cut',
    text: `    lost line
  File "/opt/depot/a.py", line 1, in run
    go()
TypeError: no`,
    want: ['TypeError: "no"', '  /opt/depot/a.py:1 run | go()'],
  },
  {
    name: "takes billiard's mark for frames that it left out",
    text: `Traceback (most recent call last):
  File "/opt/depot/a.py", line 1, in run
    go()
  File "...", line -1, in [rest of traceback truncated]
RecursionError: too deep`,
    want: ['RecursionError: "too deep" truncated', '  /opt/depot/a.py:1 run | go()'],
  },
  {
    name: 'reads lines that end in CR LF',
    text: 'Traceback (most recent call last):\r\n  File "a.py", line 1, in f\r\nKeyError: 1\r\n',
    want: ['KeyError: "1"', '  a.py:1 f | -'],
  },
  {
    name: 'keeps line ends of other kinds in the message',
    text: 'Traceback (most recent call last):\n  File "a.py", line 1, in f\ndepot.Failed: 10%\r20%\u2028stop\n',
    want: [`depot.Failed: ${JSON.stringify('10%\r20%\u2028stop')}`, '  a.py:1 f | -'],
  },
  {
    name: "takes a group's margin out of a message with such line ends",
    text: `  | ExceptionGroup: one (1 sub-exception)
  +-+---------------- 1 ----------------
    | depot.Failed: 10%\r    | 20% | 30%
    +------------------------------------
`,
    want: ['ExceptionGroup: "one (1 sub-exception)"', 'member', '  depot.Failed: "10%\\r20% | 30%"'],
  },
  { name: 'takes no prose for an exception', text: 'the worker went away', want: ['nothing'] },
  { name: 'takes no empty text for an exception', text: '', want: ['nothing'] },
];
for (const { name, text, want } of cases) test(name, () => assert.deepEqual(outline(parse(text)), want));

const word = fc.stringMatching(/^[a-z]{1,8}$/);
const frame = fc.record(
  { file: word, line: fc.integer({ min: 1, max: 9_999 }), function: word, source: word },
  { noNullPrototype: true },
);
const raised = fc.record({
  type: word,
  value: fc.array(word, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n')),
  frames: fc.array(frame, { maxLength: 5 }),
});

test('what Python would print is read back, whatever the chain', () => {
  const chains = fc.array(fc.record({ one: raised, isCause: fc.boolean() }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(chains, (chain) => {
      const text = chain
        .map(({ one, isCause }, index) => (index === 0 ? '' : isCause ? causeLine : contextLine) + print(one))
        .join('');
      const want = chain.reduce<ParsedException | undefined>((inner, { one, isCause }) => {
        const outer = { ...one, isTruncated: false } as unknown as ParsedException;
        return inner === undefined ? outer : { ...outer, [isCause ? 'cause' : 'context']: inner };
      }, undefined);
      assert.deepEqual(parse(text), want);
    }),
  );
});

const causeLine = '\nThe above exception was the direct cause of the following exception:\n\n';
const contextLine = '\nDuring handling of the above exception, another exception occurred:\n\n';

interface Raised {
  readonly type: string;
  readonly value: string;
  readonly frames: readonly { file: string; line: number; function: string; source: string }[];
}

function print({ type, value, frames }: Raised): string {
  const stack = frames.map((one) => `  File "${one.file}", line ${one.line}, in ${one.function}\n    ${one.source}\n`);
  return `Traceback (most recent call last):\n${stack.join('')}${type}: ${value}\n`;
}

test('no text, cut or shuffled anywhere, makes it throw or invent text', () => {
  const texts = cases.map(({ text }) => text);
  const pieces = fc.array(
    fc
      .tuple(fc.constantFrom(...texts), fc.nat(400), fc.nat(400))
      .map(([text, from, length]) => text.slice(from, from + length)),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        pieces.map((parts) => parts.join('\n')),
      ),
      (text) => {
        const withoutReturns = (part: string) => part.replace(/\r(?: *\| )?/g, '');
        const lines = withoutReturns(text);
        for (const one of everyException(parse(text))) {
          assert(text.includes(one.type));
          for (const { file, source } of one.frames) assert(lines.includes(file) && lines.includes(source ?? ''));
          for (const line of withoutReturns(one.value).split('\n')) assert(lines.includes(line));
        }
      },
    ),
    { numRuns: 300 },
  );
});

function everyException(exception: ParsedException | undefined): ParsedException[] {
  if (exception === undefined) return [];
  const inner = [exception.cause, exception.context, ...(exception.exceptions ?? [])];
  return [exception, ...inner.flatMap(everyException)];
}

test('keeps the first and the last of very many frames', () => {
  const frames = Array.from({ length: 5_000 }, (_, index) => `  File "a.py", line ${index}, in f${index}\n`);
  const parsed = parse(`Traceback (most recent call last):\n${frames.join('')}E: x`);
  assert.equal(parsed?.frames.length, 400);
  assert.equal(parsed?.frames[0]?.function, 'f0');
  assert.equal(parsed?.frames.at(-1)?.function, 'f4999');
  assert.equal(parsed?.isTruncated, true);
});

test('reads the end of a text that is too long, for the end names the exception', () => {
  const frames = Array.from({ length: 20_000 }, (_, index) => `  File "a.py", line ${index}, in f\n    go()\n`);
  const parsed = parse(`Traceback (most recent call last):\n${frames.join('')}E: x`);
  assert.equal(parsed?.type, 'E');
  assert.equal(parsed?.isTruncated, true);
});

test('keeps the outermost exceptions of a very long chain', () => {
  const chain = Array.from({ length: 1_000 }, (_, index) => `Traceback (most recent call last):\nE${index}: x\n`);
  let depth = 0;
  let at = parse(chain.join(contextLine));
  assert.equal(at?.type, 'E999');
  for (; at !== undefined; at = at.context) depth += 1;
  assert.equal(depth, 32);
});

test('stops reading groups below the depth that Python prints', () => {
  const levels = Array.from({ length: 40 }, (_, index) => {
    const margin = ' '.repeat(2 * (index + 1));
    return `${margin}| ExceptionGroup: ${index}\n${margin}+-+---------------- 1 ----------------\n`;
  });
  let depth = 0;
  for (let at = parse(levels.join('')); at !== undefined; at = at.exceptions?.[0]) depth += 1;
  assert.equal(depth, 11);
});

const header = 'Traceback (most recent call last):';
const cause = causeLine.trim();
const during = contextLine.trim();

test('a quoted traceback ends at its quotes, not at a source line that ends in some', () => {
  const inner = `${header}\n  File "/app/a.py", line 1, in f\n    cursor.execute("""\nKeyError: 1\n\n${during}\n\n${header}\n  File "/app/a.py", line 2, in g\n    raise X\nX: 2\n`;
  const text = `pool.RemoteTraceback: \n"""\n${inner}"""\n\n${cause}\n\n${header}\n  File "/app/b.py", line 9, in h\n    get()\nX: 2\n`;
  const parsed = parseTraceback(text as Redacted);
  assert.equal(parsed?.type, 'X');
  assert.equal(parsed?.cause?.type, 'pool.RemoteTraceback');
  assert.equal(parsed?.cause?.value, `\n"""\n${inner}"""`);
  assert.equal(parsed?.cause?.context, undefined);
});

test('a carriage return in a message is its own, where the text has none at its ends of line', () => {
  const text = `${header}\n  File "/app/a.py", line 1, in f\n    go()\nValueError: a\r\nb\n`;
  assert.equal(parseTraceback(text as Redacted)?.value, 'a\r\nb');
});

test('words of a link, with no exception behind them, are part of the message', () => {
  const text = `${header}\n  File "/app/a.py", line 1, in f\n    go()\nValueError: a\n\n${during}\n\nas the log says\n`;
  assert.equal(parseTraceback(text as Redacted)?.value, `a\n\n${during}\n\nas the log says`);
});

test('the exception is read when nothing but the end of the text is left', () => {
  const parsed = parseTraceback('    ^^^^^^\nshop.errors.Gone: order 7\n' as Redacted);
  assert.equal(parsed?.type, 'shop.errors.Gone');
  assert.equal(parsed?.value, 'order 7');
});
