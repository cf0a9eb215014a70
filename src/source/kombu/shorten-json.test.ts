import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { shortenJson } from './shorten-json.ts';

const unlimited = { textBytesMax: Number.POSITIVE_INFINITY, nestedBytesMax: Number.POSITIVE_INFINITY };
const small = { textBytesMax: 60, nestedBytesMax: 200 };

/** As `json.dumps` of Python: each character beyond ASCII is an escape. */
function asciiJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escaped);
}

function shortened(value: unknown, limits = small): unknown {
  return JSON.parse(shortenJson(Buffer.from(JSON.stringify(value)), limits));
}

const writers = [JSON.stringify, asciiJson, (value: unknown) => JSON.stringify(value, undefined, 1)];
const anyText = fc.string({ unit: 'binary', maxLength: 200 });
/** Keys with a prefix, because `__proto__` is no plain key in JavaScript. */
const anyKey = anyText.map((text) => `k${text.slice(0, 4)}`);
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, -1.5e300, 0),
    anyText,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(anyKey, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

test('without limits any JSON keeps its meaning', () => {
  fc.assert(
    fc.property(anyValue, fc.constantFrom(...writers), (value, write) => {
      const json = write(value);
      assert.equal(shortenJson(Buffer.from(json), unlimited), json);
    }),
  );
});

test('any event, alone or in an array, keeps its small fields in every order, whatever lies between them', () => {
  const fields = {
    type: 'task-failed',
    uuid: 'a"\\b',
    timestamp: 1.5,
    retries: null,
    exception: "E('é')",
    args: ['x', {}],
  };
  const anyFill = fc.oneof(
    anyText.map((text) => text.repeat(9)),
    fc.array(anyValue, { minLength: 1, maxLength: 40 }),
  );
  fc.assert(
    fc.property(
      fc.shuffledSubarray(Object.entries(fields), { minLength: 6 }),
      fc.array(anyFill, { maxLength: 6 }),
      fc.constantFrom(...writers),
      fc.boolean(),
      (entries, fills, write, isArray) => {
        const event = Object.fromEntries(
          entries.flatMap(([key, value], index) => [
            [`fill${index}`, fills[index]],
            [key, value],
          ]),
        );
        const json = shortenJson(Buffer.from(write(isArray ? [event, event] : event)), small);
        for (const read of [JSON.parse(json)].flat()) {
          for (const [key, value] of entries) assert.deepEqual(read[key], value);
          for (const value of Object.values(read)) assert.ok(Buffer.byteLength(asciiJson(value)) <= 1_300);
        }
      },
    ),
  );
});

describe('a long text', () => {
  test('keeps its start and its end', () => {
    const text = `ValueError: ${'x'.repeat(1_000)} at the end`;
    assert.equal(shortened(text), `ValueError: xxxxxxxx\n[cut: 963 bytes]\n${'x'.repeat(29)} at the end`);
  });
  for (const unit of ['é', '\\', '"', '\n', '\u0000', '😀', '\\u0041', 'a\\'])
    test(`of ${JSON.stringify(unit)} is cut between characters`, () => {
      for (const write of writers)
        for (const offset of ['', 'a', 'ab', 'abc', 'abcde']) {
          const json = shortenJson(Buffer.from(write({ a: offset + unit.repeat(500), b: 1 })), small);
          const read = JSON.parse(json) as { a: string; b: number };
          assert.equal(read.b, 1);
          assert.ok(json.length <= 110, json);
          assert.ok(!read.a.includes('\ufffd'));
          const [head = '', tail = ''] = read.a.split(/\n\[cut: \d+ bytes\]\n/);
          assert.ok((offset + unit.repeat(500)).startsWith(head) && unit.repeat(500).endsWith(tail), read.a);
        }
    });
});

describe('a large value inside an event', () => {
  const numbers = Array.from({ length: 500 }, (_, index) => index);
  const cases = [
    { name: 'an array', value: { id: 1, a: numbers, b: 2 }, want: { id: 1, a: null, b: 2 } },
    { name: 'only the large one of two', value: { a: { b: numbers, c: [1] } }, want: { a: { b: null, c: [1] } } },
    { name: 'an object of small values', value: { a: { ...numbers }, b: 2 }, want: { a: null, b: 2 } },
    { name: 'not the events of an array', value: [{ a: 1, ...numbers }], want: [{ a: 1, ...numbers }] },
  ];
  for (const { name, value, want } of cases)
    test(`becomes null: ${name}`, () => assert.deepEqual(shortened(value), want));

  test('a value nested deeper than any event becomes null', () => {
    for (const [start, end] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = `${start.repeat(1e6)}"]}\\""${end.repeat(1e6)}`;
      const read = JSON.parse(shortenJson(Buffer.from(`{"deep":${deep},"uuid":"a"}`), unlimited));
      assert.equal(read.uuid, 'a');
      assert.ok(JSON.stringify(read.deep).length < 1_000);
    }
  });
});

test('a text that ends early is refused by the parser afterwards', () => {
  const json = JSON.stringify({ a: 'x'.repeat(100), b: ['y\\"', { c: 1 }] });
  for (let length = 1; length < json.length; length += 1) {
    assert.throws(() => JSON.parse(shortenJson(Buffer.from(json.slice(0, length)), small)), SyntaxError);
  }
});

/** CPU time per byte must not grow with the length, also for the texts that are worst for a search from quote to quote. */
test('the cost is linear', () => {
  const fillers = ['x', '\\\\', '\\"', '[', '"",', '{"a":[', '\\u00e9'];
  for (const filler of fillers) {
    const costOf = (length: number) => {
      const body = filler.repeat(length / filler.length);
      const json = Buffer.from(`{"a":${filler.startsWith('\\') || filler === 'x' ? `"${body}"` : `[${body}`}`);
      const start = process.cpuUsage();
      shortenJson(json);
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    costOf(1e6);
    const least = (length: number) => Math.min(costOf(length), costOf(length), costOf(length));
    const [short, long] = [least(1e6), least(8e6)];
    assert.ok(long < 24 * short + 30_000, `${filler}: ${short} us, ${long} us`);
  }
});
