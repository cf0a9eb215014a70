/**
 * A recording through the whole pipeline under a virtual clock, without any network, and decided by as many policies as are
 * wanted. A recording of ours says when the daemon looked, so the policy it had decides what it decided then; any other one,
 * and any other recording, is looked at once a second.
 */
import type { Decision } from '../../alert/decision.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import type { Policy } from '../../alert/policy.ts';
import type { Millis } from '../../event/ids.ts';
import type { WitnessKind } from '../../event/testimony.ts';
import type { Failure } from '../../failure/failure.ts';
import { type FailurePolicy, noPolicy } from '../../failure/grouping-policy.ts';
import { FailureTally } from '../../failure/tally.ts';
import { Lifecycle } from '../../lifecycle/lifecycle.ts';
import type { LifecycleOptions } from '../../lifecycle/lifecycle-options.ts';
import { type AlertCoordinator, createAlertCoordinator } from '../../notify/coordinator.ts';
import { createMemoryReceiver } from '../../notify/memory-receiver.ts';
import { createPipeline, type Stages, type Viewer } from '../../pipeline.ts';
import type { RedactOptions } from '../../redact/options.ts';
import { createRedactor } from '../../redact/redact.ts';
import type { Notice, Report } from '../../report.ts';
import type { Recorded } from '../../source/recording.ts';
import { createFallbackStore } from '../../store/fallback-store.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { inputOf, isWitness } from './recorded-input.ts';

/** One policy, and who is told what it decides. */
export interface Track {
  readonly policy: Policy;
  readonly onDecision: (decision: Decision) => void;
  readonly onNotification: (notification: Notification, now: Millis) => void;
}

export interface PlayOptions {
  readonly decode: Stages['decode'];
  readonly tracks: readonly Track[];
  readonly redact: RedactOptions;
  /** As the daemon has them. */
  readonly lifecycle: LifecycleOptions;
  /** The operator's rules for groups and classes. */
  readonly failures?: FailurePolicy | undefined;
  readonly viewers: readonly Viewer[];
  /** Only one file can be followed step by step. */
  readonly isOneFile: boolean;
  readonly onNotice?: Report | undefined;
}

export interface Player {
  take(recorded: Recorded): Promise<void>;
  /** Tells what is known of what is still under way, as a daemon does when it ends. */
  settle(): void;
  /** Lets an hour pass, so that what is over is seen to be over; but none behind what a daemon recorded. */
  runOut(): Promise<void>;
  lifecycle(): Lifecycle;
  readonly counts: () => PlayCounts;
}

export interface PlayCounts {
  readonly rejected: Readonly<Record<string, number>>;
  readonly bugs: number;
  /** Distinct ones. */
  readonly failures: number;
  readonly firstAt: Millis | undefined;
  readonly lastAt: Millis;
  /** The steps are those of the daemon that recorded. */
  readonly isStepped: boolean;
}

const runOutMs = 3_600_000;
const tickMs = 1_000;
/** Without the daemon's own memory limits, every task of a recording is remembered for its verdict. */
const openTasksMax = 10_000_000;

export function createPlayer(options: PlayOptions): Player {
  let now: Millis = 0;
  let firstAt: Millis | undefined;
  let lastTickAt: Millis | undefined;
  let steps: { readonly policy: unknown } | undefined;
  let failures = 0;
  let bugs = 0;
  const rejected: Record<string, number> = {};
  const report: Report = (notice: Notice) => {
    if (notice.kind === 'message-rejected') rejected[notice.reason] = (rejected[notice.reason] ?? 0) + 1;
    if (notice.kind === 'bug') bugs += 1;
    options.onNotice?.(notice);
  };
  const redactor = createRedactor({
    ...options.redact,
    onFailed: (field, reason) => report({ kind: 'redaction-failed', field, reason }),
  });
  let wired: ReturnType<typeof wire> | undefined;
  const parts = (): ReturnType<typeof wire> => {
    wired ??= wire({ ...options.lifecycle, rememberMs: Number.POSITIVE_INFINITY, openTasksMax });
    return wired;
  };

  function wire(lifecycleOptions: LifecycleOptions) {
    const lifecycle = new Lifecycle(lifecycleOptions);
    const clock = { now: () => now };
    const sinks = options.tracks.map((track) => {
      const ticksByItself = steps === undefined || steps.policy !== track.policy.hash;
      return createTrack(track, { clock, report, ticksByItself });
    });
    const tally = new FailureTally();
    const failed = (failure: Failure): void => {
      if (tally.count(failure, now) === undefined) return;
      failures += 1;
      for (const sink of sinks) sink.failure(failure);
    };
    const viewers: Viewer[] = [
      ...sinks.map((sink) => ({ event: sink.event, transition: sink.transition, gap: sink.gap })),
      { failure: failed },
      ...options.viewers,
    ];
    const pipeline = createPipeline({
      decode: options.decode,
      redact: (event) => redactor.redact(event),
      lifecycle,
      viewers,
      report,
      failures: options.failures ?? noPolicy,
    });
    return { lifecycle, sinks, pipeline };
  }

  async function look(): Promise<void> {
    for (const sink of parts().sinks) {
      await sink.tick();
      await sink.idle();
    }
  }

  async function advanceTo(at: Millis): Promise<void> {
    lastTickAt ??= at;
    while (lastTickAt + tickMs <= at) {
      lastTickAt += tickMs;
      now = lastTickAt;
      parts().pipeline.sweep(now);
      await look();
    }
    now = Math.max(now, at);
  }

  async function takeInput(recorded: Extract<Recorded, { kind: 'input' }>): Promise<void> {
    const input = inputOf(recorded.value, recorded.place);
    const { pipeline, sinks } = parts();
    switch (input.kind) {
      case 'look':
        return steps === undefined ? undefined : look();
      case 'sweep':
        return steps === undefined ? undefined : pipeline.sweep(input.now);
      case 'settle':
        return steps === undefined ? undefined : pipeline.settleAll(input.now);
      case 'gap':
        return pipeline.gap(input.gap);
      case 'listening':
        return pipeline.listening(input.isListening);
      case 'testimony':
        return pipeline.testify(input);
      case 'depth':
        for (const sink of sinks) sink.depth(input.queue, input.length);
        return;
      case 'command':
        for (const sink of sinks) await sink.execute(input.command);
        return;
      default:
        input satisfies never;
    }
  }

  return {
    async take(recorded) {
      firstAt ??= recorded.at;
      if (recorded.kind === 'begin') {
        if (wired !== undefined || !options.isOneFile) return;
        const { policy, witnesses } = recorded.value;
        steps = { policy };
        now = recorded.at;
        wired = wire({ ...options.lifecycle, witnesses: witnessesIn(witnesses) });
        return;
      }
      if (steps === undefined) await advanceTo(recorded.at);
      else now = recorded.at;
      const { pipeline, sinks } = parts();
      if (recorded.kind === 'event') pipeline.decoded(recorded.decoded, 'recording');
      else if (recorded.kind === 'message') pipeline.message(recorded.message);
      else if (recorded.kind === 'input') await takeInput(recorded);
      else
        for (const sink of sinks)
          for (const [queue, length] of Object.entries(recorded.queues)) sink.depth(queue, length);
    },
    settle() {
      if (steps === undefined) parts().pipeline.settleAll(now);
    },
    async runOut() {
      if (steps !== undefined) return;
      parts().pipeline.sweep(now);
      await look();
      await advanceTo(now + runOutMs);
    },
    lifecycle: () => parts().lifecycle,
    counts: () => ({ rejected, bugs, failures, firstAt, lastAt: now, isStepped: steps !== undefined }),
  };
}

function witnessesIn(value: unknown): WitnessKind[] {
  return Array.isArray(value) ? value.filter(isWitness) : [];
}

interface TrackParts {
  readonly clock: { readonly now: () => Millis };
  readonly report: Report;
  readonly ticksByItself: boolean;
}

function createTrack(
  { policy, onDecision, onNotification }: Track,
  { clock, report, ticksByItself }: TrackParts,
): AlertCoordinator {
  return createAlertCoordinator({
    policy: () => policy,
    store: createFallbackStore({
      shared: createMemoryStore(clock),
      isShared: false,
      clock,
      onAway: (error) => report({ kind: 'bug', where: 'replay.store', error }),
      onBack: () => {},
    }),
    clock,
    random: () => 0.5,
    report,
    onDecision,
    ticksByItself,
    receivers: [createMemoryReceiver({ clock, onDelivered: onNotification })],
    instance: 'replay',
  });
}
