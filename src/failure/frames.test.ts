import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame, ParsedException } from '../event/python/parsed-exception.ts';
import { type Redacted, redactedText } from '../event/untrusted.ts';
import { isInApp, moduleOf, projectPath, relativeFile } from './frames.ts';

const frameAt = (file: string, name = 'f', source = ''): Frame => ({
  file: file as Redacted,
  line: 1,
  function: name as Redacted,
  source: source as Redacted,
});

const task = 'depot.booking.book';
const places = [
  { file: '/app/depot/booking.py', isOurs: true, module: 'depot.booking' },
  { file: '/srv/depot/releases/20260102/depot/booking.py', isOurs: true, module: 'depot.booking' },
  { file: 'C:\\services\\depot\\booking.py', isOurs: true, module: 'depot.booking' },
  { file: '/root/.pex/unzipped/0a1b2c3d4e/depot/booking.py', isOurs: true, module: 'depot.booking' },
  { file: '/app/depot/rooms/__init__.py', isOurs: true, module: 'depot.rooms' },
  { file: '/app/shared/dates.py', isOurs: true, module: 'shared.dates' },
  { file: '/venv/lib/python3.12/site-packages/requests/api.py', isOurs: false, module: 'requests.api' },
  { file: '/usr/lib/python3/dist-packages/requests/api.py', isOurs: false, module: 'requests.api' },
  {
    file: '/pex/installed_wheels/0a1b2c/requests-2.31-py3-none-any.whl/requests/api.py',
    isOurs: false,
    module: 'requests.api',
  },
  { file: '/usr/local/lib/python3.12/json/decoder.py', isOurs: false, module: 'json.decoder' },
  { file: 'C:\\Python312\\Lib\\json\\decoder.py', isOurs: false, module: 'json.decoder' },
  { file: '/checkouts/celery/app/trace.py', isOurs: false, module: 'checkouts.celery.app.trace' },
  { file: '<frozen importlib._bootstrap>', isOurs: false, module: '<frozen importlib._bootstrap>' },
  { file: 'src/lxml/etree.pyx', isOurs: false, module: 'lxml.etree' },
  { file: 'depot/fast.pyx', isOurs: true, module: 'depot.fast' },
];
for (const { file, isOurs, module } of places) {
  test(`${file} is ${isOurs ? '' : 'not '}the project's, and ${module}`, () => {
    assert.equal(isInApp(frameAt(file), task), isOurs);
    assert.equal(moduleOf(frameAt(file), task), module);
  });
}

test('a project that is installed as a package is the project, its machinery and its libraries are not', () => {
  const at = (file: string): Frame => frameAt(`/venv/lib/python3.12/site-packages/${file}`);
  assert.equal(isInApp(at('depot/booking.py'), task), true);
  assert.equal(isInApp(at('depot/booking.py'), undefined), false);
  assert.equal(isInApp(at('depotlib/booking.py'), task), false);
  assert.equal(isInApp(at('celery/app/builtins.py'), 'celery.backend_cleanup'), false);
});

test('a function that names its module comes from a compiled extension', () => {
  assert.equal(isInApp(frameAt('pydantic/main.py', 'pydantic.main.BaseModel.__init__'), task), false);
  assert.equal(isInApp(frameAt('fast/core.py', 'depot.core.walk'), task), true);
});

const nameless = [
  { file: '/app/depot/booking.py', module: 'depot.booking' },
  { file: '/srv/depot/releases/20260102/depot/booking.py', module: 'depot.booking' },
  { file: '/srv/depot/current/depot/booking.py', module: 'depot.booking' },
  { file: '/workspace/0a1b2c3d4e5f/depot/booking.py', module: 'depot.booking' },
  { file: '/home/deploy/src/depot/booking.py', module: 'depot.booking' },
  { file: '/opt/anything/src/depot/booking.py', module: 'depot.booking' },
  { file: '/home/deploy/depot/booking.py', module: 'depot.booking' },
  { file: 'C:\\Users\\deploy\\depot\\booking.py', module: 'depot.booking' },
];
for (const { file, module } of nameless) {
  test(`without the task's name ${file} is ${module} all the same`, () => {
    assert.equal(moduleOf(frameAt(file), undefined), module);
    assert.equal(moduleOf(frameAt(file), 'nightly run'), module);
  });
}

test('a file is shown as the project knows it', () => {
  assert.equal(relativeFile(frameAt('/srv/depot/releases/7/depot/booking.py'), task), 'depot/booking.py');
  assert.equal(relativeFile(frameAt('/v/lib/python3.12/site-packages/requests/api.py'), task), 'requests/api.py');
});

const pathOf = (...frames: Frame[]): string[] => {
  const exception: ParsedException = { type: redactedText`E`, value: redactedText``, frames, isTruncated: false };
  return projectPath(exception, task).map((frame) => frame.function);
};
const ours = (name: string, source = `${name}()`) => frameAt('/app/depot/booking.py', name, source);
const paths = [
  { name: 'libraries are left out', frames: [frameAt('/v/site-packages/x.py', 'lib'), ours('a')], want: ['a'] },
  { name: 'comprehensions are left out', frames: [ours('a'), ours('<listcomp>')], want: ['a'] },
  {
    name: 'wrappers that only pass on are left out',
    frames: [ours('w', 'return fn(*args, **kwargs)'), ours('a')],
    want: ['a'],
  },
  { name: 'recursion counts once', frames: [ours('a'), ours('b'), ours('b'), ours('b')], want: ['a', 'b'] },
  {
    name: 'mutual recursion counts once',
    frames: [ours('a'), ours('b'), ours('c'), ours('b'), ours('c')],
    want: ['a', 'b', 'c'],
  },
  {
    name: 'of a recursion the innermost line counts',
    frames: [ours('a', 'a(1)'), ours('a', 'fail()')],
    want: ['a'],
  },
];
for (const { name, frames, want } of paths) test(name, () => assert.deepEqual(pathOf(...frames), want));

test('the innermost line of a recursion is the one that is kept', () => {
  const exception: ParsedException = {
    type: redactedText`E`,
    value: redactedText``,
    frames: [ours('a', 'a(1)'), ours('a', 'fail()')],
    isTruncated: false,
  };
  assert.equal(projectPath(exception, task)[0]?.source, 'fail()');
});

test("a comprehension's line is where the function around it failed, as later versions print it", () => {
  const printed = (...frames: Frame[]) =>
    projectPath({ type: redactedText`E`, value: redactedText``, frames, isTruncated: false }, task);
  const earlier = printed(ours('a', 'return ['), ours('<listcomp>', 'to_int(row)'), ours('to_int', 'int(row)'));
  assert.deepEqual(earlier, printed(ours('a', 'to_int(row)'), ours('to_int', 'int(row)')));
  assert.deepEqual(printed(ours('<genexpr>', 'to_int(row)')), []);
});
