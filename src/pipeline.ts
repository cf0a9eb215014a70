/** The path of one message, top to bottom. Nothing here waits: a slow sink fills its own queue, not ours. */
import type { Millis, TaskId } from './event/ids.ts';
import type { Event } from './event/task-event.ts';
import type { WitnessKind } from './event/testimony.ts';
import type { Redacted, Untrusted } from './event/untrusted.ts';
import { type Failure, failureOf } from './failure/failure.ts';
import type { FailurePolicy } from './failure/grouping-policy.ts';
import type { Lifecycle } from './lifecycle/lifecycle.ts';
import { SilenceDetector } from './lifecycle/silence-detector.ts';
import type { WitnessAnswer } from './lifecycle/suspicion.ts';
import type { WorkerTransition } from './lifecycle/tables/worker-table.ts';
import type { Note, Transition } from './lifecycle/transition.ts';
import type { Report } from './report.ts';
import type { Decoded, Gap, Message } from './source/source.ts';

/** Whoever wants to see what passes. A viewer takes what it likes and never waits. */
export interface Viewer {
  event?(event: Event<Redacted>): void;
  transition?(transition: Transition): void;
  failure?(failure: Failure): void;
  worker?(transition: WorkerTransition): void;
  gap?(gap: Gap): void;
}

/** All that a pipeline is told, in order: told the same, another one tells the same. */
export type PipelineInput =
  | { readonly kind: 'event'; readonly event: Event<Redacted> }
  | { readonly kind: 'sweep' | 'settle'; readonly now: Millis }
  | { readonly kind: 'gap'; readonly gap: Gap }
  | { readonly kind: 'listening'; readonly isListening: boolean }
  | {
      readonly kind: 'testimony';
      readonly witness: WitnessKind;
      readonly id: TaskId;
      readonly answer: WitnessAnswer;
      readonly now: Millis;
    };

export interface Stages {
  /** The events of one message, by the format of the broker system. */
  readonly decode: (message: Message) => readonly Decoded[];
  readonly redact: (event: Event<Untrusted>) => Event<Redacted>;
  readonly lifecycle: Lifecycle;
  /** Traces, logs, Sentry, alerts, the page, the recorder: in this order. */
  readonly viewers: readonly Viewer[];
  readonly report: Report;
  /** The operator's rules for groups and classes. */
  readonly failures?: FailurePolicy;
  /** Told of each input before it has any effect: the recorder. */
  readonly tap?: ((input: PipelineInput) => void) | undefined;
  /** Carries questions about tasks to second witnesses; each is answered by `testify`. */
  readonly ask?: (ids: readonly TaskId[]) => void;
  /** Whether this pipeline looks after the workers of a host; others are dropped, and counted. */
  readonly accepts?: (hostname: string) => boolean;
}

export interface Pipeline {
  message(message: Message): void;
  /** An event that needs no decoding: from a recording of ours, or from the result backend. */
  decoded(decoded: Decoded, source: string): void;
  gap(gap: Gap): void;
  /** Whether events can reach us at all. */
  listening(isListening: boolean): void;
  testify(witness: WitnessKind, id: TaskId, answer: WitnessAnswer, now: Millis): void;
  /** Tells what has settled by `now`. To be called as time passes, several times a second. */
  sweep(now: Millis): void;
  /** Tells everything that is known, at the end of a run. */
  settleAll(now: Millis): void;
}

export function createPipeline(stages: Stages): Pipeline {
  const { decode, redact, lifecycle, viewers, report, failures, tap, ask, accepts } = stages;
  /** Counted here and reported together, because it happens thousands of times a second. */
  const received = new Map<string, number>();
  // A failure's fingerprint is worth as much time as ten events, so it is not made for nobody.
  const hasFailureViewers = viewers.some(({ failure }) => failure !== undefined);
  let lastSource = '';
  const hearing = new SilenceDetector();
  let isConnected = true;

  function reportReceived(): void {
    for (const [type, count] of received) report({ kind: 'events-received', source: lastSource, type, count });
    received.clear();
  }

  function take(decoded: Decoded, source: string): void {
    if (source !== lastSource) reportReceived();
    if (!decoded.ok) {
      report({ kind: 'message-rejected', source, reason: decoded.reason });
      return;
    }
    if (accepts !== undefined && 'hostname' in decoded.event && !accepts(decoded.event.hostname ?? '')) {
      report({ kind: 'message-rejected', source, reason: 'foreign-host' });
      return;
    }
    const event = redact(decoded.event);
    received.set(event.type, (received.get(event.type) ?? 0) + 1);
    lastSource = source;
    tap?.({ kind: 'event', event });
    const deafness = hearing.noteEvent(event);
    if (deafness !== undefined) deaf({ ...deafness, source, cause: 'silence' });
    for (const viewer of viewers) viewer.event?.(event);
    tellWorkers(lifecycle.apply(event));
  }

  function tellWorkers(transitions: readonly WorkerTransition[]): void {
    for (const transition of transitions) {
      if (transition.kind === 'worker-lost') {
        report({ kind: 'worker-lost', hostname: transition.hostname, silentMs: transition.silentMs });
      }
      for (const viewer of viewers) viewer.worker?.(transition);
    }
  }

  function tell(transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      if (transition.kind === 'task-noted') report({ kind: 'noted', what: wordFor(transition.note) });
      for (const viewer of viewers) viewer.transition?.(transition);
      const failure = hasFailureViewers ? failureOf(transition, failures) : undefined;
      if (failure === 'ignored') report({ kind: 'decided', isNotified: false, reason: 'ignored', failures: 1 });
      if (failure === 'ignored' || failure === undefined) continue;
      for (const viewer of viewers) viewer.failure?.(failure);
    }
  }

  function deaf(gap: Gap): void {
    report({ kind: 'gap', source: gap.source, cause: gap.cause, fromMs: gap.from, toMs: gap.to });
    lifecycle.addGap(gap.to);
    for (const viewer of viewers) viewer.gap?.(gap);
  }

  /** A bug costs one message, is reported as a bug, and life goes on. */
  function guarded(where: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      report({ kind: 'bug', where, error });
    }
  }

  return {
    message: (message) =>
      guarded('pipeline.message', () => {
        for (const decoded of decode(message)) guarded('pipeline.event', () => take(decoded, message.source));
      }),
    decoded: (decoded, source) => guarded('pipeline.event', () => take(decoded, source)),
    gap: (gap) =>
      guarded('pipeline.gap', () => {
        tap?.({ kind: 'gap', gap });
        deaf(gap);
      }),
    listening(isListening) {
      tap?.({ kind: 'listening', isListening });
      isConnected = isListening;
      lifecycle.setListening(isListening);
    },
    testify: (witness, id, answer, now) =>
      guarded('pipeline.testify', () => {
        tap?.({ kind: 'testimony', witness, id, answer, now });
        lifecycle.testify({ witness, id, answer, now });
      }),
    sweep: (now) =>
      guarded('pipeline.sweep', () => {
        tap?.({ kind: 'sweep', now });
        reportReceived();
        lifecycle.setListening(isConnected && !hearing.isSilent(now));
        const { tasks, workers, questions } = lifecycle.sweep(now);
        tellWorkers(workers);
        tell(tasks);
        if (questions.length > 0) ask?.(questions);
        const evicted = lifecycle.takeEvicted();
        if (evicted > 0) report({ kind: 'items-dropped', queue: 'tasks', reason: 'table-full', count: evicted });
      }),
    settleAll: (now) =>
      guarded('pipeline.settle', () => {
        tap?.({ kind: 'settle', now });
        reportReceived();
        tell(lifecycle.settleAll(now));
      }),
  };
}

/** One word of a closed list for each kind of note. */
function wordFor(note: Note): string {
  return note.what === 'suspected' || note.what === 'cleared' ? `${note.of}-${note.what}` : note.what;
}
