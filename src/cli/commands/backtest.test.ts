import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeHost } from '../../../test/fakes/host.ts';
import { runProgram } from '../commands.ts';

const dir = mkdtempSync(join(tmpdir(), 'taskvigil-'));

function fileWith(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

/** Five failures of one task within five seconds. */
const recording = fileWith(
  'five.ndjson',
  Array.from({ length: 5 }, (_, index) => {
    const common = {
      uuid: `t${index}`,
      hostname: 'celery@a',
      timestamp: 1.79e9 + index,
      clock: index,
      pid: 1,
      utcoffset: 0,
    };
    const at = { _at: 1.79e9 + index };
    return [
      { ...common, ...at, type: 'task-received', name: 'shop.pay', args: '()', kwargs: '{}', retries: 0 },
      { ...common, ...at, type: 'task-started' },
      { ...common, ...at, type: 'task-failed', exception: "Declined('no')", traceback: 'Declined: no\n' },
    ]
      .map((event) => `${JSON.stringify(event)}\n`)
      .join('');
  }).join(''),
);
const loud = fileWith('loud.yaml', 'broker: redis://a/0\nalerts: { learning: 0s }\n');
const calm = fileWith(
  'calm.yaml',
  'broker: redis://a/0\nalerts: { learning: 0s, defaults: { new_failure: { min: 50 }, surge: { min: 50 } } }\n',
);

async function run(command: string, ...args: string[]) {
  const host = createFakeHost();
  const code = await runProgram([command, ...args], host);
  return { code, out: host.out(), err: host.err() };
}

const wrong: readonly { readonly args: readonly string[]; readonly message: RegExp }[] = [
  { args: ['backtest'], message: /backtest: expected FILE…/ },
  { args: ['backtest', recording, '--per-week', '0'], message: /--per-week: expected a number above 0/ },
  { args: ['backtest', recording, '--per-week', 'many'], message: /--per-week: expected a number above 0/ },
  { args: ['backtest', recording, '--against', '/nowhere.yaml'], message: /nowhere\.yaml: there is no such file/ },
  { args: ['replay', recording], message: /replay: expected FILE… --out DIR/ },
  { args: ['replay', '--out', dir], message: /replay: expected FILE… --out DIR/ },
];

for (const { args, message } of wrong) {
  test(`wrong usage: ${args.map((arg) => arg.replace(dir, '')).join(' ')}`, async () => {
    const [command = '', ...rest] = args;
    const { code, err } = await run(command, ...rest);
    assert.equal(code, 64);
    assert.match(err, message);
  });
}

test('a backtest of one policy lists its messages', async () => {
  const { code, out, err } = await run('backtest', recording, '-c', loud);
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /5 failures\n.*loud\.yaml: 1 message about 1 incident/);
  assert.match(out, /\nPosted:\n {2}.*shop\.pay Declined \(failures\.new, 5 times\)\n/);
});

test('a backtest of two policies lists their differences with the reason', async () => {
  const { out } = await run('backtest', recording, '-c', loud, '--against', calm);
  assert.match(
    out,
    /Posted by .*loud\.yaml and not by .*calm\.yaml:\n {2}.*: below-threshold, at most 5 against 50 in 10 min/,
  );
  assert.match(out, /Posted by .*calm\.yaml and not by .*loud\.yaml:\n {2}none/);
});

test('the JSON output has every field', async () => {
  const { out } = await run('backtest', recording, '-c', loud, '--format', 'json');
  const result = JSON.parse(out) as { failures: number; told: unknown[]; lost: unknown[]; bugs: number };
  assert.deepEqual([result.failures, result.told.length, result.lost.length, result.bugs], [5, 1, 0, 0]);
});

test('a replay prints its summary and writes its files', async () => {
  const { code, out } = await run('replay', recording, '--out', join(dir, 'out'), '-c', loud);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(out), {
    messages: 15,
    tasks: 5,
    openAtEnd: 0,
    notifications: JSON.parse(out).notifications,
    rejected: {},
    bugs: 0,
    isStepped: false,
  });
});

test('an unreadable recording ends both with exit code 1', async () => {
  const broken = fileWith('broken.ndjson', 'not json\n');
  for (const args of [
    ['backtest', broken],
    ['replay', broken, '--out', join(dir, 'broken')],
  ]) {
    const [command = '', ...rest] = args;
    const { code, err } = await run(command, ...rest);
    assert.equal(code, 1);
    assert.match(err, /broken\.ndjson:1: /);
  }
});
