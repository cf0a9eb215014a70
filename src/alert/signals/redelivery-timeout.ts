/**
 * A visibility timeout that is shorter than the work: the broker delivers a message again while its first run goes on, always
 * after the same time, so each long run is executed again. A setting of the broker, so one incident for all tasks.
 */
import type { Millis } from '../../event/ids.ts';
import { type Redacted, redactedText } from '../../event/untrusted.ts';
import { type Evaluation, type Finding, levelCondition } from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { deliverySubject } from '../detection/deliveries.ts';
import type { RepeatedDeliveries } from '../evidence/redeliveries.ts';
import type { SignalKey } from '../key.ts';

const minute = 60_000;
const key: SignalKey = { kind: 'self', condition: 'visibility-timeout' };
/** Two messages with one interval: a reconnect of the broker delivers many again at once, after different times. */
const messagesMin = 2;
/** kombu looks for messages to deliver again every few seconds, and the second delivery may wait for a free worker. */
const toleranceShare = 1.25;
const toleranceMs = 15_000;
/** Long runs are rare: the condition lasts this many intervals after the latest. */
const quietIntervals = 3;
const quietMinMs = 60 * minute;

export const redeliveryTimeout = defineSignal({
  name: 'redelivery.timeout',
  severity: 'high',
  needsHistory: false,
  thresholds: undefined,
  silences: 'signal',
  joins: [{ openedBy: ['run-twice'], shares: ['task'] }],
  words: {
    headline: 'Visibility timeout too short',
    short: 'visibility timeout',
    about: 'tasks',
    meaning:
      'The visibility timeout of the broker is shorter than the work, so every run that takes longer is executed again. Raise `visibility_timeout` in `broker_transport_options` above the longest run and the longest countdown.',
    counts: ['message executed again', 'messages executed again'],
    isException: true,
    showsLimit: false,
  },
  firesWhen: 'two messages or more are delivered again after the same time, while their first run goes on or waits',
  per: 'fleet',
  detect(evaluation) {
    const condition = judgeTimeout(evaluation);
    return condition === undefined ? [] : [condition];
  },
});

function judgeTimeout(evaluation: Evaluation): Finding | undefined {
  const { now, evidence, episodes } = evaluation;
  const groups = evidence.redeliveries.all('run-twice').filter((group) => intervalsOf([group]).length > 0);
  const intervals = intervalsOf(groups);
  const timeoutMs = timeoutIn(intervals);
  if (timeoutMs === undefined) return undefined;
  const lastAt = Math.max(...groups.map((group) => group.lastAt));
  const quietMs = Math.max(quietMinMs, quietIntervals * timeoutMs);
  const isRecent = now - lastAt < quietMs;
  if (!isRecent && !episodes.has(key)) return undefined;
  const total = groups.reduce((sum, group) => sum + group.total, 0);
  const before = groups.reduce((sum, group) => sum + group.before, 0);
  return levelCondition(now, {
    key,
    level: isRecent ? 'holds' : 'clear',
    firstAt: Math.min(...groups.map((group) => group.firstAt)),
    lastAt,
    clearMs: 0,
    counter: { now: total, atFirst: before },
    figures: { count: intervals.length, limit: messagesMin, withinMs: 0, baseline: undefined, of: undefined },
    subject: { ...deliverySubject(groups), title: titleOf(timeoutMs), cause: undefined, class: 'resource' },
  });
}

function titleOf(timeoutMs: Millis): Redacted {
  const after =
    timeoutMs < 2 * minute
      ? redactedText`${Math.round(timeoutMs / 1_000)} s`
      : redactedText`${Math.round(timeoutMs / minute)} min`;
  return redactedText`the broker delivered messages again after ${after}, before their first run had ended`;
}

function intervalsOf(groups: readonly RepeatedDeliveries[]): Millis[] {
  return groups.flatMap(({ messages }) => [...messages.values()].flatMap((one) => one.redeliveredAfterMs ?? []));
}

/** The time after which most of the messages were delivered again; undefined if they do not agree on one. */
function timeoutIn(intervals: readonly Millis[]): Millis | undefined {
  const shortest = Math.min(...intervals);
  const agreeing = intervals.filter((interval) => interval <= shortest * toleranceShare + toleranceMs);
  const isOne = agreeing.length >= messagesMin && agreeing.length * 2 > intervals.length;
  return isOne ? shortest : undefined;
}
