/**
 * The path of one message through the stages: decode, redact, lifecycle, failure. The only place where their order is written.
 * Nothing here waits: each viewer has a bounded queue of its own.
 */
import type { Millis, TaskId } from './event/ids.ts';
import type { Event } from './event/task-event.ts';
import type { Redacted, Untrusted } from './event/untrusted.ts';
import { type Failure, failureOf } from './failure/failure.ts';
import type { FailurePolicy } from './failure/grouping-policy.ts';
import type { Lifecycle } from './lifecycle/lifecycle.ts';
import { SilenceDetector } from './lifecycle/silence-detector.ts';
import type { TaskTestimony } from './lifecycle/suspicions.ts';
import type { WorkerTransition } from './lifecycle/tables/worker-transition.ts';
import type { Note, Transition } from './lifecycle/transition.ts';
import type { Report } from './report.ts';
import type { Decoded, Gap, Message } from './source/source.ts';

/** Receives what passes a stage. Each method is optional, must not wait, and may throw, which costs the rest of one event. */
export interface Viewer {
  /** After redaction, before the lifecycle applies the event. */
  event?(event: Event<Redacted>): void;
  transition?(transition: Transition): void;
  /** After `transition` of every viewer, for a transition that is a failure. */
  failure?(failure: Failure): void;
  worker?(transition: WorkerTransition): void;
  gap?(gap: Gap): void;
}

/** Every input of a pipeline. The same inputs in the same order give the same outputs. */
export type PipelineInput =
  | { readonly kind: 'event'; readonly event: Event<Redacted> }
  | { readonly kind: 'sweep' | 'settle'; readonly now: Millis }
  | { readonly kind: 'gap'; readonly gap: Gap }
  | { readonly kind: 'listening'; readonly isListening: boolean }
  | ({ readonly kind: 'testimony' } & TaskTestimony);

export interface Stages {
  /** The events of one message, by the format of the broker system. */
  readonly decode: (message: Message) => readonly Decoded[];
  readonly redact: (event: Event<Untrusted>) => Event<Redacted>;
  readonly lifecycle: Lifecycle;
  /** Called in this order. */
  readonly viewers: readonly Viewer[];
  readonly report: Report;
  /** The operator's rules for groups and classes. */
  readonly failures?: FailurePolicy;
  /** Receives each input before it has an effect: the recorder. */
  readonly tap?: ((input: PipelineInput) => void) | undefined;
  /** Passes questions about tasks to the witnesses. `testify` takes each answer. */
  readonly ask?: (ids: readonly TaskId[]) => void;
  /** True if this instance owns the events of a node. Other events are rejected and counted. */
  readonly accepts?: (hostname: string) => boolean;
}

/** No method throws: an error costs one message or one step and is reported as a bug. */
export interface Pipeline {
  message(message: Message): void;
  /** An event that needs no decoding: from a recording by taskvigil, or from a result witness. */
  decoded(decoded: Decoded, source: string): void;
  gap(gap: Gap): void;
  /** True while the event source is connected. */
  listening(isListening: boolean): void;
  testify(testimony: TaskTestimony): void;
  /** Derives and passes on everything that has settled by `now`. To be called several times a second. */
  sweep(now: Millis): void;
  /** Derives and passes on everything that is known, at the end of a run. */
  settleAll(now: Millis): void;
}

/** Sweeps are at most a second apart. After a longer pause of this process, messages may wait that were not read yet. */
const stallMs = 3_000;

export function createPipeline(stages: Stages): Pipeline {
  return new EventPipeline(stages);
}

class EventPipeline implements Pipeline {
  readonly #stages: Stages;
  /** A fingerprint costs as much time as ten events, so failures are not derived without a viewer for them. */
  readonly #hasFailureViewers: boolean;
  readonly #silence = new SilenceDetector();
  /** Counts by event type, reported together, because there are thousands of events per second. */
  readonly #received = new Map<string, number>();
  #lastSource = '';
  #isConnected = true;
  #lastSweepAt: Millis | undefined;

  constructor(stages: Stages) {
    this.#stages = stages;
    this.#hasFailureViewers = stages.viewers.some(({ failure }) => failure !== undefined);
  }

  message(message: Message): void {
    try {
      for (const decoded of this.#stages.decode(message)) this.decoded(decoded, message.source);
    } catch (error) {
      this.#reportBug('pipeline.message', error);
    }
  }

  decoded(decoded: Decoded, source: string): void {
    try {
      this.#take(decoded, source);
    } catch (error) {
      this.#reportBug('pipeline.event', error);
    }
  }

  gap(gap: Gap): void {
    try {
      this.#stages.tap?.({ kind: 'gap', gap });
      this.#takeGap(gap);
    } catch (error) {
      this.#reportBug('pipeline.gap', error);
    }
  }

  listening(isListening: boolean): void {
    this.#stages.tap?.({ kind: 'listening', isListening });
    this.#isConnected = isListening;
    this.#stages.lifecycle.setListening(isListening);
  }

  testify(testimony: TaskTestimony): void {
    try {
      this.#stages.tap?.({ kind: 'testimony', ...testimony });
      this.#stages.lifecycle.testify(testimony);
    } catch (error) {
      this.#reportBug('pipeline.testify', error);
    }
  }

  sweep(now: Millis): void {
    try {
      this.#sweep(now);
    } catch (error) {
      this.#reportBug('pipeline.sweep', error);
    }
  }

  settleAll(now: Millis): void {
    try {
      this.#stages.tap?.({ kind: 'settle', now });
      this.#reportReceived();
      this.#passOn(this.#stages.lifecycle.settleAll(now));
    } catch (error) {
      this.#reportBug('pipeline.settle', error);
    }
  }

  /** The path of one event, up to the table of the lifecycle. Its transitions follow in a later sweep. */
  #take(decoded: Decoded, source: string): void {
    const { accepts, redact, tap, viewers, lifecycle, report } = this.#stages;
    if (source !== this.#lastSource) this.#reportReceived();
    if (!decoded.ok) {
      report({ kind: 'message-rejected', source, reason: decoded.reason });
      return;
    }
    if (accepts !== undefined && 'hostname' in decoded.event && !accepts(decoded.event.hostname ?? '')) {
      report({ kind: 'message-rejected', source, reason: 'foreign-host' });
      return;
    }
    if (decoded.isShortened) report({ kind: 'event-shortened', source, type: decoded.event.type });
    const event = redact(decoded.event);
    this.#received.set(event.type, (this.#received.get(event.type) ?? 0) + 1);
    this.#lastSource = source;
    tap?.({ kind: 'event', event });
    const silence = this.#silence.noteEvent(event);
    if (silence !== undefined) this.#takeGap({ ...silence, source, cause: 'silence' });
    for (const viewer of viewers) viewer.event?.(event);
    this.#passOnWorkers(lifecycle.apply(event));
  }

  #takeGap(gap: Gap): void {
    const { report, lifecycle, viewers } = this.#stages;
    report({ kind: 'gap', source: gap.source, cause: gap.cause, fromMs: gap.from, toMs: gap.to });
    lifecycle.addGap(gap.to);
    for (const viewer of viewers) viewer.gap?.(gap);
  }

  #sweep(now: Millis): void {
    const { tap, lifecycle, ask, report } = this.#stages;
    tap?.({ kind: 'sweep', now });
    this.#reportReceived();
    lifecycle.setListening(this.#isConnected && !this.#silence.isSilent(now));
    if (this.#lastSweepAt !== undefined && now - this.#lastSweepAt > stallMs) lifecycle.skipSilence(now);
    this.#lastSweepAt = now;
    const { tasks, workers, questions } = lifecycle.sweep(now);
    this.#passOnWorkers(workers);
    this.#passOn(tasks);
    if (questions.length > 0) ask?.(questions);
    const evicted = lifecycle.takeEvicted();
    if (evicted > 0) report({ kind: 'items-dropped', queue: 'tasks', reason: 'table-full', count: evicted });
  }

  #passOn(transitions: readonly Transition[]): void {
    const { viewers, report, failures } = this.#stages;
    for (const transition of transitions) {
      if (transition.kind === 'task-noted') report({ kind: 'noted', what: noteName(transition.note) });
      for (const viewer of viewers) viewer.transition?.(transition);
      const failure = this.#hasFailureViewers ? failureOf(transition, failures) : undefined;
      if (failure === 'ignored') report({ kind: 'decided', isNotified: false, reason: 'ignored', failures: 1 });
      if (failure === 'ignored' || failure === undefined) continue;
      for (const viewer of viewers) viewer.failure?.(failure);
    }
  }

  #passOnWorkers(transitions: readonly WorkerTransition[]): void {
    const { viewers, report } = this.#stages;
    for (const transition of transitions) {
      if (transition.kind === 'worker-lost')
        report({ kind: 'worker-lost', hostname: transition.hostname, silentMs: transition.silentMs });
      for (const viewer of viewers) viewer.worker?.(transition);
    }
  }

  #reportReceived(): void {
    const { report } = this.#stages;
    for (const [type, count] of this.#received)
      report({ kind: 'events-received', source: this.#lastSource, type, count });
    this.#received.clear();
  }

  #reportBug(where: string, error: unknown): void {
    this.#stages.report({ kind: 'bug', where, error });
  }
}

/** The label of a note, from a closed list. */
function noteName(note: Note): string {
  return note.what === 'suspected' || note.what === 'cleared' ? `${note.of}-${note.what}` : note.what;
}
