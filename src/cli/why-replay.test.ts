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

const verdict = {
  task_id: 'aabb-ccdd',
  name: 'shop.ship',
  outcome: 'succeeded',
  open_at_end: false,
  cause: null,
  attempts: 1,
  worker: 'w1@a',
  queue: 'mail',
  group_id: null,
  root_id: 'aabb-ccdd',
};
const verdicts = [verdict, { ...verdict, task_id: 'eeff-0011', root_id: 'eeff-0011', open_at_end: true }];

/** The output of a replay with these decisions, and one failure of the task `t1`. */
function directoryWith(decisions: readonly Decision[]): string {
  const dir = mkdtempSync(join(tmpdir(), 'why-'));
  writeFileSync(join(dir, 'decisions.ndjson'), ndjson(decisions));
  writeFileSync(join(dir, 'failures.ndjson'), ndjson([{ id: 'e1e2e3e4', task_id: 't1', fingerprint: 'feedcafe' }]));
  writeFileSync(join(dir, 'verdicts.ndjson'), ndjson(verdicts));
  const attributes = { 'messaging.message.id': 'aabb-ccdd' };
  writeFileSync(join(dir, 'logs.ndjson'), ndjson([{ traceId: 'aabbccdd', spanId: '0123456789abcdef', attributes }]));
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

const shipped = 'Task aabb-ccdd shop.ship: succeeded, 1 attempt, last on w1@a, queue mail';
const open = 'Task eeff-0011 shop.ship: open at the end of the capture, 1 attempt, last on w1@a, queue mail';
for (const { about, question, want } of [
  { about: 'a task that did not fail', question: 'aabb-ccdd', want: [shipped] },
  { about: 'a shortened task id', question: 'aabb-c…', want: [shipped] },
  { about: 'its trace', question: 'aabbccdd', want: [shipped] },
  { about: 'its span', question: '0123456789abcdef', want: [shipped] },
  { about: 'a worker', question: 'w1@a', want: [shipped, open] },
  { about: 'a queue', question: 'mail', want: [shipped, open] },
]) {
  test(`a question about ${about} lists its tasks`, async () =>
    assert.deepEqual(await ask(directoryWith([]), question), { code: 0, lines: want, complaints: [] }));
}

for (const question of ['feedc', 'e1e2e3e4']) {
  test(`a fingerprint or failure can be asked as ${question}`, async () =>
    assert.equal((await ask(directoryWith(decisions), question)).lines.length, 2));
}

test('a question without decisions is answered with 1', async () => {
  assert.deepEqual(await ask(directoryWith(decisions), 'nothing'), {
    code: 1,
    lines: [],
    complaints: ['nothing: the replay has nothing about it'],
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
