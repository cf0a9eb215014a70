/**
 * Runs every scenario of test/scenarios: the noise policy in its own words, on a virtual clock, through the real alert
 * sink, the memory store and a receiver in memory. Lines, one step each:
 *
 *   rule threshold N in D wait D repeat D resolve D     one rule for everything (or: default-rules critical GLOBS)
 *   replicas N                                          so many sidecars over one store, each hears everything
 *   at D fail [TASK] -> REASONS                         what was decided about it; NOTIFY when it was told
 *   at D tick [-> REASONS]                              what was decided since the last step, time alone passing
 *   every D from D until D fail -> REASON               the same, several times
 *   shows STATE N · posts N · replies N                 the latest root message, and how many there are
 *   slack away | slack back
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import type { Decision } from '../src/alert/decide.ts';
import { defaultRules, type Rule } from '../src/alert/rule.ts';
import { type AlertSink, createAlertSink } from '../src/sink/alerts.ts';
import { createMemoryReceiver } from '../src/sink/memory-receiver.ts';
import { createMemoryStore } from '../src/store/memory.ts';
import { failureOf } from './fakes/failure.ts';

const folder = new URL('./scenarios/', import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(`scenario ${file}`, async () => {
    const lines = readFileSync(new URL(file, folder), 'utf8').split('\n');
    const scenario = createScenario(ruleLine(lines), replicasLine(lines));
    for (const [index, line] of lines.entries()) await runLine(scenario, line, `${file}:${index + 1}`);
  });
}

type Scenario = ReturnType<typeof createScenario>;

function createScenario(rules: readonly Rule[], replicas: number) {
  let now = 0;
  let isSlackAway = false;
  let decisions: Decision[] = [];
  const clock = { now: () => now };
  const store = createMemoryStore(clock);
  const receiver = createMemoryReceiver(clock);
  const sinks = Array.from(
    { length: replicas },
    (_, index): AlertSink =>
      createAlertSink({
        rules: () => rules,
        store,
        clock,
        random: () => 0.5,
        report: (notice) => assert.notEqual(notice.kind, 'bug', JSON.stringify(notice)),
        onDecision: (decision) => decisions.push(decision),
        deliver: async (notification, limits) =>
          isSlackAway
            ? { outcome: 'not-delivered', reason: 'away', retryInMs: undefined }
            : receiver.deliver(notification, limits),
        instance: `sidecar-${index}`,
      }),
  );

  async function tick(): Promise<void> {
    for (const sink of sinks) {
      await sink.tick();
      await sink.idle();
    }
  }

  return {
    tick,
    slack(isAway: boolean) {
      isSlackAway = isAway;
    },
    async passUntil(at: number) {
      assert.ok(at >= now, `time goes forward: ${at} after ${now}`);
      while (now < at) {
        now = Math.min(at, now + 1_000);
        await tick();
      }
    },
    fail(id: string, task: string) {
      for (const sink of sinks) sink.offer(failureOf({ id, task, fingerprint: task, at: now }));
    },
    takeDecisions() {
      const taken = decisions;
      decisions = [];
      return taken;
    },
    messages: () => receiver.messages().map(({ notification }) => notification),
  };
}

let failures = 0;

async function runLine(scenario: Scenario, line: string, where: string): Promise<void> {
  const [words, want] = line
    .replace(/#.*/, '')
    .split('->')
    .map((half) => half.trim());
  if (words === undefined || words === '' || /^(rule|default-rules|replicas) /.test(words)) return;
  const [verb, ...rest] = words.split(/\s+/);
  switch (verb) {
    case 'at':
      return runAt(scenario, rest, want, where);
    case 'every':
      return runEvery(scenario, rest, want, where);
    case 'slack':
      return scenario.slack(rest[0] === 'away');
    default:
      return runExpectation(scenario, [verb ?? '', ...rest], where);
  }
}

async function runAt(scenario: Scenario, rest: string[], want: string | undefined, where: string): Promise<void> {
  const [at, verb, task] = rest;
  await scenario.passUntil(millisOf(at));
  if (verb === 'fail') {
    assert.deepEqual(reasonsOf(scenario.takeDecisions()), [], `${where}: nothing was to be decided before`);
    failures += 1;
    scenario.fail(`failure-${failures}`, task ?? 'billing.tasks.charge');
    await scenario.tick();
  }
  const got = reasonsOf(scenario.takeDecisions());
  assert.deepEqual(got, want?.split(/,\s*/) ?? [], where);
}

async function runEvery(scenario: Scenario, rest: string[], want: string | undefined, where: string): Promise<void> {
  const [step, , from, , until, ...action] = rest;
  for (let at = millisOf(from); at <= millisOf(until); at += millisOf(step)) {
    await runAt(scenario, [`${at / 1000}s`, ...action], want, where);
  }
}

function runExpectation(scenario: Scenario, [verb, first, second]: string[], where: string): void {
  const messages = scenario.messages();
  const roots = messages.filter(({ action }) => action !== 'reply');
  const latest = roots.at(-1);
  const got: Record<string, unknown> = {
    shows: `${latest?.state} ${latest?.count}`,
    posts: `${roots.length}`,
    replies: `${messages.length - roots.length}`,
  };
  assert.ok(verb !== undefined && verb in got, `${where}: expected a step, got ${verb}`);
  assert.equal(got[verb], second === undefined ? first : `${first} ${second}`, where);
}

function reasonsOf(decisions: readonly Decision[]): string[] {
  return decisions.map(({ notify, reason }) => (notify ? `NOTIFY ${reason}` : reason));
}

function ruleLine(lines: readonly string[]): Rule[] {
  const critical = lines
    .find((line) => line.startsWith('default-rules'))
    ?.split(/\s+/)
    .slice(2);
  const [everything] = defaultRules({ channel: '#alerts' });
  if (critical !== undefined) return defaultRules({ channel: '#alerts', critical });
  const words = lines.find((line) => line.startsWith('rule '))?.split(/\s+/) ?? [];
  const after = (word: string) => words[words.indexOf(word) + 1];
  const rule: Rule = {
    ...everything!,
    threshold: Number(after('threshold')),
    windowMs: millisOf(after('in')),
    waitMs: millisOf(after('wait')),
    repeatIntervalMs: millisOf(after('repeat')),
    resolveAfterMs: millisOf(after('resolve')),
  };
  return [rule];
}

function replicasLine(lines: readonly string[]): number {
  return Number(lines.find((line) => line.startsWith('replicas '))?.split(' ')[1] ?? 1);
}

function millisOf(duration: string | undefined): number {
  const [, amount, unit] = /^([\d.]+)([smh])$/.exec(duration ?? '') ?? [];
  assert.ok(amount !== undefined && unit !== undefined, `expected a duration like 10m, got ${duration}`);
  return Number(amount) * ({ s: 1_000, m: 60_000, h: 3_600_000 }[unit] ?? Number.NaN);
}
