import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeHost } from '../../../test/fakes/host.ts';
import { runProgram } from '../commands.ts';
import { portIn, printerOf, streamsOf, UsageError } from './command.ts';

for (const { text, min, port } of [
  { text: '1', min: 1, port: 1 },
  { text: '65535', min: 1, port: 65_535 },
  { text: '0', min: 0, port: 0 },
  { text: '0', min: 1, port: undefined },
  { text: '65536', min: 0, port: undefined },
  { text: '80.5', min: 0, port: undefined },
  { text: 'http', min: 0, port: undefined },
] as const) {
  test(`--port ${text} from ${min} is ${port === undefined ? 'wrong usage' : 'accepted'}`, () => {
    if (port === undefined) assert.throws(() => portIn(text, min), UsageError);
    else assert.equal(portIn(text, min), port);
  });
}

test('lines go to standard output, complaints to standard error', () => {
  const host = createFakeHost();
  const { print, complain } = printerOf(host);
  print('a line');
  complain('a complaint');
  assert.deepEqual([host.out(), host.err()], ['a line\n', 'a complaint\n']);
});

test('a write waits until standard output accepts more data', async () => {
  const host = createFakeHost();
  let drained: (() => void) | undefined;
  const stdout = { ...host.stdout, write: () => false, once: (_: string, run: () => void) => (drained = run) };
  const { write } = streamsOf({ ...host, stdout: stdout as never });
  let isWritten = false;
  const writing = write('text').then(() => {
    isWritten = true;
  });
  await Promise.resolve();
  assert.equal(isWritten, false);
  drained?.();
  await writing;
});

const usage: readonly {
  readonly args: readonly string[];
  readonly code: number;
  readonly out?: RegExp;
  readonly err?: RegExp;
}[] = [
  { args: [], code: 64, out: /^taskvigil: observes Celery/ },
  { args: ['help'], code: 0, out: /taskvigil backtest FILE/ },
  { args: ['--help'], code: 0, out: /Exit codes: 0 done/ },
  { args: ['help', 'record'], code: 0, out: /^ {2}taskvigil record -c FILE[\s\S]*--decisions FILE/ },
  { args: ['replay', '-h'], code: 0, out: /-o, --out DIR/ },
  { args: ['frobnicate'], code: 64, err: /^taskvigil: there is no command "frobnicate"\n\ntaskvigil: observes/ },
  { args: ['help', 'frobnicate'], code: 64, err: /there is no command "frobnicate"/ },
  { args: ['version', '--port', '1'], code: 64, err: /^taskvigil: version: there is no option --port\n/ },
  { args: ['run', '--nonsense'], code: 64, err: /Unknown option '--nonsense'/ },
  { args: ['run', '--config'], code: 64, err: /argument missing/ },
  { args: ['version'], code: 0, out: /^taskvigil \d+\.\d+\.\d+\n$/ },
  { args: ['schema'], code: 0, out: /"\$schema"/ },
];

for (const { args, code, out, err } of usage) {
  test(`taskvigil ${args.join(' ')}: exit code ${code}`, async () => {
    const host = createFakeHost();
    assert.equal(await runProgram(args, host), code);
    if (out === undefined) assert.equal(host.out(), '');
    else assert.match(host.out(), out);
    if (err === undefined) assert.equal(host.err(), '');
    else assert.match(host.err(), err);
  });
}

test('no line of the help is longer than 120 characters, except for the exit codes', async () => {
  const host = createFakeHost();
  await runProgram(['help'], host);
  const long = host
    .out()
    .split('\n')
    .filter((line) => line.length > 120 && !line.startsWith('Exit codes'));
  assert.deepEqual(long, []);
});
