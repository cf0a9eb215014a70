/** Runs that were due and did not come. */

import { cleanName, type Millis } from '../../event/ids.ts';
import { redactedText } from '../../event/untrusted.ts';
import { keyText } from '../key.ts';
import { taskPolicyOf } from '../policy.ts';
import type { Figures, Subject, SuppressedSignal } from '../signal.ts';
import { type Condition, type Detections, type Evaluation, heldBack, noDetections } from './condition.ts';
import { levelOf, nothing } from './level-condition.ts';

const minute = 60_000;
/** A frequent schedule may miss one run; two in a row, or two schedules at once, are a beat that is down. */
const frequentMs = 15 * minute;
/** A run may be told a little before it is due: clocks differ. */
const earlyMs = 30_000;
/** Beat sends at once, and an idle worker begins at once: a nameless run further away was another task's. */
const promptMs = 10_000;

export function detectMissedSchedules(look: Evaluation): Detections {
  const { evidence, now, policy, episodes } = look;
  if (!evidence.canJudgeAbsence(now)) return noDetections;
  const all = policy.schedules.map((schedule) => ({ schedule, missed: missedRuns(look, schedule) }));
  const missing = all.filter(({ missed }) => missed.count > 0);
  const conditions: Condition[] = [];
  const held: SuppressedSignal[] = [];
  for (const { schedule, missed } of all) {
    const key = keyText({ kind: 'schedule', schedule: schedule.name });
    if (missed.count === 0 && !episodes.has(key)) continue;
    const needed = schedule.periodMs < frequentMs ? 2 : 1;
    const others = missing.some((other) => other.schedule !== schedule && sure(other.missed) > 0);
    const isMissed = sure(missed) >= needed || (sure(missed) > 0 && others);
    const figures: Figures = {
      count: missed.count,
      limit: needed,
      withinMs: schedule.periodMs,
      baseline: undefined,
      of: undefined,
    };
    const name = cleanName(schedule.name) ?? 'the schedule';
    const dueMinutes = Math.round((now - missed.firstDueAt) / minute);
    const title = redactedText`${name} did not run: it was due ${dueMinutes} min ago`;
    const queue = taskPolicyOf(policy, schedule.task)?.queue ?? evidence.tasks.find(schedule.task)?.queue;
    const subject: Subject = { ...nothing, tasks: [schedule.task], queues: queue === undefined ? [] : [queue], title };
    if (!isMissed && !episodes.has(key)) {
      held.push(heldBack(key, 'schedule.missed', 'unconfirmed-absence', figures, subject, 0));
      continue;
    }
    const severity = taskPolicyOf(policy, schedule.task)?.severity ?? 'high';
    const level = missed.count > 0 ? 'holds' : 'clear';
    conditions.push(
      levelOf(look, {
        name: 'schedule.missed',
        key,
        severity,
        level: isMissed || level === 'clear' ? level : 'lingers',
        firstAt: missed.firstDueAt,
        clearMs: 0,
        figures,
        subject,
      }),
    );
  }
  return { conditions, held };
}

/** A run that nobody named counts half: two of those in a row are one that was missed. */
function sure({ count, doubtful }: Missed): number {
  return count - doubtful + Math.floor(doubtful / 2);
}

/** Due times to look back over; more would only count what is known to be down. */
const duesMax = 5;

interface Missed {
  /** Due times on end, up to the last one whose grace is over, at which it did not run. */
  readonly count: number;
  /** Of these, at which a run that nobody named may have been it. */
  readonly doubtful: number;
  readonly firstDueAt: Millis;
}

function missedRuns(
  { evidence, policy, now }: Evaluation,
  schedule: Evaluation['policy']['schedules'][number],
): Missed {
  const { graceMs, graceShare } = policy.thresholds.schedule;
  const grace = Math.max(graceMs, graceShare * schedule.periodMs);
  const dues: Millis[] = [];
  // What was due before we began to listen, or while we did not, is nobody's fault.
  let due = schedule.dueAfter(Math.max(evidence.listeningSince, now - grace - (duesMax + 1) * schedule.periodMs));
  while (due + grace <= now && dues.length < 10 * duesMax) {
    dues.push(due);
    due = schedule.dueAfter(due);
  }
  let count = 0;
  let doubtful = 0;
  let firstDueAt = now;
  for (const at of dues.reverse()) {
    const from = at - Math.min(earlyMs, schedule.periodMs / 4);
    // A run that came late is a run: anything since then will do for the newest one.
    const to = count === 0 ? now : at + Math.max(grace, schedule.periodMs - 2 * earlyMs);
    if (evidence.schedules.hasRun(schedule.task, from, to) || evidence.schedules.hadGap(from, at + grace)) break;
    count += 1;
    firstDueAt = at;
    if (evidence.schedules.mayHaveRun(at - promptMs, at + promptMs)) doubtful += 1;
  }
  return { count, doubtful, firstDueAt };
}
