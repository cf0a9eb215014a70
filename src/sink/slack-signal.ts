/**
 * The words for each signal: what it is called, what it is about, what its figures mean, and what it means for people.
 *
 * Exports: wordsOf, objectOf, nameOfKey, measureOf, amountOf, proportionOf, limitOf, capital, SignalWords.
 */
import type { HeldKey, Incident } from '../alert/incident.ts';
import type { Figures, SignalKey, SignalName } from '../alert/signal.ts';
import { amount, duration, listed, share, tail } from './slack-text.ts';

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

/** `q|payments` → `payments`; of `r|task|exception` the task. undefined where the key is a hash or an id. */
export function nameOfKey(key: SignalKey): string | undefined {
  if (!/^[tkrpclqs]\|./.test(key)) return undefined;
  return key.startsWith('r|') ? key.slice(2, key.lastIndexOf('|')) || undefined : key.slice(2);
}

/** Names of what an incident is about: `billing.tasks.charge`, `5 tasks`, `celery@pay`. '' where there is none. */
export function objectOf({ keys, subject }: Incident, charsMax: number): string {
  const [first] = keys;
  const { about } = wordsOf((first as HeldKey).signal);
  const own = nameOfKey((first as HeldKey).key);
  if (about === 'nothing') return '';
  if (about === 'tasks') return namesOf(subject.tasks, 'tasks', charsMax) ?? 'a task of unknown name';
  const names = { pool: subject.pools, queue: subject.queues, schedule: schedulesOf(keys) }[about];
  return namesOf(names, `${about}s`, charsMax) ?? tail(own ?? subject.tasks[0] ?? `an unknown ${about}`, charsMax);
}

function schedulesOf(keys: readonly HeldKey[]): string[] {
  return keys.filter(({ key }) => key.startsWith('s|')).map(({ key }) => key.slice(2));
}

function namesOf(names: readonly string[], many: string, charsMax: number): string | undefined {
  if (names.length === 0) return undefined;
  const both = listed(names, names.length, charsMax);
  return names.length === 1 || (names.length === 2 && both.length <= charsMax) ? both : `${names.length} ${many}`;
}

/** What the figures say: `7 in 10 min, of 212 runs (3%)`, `2 of 4 workers gone`. Each signal counts in its own unit. */
export function measureOf(signal: SignalName, { count, withinMs, of, limit }: Figures): string {
  switch (signal) {
    case 'stuck':
      return `${amount(count)} ${count === 1 ? 'run does' : 'runs do'} not end`;
    case 'latency':
      return `the oldest has waited ${duration(count)}${of === undefined || of <= 0 ? '' : `, ${amount(of)} waiting`}`;
    case 'self.blind':
      return `nothing heard for ${duration(count)}`;
    case 'worker.short':
      return `${amount(Math.max(0, limit - count))} of ${amount(limit)} workers gone`;
    case 'redelivery':
      return `one message, begun ${amount(count)} times and never ended`;
    case 'run-twice':
      return `one message, run ${amount(count)} times`;
    case 'schedule.missed':
      return `${amount(count)} ${count === 1 ? 'run' : 'runs'} missed`;
    default:
      return `${amount(count)}${within(withinMs)}${of === undefined || of <= 0 ? '' : `, of ${amount(of)} runs (${share(count, of)})`}`;
  }
}

/** What is said first: how much of it there is. `total` where it is counted since it began. */
export function amountOf(signal: SignalName, figures: Figures, total: number): string {
  const { counts } = wordsOf(signal);
  if (counts === undefined) return capital(measureOf(signal, figures));
  const count = total > 0 ? total : figures.count;
  const noun = count === 1 ? counts[0] : counts[1];
  return `${amount(count)} ${noun}${total > 0 || signal === 'schedule.missed' ? '' : within(figures.withinMs)}`;
}

/** `10% of 212 runs`, `96 in 10 min, usually 2.4`; undefined where there is nothing to compare with. */
export function proportionOf(signal: SignalName, { count, withinMs, of, usual }: Figures): string | undefined {
  if (!(withinMs > 0) || wordsOf(signal).counts === undefined) return undefined;
  if (of !== undefined && of > 0) {
    return `${share(count, of)} of ${amount(of)} runs${usual === undefined ? '' : `, usually ${share(usual, of)}`}`;
  }
  return usual === undefined ? undefined : `${amount(count)}${within(withinMs)}, usually ${amount(usual)}`;
}

function within(ms: number): string {
  return ms > 0 ? ` in ${duration(ms)}` : '';
}

export function capital(sentence: string): string {
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1);
}

/** `limit 3 · usual 0.2`, `limit 2 min`; undefined where the measure has it already. */
export function limitOf(signal: SignalName, { limit, usual }: Figures): string | undefined {
  const isLength = signal === 'stuck' || signal === 'latency' || signal === 'self.blind';
  const parts = [
    ...(signal === 'worker.short' || limit <= 0 ? [] : [`limit ${isLength ? duration(limit) : amount(limit)}`]),
    ...(usual === undefined ? [] : [`usual ${isLength ? duration(usual) : amount(usual)}`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' · ');
}
