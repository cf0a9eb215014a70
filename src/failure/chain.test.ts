import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParsedException } from '../event/python/parsed-exception.ts';
import { parseTraceback } from '../event/python/traceback.ts';
import type { Redacted } from '../event/untrusted.ts';
import { chainOf } from './chain.ts';

const during = '\nDuring handling of the above exception, another exception occurred:\n\n';
const direct = '\nThe above exception was the direct cause of the following exception:\n\n';

interface Raised {
  readonly file?: string;
  readonly name?: string;
  /** The failing line; undefined for a frame without source. */
  readonly line?: string | undefined;
  readonly error: string;
}

function traceback({ file = '/app/depot/a.py', name = 'f', line, error }: Raised): string {
  const source = line === undefined ? '' : `    ${line}\n`;
  return `Traceback (most recent call last):\n  File "${file}", line 3, in ${name}\n${source}${error}\n`;
}

function typesOf(...texts: readonly string[]): string[] {
  const parsed = parseTraceback(texts.join('') as Redacted);
  return chainOf(parsed as ParsedException).map(({ type }) => type);
}

const refused = traceback({ line: 'connect()', error: 'ConnectionError: refused' });

const cases: readonly { readonly name: string; readonly texts: readonly string[]; readonly want: readonly string[] }[] =
  [
    { name: 'an exception without a cause is the whole chain', texts: [refused], want: ['ConnectionError'] },
    {
      name: '`raise … from` names the cause, whatever the class',
      texts: [refused, direct, traceback({ line: 'raise KeyError(1) from error', error: 'KeyError: 1' })],
      want: ['KeyError', 'ConnectionError'],
    },
    {
      name: 'a `raise` in the handler replaces the handled exception',
      texts: [refused, during, traceback({ line: 'raise Failed()', error: 'depot.Failed: no' })],
      want: ['depot.Failed', 'ConnectionError'],
    },
    {
      name: 'a value error raised by the handler itself replaces it too',
      texts: [refused, during, traceback({ line: 'raise ValueError("no")', error: 'ValueError: no' })],
      want: ['ValueError', 'ConnectionError'],
    },
    {
      name: 'a value error raised in a function that the handler calls does not',
      texts: [refused, during, traceback({ name: 'parse', line: 'raise ValueError("no")', error: 'ValueError: no' })],
      want: ['ValueError'],
    },
    {
      name: 'an exception of the project raised in a function that the handler calls replaces it',
      texts: [refused, during, traceback({ name: 'give_up', line: 'raise Failed()', error: 'depot.Failed: no' })],
      want: ['depot.Failed', 'ConnectionError'],
    },
    {
      name: 'a decoder error raised in a function that the handler calls does not',
      texts: [
        refused,
        during,
        traceback({ name: 'load', line: 'raise JSONDecodeError()', error: 'json.JSONDecodeError: x' }),
      ],
      want: ['json.JSONDecodeError'],
    },
    {
      name: 'an error in the handler that no line raises is no consequence',
      texts: [refused, during, traceback({ line: 'log(error.code)', error: 'depot.Broken: no code' })],
      want: ['depot.Broken'],
    },
    {
      name: '`six.reraise` counts as a raise',
      texts: [refused, during, traceback({ line: 'six.reraise(Failed, error)', error: 'depot.Failed: no' })],
      want: ['depot.Failed', 'ConnectionError'],
    },
    {
      name: '`compat.raise_` counts as a raise',
      texts: [refused, during, traceback({ line: 'compat.raise_(Failed())', error: 'depot.Failed: no' })],
      want: ['depot.Failed', 'ConnectionError'],
    },
    {
      name: 'a function with a similar name does not',
      texts: [refused, during, traceback({ line: 'praise(error)', error: 'depot.Failed: no' })],
      want: ['depot.Failed'],
    },
    {
      name: 'without a source line an exception of the interpreter is no consequence',
      texts: [refused, during, traceback({ error: "AttributeError: no 'code'" })],
      want: ['AttributeError'],
    },
    {
      name: 'without a source line any other exception is one',
      texts: [refused, during, traceback({ error: 'depot.Failed: no' })],
      want: ['depot.Failed', 'ConnectionError'],
    },
    {
      name: 'a chain of three ends at the root cause',
      texts: [
        refused,
        direct,
        traceback({ line: 'raise Retried() from error', error: 'depot.Retried: 3' }),
        during,
        traceback({ line: 'raise Failed()', error: 'depot.Failed: no' }),
      ],
      want: ['depot.Failed', 'depot.Retried', 'ConnectionError'],
    },
  ];
for (const { name, texts, want } of cases) test(name, () => assert.deepEqual(typesOf(...texts), want));

test('a handled exception without frames counts as caught by the raising function', () => {
  const handled: ParsedException = { type: 'A' as Redacted, value: '' as Redacted, frames: [], isTruncated: false };
  const parsed = parseTraceback(
    traceback({ name: 'parse', line: 'raise ValueError(1)', error: 'ValueError: 1' }) as Redacted,
  ) as ParsedException;
  assert.deepEqual(
    chainOf({ ...parsed, context: handled }).map(({ type }) => type),
    ['ValueError', 'A'],
  );
});
