import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Redacted } from '../untrusted.ts';
import { installedOffset, isLibraryFrame, libraryOffset, locateStandardLibrary, slashed } from './library-paths.ts';
import type { Frame, ParsedException } from './parsed-exception.ts';

const frameAt = (file: string, name = 'f'): Frame => ({
  file: file as Redacted,
  line: 1,
  function: name as Redacted,
  source: undefined,
});
const exceptionOf = (...frames: Frame[]): ParsedException => ({
  type: 'E' as Redacted,
  value: '' as Redacted,
  frames,
  isTruncated: false,
});
const isLibrary = (...frames: Frame[]): boolean[] =>
  locateStandardLibrary(exceptionOf(...frames)).frames.map(isLibraryFrame);

test('a path has slashes and no drive', () => {
  assert.equal(slashed(String.raw`C:\work\shop\tasks.py`), '/work/shop/tasks.py');
  assert.equal(slashed('/app/shop/tasks.py'), '/app/shop/tasks.py');
});

describe('the place of a module in a usual layout', () => {
  const cases = [
    {
      path: '/v/lib/python3.12/site-packages/requests/api.py',
      installed: 'requests/api.py',
      library: 'requests/api.py',
    },
    { path: '/usr/lib/python3/dist-packages/x.py', installed: 'x.py', library: 'x.py' },
    { path: '/usr/lib/python3.12/json/decoder.py', installed: undefined, library: 'json/decoder.py' },
    { path: '/Python312/Lib/json/decoder.py', installed: undefined, library: 'json/decoder.py' },
    { path: '/app/shop/tasks.py', installed: undefined, library: undefined },
  ];
  for (const { path, installed, library } of cases) {
    test(path, () => {
      const tail = (offset: number | undefined) => (offset === undefined ? undefined : path.slice(offset));
      assert.deepEqual([tail(installedOffset(path)), tail(libraryOffset(path))], [installed, library]);
    });
  }
});

describe('a standard library is found by its content', () => {
  const project = frameAt(String.raw`C:\work\shop\tasks.py`);
  const cases = [
    {
      name: 'beside the installed packages',
      frames: [frameAt('/env/lib/site-packages/celery/app.py'), frameAt('/env/lib/ssl.py')],
    },
    { name: 'by a well-known function', frames: [frameAt('/opt/own/json/decoder.py', 'raw_decode')] },
    { name: 'below a folder Lib of Windows', frames: [frameAt(String.raw`D:\tools\py\Lib\decimal.py`)] },
    { name: 'below a folder lib in small letters', frames: [frameAt(String.raw`d:\py\lib\http\client.py`)] },
    { name: 'with slashes on Windows', frames: [frameAt('D:/tools/py/Lib/decimal.py')] },
    { name: 'beside a project elsewhere', frames: [frameAt(String.raw`C:\work\env\Lib\ssl.py`), project] },
  ];
  for (const { name, frames } of cases) {
    test(name, () =>
      assert.deepEqual(
        isLibrary(...frames),
        frames.map((frame) => frame !== project),
      ),
    );
  }
});

describe('a file of the project stays one', () => {
  const cases = [
    { name: 'a module with a standard name', frames: [frameAt('/app/shop/json/decoder.py', 'decode_order')] },
    {
      name: 'a module with a standard name and function, in the directory of the project',
      frames: [frameAt('/app/shop/tasks.py'), frameAt('/app/shop/json/decoder.py', 'decode')],
    },
    { name: 'a folder lib on Unix', frames: [frameAt('/app/lib/email.py')] },
    {
      name: 'a folder lib on Windows, inside the project',
      frames: [frameAt(String.raw`C:\work\shop\tasks.py`), frameAt(String.raw`C:\work\shop\lib\email.py`)],
    },
    {
      name: 'a folder lib with files of other names',
      frames: [frameAt(String.raw`C:\work\lib\prices.py`), frameAt(String.raw`C:\work\lib\json\decoder.py`, 'decode')],
    },
  ];
  for (const { name, frames } of cases) {
    test(name, () =>
      assert.deepEqual(
        isLibrary(...frames),
        frames.map(() => false),
      ),
    );
  }
});

test('the whole chain and the members of a group share one standard library', () => {
  const inLib = exceptionOf(frameAt('/opt/own/ssl.py'));
  const found = locateStandardLibrary({
    ...exceptionOf(frameAt('/opt/own/json/decoder.py', 'raw_decode')),
    cause: inLib,
    context: inLib,
    exceptions: [inLib],
  });
  const parts = [found.cause, found.context, found.exceptions?.[0]];
  assert.deepEqual(
    parts.map((part) => part?.frames[0]?.libraryAt),
    ['/opt/own/'.length, '/opt/own/'.length, '/opt/own/'.length],
  );
});

test('an exception in a usual layout is returned unchanged', () => {
  const exception = exceptionOf(frameAt('/app/shop/tasks.py'), frameAt('/usr/lib/python3.12/json/decoder.py'));
  assert.equal(locateStandardLibrary(exception), exception);
});

test('code without a file is no project code', () => {
  assert.equal(isLibraryFrame(frameAt('<frozen importlib._bootstrap>')), true);
});
