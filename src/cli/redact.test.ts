import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultRedactOptions } from '../../test/fakes/redact-options.ts';
import { defaultModes } from '../redact/field.ts';
import type { RedactOptions } from '../redact/options.ts';
import { redactCommand } from './redact.ts';

interface Settings {
  readonly options?: Partial<RedactOptions>;
  readonly isNdjson?: boolean;
  readonly isExplained?: boolean;
}

async function run(input: string, { options = {}, isNdjson = false, isExplained = false }: Settings = {}) {
  const output: string[] = [];
  const errors: string[] = [];
  const code = await redactCommand({
    options: { ...defaultRedactOptions, ...options },
    isNdjson,
    isExplained,
    input: (async function* () {
      yield Buffer.from(input);
    })(),
    write: async (text) => void output.push(text),
    complain: (line) => void errors.push(line),
  });
  return { code, output: output.join(''), errors };
}

describe('a text', () => {
  test('is written without its secrets', async () => {
    const { code, output, errors } = await run('a=1\npassword=Zebra7x\nto ann@example.com\n');
    assert.equal(output, 'a=1\npassword=[redacted:password]\nto [redacted:email]\n');
    assert.deepEqual([code, errors], [0, []]);
  });

  test('is read with the keys of the configuration', async () => {
    const options = { sensitiveKeys: ['patientRef'], safeKeys: ['token'] };
    assert.equal(
      (await run('patient_ref=7x, token=7x', { options })).output,
      'patient_ref=[redacted:secret], token=7x',
    );
  });

  test('is redacted even if the configuration drops or shows every field', async () => {
    for (const log of ['drop', 'raw', 'shape'] as const)
      assert.equal(
        (await run('password=Zebra7x', { options: { modes: { ...defaultModes, log } } })).output,
        'password=[redacted:password]',
      );
  });

  test('may be longer than the limit of a log field', async () => {
    const text = 'word\n'.repeat(20_000);
    assert.equal((await run(text)).output, text);
  });

  test('is explained by place, kind and rule', async () => {
    const { errors } = await run('a=1\npassword=Zebra7x\n', { isExplained: true });
    assert.deepEqual(errors, ['2:10: password, 7 characters, by its name "password"', 'redacted: 1 password']);
  });

  test('without a secret is explained too', async () => {
    assert.deepEqual((await run('a=1', { isExplained: true })).errors, ['redacted: nothing']);
  });

  test('that cannot be redacted is dropped with exit code 1', async () => {
    const { code, output, errors } = await run(`password=${'['.repeat(100)}`);
    assert.equal(output, '[dropped: redaction failed]');
    assert.deepEqual([code, errors], [1, ['dropped 1 texts that could not be redacted']]);
  });
});

describe('lines of JSON', () => {
  const ndjson = (lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

  test('give one line each, with their id', async () => {
    const input = ndjson([
      { id: 1, field: 'kwargs', text: "{'password': 'Zebra7x'}" },
      { field: 'result', text: "{'token': 'Zebra7x'}" },
    ]);
    const { code, output } = await run(input, { isNdjson: true });
    assert.equal(
      output,
      ndjson([
        { id: 1, text: "{'password': '[redacted:password]'}" },
        { id: null, text: "{'token': '[redacted:token]'}" },
      ]),
    );
    assert.equal(code, 0);
  });

  test('are explained with their id and field', async () => {
    const { errors } = await run(ndjson([{ id: 'a', field: 'args', text: "('x', 'ann@example.com')" }]), {
      isNdjson: true,
      isExplained: true,
    });
    assert.deepEqual(errors, ['"a" args 1:8: email, 15 characters, by its shape', '"a" args: 1 email']);
  });

  test('with an unknown field are reported, and the others are processed', async () => {
    const { code, output, errors } = await run(
      ndjson([
        { id: 1, field: 'headers', text: 'x' },
        { id: 2, field: 'log', text: 'x' },
      ]),
      { isNdjson: true },
    );
    assert.deepEqual(errors, [
      'line 1: expected "field" as one of args, kwargs, result, exception, traceback, name, log',
    ]);
    assert.equal(output, ndjson([{ id: 2, text: 'x' }]));
    assert.equal(code, 1);
  });
});
