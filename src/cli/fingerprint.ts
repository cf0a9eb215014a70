/** `taskvigil fingerprint`: group, class and title of a failure, computed by the same stages as in the daemon. */
import type { ParsedException } from '../event/python/parsed-exception.ts';
import { parseTraceback } from '../event/python/traceback.ts';
import { type Failure, unsuccessfulEndOf } from '../failure/failure.ts';
import type { FailurePolicy } from '../failure/grouping-policy.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../lifecycle/lifecycle-options.ts';
import type { Transition } from '../lifecycle/transition.ts';
import { createPipeline } from '../pipeline.ts';
import type { RedactOptions } from '../redact/options.ts';
import { createRedactor } from '../redact/redact.ts';
import { decode } from '../source/celery/format.ts';
import { answerLines, type JsonFields, type Streams, textIn } from './lines.ts';

/** The parts of the daemon's configuration that decide about failures and their texts. */
export interface FingerprintOptions {
  readonly redact: RedactOptions;
  readonly failures: FailurePolicy;
}

/** The failure or the requested end in an event; or the reason why the event has no group. */
export type EventReading =
  | { readonly kind: 'end'; readonly end: Failure }
  /** A rule of the operator ignores the failure. */
  | { readonly kind: 'ignored' }
  /** The outcome of the task or the attempt, the reason for a rejected event, or `no-end`. */
  | { readonly kind: 'no-failure'; readonly reason: string };

/**
 * Lines `{"id", "event"}`, with an event as Celery sends it → one line each: `{"id", "group", "class", "title"}`. The three
 * are null for a line without a failure, which has `"reason"`, and for an ignored failure, which has `"ignored"`. Returns the
 * exit code: 1 if a line was no JSON object.
 */
export function fingerprintCommand(streams: Streams, options: FingerprintOptions): Promise<number> {
  const read = createEventReader(options);
  return answerLines(streams, ({ id = null, event }) => {
    const none = { id, group: null, class: null, title: null };
    if (typeof event !== 'object' || event === null) return { ...none, reason: 'no-event' };
    const reading = read(event as JsonFields);
    switch (reading.kind) {
      case 'end':
        return { id, group: reading.end.fingerprint, class: reading.end.class, title: reading.end.title };
      case 'ignored':
        return { ...none, ignored: true };
      case 'no-failure':
        return { ...none, reason: reading.reason };
      default:
        return reading satisfies never;
    }
  });
}

/** A reader of single events. An event may also contain fields of `task-received`, such as name and arguments. */
export function createEventReader({ redact, failures }: FingerprintOptions): (event: JsonFields) => EventReading {
  const redactor = createRedactor(redact);
  return (event) => {
    let found: EventReading = { kind: 'no-failure', reason: 'no-end' };
    const pipeline = createPipeline({
      decode,
      redact: (each) => redactor.redact(each),
      // One lifecycle per line, so that events of other lines have no effect.
      lifecycle: new Lifecycle(defaultLifecycleOptions),
      viewers: [
        {
          transition: (transition) => {
            found = readingOf(transition, failures) ?? found;
          },
        },
      ],
      report(notice) {
        if (notice.kind === 'message-rejected') found = { kind: 'no-failure', reason: notice.reason };
        if (notice.kind === 'bug') throw notice.error;
      },
    });
    const fields = { retries: 0, timestamp: arrivedAt / 1_000, hostname: 'unknown', ...event };
    const message = { source: 'input', receivedAt: arrivedAt, form: 'event-body' } as const;
    const isNamed = typeof fields['name' as keyof typeof fields] === 'string';
    if (isNamed) pipeline.message({ ...message, payload: JSON.stringify({ ...fields, type: 'task-received' }) });
    pipeline.message({ ...message, payload: JSON.stringify(fields) });
    pipeline.settleAll(arrivedAt);
    return found;
  };
}

function readingOf(transition: Transition, failures: FailurePolicy): EventReading | undefined {
  const end = unsuccessfulEndOf(transition, failures);
  if (end === 'ignored') return { kind: 'ignored' };
  if (end !== undefined) return { kind: 'end', end };
  const outcome =
    transition.kind === 'task-ended'
      ? transition.outcome
      : transition.kind === 'attempt-ended'
        ? transition.attempt.outcome
        : undefined;
  return outcome === undefined ? undefined : { kind: 'no-failure', reason: outcome };
}

/** Any plausible time; no fingerprint depends on it. */
const arrivedAt = 1.7e12;

/** Lines `{"id", "text"}` with a Python traceback → lines `{"id", "parse"}`, null for a text without one. Returns the exit code. */
export function parseCommand(streams: Streams): Promise<number> {
  return answerLines(streams, (line) => {
    const { id = null } = line;
    // The text is not redacted: the caller already holds it, and the result is shown to the caller only.
    const parsed = parseTraceback(textIn(line, 'text'));
    return { id, parse: parsed === undefined ? null : plainParse(parsed) };
  });
}

function plainParse({ type, value, frames, cause, context, exceptions, syntax }: ParsedException<string>): JsonFields {
  return {
    type,
    value,
    frames: frames.flatMap(({ file, line, function: name, source, repeat = 0 }) =>
      Array.from({ length: repeat + 1 }, () => [file, line ?? null, name, source ?? '']),
    ),
    ...(cause === undefined ? {} : { cause: plainParse(cause) }),
    ...(context === undefined ? {} : { context: plainParse(context) }),
    ...(exceptions === undefined ? {} : { exceptions: exceptions.map(plainParse) }),
    ...(syntax === undefined ? {} : { syntax }),
  };
}
