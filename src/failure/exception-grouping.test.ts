import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ParsedException } from '../event/python/parsed-exception.ts';
import { parseTraceback } from '../event/python/traceback.ts';
import type { Redacted } from '../event/untrusted.ts';
import { chainGrouping, classNameOf, placesOf } from './exception-grouping.ts';

const task = 'depot.booking.book';

interface Frame {
  readonly file?: string;
  readonly name: string;
  readonly line: string;
}

function exceptionOf(frames: readonly Frame[], error: string): ParsedException {
  const text = frames.map(
    ({ file = '/app/depot/booking.py', name, line }) => `  File "${file}", line 3, in ${name}\n    ${line}\n`,
  );
  const parsed = parseTraceback(`Traceback (most recent call last):\n${text.join('')}${error}\n` as Redacted);
  assert.ok(parsed !== undefined);
  return parsed;
}

const library = '/v/site-packages/requests/api.py';

const names: readonly { readonly name: string; readonly exception: ParsedException; readonly want: string }[] = [
  {
    name: 'a class of the project loses its module',
    exception: exceptionOf([{ name: 'book', line: 'raise errors.Taken()' }], 'depot.errors.Taken: x'),
    want: 'Taken',
  },
  {
    name: 'a reported base class of a library gives way to the class that the library raises',
    exception: exceptionOf(
      [{ file: library, name: 'get', line: 'raise SSLError(e)' }],
      'requests.exceptions.RequestException: x',
    ),
    want: 'SSLError',
  },
  {
    name: 'a reported base class of Python gives way to the class that the project raises',
    exception: exceptionOf([{ name: 'book', line: 'raise errors.Taken(room)' }], 'Exception: x'),
    want: 'Taken',
  },
  {
    name: 'a dotted class of the project is not replaced by the raising line',
    exception: exceptionOf([{ name: 'book', line: 'raise Base(room)' }], 'depot.errors.Taken: x'),
    want: 'Taken',
  },
  {
    name: 'a line that raises a variable names no class',
    exception: exceptionOf([{ name: 'book', line: 'raise error' }], 'ValueError: x'),
    want: 'ValueError',
  },
  {
    name: 're.error has one name in all Python versions',
    exception: exceptionOf([{ name: 'book', line: 'compile(p)' }], 're.error: x'),
    want: 'PatternError',
  },
  {
    name: 'socket.timeout has one name in all Python versions',
    exception: exceptionOf([{ name: 'book', line: 'read()' }], 'socket.timeout: x'),
    want: 'TimeoutError',
  },
];
for (const { name, exception, want } of names) test(name, () => assert.equal(classNameOf(exception, task), want));

test('places are module and function', () => {
  assert.deepEqual(placesOf([{ module: 'depot.rooms', function: 'reserve', source: 'x' }]), ['depot.rooms:reserve']);
});

const details: readonly { readonly name: string; readonly exception: ParsedException; readonly want: unknown }[] = [
  {
    name: 'a line that builds and raises the exception stands for the message',
    exception: exceptionOf([{ name: 'book', line: 'raise Taken(f"room {n}")' }], 'depot.errors.Taken: room 12'),
    want: ['raise Taken(f"room {n}")'],
  },
  {
    name: 'a raise behind a condition counts too',
    exception: exceptionOf([{ name: 'book', line: 'if n:   raise Taken(n)' }], 'depot.errors.Taken: room 12'),
    want: ['if n: raise Taken(n)'],
  },
  {
    name: 'a line that raises with a chosen text gives way to that text',
    exception: exceptionOf([{ name: 'book', line: 'raise Taken(message)' }], 'depot.errors.Taken: room 12'),
    want: ['room <…>', 'raise'],
  },
  {
    name: 'a line that raises with a text of an answer gives way to that text',
    exception: exceptionOf([{ name: 'book', line: 'raise Taken(body["message"])' }], 'depot.errors.Taken: full'),
    want: ['full', 'raise'],
  },
  {
    name: 'any other line gives way to the message, and its quoted words stay if the line contains them',
    exception: exceptionOf([{ name: 'book', line: 'room["floor"]' }], "KeyError: 'floor'"),
    want: ["'floor'", ''],
  },
  {
    name: 'a quoted word that the line does not contain is a value',
    exception: exceptionOf([{ name: 'book', line: 'room = rooms[number]' }], "KeyError: 'B12'"),
    want: ['<…>', 'room'],
  },
  {
    name: 'the line of the caller is part of the group',
    exception: exceptionOf(
      [
        { name: 'book', line: 'read(rooms)' },
        { name: 'read', line: 'return rooms[number]' },
      ],
      "KeyError: 'B12'",
    ),
    want: ['<…>', 'return', 'read(rooms)'],
  },
  {
    name: 'the message of a decoder describes the data and does not count',
    exception: exceptionOf(
      [{ name: 'book', line: 'json.loads(text)' }],
      'json.decoder.JSONDecodeError: Expecting value: line 1',
    ),
    want: ['json.loads'],
  },
];
for (const { name, exception, want } of details) {
  test(name, () => {
    const [part] = chainGrouping(exception, task) as unknown as [readonly unknown[]];
    assert.deepEqual(part[3], want);
  });
}

test('two statements of one function with one general message are two groups, whatever is edited to their right', () => {
  const general = [
    "TypeError: 'NoneType' object is not subscriptable",
    'IndexError: list index out of range',
    "TypeError: unsupported operand type(s) for +: 'int' and 'NoneType'",
    'ZeroDivisionError: division by zero',
    'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
  ];
  const heads = ['total =', 'rows[key] =', 'return', 'rooms.append', 'if', 'for room in', 'a, b ='];
  const line = (head: string, right: string): string =>
    head.endsWith('append')
      ? `${head}(${right})`
      : head === 'if' || head.startsWith('for')
        ? `${head} ${right}:`
        : `${head} ${right}`;
  const right = fc.constantFrom('order["n"][0]', 'load(order, n)', 'int(order.n) + 1', 'n / order["n"]');
  const groupOf = (error: string, source: string): unknown =>
    chainGrouping(exceptionOf([{ name: 'book', line: source }], error), task);
  fc.assert(
    fc.property(
      fc.constantFrom(...general),
      fc.uniqueArray(fc.constantFrom(...heads), { minLength: 2, maxLength: 2 }),
      fc.tuple(right, right),
      (error, [one = '', other = ''], [before, after]) => {
        assert.deepEqual(groupOf(error, line(one, before)), groupOf(error, line(one, after)));
        assert.notDeepEqual(groupOf(error, line(one, before)), groupOf(error, line(other, before)));
      },
    ),
  );
});

test('two statements that lead to one failing line through the same functions are two groups', () => {
  const through = (statement: string): unknown =>
    chainGrouping(
      exceptionOf(
        [
          { name: 'book', line: statement },
          { name: 'fetch', line: 'return read(rooms, number)' },
          { name: 'read', line: 'return rooms[number]' },
        ],
        "KeyError: 'B12'",
      ),
      task,
    );
  assert.notDeepEqual(through('first = fetch(rooms, 1)'), through('second = fetch(rooms, 2)'));
  assert.deepEqual(through('first = fetch(rooms, 1)'), through('first = fetch(rooms, number + 1)'));
});

test('without frames of the project the task name and the message stand in', () => {
  const exception = exceptionOf(
    [{ file: library, name: 'get', line: 'fail()' }],
    'requests.exceptions.HTTPError: 404 for 7',
  );
  const [name, [type, places, , detail]] = chainGrouping(exception, task) as unknown as [string, readonly unknown[]];
  assert.deepEqual([name, type, places, detail], [task, 'HTTPError', [], ['<…> for <…>']]);
});

test('of a library exception below the project only the codes count', () => {
  const cause = exceptionOf(
    [{ file: library, name: 'get', line: 'fail()' }],
    'requests.exceptions.HTTPError: HTTP Error 503',
  );
  const exception = { ...exceptionOf([{ name: 'book', line: 'raise Failed()' }], 'depot.Failed: x'), cause };
  assert.deepEqual(chainGrouping(exception, task).at(-1), ['503']);
  assert.equal(chainGrouping({ ...exception, cause: { ...cause, value: '' as Redacted } }, task).length, 1);
});

test('the members of a group count once each, in any order', () => {
  const member = (error: string): ParsedException => exceptionOf([{ name: 'book', line: 'pick(x)' }], error);
  const group = (...exceptions: readonly ParsedException[]): unknown =>
    chainGrouping({ ...exceptionOf([{ name: 'book', line: 'run()' }], 'ExceptionGroup: x'), exceptions }, task);
  const [one, other] = [member('KeyError: 1'), member('depot.Failed: x')];
  assert.deepEqual(group(one, other), group(other, one, one));
  assert.notDeepEqual(group(one), group(one, other));
});
