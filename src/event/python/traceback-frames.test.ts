import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFrames } from './traceback-frames.ts';

function read(...lines: readonly string[]) {
  const reader = { lines, at: 0 };
  return { ...readFrames(reader, 0), at: reader.at };
}

const frame = { file: '/app/a.py', line: 3, function: 'f', source: undefined };

test('a frame has file, line, function and source', () => {
  assert.deepEqual(read('  File "/app/a.py", line 3, in f', '    go(x)', '    ^^^^^', 'ValueError'), {
    frames: [{ ...frame, source: 'go(x)' }],
    syntax: undefined,
    isTruncated: false,
    at: 3,
  });
});

describe('a frame line', () => {
  const cases = [
    { line: '  File "/app/a.py", line 3, in f', want: [frame] },
    { line: '  File "/app/a.py", line None, in f', want: [{ ...frame, line: undefined }] },
    { line: '  File "/app/a.py", line ?, in f', want: [{ ...frame, line: undefined }] },
    { line: '  File "<frozen a", line b.py", line 3, in f', want: [{ ...frame, file: '<frozen a", line b.py' }] },
    { line: '  File "/app/a.py", line 3, in <listcomp>', want: [{ ...frame, function: '<listcomp>' }] },
    { line: '  something else', want: [] },
  ];
  for (const { line, want } of cases) test(line, () => assert.deepEqual(read(line).frames, want));
});

test('a location without a function is a syntax error', () => {
  const { frames, syntax } = read('  File "/app/a.py", line 3', '    if x', '        ^', 'SyntaxError: x');
  assert.deepEqual([frames, syntax], [[], { file: '/app/a.py', line: 3, text: 'if x' }]);
});

test('a repetition counts for the last frame', () => {
  const { frames } = read('  File "/app/a.py", line 3, in f', '  [Previous line repeated 996 more times]');
  assert.deepEqual(frames, [{ ...frame, repeat: 996 }]);
});

test('a repetition without a frame is skipped', () => {
  assert.deepEqual(read('  [Previous line repeated 3 more times]').frames, []);
});

describe('a stack is truncated', () => {
  test('by the mark of billiard', () => {
    const { frames, isTruncated } = read('  File "a.py", line 1, in [rest of traceback truncated]');
    assert.deepEqual([frames, isTruncated], [[], true]);
  });
  test('by a frame line that was cut', () => assert.equal(read('  File "/app/a.py", li').isTruncated, true));
  test('in the middle, beyond 400 frames', () => {
    const lines = Array.from({ length: 401 }, (_, index) => `  File "a.py", line ${index}, in f`);
    assert.deepEqual([read(...lines.slice(1)).frames.length, read(...lines.slice(1)).isTruncated], [400, false]);
    const { frames, isTruncated } = read(...lines);
    assert.deepEqual([frames.length, isTruncated, frames[199]?.line, frames[200]?.line], [400, true, 199, 201]);
  });
});

test('a stack ends at the first line that is not indented', () => {
  assert.equal(read('', '  File "/app/a.py", line 3, in f', '', 'ValueError').at, 3);
});
