import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Redacted } from '../untrusted.ts';
import { parseRaised } from './raised-exception.ts';

const stack = (source: string, last: string): Redacted =>
  `Traceback (most recent call last):\n  File "/opt/depot/booking.py", line 12, in book\n    ${source}\n${last}\n` as Redacted;
const wrapper = 'celery.utils.serialization.UnpickleableExceptionWrapper';
const remote = (type: string): Redacted =>
  `${type}: 
"""
${stack('raise Taken(room)', 'depot.errors.Taken: room 12')}"""

The above exception was the direct cause of the following exception:

${stack('pool.map(book, rooms)', 'depot.errors.Taken: room 12')}` as Redacted;

describe('the exception in the wrapper for exceptions that do not pickle', () => {
  const cases = [
    { of: "Taken('room 12')", at: 'raise self._error(room)', want: ['Taken', 'room 12'] },
    { of: 'LinkDown: (no route)', at: 'go()', want: ['LinkDown', '(no route)'] },
    { of: 'room taken (3)', at: 'raise errors.Taken(room)', want: ['Taken', 'room taken (3)'] },
    { of: '<Room 12 taken>', at: 'raise errors.Taken(room)', want: ['Taken', '<Room 12 taken>'] },
    { of: '<Taken 503>', at: 'raise from_status(503)', want: ['Taken', '<Taken 503>'] },
    { of: '<Taken: room 12>', at: 'raise Taken(room)', want: ['Taken', 'room 12'] },
    { of: 'room taken (3)', at: 'raise error', want: [wrapper, 'room taken (3)'] },
  ];
  for (const { of, at, want } of cases) {
    test(`${of}, raised by ${at}`, () => {
      const parsed = parseRaised(stack(at, `${wrapper}: ${of}`));
      assert.deepEqual([parsed?.type, parsed?.value], want);
      assert.equal(parsed?.frames.length, 1);
    });
  }

  test('has the class of the raising line, whatever its repr is', () => {
    const words = fc.array(fc.constantFrom('refused', 'card', '12', '-', '(3)', '<b>', '[x]', '…'), { minLength: 2 });
    const name = fc.stringMatching(/^_?[A-Z][a-z]{2,8}(?:Error|Refused)?$/);
    fc.assert(
      fc.property(words, name, (text, type) => {
        const repr = `no ${text.join(' ')}`;
        const parsed = parseRaised(stack(`raise ${type}(code)`, `${wrapper}: ${repr}`));
        assert.deepEqual([parsed?.type, parsed?.value], [type, repr.trimEnd()]);
      }),
    );
  });

  test('is found as the cause of another exception', () => {
    const cause = stack('raise Taken(room)', `${wrapper}: room taken (3)`);
    const link = '\nThe above exception was the direct cause of the following exception:\n\n';
    const parsed = parseRaised(`${cause}${link}${stack('raise Failed()', 'depot.Failed: x')}` as Redacted);
    assert.deepEqual([parsed?.type, parsed?.cause?.type], ['depot.Failed', 'Taken']);
  });
});

describe('the traceback of another process', () => {
  for (const type of [
    'multiprocessing.pool.RemoteTraceback',
    'concurrent.futures.process._RemoteTraceback',
    'joblib.externals.loky.process_executor._RemoteTraceback',
    'billiard.einfo.RemoteTraceback',
  ]) {
    test(`is parsed in the place of ${type}`, () => {
      const parsed = parseRaised(remote(type));
      assert.equal(parsed?.frames[0]?.source, 'pool.map(book, rooms)');
      assert.deepEqual([parsed?.cause?.type, parsed?.cause?.value], ['depot.errors.Taken', 'room 12']);
      assert.equal(parsed?.cause?.frames[0]?.source, 'raise Taken(room)');
    });
  }

  test('is the cause of the exception of Ray that quotes it', () => {
    const last = `ray.exceptions.RayTaskError(Taken): ray::book() (pid=7, ip=10.0.0.1)\n${stack('raise Taken(room)', 'depot.errors.Taken: room 12')}`;
    const parsed = parseRaised(stack('ray.get(ref)', last));
    assert.equal(parsed?.type, 'ray.exceptions.RayTaskError(Taken)');
    assert.equal(parsed?.cause?.type, 'depot.errors.Taken');
    assert.equal(parsed?.cause?.frames[0]?.source, 'raise Taken(room)');
  });

  test('without frames stays a message', () => {
    const parsed = parseRaised(stack('go()', 'multiprocessing.pool.RemoteTraceback: gone'));
    assert.deepEqual([parsed?.type, parsed?.value], ['multiprocessing.pool.RemoteTraceback', 'gone']);
  });
});

test('a text without an exception is undefined', () => {
  assert.equal(parseRaised('' as Redacted), undefined);
});
