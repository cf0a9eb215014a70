/** `taskvigil fingerprint`: group, class and title of a failure, computed by the same stages as in the daemon. */
import type { ParsedException } from '../event/python/parsed-exception.ts';
import { parseTraceback } from '../event/python/traceback.ts';
import type { Failure } from '../failure/failure.ts';
import type { FailurePolicy } from '../failure/grouping-policy.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../lifecycle/lifecycle-options.ts';
import { createPipeline } from '../pipeline.ts';
import type { RedactOptions } from '../redact/options.ts';
import { createRedactor } from '../redact/redact.ts';
import { decode } from '../source/celery/format.ts';
import { answerLines, type JsonFields, LineError, type Streams, textIn } from './lines.ts';

/** The parts of the daemon's configuration that decide about failures and their texts. */
export interface FingerprintOptions {
  readonly redact: RedactOptions;
  readonly failures: FailurePolicy;
}

/** Lines `{"id", "event"}`, with an event as Celery sends it → lines `{"id", "group", "class", "title"}`. Returns the exit code. */
export function fingerprintCommand(streams: Streams, options: FingerprintOptions): Promise<number> {
  const failureIn = createFailureReader(options);
  return answerLines(streams, ({ id = null, event }) => {
    if (typeof event !== 'object' || event === null) throw new LineError('expected "event" as a JSON object');
    const failure = failureIn(event as JsonFields);
    if (failure === 'ignored') return { id, group: null, class: null, title: null, ignored: true };
    return { id, group: failure.fingerprint, class: failure.class, title: failure.title };
  });
}

/**
 * A function from an event to the failure it reports. The event may also contain fields of `task-received`, such as name
 * and arguments. The function throws LineError for an event that reports no failure.
 */
export function createFailureReader({
  redact,
  failures,
}: FingerprintOptions): (event: JsonFields) => Failure | 'ignored' {
  const redactor = createRedactor(redact);
  return (event) => {
    let found: Failure | 'ignored' | undefined;
    let rejected = '';
    const pipeline = createPipeline({
      decode,
      redact: (each) => redactor.redact(each),
      // One lifecycle per line, so that events of other lines have no effect.
      lifecycle: new Lifecycle(defaultLifecycleOptions),
      viewers: [
        {
          failure: (failure) => {
            found = failure;
          },
        },
      ],
      failures,
      report(notice) {
        if (notice.kind === 'message-rejected') rejected = ` (${notice.reason})`;
        if (notice.kind === 'decided') found = 'ignored';
        if (notice.kind === 'bug') throw notice.error;
      },
    });
    const fields = { retries: 0, timestamp: arrivedAt / 1_000, hostname: 'unknown', ...event };
    const message = { source: 'input', receivedAt: arrivedAt, form: 'event-body' } as const;
    const isNamed = typeof fields['name' as keyof typeof fields] === 'string';
    if (isNamed) pipeline.message({ ...message, payload: JSON.stringify({ ...fields, type: 'task-received' }) });
    pipeline.message({ ...message, payload: JSON.stringify(fields) });
    pipeline.settleAll(arrivedAt);
    if (found === undefined) throw new LineError(`expected an event that reports a failure${rejected}`);
    return found;
  };
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
