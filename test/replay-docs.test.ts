/** The worked example of docs/replay.md, run. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createShop } from './fakes/shop.ts';

const run = promisify(execFile);
const main = new URL('../src/main.ts', import.meta.url).pathname;
const docs = readFileSync(new URL('../docs/replay.md', import.meta.url), 'utf8');

const a = 'broker: redis://shop/0\nalerts: { learning: 10m }\n';
const b = `broker: redis://shop/0
critical: [payouts.*]
alerts:
  learning: 10m
  tasks:
    - { match: billing.*, new_failure: { min: 12 }, failure_rate: { over: 100%, clear: 50% } }
`;

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'backtest-'));
  writeFileSync(join(dir, 'shop.ndjson'), createShop(Date.UTC(2026, 10, 24, 8)));
  writeFileSync(join(dir, 'a.yaml'), a);
  writeFileSync(join(dir, 'b.yaml'), b);
  return dir;
}

test('the worked example prints the text of the docs', async () => {
  const { stdout, stderr } = await run(
    process.execPath,
    [main, 'backtest', 'shop.ndjson', '-c', 'a.yaml', '--against', 'b.yaml'],
    { cwd: folder() },
  );
  const [, example] = /taskvigil backtest shop[^\n]*\n\n([^`]*)```/.exec(docs) ?? [];
  assert.equal(stdout, example);
  // The progress bar appears only on a terminal.
  assert.equal(stderr, '');
});

test('backtest --format json, replay and why --from agree', async () => {
  const dir = folder();
  const at = (...args: string[]) => run(process.execPath, [main, ...args], { cwd: dir });
  const result = JSON.parse(
    (await at('backtest', 'shop.ndjson', '-c', 'a.yaml', '--per-week', '50', '--format', 'json')).stdout,
  ) as {
    failures: number;
    told: { task?: string; exception?: string; incident?: string }[];
  };
  await at('replay', 'shop.ndjson', '-c', 'a.yaml', '--out', 'out');
  const decisions = readFileSync(join(dir, 'out', 'decisions.ndjson'), 'utf8')
    .trim()
    .split('\n');
  const counted = decisions.reduce((sum, line) => sum + (JSON.parse(line) as { failures: number }).failures, 0);
  assert.equal(counted, result.failures);
  const declined = result.told.find(({ exception }) => exception === 'CardDeclined');
  assert.equal(declined?.task, 'billing.charge');
  const why = (await at('why', declined?.incident ?? '', '--from', 'out')).stdout;
  assert.match(
    why,
    /billing\.charge CardDeclined · failures\.new · notified \(post\): opened, 3 in 10 min, threshold 3/,
  );
  await assert.rejects(at('why', 'nothing', '--from', 'out'), /the replay has nothing about it/);
});

test('an unreadable line is reported with its place, and nothing else is printed', async () => {
  const dir = folder();
  writeFileSync(join(dir, 'bad.ndjson'), '{"taskvigil": 1, "at": 1, "input": {"kind": "dance"}}\n');
  await assert.rejects(
    run(process.execPath, [main, 'backtest', 'bad.ndjson'], { cwd: dir }),
    ({ code, stderr }: { code: number; stderr: string }) => {
      assert.equal(code, 1);
      assert.equal(stderr, 'bad.ndjson:1: expected an input of a recording\n');
      return true;
    },
  );
});
