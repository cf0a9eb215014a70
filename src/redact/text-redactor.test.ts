import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultRedactOptions } from '../../test/fakes/redact-options.ts';
import type { TaskId } from '../event/ids.ts';
import { defaultCharsMax, type Treatment } from './field.ts';
import { KeyNames } from './names/key-names.ts';
import { OperatorDetector } from './operator-rules.ts';
import type { RedactOptions } from './options.ts';
import { Taint } from './taint.ts';
import { TextRedactor, type TextRedactorParts } from './text-redactor.ts';

const id = 't1' as TaskId;

/** A redactor whose only detector finds the words that start with `x-`. */
function textRedactor(options: Partial<RedactOptions> = {}, parts: Partial<TextRedactorParts> = {}) {
  const reports: string[] = [];
  const all: RedactOptions = {
    ...defaultRedactOptions,
    ...options,
    onRedacted: (field, kind, count) => reports.push(`${field} ${kind} ${count}`),
    onFailed: (field, reason) => reports.push(`${field} failed ${reason}`),
  };
  const taint = new Taint();
  const redactor = new TextRedactor({
    options: all,
    names: new KeyNames(all),
    taint,
    operator: new OperatorDetector(all),
    detect: (_, text, found) => {
      for (const match of text.matchAll(/x-[\w-]+/g))
        found.push({ from: match.index, to: match.index + match[0].length, kind: 'token' });
    },
    ...parts,
  });
  return { redactor, reports, taint };
}

describe('each treatment', () => {
  const text = "{'a': 'x-mango-7', 'b': 'plum'}";
  const treatments: readonly (readonly [Treatment, string | undefined])[] = [
    ['redact', "{'a': '[redacted:token]', 'b': 'plum'}"],
    ['raw', text],
    ['shape', "{'a': <9>, 'b': <4>}"],
    ['allow', "{'a': '[redacted:token]', 'b': <4>}"],
    ['drop', undefined],
  ];
  for (const [treatment, shown] of treatments)
    test(`${treatment} shows ${shown ?? 'nothing'}`, () => {
      const { redactor } = textRedactor({ allowedPaths: ['kwargs.a'] });
      assert.equal(redactor.redact({ field: 'kwargs', text, id: undefined }, treatment), shown);
    });

  for (const [treatment] of treatments)
    test(`${treatment} remembers the secrets of the task`, () => {
      const { redactor, taint } = textRedactor();
      redactor.redact({ field: 'kwargs', text, id }, treatment);
      assert.deepEqual(taint.valuesOf(id), ['x-mango-7']);
    });

  test('a dropped result is not read', () => {
    const { redactor, taint } = textRedactor({}, { detect: () => assert.fail('read') });
    redactor.redact({ field: 'result', text, id }, 'drop');
    assert.deepEqual(taint.valuesOf(id), []);
  });
});

describe('the known secrets of the task', () => {
  test('are hidden too, and counted as secrets', () => {
    const { redactor, reports, taint } = textRedactor();
    taint.add(id, ['mango-and-plum']);
    assert.equal(
      redactor.redact({ field: 'exception', text: 'no mango-and-plum', id }, 'redact'),
      'no [redacted:secret]',
    );
    assert.deepEqual(reports, ['exception secret 1']);
    assert.equal(
      redactor.redact({ field: 'exception', text: 'no mango-and-plum', id: undefined }, 'redact'),
      'no mango-and-plum',
    );
  });

  test('include those that were learned from a text that is not shown', () => {
    const { redactor } = textRedactor();
    redactor.learn({ field: 'args', text: "('x-mango-7',)", id });
    redactor.learn({ field: 'args', text: "('x-plum-88',)", id: undefined });
    assert.equal(redactor.redact({ field: 'log', text: 'mango x-mango-7', id }, 'redact'), 'mango [redacted:token]');
  });
});

describe('a text that cannot be redacted', () => {
  const failed = '[dropped: redaction failed]';
  const throwing = (error: Error) => ({
    detect: () => {
      throw error;
    },
  });

  test('is dropped with the reason `budget` for too much work', () => {
    const { redactor, reports } = textRedactor({}, throwing(new RangeError('depth')));
    assert.equal(redactor.redact({ field: 'args', text: "'x-1'", id }, 'redact'), failed);
    assert.deepEqual(reports, ['args failed budget']);
  });

  test('is dropped with the reason `error` for a bug', () => {
    const { redactor, reports } = textRedactor({}, throwing(new Error('bug')));
    assert.equal(redactor.redact({ field: 'args', text: "'x-1'", id }, 'raw'), failed);
    assert.deepEqual(reports, ['args failed error']);
  });

  test('is not reported where it is only learned from', () => {
    const { redactor, reports } = textRedactor({}, throwing(new Error('bug')));
    redactor.learn({ field: 'args', text: "'x-1'", id });
    assert.deepEqual(reports, []);
  });

  test('is dropped with more than 20,000 secrets', () => {
    const { redactor, reports } = textRedactor({ charsMax: { ...defaultCharsMax, log: 100_000 } });
    const many = (count: number) =>
      redactor.redact({ field: 'log', text: 'x-1 '.repeat(count), id: undefined }, 'redact');
    assert.notEqual(many(20_000), failed);
    assert.equal(many(20_001), failed);
    assert.equal(reports.at(-1), 'log failed budget');
  });
});

describe('limits and characters', () => {
  test('a longer text is cut before it is read', () => {
    const { redactor } = textRedactor({ charsMax: { ...defaultCharsMax, log: 12 } });
    assert.equal(redactor.redact({ field: 'log', text: 'plum pear x-mango', id: undefined }, 'redact'), 'plum pear...');
  });

  test('a pattern of the operator limits every text to 64 KiB', () => {
    const patterns = [{ name: 'none', find: () => [] }];
    const shown = (options: Partial<RedactOptions>) =>
      textRedactor(options).redactor.redact(
        { field: 'traceback', text: 'plum\n'.repeat(20_000), id: undefined },
        'redact',
      );
    assert.equal(shown({})?.length, 100_000);
    assert.ok((shown({ patterns })?.length ?? 0) < 65_536);
  });

  test('detectors read plain characters, and the text keeps its own', () => {
    const { redactor } = textRedactor();
    assert.equal(
      redactor.redact({ field: 'log', text: '\u201cｘ-ｍａｎｇｏ\u201d \u201cplum\u201d', id: undefined }, 'redact'),
      '\u201c[redacted:token]\u201d \u201cplum\u201d',
    );
  });

  test('unprintable characters are replaced', () => {
    const { redactor } = textRedactor();
    assert.equal(redactor.redact({ field: 'log', text: 'a\u0000b', id: undefined }, 'raw'), 'a\ufffdb');
  });
});

test('each hidden place is explained, without its value', () => {
  const lines: string[] = [];
  const { redactor } = textRedactor({ onExplained: (field, line) => lines.push(`${field} ${line}`) });
  redactor.redact({ field: 'log', text: 'a\npw=x-mango-7 and x-plum', id: undefined }, 'redact');
  assert.deepEqual(lines, [
    'log 2:4: token, 9 characters, by its name "pw"',
    'log 2:18: token, 6 characters, by its shape or its place',
  ]);
});
