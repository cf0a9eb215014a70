import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { linesOf } from './input-lines.ts';
import { answerLines, blocksOf, type JsonFields, LineError, textIn } from './lines.ts';

async function* chunks(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const text of texts) yield typeof text === 'string' ? encoder.encode(text) : text;
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const texts = async (...input: readonly (string | Uint8Array)[]): Promise<(string | undefined)[]> =>
  (await all(linesOf(chunks(...input)))).map(({ text }) => text);

describe('lines', () => {
  const cases: readonly (readonly [name: string, input: readonly string[], want: readonly string[]])[] = [
    ['no input', [], []],
    ['one line with its end', ['a\n'], ['a']],
    ['a last line without an end', ['a\nb'], ['a', 'b']],
    ['a line in three chunks', ['a', 'b', 'c\n'], ['abc']],
    ['two ends in one chunk', ['a\n\nb\n'], ['a', '', 'b']],
    ['an end alone in a chunk', ['a', '\n', 'b'], ['a', 'b']],
    ['other line separators stay in the line', ['a\r\u2028b\n'], ['a\r\u2028b']],
  ];
  for (const [name, input, want] of cases) test(name, async () => assert.deepEqual(await texts(...input), want));

  test('lines are numbered from 1', async () => {
    assert.deepEqual(
      (await all(linesOf(chunks('a\nb\n')))).map(({ number }) => number),
      [1, 2],
    );
  });

  test('a character that is cut between two chunks is whole', async () => {
    const bytes = new TextEncoder().encode('é€\n');
    for (let at = 1; at < bytes.length; at += 1)
      assert.deepEqual(await texts(bytes.slice(0, at), bytes.slice(at)), ['é€']);
  });

  test('the same lines come out of any division into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n', ' ') })), async (parts) => {
        const whole = parts.join('');
        assert.deepEqual(await texts(...parts), await texts(whole));
        assert.equal((await texts(whole)).join('\n'), whole.replace(/\n$/, ''));
      }),
    );
  });

  test('a line of more than 16 MiB is dropped, and the next one is read', async () => {
    const mebibytes = 'x'.repeat(1024 * 1024);
    const input = [...Array.from({ length: 17 }, () => mebibytes), '\nshort\n'];
    assert.deepEqual(await texts(...input), [undefined, 'short']);
  });
});

describe('blocks', () => {
  const cases: readonly (readonly [
    name: string,
    charsMax: number,
    input: readonly string[],
    want: readonly string[],
  ])[] = [
    ['a short input is one block', 100, ['a\nb\n'], ['a\nb\n']],
    ['a block ends at the end of a line', 4, ['ab\ncd\nef'], ['ab\ncd\n', 'ef']],
    ['a line longer than a block stays whole', 4, ['abcdefgh', 'ij\nk'], ['abcdefghij\n', 'k']],
    ['no input is no block', 4, [], []],
  ];
  for (const [name, charsMax, input, want] of cases)
    test(name, async () => assert.deepEqual(await all(blocksOf(chunks(...input), charsMax)), want));

  test('no character is lost at any block size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', '\n') }),
        fc.integer({ min: 1, max: 9 }),
        async (text, charsMax) => {
          assert.equal((await all(blocksOf(chunks(text), charsMax))).join(''), text);
        },
      ),
    );
  });
});

describe('answers', () => {
  async function answered(input: string, answer: (fields: JsonFields) => JsonFields) {
    const out: string[] = [];
    const complaints: string[] = [];
    const write = async (text: string): Promise<void> => void out.push(text);
    const code = await answerLines({ input: chunks(input), write, complain: (line) => complaints.push(line) }, answer);
    return { code, out: out.join(''), complaints };
  }

  test('each object has one answer, in order, and empty lines have none', async () => {
    const { code, out } = await answered('{"n":1}\n\n  \n{"n":2}\n', ({ n }) => ({ twice: Number(n) * 2 }));
    assert.equal(code, 0);
    assert.equal(out, '{"twice":2}\n{"twice":4}\n');
  });

  const bad: readonly (readonly [line: string, complaint: string])[] = [
    ['not json', 'line 2: expected one JSON object'],
    ['[1]', 'line 2: expected a JSON object'],
    ['null', 'line 2: expected a JSON object'],
    ['{"n":"x"}', 'line 2: expected a number'],
  ];
  for (const [line, complaint] of bad)
    test(`a bad line costs only itself: ${line}`, async () => {
      const { code, out, complaints } = await answered(`{"n":1}\n${line}\n{"n":3}\n`, ({ n }) => {
        if (typeof n !== 'number') throw new LineError('expected a number');
        return { n };
      });
      assert.equal(code, 1);
      assert.equal(out, '{"n":1}\n{"n":3}\n');
      assert.deepEqual(complaints, [complaint]);
    });

  test('another error is a bug and ends the answers', async () => {
    await assert.rejects(
      answered('{}\n', () => {
        throw new TypeError('bug');
      }),
      TypeError,
    );
  });

  test('more than 256 answers are written in parts', async () => {
    const { out } = await answered('{}\n'.repeat(600), () => ({ ok: true }));
    assert.equal(out.split('\n').length - 1, 600);
  });
});

test('a text field is required as text', () => {
  assert.equal(textIn({ name: 'mail' }, 'name'), 'mail');
  assert.throws(() => textIn({ name: 1 }, 'name'), { message: 'expected "name" as text' });
  assert.throws(() => textIn({}, 'name'), LineError);
});
