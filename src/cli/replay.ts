/**
 * taskvigil replay: plays recordings through the whole pipeline on a virtual clock, with the memory store and without a
 * network. Writes everything that a daemon would have exported, one JSON object per line.
 */

import { once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Policy } from '../alert/policy.ts';
import type { FailurePolicy } from '../failure/grouping-policy.ts';
import type { LifecycleOptions } from '../lifecycle/lifecycle-options.ts';
import type { TaskSummary } from '../lifecycle/task-summary.ts';
import type { Viewer } from '../pipeline.ts';
import type { RedactOptions } from '../redact/options.ts';
import type { Report } from '../report.ts';
import { recordOf } from '../sink/otlp/log-records.ts';
import { spansOf } from '../sink/otlp/spans.ts';
import { type SentryEventOptions, sentryEventOf } from '../sink/sentry/event.ts';
import { renderSlack } from '../sink/slack-message/message.ts';
import { celeryFormat } from '../source/celery/format.ts';
import { type Progress, readRecordings } from '../source/recording.ts';
import { createPlayer } from './playback/play.ts';

export interface ReplayOptions {
  readonly files: readonly string[];
  readonly outDir: string;
  readonly policy: Policy;
  readonly redact: RedactOptions;
  /** The operator's rules for groups and classes; none if left out. */
  readonly failures?: FailurePolicy;
  readonly lifecycle: LifecycleOptions;
  readonly sentry: SentryEventOptions;
  /** Receives every notice, so that a bug of the pipeline reaches the operator. */
  readonly onNotice?: Report;
  /** Receives the number of bytes read since its last call. */
  readonly onProgress?: Progress;
}

export interface ReplaySummary {
  readonly messages: number;
  readonly tasks: number;
  /** Tasks without an end in the recording. */
  readonly openAtEnd: number;
  readonly notifications: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly bugs: number;
  /** True if the evaluations were those of the daemon that recorded, so that its policy decided exactly as then. */
  readonly isStepped: boolean;
}

/** Throws RecordingError for a line that cannot be read, and errors of the file system. */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const { files, outDir, policy, redact, lifecycle, failures, sentry, onNotice, onProgress } = options;
  mkdirSync(outDir, { recursive: true });
  const out = createOutputs(outDir);
  let notifications = 0;
  const player = createPlayer({
    decode: celeryFormat.decode,
    tracks: [
      {
        policy,
        onDecision: (decision) => out.write('decisions', decision),
        onNotification(notification, at) {
          notifications += 1;
          out.write('notifications', { at, notification, message: renderSlack(notification, { links: [] }) });
        },
      },
    ],
    redact,
    lifecycle,
    failures,
    viewers: [viewerOf(sentry, out)],
    isOneFile: files.length === 1,
    onNotice,
  });
  let messages = 0;
  for await (const recorded of readRecordings(files, { format: celeryFormat, onProgress })) {
    if (recorded.kind === 'message' || recorded.kind === 'event') messages += 1;
    await player.take(recorded);
    await out.room();
  }
  player.settle();
  const verdicts = [...player.lifecycle().summaries()];
  await player.runOut();
  for (const verdict of verdicts) out.write('verdicts', verdictLine(verdict));
  await out.close();
  const openAtEnd = verdicts.filter(({ isOpen }) => isOpen).length;
  const { rejected, bugs, isStepped } = player.counts();
  return { messages, tasks: verdicts.length, openAtEnd, notifications, rejected, bugs, isStepped };
}

function viewerOf(sentry: SentryEventOptions, out: Outputs): Viewer {
  return {
    transition(transition) {
      for (const span of spansOf(transition)) out.write('spans', span);
      out.write('logs', recordOf(transition));
    },
    failure(failure) {
      out.write('sentry', sentryEventOf(failure, sentry));
      const { id, at, task, fingerprint, cause } = failure;
      out.write('failures', { id, at, task_id: task.id, task: task.name ?? null, fingerprint, cause });
    },
  };
}

/** `state` and `attempts` come from the events alone; `outcome` and `cause` are derived from them. */
function verdictLine(summary: TaskSummary) {
  const { task, startedCount, outcome, isOpen, cause, worker, nextAttempt, findings } = summary;
  return {
    task_id: task.id,
    name: task.name ?? null,
    state: task.state,
    attempts: startedCount,
    outcome,
    open_at_end: isOpen,
    cause: cause ?? null,
    parent_id: task.parentId ?? null,
    root_id: task.rootId,
    worker: worker ?? null,
    queue: task.queue ?? null,
    group_id: task.groupId ?? null,
    comes_back: nextAttempt === undefined ? null : { because: nextAttempt.because, at: nextAttempt.at ?? null },
    findings: findings.map(({ what }) => what),
  };
}

const outputs = ['verdicts', 'spans', 'logs', 'sentry', 'failures', 'notifications', 'decisions'] as const;
type Output = (typeof outputs)[number];

interface Outputs {
  write(output: Output, value: unknown): void;
  /** Resolves when the streams accept more data. */
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
