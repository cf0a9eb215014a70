import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Decision } from '../alert/decision.ts';
import { keyText } from '../alert/key.ts';
import { askReplay } from './why-replay.ts';

const key = keyText({ kind: 'cause', fingerprint: 'feedcafe' });

function decisionOf(facts: Partial<Decision> = {}): Decision {
  return {
    at: Date.UTC(2026, 10, 24, 8),
    signal: 'failures.new',
    key,
    incident: undefined,
    task: 'shop.pay',
    exception: 'Declined',
    figures: { count: 2, limit: 3, withinMs: 600_000, baseline: undefined, of: undefined },
    failures: 1,
    verdict: { notify: false, reason: 'below-threshold', by: undefined },
    ...facts,
  };
}

const ndjson = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** The output of a replay with these decisions, and one failure of the task `t1`. */
function directoryWith(decisions: readonly Decision[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'why-'));
  writeFileSync(join(dir, 'decisions.ndjson'), ndjson(decisions));
  writeFileSync(join(dir, 'failures.ndjson'), ndjson([{ task_id: 't1', fingerprint: 'feedcafe' }]));
  return dir;
}

async function ask(dir: string, question: string) {
  const lines: string[] = [];
  const complaints: string[] = [];
  const code = await askReplay({
    dir,
    question,
    print: (line) => lines.push(line),
    complain: (line) => complaints.push(line),
  });
  return { code, lines, complaints };
}

const opened = { notify: true, reason: 'opened', action: 'post' } as const;
const decisions = [
  decisionOf(),
  decisionOf({ at: Date.UTC(2026, 10, 24, 9), incident: 'i1', verdict: opened }),
  decisionOf({ task: 'shop.ship', key: keyText({ kind: 'cause', fingerprint: 'other' }) }),
];

for (const { about, question, count } of [
  { about: 'a task', question: 'shop.pay', count: 2 },
  { about: 'a task id', question: 't1', count: 2 },
  { about: 'a fingerprint', question: 'feedcafe', count: 2 },
  { about: 'an incident', question: 'i1', count: 1 },
]) {
  test(`a question about ${about} lists its decisions, the newest first`, async () => {
    const { code, lines } = await ask(directoryWith(decisions), question);
    assert.equal(code, 0);
    assert.equal(lines.length, count);
    assert.match(lines[0] ?? '', /opened/);
  });
}

test('a question without decisions is answered with 1', async () => {
  assert.deepEqual(await ask(directoryWith(decisions), 'nothing'), {
    code: 1,
    lines: [],
    complaints: ['nothing: the replay has no decision about it'],
  });
});

test('a directory without the files of a replay is reported', async () => {
  const { code, complaints } = await ask(mkdtempSync(join(tmpdir(), 'why-')), 'x');
  assert.equal(code, 1);
  assert.match(complaints[0] ?? '', /: expected the files of a replay: ENOENT/);
});

test('a file that is no NDJSON is reported', async () => {
  const dir = directoryWith(decisions);
  writeFileSync(join(dir, 'decisions.ndjson'), 'not json\n');
  const { code, complaints } = await ask(dir, 'x');
  assert.equal(code, 1);
  assert.match(complaints[0] ?? '', /expected the files of a replay/);
});

test('at most the last thousand decisions are listed', async () => {
  const many = Array.from({ length: 1_005 }, (_, index) => decisionOf({ at: index * 1_000 }));
  assert.equal((await ask(directoryWith(many), 'shop.pay')).lines.length, 1_000);
});
