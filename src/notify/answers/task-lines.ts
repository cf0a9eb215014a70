/** One task in sentences. */
import type { Millis } from '../../event/ids.ts';
import type { Note } from '../../lifecycle/transition.ts';
import type { AttemptFacts, TaskFacts } from './task-history.ts';

/** The state and its cause, then one line per attempt, then the trace and the failure. */
export function taskLines({
  id,
  name,
  queue,
  outcome,
  cause,
  state,
  at,
  attempts,
  note,
  traceId,
  failure,
}: TaskFacts): string[] {
  const end =
    outcome === undefined ? `open, ${stateText[state] ?? state}` : `${outcome}${causeText(cause)} at ${iso(at)}`;
  return [
    `Task ${id} ${name ?? '(name unknown)'}${queue === undefined ? '' : ` in queue ${queue}`}: ${end}.`,
    ...(note === undefined ? [] : [noteText(note)]),
    ...attempts.map(attemptText),
    ...(failure === undefined ? [] : [`Failure ${failure.fingerprint}: ${failure.title}.`]),
    `Trace ${traceId}.`,
  ];
}

const stateText: Readonly<Record<string, string>> = {
  sent: 'waits in its queue',
  received: 'reserved by a worker',
  started: 'executing',
  retry: 'waits for its next attempt',
};

function attemptText({ number, hostname, startedAt, endedAt, outcome, cause, signal }: AttemptFacts): string {
  const times = [startedAt && `started ${iso(startedAt)}`, endedAt && `ended ${iso(endedAt)}`]
    .filter(Boolean)
    .join(', ');
  const end = outcome === undefined ? 'not ended' : `${outcome}${causeText(signal ?? cause)}`;
  return `  attempt ${number} on ${hostname}: ${end}${times === '' ? '' : `, ${times}`}.`;
}

function causeText(cause: string | undefined): string {
  return cause === undefined ? '' : ` (${cause})`;
}

function noteText(note: Note): string {
  switch (note.what) {
    case 'suspected':
      return `Suspected to be ${note.of}; a second source is asked.`;
    case 'cleared':
      return `The suspicion of ${note.of} was cleared by ${note.by}.`;
    case 'overdue':
      return `Runs longer than ever: ${Math.round(note.runningMs / 1_000)} s.`;
    case 'comes-back':
      return `Its worker is gone; it runs again: ${note.because}${note.at === undefined ? '' : ` from ${iso(note.at)}`}.`;
    case 'run-twice':
      return `One message was executed to its end ${note.runs} times.`;
    case 'poison-loop':
      return `Started ${note.starts} times without an end: it kills its worker or is requeued each time.`;
    default:
      return `Noted: ${(note as { readonly what: string }).what}.`;
  }
}

function iso(at: Millis): string {
  return new Date(at).toISOString();
}
