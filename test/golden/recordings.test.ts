/** Recordings of real Celery workers, of three releases and four pools, compared with the known truth. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultPolicy } from '../../src/alert/default-policy.ts';
import { replay } from '../../src/cli/replay.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import { defaultRedactOptions } from '../fakes/redact-options.ts';

const data = new URL('../data/recordings/', import.meta.url).pathname;
const demo = new URL('../../config/demo/recording.ndjson.gz', import.meta.url).pathname;
const recordings = [
  ['shop-563-prefork', demo],
  ...[
    'shop-main-prefork',
    'shop-526-debian-prefork',
    'shop-563-threads-solo',
    'shop-563-edge-ids',
    'shop-563-rabbitmq',
  ].map((name) => [name, join(data, `${name}.ndjson.gz`)] as const),
] as const;
const needles = JSON.parse(readFileSync(join(data, 'needles.json'), 'utf8')) as string[];

type Expected = Record<string, readonly [state: string, attempts: number, truth: string]>;
interface Verdict {
  readonly task_id: string;
  readonly name: string | null;
  readonly state: string;
  readonly attempts: number;
  readonly outcome: string;
}

/** Outcomes that may be reported for a task by its true end. `unknown` is always allowed. */
const allowedOutcomes: Readonly<Record<string, readonly string[]>> = {
  success: ['succeeded', 'recovered'],
  failure: ['failed', 'exhausted'],
  revoked: ['revoked', 'expired'],
  rejected: ['rejected'],
  lost: ['lost'],
  ignored: [],
  never_started: [],
};

async function replayed(...files: string[]): Promise<{ dir: string; bugs: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'replay-'));
  const { bugs } = await replay({
    files,
    outDir: dir,
    policy: defaultPolicy('#test'),
    redact: defaultRedactOptions,
    lifecycle: { ...defaultLifecycleOptions, rememberMs: Number.POSITIVE_INFINITY },
    sentry: { environment: 'test', release: undefined, grouping: 'taskvigil' },
  });
  return { dir, bugs };
}

function read<T>(dir: string, name: string): T[] {
  return readFileSync(join(dir, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

for (const [name, file] of recordings) {
  test(`${name}: every visible state and attempt is right, no outcome is wrong, no secret is exported`, async (t) => {
    const { dir, bugs } = await replayed(file);
    assert.equal(bugs, 0);
    const expected = JSON.parse(readFileSync(join(data, `${name}.expected.json`), 'utf8')) as Expected;
    const verdicts = read<Verdict>(dir, 'verdicts.ndjson');
    assert.deepEqual(
      Object.fromEntries(verdicts.map(({ task_id, state, attempts }) => [task_id, [state, attempts]])),
      Object.fromEntries(Object.entries(expected).map(([id, [state, attempts]]) => [id, [state, attempts]])),
    );
    for (const { task_id, name: task, outcome } of verdicts) {
      const truth = expected[task_id]?.[2] ?? 'missing';
      assert.ok(
        outcome === 'unknown' || allowedOutcomes[truth]?.includes(outcome),
        `${task} was ${truth}, reported as ${outcome}`,
      );
    }
    const known = verdicts.filter(({ outcome }) => outcome !== 'unknown').length;
    t.diagnostic(`${verdicts.length} of ${verdicts.length} visible states right, ${known} with an outcome, 0 wrong`);
    for (const output of readdirSync(dir)) {
      const text = readFileSync(join(dir, output), 'utf8');
      for (const needle of needles) {
        const forms = [needle, JSON.stringify(needle).slice(1, -1)];
        assert.ok(
          !forms.some((form) => text.includes(form)),
          `a planted secret (${needle.slice(0, 4)}…) is in ${output}`,
        );
      }
    }
  });
}

test('the spans of a recording have distinct ids, and every parent is exported', async () => {
  const { dir } = await replayed(demo);
  const spans = read<{ spanId: string; traceId: string; parentSpanId?: string; startAt: number; endAt: number }>(
    dir,
    'spans.ndjson',
  );
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const orphans = spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId));
  assert.ok(spans.every(({ startAt, endAt }) => endAt >= startAt));
  // A task that never ended has no span of its own, and its attempts have no parent.
  assert.deepEqual(orphans, []);
});

test('every wire format is decoded, and a pickle is counted as rejected and never decoded', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'replay-'));
  const { rejected, bugs, tasks } = await replay({
    files: [join(data, 'dialects.ndjson.gz')],
    outDir: dir,
    policy: defaultPolicy('#test'),
    redact: defaultRedactOptions,
    lifecycle: { ...defaultLifecycleOptions, rememberMs: Number.POSITIVE_INFINITY },
    sentry: { environment: 'test', release: undefined, grouping: 'taskvigil' },
  });
  assert.equal(bugs, 0);
  assert.deepEqual(Object.keys(rejected), ['pickle']);
  assert.ok(tasks > 90);
});

test('with results from the backend the end events that a threads pool loses leave no unknown outcome', async () => {
  const stem = join(data, 'shop-563-threads-solo');
  const expected = JSON.parse(readFileSync(`${stem}.expected.json`, 'utf8')) as Expected;
  const { dir, bugs } = await replayed(`${stem}.ndjson.gz`, `${stem}.results.ndjson.gz`);
  assert.equal(bugs, 0);
  const verdicts = new Map(read<Verdict>(dir, 'verdicts.ndjson').map((verdict) => [verdict.task_id, verdict]));
  const unknown: string[] = [];
  for (const [id, [, , truth]] of Object.entries(expected)) {
    const outcome = verdicts.get(id)?.outcome ?? 'missing';
    if (outcome === 'unknown') unknown.push(truth);
    else assert.ok(allowedOutcomes[truth]?.includes(outcome), `${id}: ${truth}, reported as ${outcome}`);
  }
  // An ignored task stores no result, and neither does one rejected before its acknowledgement.
  assert.deepEqual(unknown.sort(), ['ignored', 'rejected']);
  const everything = readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'));
  for (const needle of needles)
    assert.ok(!everything.some((text) => text.includes(needle)), 'a planted secret was exported');
});
