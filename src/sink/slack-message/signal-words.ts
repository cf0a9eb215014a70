/** The words for each signal: what it is called, what it is about, and what it means for people. */
import type { SignalName } from '../../alert/signal.ts';

export interface SignalWords {
  /** Begins the headline. */
  readonly headline: string;
  /** In a list, and in the footer. */
  readonly short: string;
  readonly about: 'tasks' | 'pool' | 'queue' | 'schedule' | 'nothing';
  /** What it means, where the name does not say it all. */
  readonly means: string | undefined;
  /** What is counted: one and many. undefined where the figures are a level. */
  readonly counts: readonly [one: string, many: string] | undefined;
  /** Is the incident's title text from an exception? Else the figures say what is the matter. */
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
    means: 'It has been failing like this for a while, but never so often.',
    counts: failures,
    isException: true,
  },
  'failures.ratio': {
    headline: 'Failing too often',
    short: 'failure rate',
    about: 'tasks',
    means: 'All failures of the task together, whatever their cause.',
    counts: failures,
    isException: true,
  },
  'failures.regressed': {
    headline: 'Regression',
    short: 'regression',
    about: 'tasks',
    means: 'It was resolved, and is back.',
    counts: failures,
    isException: true,
  },
  'failures.escalated': {
    headline: 'Archived failure got worse',
    short: 'escalated',
    about: 'tasks',
    means: 'It was archived as something to live with; it now happens far more often than then.',
    counts: failures,
    isException: true,
  },
  'retries.storm': {
    headline: 'Retry storm',
    short: 'retry storm',
    about: 'tasks',
    means: 'The runs are retried for the same reason again and again. They may still succeed.',
    counts: ['retry', 'retries'],
    isException: true,
  },
  lost: {
    headline: 'Runs lost',
    short: 'runs lost',
    about: 'pool',
    means: 'The process died under them: killed, out of memory, or over its time limit.',
    counts: ['run lost', 'runs lost'],
    isException: true,
  },
  redelivery: {
    headline: 'Poison message',
    short: 'poison message',
    about: 'tasks',
    means: 'It comes back each time it is run, and no failure is ever reported for it.',
    counts: undefined,
    isException: false,
  },
  'run-twice': {
    headline: 'Ran twice',
    short: 'ran twice',
    about: 'tasks',
    means: 'The task is marked as not idempotent: look at what it did the second time.',
    counts: undefined,
    isException: false,
  },
  'worker.short': {
    headline: 'Workers missing',
    short: 'workers missing',
    about: 'pool',
    means: 'They did not say goodbye.',
    counts: undefined,
    isException: false,
  },
  'worker.crash-loop': {
    headline: 'Crash loop',
    short: 'crash loop',
    about: 'pool',
    means: 'Workers come, die without a goodbye, and come again.',
    counts: ['crash', 'crashes'],
    isException: false,
  },
  stuck: {
    headline: 'Stuck',
    short: 'stuck',
    about: 'tasks',
    means: 'The worker still says that it runs.',
    counts: undefined,
    isException: false,
  },
  latency: {
    headline: 'Queue is late',
    short: 'queue late',
    about: 'queue',
    means: 'Tasks wait longer than they should before they begin.',
    counts: undefined,
    isException: false,
  },
  'schedule.missed': {
    headline: 'Schedule did not run',
    short: 'schedule missed',
    about: 'schedule',
    means: undefined,
    counts: ['run missed', 'runs missed'],
    isException: false,
  },
  'self.blind': {
    headline: 'We hear nothing',
    short: 'blind',
    about: 'nothing',
    means: 'No event reaches taskvigil. Until one does, late, stuck or missing work is not told.',
    counts: undefined,
    isException: false,
  },
};

export function wordsOf(signal: SignalName): SignalWords {
  return words[signal];
}
