/** The wording of each signal: name, kind of object, and meaning for the reader. */
import type { SignalName } from '../../alert/signal.ts';

export interface SignalWords {
  /** Start of the headline. */
  readonly headline: string;
  /** For lists and the footer. */
  readonly short: string;
  readonly about: 'tasks' | 'pool' | 'queue' | 'schedule' | 'nothing';
  /** Meaning, where the headline is not enough. */
  readonly means: string | undefined;
  /** Unit of the count, singular and plural. undefined for signals that measure a level. */
  readonly counts: readonly [one: string, many: string] | undefined;
  /** True if the incident's title is an exception. Otherwise the figures describe the problem. */
  readonly isException: boolean;
}

const failures = ['failure', 'failures'] as const;

const words: Readonly<Record<SignalName, SignalWords>> = {
  'failures.new': {
    headline: 'New failure',
    short: 'new failure',
    about: 'tasks',
    means: undefined,
    counts: failures,
    isException: true,
  },
  'failures.critical': {
    headline: 'Critical task failed',
    short: 'critical task failed',
    about: 'tasks',
    means: undefined,
    counts: failures,
    isException: true,
  },
  'failures.surge': {
    headline: 'Surge of a known failure',
    short: 'surge',
    about: 'tasks',
    means: 'This failure is known, but its rate is far above its baseline.',
    counts: failures,
    isException: true,
  },
  'failures.ratio': {
    headline: 'Failure rate too high',
    short: 'failure rate',
    about: 'tasks',
    means: 'Failures of this task, all causes together.',
    counts: failures,
    isException: true,
  },
  'failures.regressed': {
    headline: 'Regression',
    short: 'regression',
    about: 'tasks',
    means: 'This failure was resolved and has occurred again.',
    counts: failures,
    isException: true,
  },
  'failures.escalated': {
    headline: 'Archived failure got worse',
    short: 'escalated',
    about: 'tasks',
    means: 'This failure was archived, and its rate is now far above the rate at that time.',
    counts: failures,
    isException: true,
  },
  'retries.storm': {
    headline: 'Retry storm',
    short: 'retry storm',
    about: 'tasks',
    means: 'Attempts are retried again and again for the same reason. They may still succeed.',
    counts: ['retry', 'retries'],
    isException: true,
  },
  lost: {
    headline: 'Attempts lost',
    short: 'attempts lost',
    about: 'pool',
    means: 'The worker process died during these attempts: killed, out of memory, or over its hard time limit.',
    counts: ['attempt lost', 'attempts lost'],
    isException: true,
  },
  redelivery: {
    headline: 'Poison message',
    short: 'poison message',
    about: 'tasks',
    means: 'The broker delivers this message again and again, and no attempt ever reports an end.',
    counts: undefined,
    isException: false,
  },
  'run-twice': {
    headline: 'Executed twice',
    short: 'executed twice',
    about: 'tasks',
    means: 'The task is configured as not idempotent: check the effects of the second execution.',
    counts: undefined,
    isException: false,
  },
  'worker.short': {
    headline: 'Workers missing',
    short: 'workers missing',
    about: 'pool',
    means: 'The missing workers stopped sending heartbeats without shutting down.',
    counts: undefined,
    isException: false,
  },
  'worker.crash-loop': {
    headline: 'Crash loop',
    short: 'crash loop',
    about: 'pool',
    means: 'Workers start, stop without shutting down properly, and start again.',
    counts: ['crash', 'crashes'],
    isException: false,
  },
  stuck: {
    headline: 'Stuck',
    short: 'stuck',
    about: 'tasks',
    means: 'The worker still reports the attempt as running.',
    counts: undefined,
    isException: false,
  },
  latency: {
    headline: 'Queue wait too long',
    short: 'queue wait',
    about: 'queue',
    means: 'Tasks wait longer than expected before a worker starts them.',
    counts: undefined,
    isException: false,
  },
  'schedule.missed': {
    headline: 'Scheduled run missed',
    short: 'scheduled run missed',
    about: 'schedule',
    means: undefined,
    counts: ['run missed', 'runs missed'],
    isException: false,
  },
  'self.blind': {
    headline: 'No events received',
    short: 'no events',
    about: 'nothing',
    means:
      'taskvigil receives no events from any worker. Until it does, it cannot detect late, stuck or missing tasks.',
    counts: undefined,
    isException: false,
  },
};

export function wordsOf(signal: SignalName): SignalWords {
  return words[signal];
}
