/** Scheduled runs that were due and did not come. */
import { cleanName, type Millis } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import {
  type Evaluation,
  emptySubject,
  type Finding,
  levelCondition,
  plainFigures,
  severityOfTask,
} from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { defineThresholds, holdFor, share, termsOf } from '../detection/thresholds.ts';
import type { SignalKey } from '../key.ts';
import { type ExpectedSchedule, taskPolicyOf } from '../policy.ts';
import type { Subject } from '../signal.ts';

const second = 1_000;
const minute = 60 * second;
/** A schedule this frequent may miss one run. Two in a row, or two schedules at once, mean that beat is down. */
const frequentMs = 15 * minute;
/** A run may be reported a little before it is due, because clocks differ. */
const earlyMs = 30 * second;
/** Beat sends at once, and an idle worker starts at once: an unnamed attempt further away belongs to another task. */
const promptMs = 10 * second;
/** Due times to check; earlier ones would only repeat that the schedule is down. */
const dueTimesMax = 5;

const scheduleThresholds = defineThresholds({
  option: 'schedule',
  description: 'A run that is due and does not start, after the longer of the two times.',
  overriddenBy: undefined,
  fields: { graceMs: holdFor(2 * minute), graceShare: share(0.1) },
  sentence: ({ graceMs, graceShare }, format) =>
    `A scheduled run that does not come: ${format.duration(graceMs)} or ${format.share(graceShare)} of its period after it was due.`,
});

export const missedSchedule = defineSignal({
  name: 'schedule.missed',
  severity: 'high',
  thresholds: scheduleThresholds,
  silences: 'task',
  joins: [{ openedBy: ['schedule'], activeWithinMs: 30 * minute }],
  words: {
    headline: 'Scheduled run missed',
    short: 'scheduled run missed',
    about: 'schedule',
    meaning: undefined,
    counts: ['run missed', 'runs missed'],
    isException: false,
    measure: ({ count }, { amount }) => `${amount(count)} ${count === 1 ? 'run' : 'runs'} missed`,
    showsWindow: false,
  },
  firesWhen: 'a due run does not come; for schedules more frequent than every quarter of an hour, two runs in a row',
  per: 'fleet',
  detect(evaluation) {
    const { evidence, now, policy } = evaluation;
    if (!evidence.canJudgeAbsence(now)) return [];
    const all = policy.schedules.map((schedule) => ({ schedule, missed: missedRuns(evaluation, schedule) }));
    return all.flatMap(({ schedule, missed }) => {
      const isAnotherMissed = all.some((other) => other.schedule !== schedule && certainCount(other.missed) > 0);
      return judgeSchedule(evaluation, { schedule, missed, isAnotherMissed }) ?? [];
    });
  },
});

interface MissedRuns {
  /** Consecutive due times without a run, up to the last one whose grace is over. */
  readonly count: number;
  /** Due times of these at which an attempt of an unnamed task may have been the run. */
  readonly doubtful: number;
  readonly firstDueAt: Millis;
}

interface ScheduleState {
  readonly schedule: ExpectedSchedule;
  readonly missed: MissedRuns;
  readonly isAnotherMissed: boolean;
}

function judgeSchedule(
  evaluation: Evaluation,
  { schedule, missed, isAnotherMissed }: ScheduleState,
): Finding | undefined {
  const { now, episodes } = evaluation;
  const key: SignalKey = { kind: 'schedule', schedule: schedule.name };
  if (missed.count === 0 && !episodes.has(key)) return undefined;
  const needed = schedule.periodMs < frequentMs ? 2 : 1;
  const certain = certainCount(missed);
  const isMissed = certain >= needed || (certain > 0 && isAnotherMissed);
  const figures = plainFigures(missed.count, needed, schedule.periodMs);
  const subject = subjectOf(evaluation, schedule, missed);
  if (!isMissed && !episodes.has(key)) return { key, reason: 'unconfirmed-absence', figures, subject, failures: 0 };
  return levelCondition(now, {
    key,
    severity: severityOfTask(evaluation, schedule.task),
    level: missed.count === 0 ? 'clear' : isMissed ? 'holds' : 'lingers',
    firstAt: missed.firstDueAt,
    clearMs: 0,
    figures,
    subject,
  });
}

function subjectOf({ evidence, policy, now }: Evaluation, schedule: ExpectedSchedule, missed: MissedRuns): Subject {
  const name = cleanName(schedule.name) ?? 'the schedule';
  const queue = taskPolicyOf(policy, schedule.task)?.queue ?? evidence.tasks.find(schedule.task)?.queue;
  const dueMinutes = Math.round((now - missed.firstDueAt) / minute);
  return {
    ...emptySubject,
    tasks: [schedule.task],
    queues: queue === undefined ? [] : [queue],
    title: redactedText`${name} did not run: it was due ${dueMinutes} min ago`,
  };
}

/** A doubtful due time counts half: two of them in a row are one missed run. */
function certainCount({ count, doubtful }: MissedRuns): number {
  return count - doubtful + Math.floor(doubtful / 2);
}

function missedRuns(evaluation: Evaluation, schedule: ExpectedSchedule): MissedRuns {
  const { evidence, policy, now } = evaluation;
  const { graceMs, graceShare } = termsOf(scheduleThresholds, policy);
  const grace = Math.max(graceMs, graceShare * schedule.periodMs);
  let count = 0;
  let doubtful = 0;
  let firstDueAt = now;
  for (const at of dueTimes(evaluation, schedule, grace).reverse()) {
    const from = at - Math.min(earlyMs, schedule.periodMs / 4);
    // A late run is a run: for the newest due time any run since then counts.
    const to = count === 0 ? now : at + Math.max(grace, schedule.periodMs - 2 * earlyMs);
    if (evidence.schedules.hasRun(schedule.task, from, to) || evidence.schedules.hadGap(from, at + grace)) break;
    count += 1;
    firstDueAt = at;
    if (evidence.schedules.mayHaveRun(at - promptMs, at + promptMs)) doubtful += 1;
  }
  return { count, doubtful, firstDueAt };
}

/** Due times whose grace is over, oldest first. Times before this instance listened, or in a gap, prove nothing. */
function dueTimes({ evidence, now }: Evaluation, schedule: ExpectedSchedule, grace: Millis): Millis[] {
  const times: Millis[] = [];
  const from = Math.max(evidence.listeningSince, now - grace - (dueTimesMax + 1) * schedule.periodMs);
  for (let due = schedule.dueAfter(from); due + grace <= now && times.length < 10 * dueTimesMax; ) {
    times.push(due);
    due = schedule.dueAfter(due);
  }
  return times;
}
