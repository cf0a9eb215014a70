/** A replay of a daemon's recording makes the same decisions as the daemon, byte for byte. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { AlertCommand } from '../../src/alert/incidents/command.ts';
import { matchesEverything } from '../../src/alert/matcher.ts';
import type { Policy } from '../../src/alert/policy.ts';
import { replay } from '../../src/cli/replay.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { policyOf } from '../../src/config/policy/policy.ts';
import { createDaemon } from '../../src/daemon/daemon.ts';
import { createRecorder } from '../../src/daemon/recorder.ts';
import { createVirtualClock } from '../../src/runtime/clock.ts';
import { celeryFormat } from '../../src/source/celery/format.ts';
import { createPacedRecording } from '../../src/source/paced-recording.ts';
import { createShop } from '../fakes/shop.ts';

const minute = 60_000;
const startAt = Date.UTC(2026, 10, 24, 8);
const text = `
broker: redis://recorded/0
critical: [payouts.*]
alerts: { learning: 10m, reminders: [20m, 40m] }
schedules:
  - { name: nightly, task: reports.nightly, every: 30m }
`;

function configOf(yaml: string): Config {
  const loaded = loadConfig({
    text: yaml,
    file: 'test.yaml',
    env: {},
    hostname: 'h',
    readFile: () => '',
    withoutSecrets: true,
    now: startAt,
  });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

/** Small steps of uneven length, as real timers have them, equal in each run. */
function* jitter(): Generator<number> {
  for (let seed = 1; ; seed = (seed * 48_271) % 2_147_483_647) yield 60 + (seed % 900);
}

interface Live {
  readonly recording: string;
  readonly decisions: string;
}

/** Runs the daemon on a paced recording and a clock with uneven steps. */
async function runLive(
  config: Config,
  policy: Policy,
  files: readonly string[],
  untilMs: number,
  orders: readonly (readonly [number, AlertCommand])[],
): Promise<Live> {
  const clock = createVirtualClock(startAt);
  const lines: string[] = [];
  const decisions: string[] = [];
  const bugs: unknown[] = [];
  const daemon = await createDaemon({
    config,
    policy,
    clock,
    random: () => 0.5,
    report(notice) {
      if (notice.kind === 'bug') bugs.push(notice.error);
    },
    instance: 'live',
    sources: () => [
      createPacedRecording({
        name: 'recorded',
        files,
        format: celeryFormat,
        clock,
        ended() {},
      }),
    ],
    recorder: createRecorder({
      clock,
      version: 'test',
      policy: policy.hash,
      write: (line) => lines.push(`${line}\n`),
      writeDecision: (line) => decisions.push(`${line}\n`),
    }),
  });
  await daemon.start();
  const steps = jitter();
  const due = [...orders];
  while (clock.now() < startAt + untilMs) {
    clock.advanceTo(clock.now() + steps.next().value);
    for (let turns = 0; turns < 3; turns += 1) await turn();
    for (const [at, command] of due.splice(0)) {
      if (startAt + at <= clock.now()) await daemon.execute(command);
      else due.push([at, command]);
    }
  }
  await daemon.stop();
  assert.deepEqual(bugs, []);
  return { recording: lines.join(''), decisions: decisions.join('') };
}

async function runReplay(
  config: Config,
  policy: Policy,
  recording: string,
): Promise<{ decisions: string; isStepped: boolean }> {
  const dir = mkdtempSync(join(tmpdir(), 'replay-'));
  const file = join(dir, 'recording.ndjson');
  writeFileSync(file, recording);
  const summary = await replay({
    files: [file],
    outDir: join(dir, 'out'),
    policy,
    redact: config.redact,
    lifecycle: {
      ...config.limits,
      ...config.workers,
      witnesses: [],
      ownsAllWorkers: true,
      openTasksMax: config.limits.openTasks,
      workersMax: config.limits.workers,
    },
    sentry: { environment: 'test', release: undefined, grouping: 'taskvigil' },
    onNotice: (notice) => assert.notEqual(notice.kind, 'bug'),
  });
  return { decisions: readFileSync(join(dir, 'out', 'decisions.ndjson'), 'utf8'), isStepped: summary.isStepped };
}

test('three hours of a shop with failures and commands: the replay makes the decisions of the daemon, byte for byte', async (t) => {
  const config = configOf(text);
  const policy = policyOf(config);
  const dir = mkdtempSync(join(tmpdir(), 'live-'));
  const file = join(dir, 'shop.ndjson');
  writeFileSync(file, createShop(startAt));
  const live = await runLive(config, policy, [file], 180 * minute, [
    [50 * minute, { what: 'deploy', deploy: { version: 'v2', at: startAt + 50 * minute, pools: [] } }],
    [
      70 * minute,
      {
        what: 'silence',
        silence: {
          id: 's1',
          match: { ...matchesEverything, tasks: ['mail.*'] },
          until: startAt + 100 * minute,
          reason: 'known',
          by: 'U1',
        },
      },
    ],
  ]);
  const again = await runReplay(config, policy, live.recording);
  assert.equal(again.isStepped, true);
  const reasons = new Map<string, number>();
  for (const line of live.decisions.trim().split('\n')) {
    const { reason } = (JSON.parse(line) as { verdict: { reason: string } }).verdict;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  t.diagnostic(`${live.recording.split('\n').length} lines, ${JSON.stringify(Object.fromEntries(reasons))}`);
  for (const reason of ['opened', 'resolved', 'below-threshold', 'already-told', 'reminder', 'silenced'])
    assert.ok(reasons.has(reason), `the recording has no ${reason}, so it proves too little`);
  assert.equal(again.decisions, live.decisions);
});
