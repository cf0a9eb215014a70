/** Queues in which tasks wait too long. */
import { cleanName } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { type Evaluation, emptySubject, type Finding, levelCondition } from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { defineThresholds, duration, holdFor, queueTermsOf } from '../detection/thresholds.ts';
import { isIdle, type QueueEvidence, waitOf } from '../evidence/queues.ts';
import type { SignalKey } from '../key.ts';
import { type Figures, namesMax, type Subject } from '../signal.ts';

const second = 1_000;
const minute = 60 * second;
const day = 1_440 * minute;
const clearMs = 3 * minute;

const queueWaitThresholds = defineThresholds({
  option: 'queueWait',
  description: 'The longest waiting task of a queue.',
  overriddenBy: 'queues',
  fields: { overMs: duration(2 * minute, second, 7 * day), forMs: holdFor(3 * minute) },
  sentence: ({ overMs, forMs }, format) =>
    `A queue that waits: its oldest task for more than ${format.duration(overMs)}, for ${format.duration(forMs)} without a break.`,
});

export const queueWait = defineSignal({
  name: 'latency',
  severity: 'normal',
  thresholds: queueWaitThresholds,
  silences: 'queue',
  joins: [{ openedBy: ['stuck', 'latency'], shares: ['queue'] }],
  words: {
    headline: 'Queue wait too long',
    outage: 'Queue without consumers',
    short: 'queue wait',
    about: 'queue',
    meaning: 'Tasks wait longer than expected before a worker starts them.',
    counts: undefined,
    isException: false,
    measure: ({ count, of }, format) =>
      `oldest task has waited ${format.duration(count)}${of === undefined || of <= 0 ? '' : `, ${format.amount(of)} tasks waiting`}`,
    unit: 'duration',
  },
  firesWhen: 'the oldest task of a queue waits longer than `over`, for as long as `for`',
  per: 'fleet',
  update({ evidence, now, policy }) {
    const canJudge = evidence.canJudgeAbsence(now);
    for (const queue of evidence.queues.all()) {
      const isOver = canJudge && waitOf(queue, now) > queueTermsOf(queueWaitThresholds, policy, queue.name).overMs;
      queue.overLimitSince = isOver ? (queue.overLimitSince ?? now) : undefined;
    }
  },
  detect(evaluation) {
    const { evidence, now } = evaluation;
    if (!evidence.canJudgeAbsence(now)) return [];
    return [...evidence.queues.all()].flatMap((queue) => judgeQueue(evaluation, queue) ?? []);
  },
});

function judgeQueue({ now, policy, episodes }: Evaluation, queue: QueueEvidence): Finding | undefined {
  const key: SignalKey = { kind: 'queue', queue: queue.name };
  const since = queue.overLimitSince;
  if (since === undefined && !episodes.has(key)) return undefined;
  const { overMs, forMs } = queueTermsOf(queueWaitThresholds, policy, queue.name);
  const waitMs = waitOf(queue, now);
  const isLate = since !== undefined && now - since >= forMs;
  const figures: Figures = {
    count: Math.round(waitMs),
    limit: overMs,
    withinMs: 0,
    baseline: undefined,
    of: queue.depth?.length ?? queue.waiting.size,
  };
  const name = cleanName(queue.name) ?? 'a queue';
  const subject: Subject = {
    ...emptySubject,
    tasks: [...queue.tasks].slice(0, namesMax),
    queues: [queue.name],
    title: redactedText`tasks wait ${Math.round(waitMs / second)} s in ${name}`,
  };
  if (!isLate && !episodes.has(key)) return { key, reason: 'unconfirmed-absence', figures, subject, failures: 0 };
  return levelCondition(now, {
    key,
    level: isLate ? 'holds' : waitMs > overMs / 2 ? 'lingers' : 'clear',
    firstAt: (since ?? now) - overMs,
    clearMs,
    figures,
    subject,
    gravity: isLate && isIdle(queue, now) ? 1 : 0,
  });
}
