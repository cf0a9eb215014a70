/**
 * taskvigil replay: recordings through the whole pipeline under a virtual clock, with the memory store and no network.
 * Writes what would have left, one JSON object a line.
 */

import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Policy } from '../alert/policy.ts';
import type { Millis } from '../event/ids.ts';
import { type FailurePolicy, noPolicy } from '../failure/policy.ts';
import { createLifecycle, type LifecycleOptions, type Verdict } from '../lifecycle/lifecycle.ts';
import { createPipeline, type Pipeline, type Viewer } from '../pipeline.ts';
import { createRedactor, type RedactOptions } from '../redact/redact.ts';
import type { Notice, Report } from '../report.ts';
import { type AlertSink, createAlertSink } from '../sink/alerts.ts';
import { createMemoryReceiver } from '../sink/memory-receiver.ts';
import { recordOf } from '../sink/records.ts';
import { type SentryEventOptions, sentryEventOf } from '../sink/sentry-event.ts';
import { renderSlack } from '../sink/slack-message.ts';
import { spansOf } from '../sink/spans.ts';
import { type Recorded, readRecordings } from '../source/recording.ts';
import { createMemoryStore } from '../store/memory.ts';
import { createSteadyStore } from '../store/steady.ts';

export interface ReplayOptions {
  readonly files: readonly string[];
  readonly outDir: string;
  readonly policy: Policy;
  readonly redact: RedactOptions;
  /** The operator's rules for groups and classes; none when left out. */
  readonly failures?: FailurePolicy;
  readonly lifecycle: LifecycleOptions;
  readonly sentry: SentryEventOptions;
  /** Told of every notice, so that a bug in the pipeline cannot hide in a file. */
  readonly onNotice?: Report;
}

export interface ReplaySummary {
  readonly messages: number;
  readonly tasks: number;
  readonly notifications: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly bugs: number;
}

/** How long the clock runs on behind the last message, so that incidents that are over are seen to be over. */
const runOutMs = 3_600_000;
const tickMs = 1_000;

/** Throws RecordingError for a line that cannot be read, and what the file system throws. */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  mkdirSync(options.outDir, { recursive: true });
  const out = createOutputs(options.outDir);
  const run = createRun(options, out);
  let messages = 0;
  for await (const recorded of readRecordings(options.files)) {
    messages += 1;
    await run.take(recorded);
    await out.room();
  }
  const tasks = await run.end();
  await out.close();
  return { messages, tasks, ...run.counts() };
}

function createRun(options: ReplayOptions, out: Outputs) {
  let now: Millis = 0;
  let lastTickAt: Millis | undefined;
  const rejected: Record<string, number> = {};
  let bugs = 0;
  const report: Report = (notice: Notice) => {
    if (notice.kind === 'message-rejected') rejected[notice.reason] = (rejected[notice.reason] ?? 0) + 1;
    if (notice.kind === 'bug') bugs += 1;
    options.onNotice?.(notice);
  };
  const clock = { now: () => now };
  const receiver = createMemoryReceiver(clock);
  let notifications = 0;
  const alerts = createAlertSink({
    policy: () => options.policy,
    store: createSteadyStore({
      shared: createMemoryStore(clock),
      isShared: false,
      clock,
      onAway: (error) => report({ kind: 'bug', where: 'replay.store', error }),
      onBack: () => {},
    }),
    clock,
    random: () => 0.5,
    report,
    onDecision: (decision) => out.write('decisions', decision),
    deliver: (notification, limits) => {
      notifications += 1;
      out.write('notifications', { at: now, notification, message: renderSlack(notification, { links: [] }) });
      return receiver.deliver(notification, limits);
    },
    instance: 'replay',
  });
  const redactor = createRedactor({
    ...options.redact,
    onFailed: (field, reason) => report({ kind: 'redaction-failed', field, reason }),
  });
  const lifecycle = createLifecycle(options.lifecycle);
  const pipeline = createPipeline({
    redact: (event) => redactor.redact(event),
    lifecycle,
    viewers: [alerts, viewerOf(options.sentry, out)],
    report,
    failures: options.failures ?? noPolicy,
  });

  async function advanceTo(at: Millis): Promise<void> {
    lastTickAt ??= at;
    while (lastTickAt + tickMs <= at) {
      lastTickAt += tickMs;
      now = lastTickAt;
      await tick(pipeline, alerts, now);
    }
    now = Math.max(now, at);
  }

  return {
    async take(recorded: Recorded): Promise<void> {
      await advanceTo(recorded.at);
      if (recorded.kind === 'event') pipeline.decoded(recorded.decoded, 'recording');
      else pipeline.message(recorded.message);
    },
    async end(): Promise<number> {
      pipeline.settleAll(now);
      const verdicts = [...lifecycle.verdicts()];
      await tick(pipeline, alerts, now);
      const last = now;
      await advanceTo(last + runOutMs);
      await alerts.stop();
      for (const verdict of verdicts) out.write('verdicts', verdictLine(verdict));
      return verdicts.length;
    },
    counts: () => ({ notifications, rejected, bugs }),
  };
}

async function tick(pipeline: Pipeline, alerts: AlertSink, now: Millis): Promise<void> {
  pipeline.sweep(now);
  await alerts.tick();
  await alerts.idle();
}

function viewerOf(sentry: SentryEventOptions, out: Outputs): Viewer {
  return {
    transition(transition) {
      for (const span of spansOf(transition)) out.write('spans', span);
      out.write('logs', recordOf(transition));
    },
    failure(failure) {
      out.write('sentry', sentryEventOf(failure, sentry));
    },
  };
}

/** `state` and `attempts` say what the events alone can show; `outcome` and `cause` what they mean. */
function verdictLine({ task, startedCount, outcome, cause, worker, comesBack, findings }: Verdict) {
  return {
    task_id: task.id,
    name: task.name ?? null,
    state: task.state,
    attempts: startedCount,
    outcome,
    cause: cause ?? null,
    parent_id: task.parentId ?? null,
    root_id: task.rootId,
    worker: worker ?? null,
    queue: task.queue ?? null,
    group_id: task.groupId ?? null,
    comes_back: comesBack === undefined ? null : { because: comesBack.because, at: comesBack.at ?? null },
    findings: findings.map(({ what }) => what),
  };
}

const outputs = ['verdicts', 'spans', 'logs', 'sentry', 'notifications', 'decisions'] as const;
type Output = (typeof outputs)[number];

interface Outputs {
  write(output: Output, value: unknown): void;
  /** Resolves when the disk has kept up. */
  room(): Promise<void>;
  close(): Promise<void>;
}

function createOutputs(dir: string): Outputs {
  const streams = new Map<Output, WriteStream>(
    outputs.map((name) => [name, createWriteStream(join(dir, `${name}.ndjson`))]),
  );
  const full = new Set<WriteStream>();
  return {
    write(output, value) {
      const stream = streams.get(output) as WriteStream;
      if (!stream.write(`${JSON.stringify(value)}\n`)) full.add(stream);
    },
    async room() {
      for (const stream of full) if (stream.writableNeedDrain) await once(stream, 'drain');
      full.clear();
    },
    async close() {
      await Promise.all(
        [...streams.values()].map((stream) => new Promise<void>((resolve) => stream.end(() => resolve()))),
      );
    },
  };
}
