/** The same failure has one group and the same project frames, wherever Python and the packages are installed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRaised } from '../event/python/raised-exception.ts';
import type { Redacted } from '../event/untrusted.ts';
import { fingerprintsOf } from './fingerprint.ts';
import { isInApp } from './frames.ts';

interface Installation {
  /** Directories of the packages, of the standard library and of the project. */
  readonly packages: string;
  readonly library: string;
  readonly project: string;
}

interface Written {
  readonly from: keyof Installation;
  readonly file: string;
  readonly function: string;
  readonly source: string;
}

const celery: Written = { from: 'packages', file: 'celery/app/trace.py', function: 'trace_task', source: 'R = fun()' };
const stacks: readonly { readonly frames: readonly Written[]; readonly last: string }[] = [
  {
    frames: [
      celery,
      { from: 'project', file: 'shop/tasks.py', function: 'load', source: 'return json.loads(raw)' },
      { from: 'library', file: 'json/__init__.py', function: 'loads', source: 'return decoder.decode(s)' },
      { from: 'library', file: 'json/decoder.py', function: 'raw_decode', source: 'raise JSONDecodeError("x", s)' },
    ],
    last: 'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
  },
  {
    frames: [
      celery,
      { from: 'project', file: 'shop/gate.py', function: 'ask', source: 'urlopen(url)' },
      { from: 'library', file: 'urllib/request.py', function: 'urlopen', source: 'return opener.open(url)' },
      { from: 'library', file: 'http/client.py', function: 'getresponse', source: 'response.begin()' },
      { from: 'library', file: 'socket.py', function: 'readinto', source: 'return self._sock.recv_into(b)' },
    ],
    last: 'TimeoutError: timed out',
  },
  {
    frames: [
      celery,
      { from: 'project', file: 'shop/lib/email.py', function: 'send', source: 'connect(host)' },
      { from: 'library', file: 'decimal.py', function: '__new__', source: 'return value' },
      { from: 'project', file: 'shop/json/decoder.py', function: 'decode_order', source: 'raise ValueError(row)' },
    ],
    last: 'ValueError: row 7',
  },
];

function textOf({ frames, last }: (typeof stacks)[number], installation: Installation): Redacted {
  const isWindows = installation.project.includes('\\');
  const lines = frames.map(({ from, file, function: name, source }) => {
    const path = `${installation[from]}/${file}`;
    return `  File "${isWindows ? path.replaceAll('/', '\\') : path}", line 7, in ${name}\n    ${source}`;
  });
  return `Traceback (most recent call last):\n${lines.join('\n')}\n${last}\n` as Redacted;
}

function identityOf(stack: (typeof stacks)[number], installation: Installation) {
  const taskName = 'shop.tasks.load' as Redacted;
  const exception = parseRaised(textOf(stack, installation));
  const [group] = fingerprintsOf({
    taskName,
    cause: 'app-error',
    signal: undefined,
    type: undefined,
    message: '',
    exception,
  });
  return { group, inApp: exception?.frames.map((frame) => isInApp(frame, taskName)) };
}

const usual: Installation = {
  packages: '/usr/local/lib/python3.12/site-packages',
  library: '/usr/local/lib/python3.12',
  project: '/app',
};
const windows = (packages: string, library: string, project = String.raw`C:\work`): Installation => ({
  packages: String.raw`${packages}\Lib\site-packages`,
  library: String.raw`${library}\Lib`,
  project,
});
const oneFolder = (folder: string, project?: string): Installation => windows(folder, folder, project);

const known: Readonly<Record<string, Installation>> = {
  'the installer for 32 bit': oneFolder(String.raw`C:\Program Files (x86)\Python311-32`),
  Anaconda: oneFolder(String.raw`C:\Users\kim\anaconda3\envs\shop`),
  Miniconda: oneFolder(String.raw`C:\ProgramData\miniconda3`),
  'the Microsoft Store': windows(
    String.raw`C:\Users\kim\AppData\Local\Packages\PythonSoftwareFoundation.Python.3.11_qbz5n2kfra8p0\LocalCache\local-packages\Python311`,
    String.raw`C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.11_3.11.2544.0_x64__qbz5n2kfra8p0`,
  ),
  uv: windows(
    String.raw`C:\work\.venv`,
    String.raw`C:\Users\kim\AppData\Roaming\uv\python\cpython-3.11.9-windows-x86_64-none`,
  ),
  'pyenv-win': oneFolder(String.raw`C:\Users\kim\.pyenv\pyenv-win\versions\3.11.9`),
  'an own folder': oneFolder(String.raw`D:\tools\py`),
  'a folder in the project': oneFolder(String.raw`C:\work\runtime`),
  'a virtual environment on Unix': { ...usual, packages: '/app/.venv/lib/python3.12/site-packages' },
};
for (const [name, installation] of Object.entries(known)) {
  test(`${name}: same group, same project frames`, () => {
    for (const stack of stacks) assert.deepEqual(identityOf(stack, installation), identityOf(stack, usual));
  });
}

test('any folder: same group, same project frames', () => {
  const name = fc.stringMatching(/^[A-Za-z][\w .()-]{0,8}\w$/).filter((text) => !/^(?:lib|shop|celery)$/i.test(text));
  const folder = (part: typeof name) => fc.array(part, { minLength: 1, maxLength: 4 });
  const withLib = folder(fc.oneof({ weight: 9, arbitrary: name }, fc.constantFrom('lib', 'Lib')));
  const installation = fc.record({ env: withLib, python: withLib, project: folder(name), isOne: fc.boolean() });
  const unix = (parts: readonly string[]): string => `/${parts.join('/')}`;
  fc.assert(
    fc.property(installation, fc.constantFrom(...stacks), ({ env, python, project, isOne }, stack) => {
      const at = (parts: readonly string[]): string => `C:\\${parts.join('\\')}`;
      // A project is not installed inside Python's own folder.
      fc.pre(!unix(project).startsWith(unix(python)) && !unix(project).startsWith(unix(env)));
      const onWindows = windows(at(env), at(isOne ? env : python), at(project));
      assert.deepEqual(identityOf(stack, onWindows), identityOf(stack, usual));
      const library = `${unix(isOne ? env : python)}/lib/python3.9`;
      const onUnix = { packages: `${unix(env)}/lib/python3.9/site-packages`, library, project: unix(project) };
      assert.deepEqual(identityOf(stack, onUnix), identityOf(stack, usual));
    }),
  );
});
