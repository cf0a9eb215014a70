/**
 * Plays a recording through the whole pipeline on a virtual clock, without a network, for any number of policies. A recording
 * of taskvigil contains the daemon's evaluations, so its own policy decides exactly as it did then. For another policy, and
 * for a recording of plain events, the policies are evaluated once a second.
 */
import type { Millis } from '../../event/ids.ts';
import type { WitnessKind } from '../../event/testimony.ts';
import type { Failure } from '../../failure/failure.ts';
import { type FailurePolicy, noPolicy } from '../../failure/grouping-policy.ts';
import { FailureTally } from '../../failure/tally.ts';
import { Lifecycle } from '../../lifecycle/lifecycle.ts';
import type { LifecycleOptions } from '../../lifecycle/lifecycle-options.ts';
import type { AlertCoordinator } from '../../notify/coordinator.ts';
import { createPipeline, type Pipeline, type Stages, type Viewer } from '../../pipeline.ts';
import type { RedactOptions } from '../../redact/options.ts';
import { createRedactor, type Redactor } from '../../redact/redact.ts';
import type { Notice, Report } from '../../report.ts';
import type { Recorded } from '../../source/recording.ts';
import { inputOf, isWitness } from './recorded-input.ts';
import { isGap, RecordedTime } from './recorded-time.ts';
import { createTrack, type Track } from './track.ts';

export interface PlayOptions {
  readonly decode: Stages['decode'];
  readonly tracks: readonly Track[];
  readonly redact: RedactOptions;
  /** Those of the daemon. */
  readonly lifecycle: LifecycleOptions;
  /** The operator's rules for groups and classes. */
  readonly failures?: FailurePolicy | undefined;
  readonly viewers: readonly Viewer[];
  /** Recorded evaluations are repeated only if there is one file. */
  readonly isOneFile: boolean;
  readonly onNotice?: Report | undefined;
}

export interface Player {
  take(recorded: Recorded): Promise<void>;
  /** Derives the outcome of every task that has not ended, like a daemon that stops. */
  settle(): void;
  /**
   * Ends the collection time of every pending incident; not after a recording with the daemon's own evaluations. The end of
   * the input is no silence: nothing is concluded from the time after it.
   */
  runOut(): Promise<void>;
  lifecycle(): Lifecycle;
  readonly counts: () => PlayCounts;
}

export interface PlayCounts {
  readonly rejected: Readonly<Record<string, number>>;
  readonly bugs: number;
  /** Distinct failures. */
  readonly failures: number;
  readonly firstAt: Millis | undefined;
  readonly lastAt: Millis;
  /** True if the evaluations were those of the daemon that recorded. */
  readonly isStepped: boolean;
}

/** No collection time is longer. */
const runOutMaxMs = 3_600_000;
const tickMs = 1_000;
/** Replays run without the daemon's memory limits: every task of a recording is kept for its final result. */
const openTasksMax = 10_000_000;

export function createPlayer(options: PlayOptions): Player {
  return new RecordingPlayer(options);
}

/** The parts that depend on the start of the recording. */
interface Stage {
  readonly lifecycle: Lifecycle;
  readonly pipeline: Pipeline;
  readonly coordinators: readonly AlertCoordinator[];
}

class RecordingPlayer implements Player {
  readonly #options: PlayOptions;
  readonly #redactor: Redactor;
  readonly #rejected: Record<string, number> = {};
  #now: Millis = 0;
  #firstAt: Millis | undefined;
  #lastTickAt: Millis | undefined;
  /** Policy of the daemon that recorded; undefined for a recording of plain events. */
  #recorded: { readonly policy: unknown } | undefined;
  readonly #time = new RecordedTime();
  /** As the recording notes it. */
  #isListening = true;
  #failures = 0;
  #bugs = 0;
  #created: Stage | undefined;

  constructor(options: PlayOptions) {
    this.#options = options;
    this.#redactor = createRedactor({
      ...options.redact,
      onFailed: (field, reason) => this.#report({ kind: 'redaction-failed', field, reason }),
    });
  }

  async take(recorded: Recorded): Promise<void> {
    this.#firstAt ??= recorded.at;
    if (recorded.kind === 'begin') {
      this.#begin(recorded);
      return;
    }
    if (this.#recorded === undefined) await this.#advanceTo(recorded.at);
    else this.#now = recorded.at;
    const { pipeline } = this.#stage();
    switch (recorded.kind) {
      case 'event':
        return pipeline.decoded(recorded.decoded, 'recording');
      case 'message':
        return pipeline.message(recorded.message);
      case 'input':
        return this.#takeInput(recorded);
      default:
        for (const [queue, length] of Object.entries(recorded.queues)) this.#takeDepth(queue, length);
    }
  }

  settle(): void {
    if (this.#recorded === undefined) this.#stage().pipeline.settleAll(this.#now);
  }

  async runOut(): Promise<void> {
    if (this.#recorded !== undefined) return;
    const { pipeline, coordinators } = this.#stage();
    pipeline.sweep(this.#now);
    await this.#evaluate();
    pipeline.listening(false);
    const endedAt = this.#now;
    const isPending = (): boolean =>
      coordinators.some((one) => one.book().incidents.some(({ phase }) => phase.name === 'pending'));
    while (isPending() && this.#now < endedAt + runOutMaxMs) await this.#tickUntil(this.#now + tickMs, endedAt);
    await this.#tickUntil(this.#now + tickMs, endedAt);
  }

  lifecycle(): Lifecycle {
    return this.#stage().lifecycle;
  }

  readonly counts = (): PlayCounts => ({
    rejected: this.#rejected,
    bugs: this.#bugs,
    failures: this.#failures,
    firstAt: this.#firstAt,
    lastAt: this.#now,
    isStepped: this.#recorded !== undefined,
  });

  #begin({ at, value: { policy, witnesses } }: Extract<Recorded, { kind: 'begin' }>): void {
    if (this.#created !== undefined || !this.#options.isOneFile) return;
    this.#recorded = { policy };
    this.#now = at;
    this.#created = this.#createStage({ ...this.#options.lifecycle, witnesses: witnessesIn(witnesses) });
  }

  #stage(): Stage {
    this.#created ??= this.#createStage({
      ...this.#options.lifecycle,
      rememberMs: Number.POSITIVE_INFINITY,
      openTasksMax,
    });
    return this.#created;
  }

  #createStage(lifecycleOptions: LifecycleOptions): Stage {
    const { tracks, viewers, decode, failures = noPolicy } = this.#options;
    const lifecycle = new Lifecycle(lifecycleOptions);
    const clock = { now: () => this.#now };
    const coordinators = tracks.map((track) =>
      createTrack(track, {
        clock,
        report: this.#report,
        ticksByItself: this.#recorded?.policy !== track.policy.hash,
      }),
    );
    const pipeline = createPipeline({
      decode,
      redact: (event) => this.#redactor.redact(event),
      lifecycle,
      viewers: [
        { event: this.#time.event },
        ...coordinators.map(({ event, transition, gap }) => ({ event, transition, gap })),
        { failure: this.#failureCounter(coordinators) },
        ...viewers,
      ],
      report: this.#report,
      failures,
    });
    return { lifecycle, pipeline, coordinators };
  }

  /** Passes each distinct failure on once. */
  #failureCounter(coordinators: readonly AlertCoordinator[]): (failure: Failure) => void {
    const tally = new FailureTally();
    return (failure) => {
      if (tally.count(failure, this.#now) === undefined) return;
      this.#failures += 1;
      for (const coordinator of coordinators) coordinator.failure(failure);
    };
  }

  readonly #report: Report = (notice: Notice) => {
    if (notice.kind === 'message-rejected') this.#rejected[notice.reason] = (this.#rejected[notice.reason] ?? 0) + 1;
    if (notice.kind === 'bug') this.#bugs += 1;
    this.#options.onNotice?.(notice);
  };

  async #evaluate(): Promise<void> {
    for (const coordinator of this.#stage().coordinators) {
      await coordinator.tick();
      await coordinator.idle();
    }
  }

  async #advanceTo(at: Millis): Promise<void> {
    const from = this.#now;
    if (this.#lastTickAt === undefined || !this.#time.isUnrecorded(at - from)) return this.#tickUntil(at);
    const { pipeline } = this.#stage();
    pipeline.listening(false);
    await this.#tickUntil(at, from);
    if (isGap(at - from)) pipeline.gap({ source: 'recording', from, to: at, cause: 'silence' });
    pipeline.listening(this.#isListening);
  }

  /** Nothing was recorded after `unrecordedFrom`. */
  async #tickUntil(at: Millis, unrecordedFrom?: Millis): Promise<void> {
    this.#lastTickAt ??= at;
    while (this.#lastTickAt + tickMs <= at) {
      this.#lastTickAt += tickMs;
      this.#now = this.#lastTickAt;
      if (unrecordedFrom !== undefined) this.#noteUnrecorded(unrecordedFrom);
      this.#stage().pipeline.sweep(this.#now);
      await this.#evaluate();
    }
    this.#now = Math.max(this.#now, at);
  }

  #noteUnrecorded(from: Millis): void {
    for (const coordinator of this.#stage().coordinators) coordinator.gap({ from, to: this.#now, isUnrecorded: true });
  }

  /** Sweeps and evaluations are repeated only if the recording starts with the daemon's policy. */
  async #takeInput({ value, place }: Extract<Recorded, { kind: 'input' }>): Promise<void> {
    const input = inputOf(value, place);
    const { pipeline, coordinators } = this.#stage();
    const isStepped = this.#recorded !== undefined;
    switch (input.kind) {
      case 'look':
        return isStepped ? this.#evaluate() : undefined;
      case 'sweep':
        return isStepped ? pipeline.sweep(input.now) : undefined;
      case 'settle':
        return isStepped ? pipeline.settleAll(input.now) : undefined;
      case 'gap':
        return pipeline.gap(input.gap);
      case 'listening':
        this.#isListening = input.isListening;
        return pipeline.listening(input.isListening);
      case 'testimony':
        return pipeline.testify(input);
      case 'depth':
        return this.#takeDepth(input.queue, input.length);
      case 'command':
        for (const coordinator of coordinators) await coordinator.execute(input.command);
        return;
      default:
        input satisfies never;
    }
  }

  #takeDepth(queue: string, length: number): void {
    for (const coordinator of this.#stage().coordinators) coordinator.depth(queue, length);
  }
}

function witnessesIn(value: unknown): WitnessKind[] {
  return Array.isArray(value) ? value.filter(isWitness) : [];
}
