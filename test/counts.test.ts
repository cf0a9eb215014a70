/**
 * Every number about failures agrees with a direct count of what happened: root messages, decisions, the page, and the
 * failures that metrics and Sentry receive. The counter here reads the story of the test and none of our evidence.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { poolOf } from '../src/alert/evidence/worker-pool.ts';
import type { IncidentCondition } from '../src/alert/incident.ts';
import { parseKey } from '../src/alert/key.ts';
import { FailureTally } from '../src/failure/tally.ts';
import { renderSlack } from '../src/sink/slack-message/message.ts';
import { Board } from '../src/status/board.ts';
import { visibleLines } from './fakes/slack-content.ts';
import { parseScript } from './scenarios/script.ts';
import { createStage, type Posted } from './scenarios/stage.ts';

interface Happening {
  readonly afterS: number;
  readonly task: string;
  readonly end: 'failure' | 'success' | 'death';
  readonly exception: string;
  readonly host: string;
  readonly count: number;
}

interface Counted extends Happening {
  readonly at: number;
}

const tasks = ['billing.charge', 'mail.send'] as const;
const hosts = ['celery@pay-1', 'celery@pay-2'] as const;
const anyHappening: fc.Arbitrary<Happening> = fc.record({
  // All of a story is within the windows of ten minutes.
  afterS: fc.integer({ min: 0, max: 40 }),
  task: fc.constantFrom(...tasks),
  end: fc.constantFrom('failure', 'failure', 'failure', 'success', 'death'),
  exception: fc.constantFrom('KeyError', 'OrderLocked', 'SIGABRT'),
  host: fc.constantFrom(...hosts),
  count: fc.integer({ min: 1, max: 6 }),
});

const header = `workers ${hosts.join(' ')} celery@web-1
baseline 720 attempts an hour of billing.charge
baseline 720 attempts an hour of mail.send
at 1s time passes`;

test('root messages, decisions, page and exported failures agree with a direct count', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyHappening, { minLength: 3, maxLength: 13 }), async (happenings) => {
      const { failed, roots, decided, board, exported } = await played(happenings);
      const all = sum(failed);
      assert.deepEqual([decided, board, exported], [all, all, all]);
      for (const { notification } of roots) {
        assert.ok(notification.about.kind === 'incident');
        const text = visibleLines(renderSlack(notification, { links: [] }).blocks).join('\n');
        for (const condition of notification.about.incident.keys) assertCounted(condition, failed, text);
        assertAddsUp(text);
      }
    }),
    { numRuns: 25 },
  );
});

/** Plays the story, and lets the last edits be delivered. */
async function played(happenings: readonly Happening[]) {
  const script = parseScript(header, 'counts');
  const tally = new FailureTally();
  const board = new Board();
  let exported = 0;
  const stage = await createStage(script, [
    {
      failure(failure) {
        const group = tally.count(failure, failure.at);
        if (group === undefined) return;
        exported += 1;
        board.recordFailure(failure, group);
      },
    },
  ]);
  const failed: Counted[] = [];
  let atMs = 0;
  for (const happening of happenings) {
    atMs += happening.afterS * 1_000;
    await stage.passUntil(atMs);
    const { end, task, exception, host, count } = happening;
    await stage.play({ what: 'runs', count, end, task, exception, words: 'it failed', host, queue: undefined });
    if (end !== 'success') failed.push({ ...happening, at: script.startAt + atMs });
  }
  await stage.passUntil(atMs + 180_000);
  const roots = new Map<string, Posted>();
  for (const posted of stage.posted) {
    const { action, about } = posted.notification;
    if (about.kind === 'incident' && (action === 'post' || action === 'edit')) roots.set(about.incident.id, posted);
  }
  const decided = stage.takeDecisions().reduce((total, { failures }) => total + failures, 0);
  return { failed, roots: [...roots.values()], decided, board: board.snapshot(0).failureCount, exported };
}

function assertCounted(condition: IncidentCondition, failed: readonly Counted[], text: string): void {
  const { total, firstAt, parts } = condition;
  if (total === undefined) return;
  const counted = failed.filter((one) => isOf(condition, one));
  if (parseKey(condition.key)?.kind === 'task') {
    // All failures of a task count since five minutes before, in whole buckets.
    const since = counted.filter(({ at }) => at >= firstAt);
    assert.ok(total >= sum(since) && total <= sum(counted), `${condition.key}: ${text}`);
    return;
  }
  assert.equal(total, sum(counted), `${condition.key}: ${text}`);
  if (parts === undefined) return;
  for (const signal of ['SIGKILL', 'SIGABRT']) {
    const of = counted.filter(({ exception }) => (exception === 'SIGABRT') === (signal === 'SIGABRT'));
    assert.equal(parts[signal] ?? 0, sum(of), `${condition.key} ${signal}: ${text}`);
  }
}

function isOf({ key, task, title }: IncidentCondition, one: Counted): boolean {
  const parsed = parseKey(key);
  if (parsed?.kind === 'pool') return one.end === 'death' && poolOf(one.host).pool === parsed.pool;
  if (parsed?.kind === 'task') return one.task === parsed.task;
  return one.end === 'failure' && one.task === task && title === `${one.exception}: it failed`;
}

/** Shares are those of the counts beside them, and kinds add up to their total. */
function assertAddsUp(text: string): void {
  for (const [shown, part = '', whole = '', percent = ''] of text.matchAll(
    /([\d,]+) of ([\d,]+) attempts in [^(]*\((\d+)%\)/g,
  ))
    assert.equal(Math.round((100 * Number(part)) / Number(whole)), Number(percent), shown);
  for (const [shown, total = '', kinds = ''] of text.matchAll(/(\d+) attempts lost: ((?:SIG[A-Z]+ \d+(?:, )?)+)/g)) {
    const counts = [...kinds.matchAll(/\d+/g)].map(([count]) => Number(count));
    assert.equal(
      counts.reduce((a, b) => a + b, 0),
      Number(total),
      shown,
    );
  }
}

function sum(happenings: readonly { readonly count: number }[]): number {
  return happenings.reduce((total, { count }) => total + count, 0);
}
