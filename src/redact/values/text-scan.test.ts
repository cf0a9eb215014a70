import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { scanOf } from '../../../test/fakes/text-scan.ts';
import { KeyNames } from '../names/key-names.ts';
import { TextScan } from './text-scan.ts';

const names = new KeyNames({ sensitiveKeys: [], safeKeys: [] });

describe('hiding a place', () => {
  test('records it and returns its end', () => {
    const scan = scanOf('password');
    assert.equal(scan.hide(2, 5, 'token'), 5);
    assert.deepEqual(scan.found, [{ from: 2, to: 5, kind: 'token' }]);
  });

  test('cuts it at the end of the scan', () => {
    const scan = new TextScan({ text: 'password', names, context: 'text', found: [], to: 4 });
    assert.equal(scan.hide(2, 8, 'token'), 4);
    assert.deepEqual(scan.found, [{ from: 2, to: 4, kind: 'token' }]);
  });

  test('ignores an empty place and the -1 of a detector', () => {
    const scan = scanOf('password');
    assert.equal(scan.hide(3, 3, 'token'), 3);
    assert.equal(scan.hide(3, -1, 'token'), -1);
    assert.deepEqual(scan.found, []);
  });

  test('depends on the value if asked to', () => {
    const scan = scanOf('mango None');
    assert.equal(scan.hideIfSecret(0, 5, { kind: 'password', isWeak: false }), 5);
    assert.equal(scan.hideIfSecret(6, 10, { kind: 'password', isWeak: false }), -1);
    assert.deepEqual(scan.found, [{ from: 0, to: 5, kind: 'password' }]);
  });
});

test('a scan of a part starts with its containers and records read', () => {
  const scan = new TextScan({ text: 'abcdef', names, context: 'source', found: [], start: 2, to: 4 });
  assert.deepEqual([scan.start, scan.to, scan.containerEnd, scan.recordEnd, scan.urlChars], [2, 4, 2, 2, 0]);
});

test('characters at a place', () => {
  const scan = scanOf('aß 7-');
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((at) => scan.isWordAt(at)),
    [true, true, false, true, false, false],
  );
  assert.deepEqual(
    [0, 2, 5].map((at) => scan.isSpaceAt(at)),
    [false, true, false],
  );
});

test('strings and keys are read up to the end of the scan', () => {
  const scan = new TextScan({ text: "x='abcdef'", names, context: 'text', found: [], to: 6 });
  const opening = scan.openingAt(2);
  assert.ok(opening !== undefined);
  assert.equal(scan.closingOf(opening), 6);
  assert.equal(scan.keyBefore(1)?.key, 'x');
});

test('a cookie is judged by its own name', () => {
  const scan = scanOf('');
  assert.ok(scan.isPlainCookie('pref', 'wide'));
  assert.ok(!scan.isPlainCookie('sid', 'wide'));
});
