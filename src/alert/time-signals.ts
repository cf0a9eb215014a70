/** What time alone shows: runs that do not end, queues that wait, schedules that did not run, and that we hear nothing. */
import type { Millis } from '../event/ids.ts';
import type { Redacted } from '../event/untrusted.ts';
import { type Condition, type Found, heldBack, type Look, nothingFound } from './condition.ts';
import { queueWaitOf, taskPolicyOf, thresholdsOf } from './policy.ts';
import { poolOf } from './pool.ts';
import { waitOf } from './queue-evidence.ts';
import type { Run } from './run-evidence.ts';
import type { Figures, Held, Subject } from './signal.ts';

const minute = 60_000;
/** Fewer run times say little about the longest. */
const samplesMin = 20;

const nothing: Omit<Subject, 'title'> = {
  tasks: [],
  exceptions: [],
  hosts: [],
  pools: [],
  queues: [],
  fingerprint: undefined,
  class: undefined,
  cause: undefined,
  example: undefined,
};

type Parts = Pick<Condition, 'name' | 'key' | 'severity' | 'level' | 'firstAt' | 'clearMs' | 'figures' | 'subject'>;

/** A level that lasts: nothing is counted, and its own condition has waited. */
function levelOf(look: Look, parts: Parts): Condition {
  return {
    ...parts,
    lastAt: look.now,
    waitMs: 0,
    counter: undefined,
    failures: 0,
    trend: 'steady',
    causeText: undefined,
    deploy: undefined,
  };
}

/** Two runs over the limit, or one at twice the limit. */
export function lookAtRuns(look: Look): Found {
  const { evidence, now, episodes } = look;
  if (!evidence.canJudgeAbsence(now)) return nothingFound;
  const limits = new Map<string, Millis | undefined>();
  const limitOf = (task: string): Millis | undefined => {
    if (!limits.has(task)) limits.set(task, stuckAfter(look, task));
    return limits.get(task);
  };
  const byTask = Map.groupBy(evidence.runs.longRunning(now, limitOf), ({ task }) => task as string);
  const names = new Set([...byTask.keys(), ...episodes.keys('k|').map((key) => key.slice(2))]);
  const conditions: Condition[] = [];
  const held: Held[] = [];
  for (const task of names) {
    const runs = byTask.get(task) ?? [];
    const limit = limitOf(task) ?? 0;
    const oldest = Math.min(now, ...runs.map(({ startedAt }) => startedAt));
    const isExplicit = thresholdsOf(look.policy, task).stuck.overMs !== undefined;
    const isStuck = runs.length >= 2 || (runs.length === 1 && (isExplicit || now - oldest > 2 * limit));
    const figures: Figures = { count: runs.length, limit, withinMs: 0, usual: undefined, of: undefined };
    const subject = stuckSubject(task, runs, now - oldest);
    if (isStuck || episodes.has(`k|${task}`)) {
      conditions.push(
        levelOf(look, {
          name: 'stuck',
          key: `k|${task}`,
          severity: taskPolicyOf(look.policy, task)?.severity ?? 'high',
          level: isStuck ? 'holds' : runs.length > 0 ? 'lingers' : 'clear',
          firstAt: oldest,
          clearMs: minute,
          figures,
          subject,
        }),
      );
    } else held.push(heldBack(`k|${task}`, 'stuck', 'unconfirmed-absence', figures, subject, 0));
  }
  return { conditions, held };
}

function stuckAfter(look: Look, task: string): Millis | undefined {
  const { overMs, p99Factor, floorMs } = thresholdsOf(look.policy, task).stuck;
  if (overMs !== undefined) return overMs;
  const times = look.evidence.tasks.find(task)?.runTimes;
  if (times === undefined || times.total < samplesMin) return undefined;
  return Math.max(floorMs, p99Factor * (times.quantile(0.99) ?? 0));
}

function stuckSubject(task: string, runs: readonly Run[], longestMs: Millis): Subject {
  const hosts = [...new Set(runs.map(({ host }) => host))];
  const first = runs[0];
  return {
    ...nothing,
    tasks: [task],
    hosts: hosts.slice(0, 20),
    pools: [...new Set(hosts.map((host) => poolOf(host).pool))],
    queues: [...new Set(runs.flatMap(({ queue }) => queue ?? []))],
    title: `${runs.length} runs do not end, the longest since ${Math.round(longestMs / minute)} min` as Redacted,
    cause: undefined,
    example: first?.example,
  };
}

/** When each queue went over its limit without a break, kept by the look's owner. */
export type OverSince = Map<string, Millis>;

export function lookAtQueues(look: Look, overSince: OverSince): Found {
  const { evidence, now, policy, episodes } = look;
  if (!evidence.canJudgeAbsence(now)) {
    overSince.clear();
    return nothingFound;
  }
  const conditions: Condition[] = [];
  const held: Held[] = [];
  for (const queue of evidence.queues.all()) {
    const key = `q|${queue.name}`;
    const { overMs, forMs } = queueWaitOf(policy, queue.name);
    const wait = waitOf(queue, now);
    if (wait > overMs) overSince.set(queue.name, overSince.get(queue.name) ?? now);
    else overSince.delete(queue.name);
    const since = overSince.get(queue.name);
    if (since === undefined && !episodes.has(key)) continue;
    const isLate = since !== undefined && now - since >= forMs;
    const figures: Figures = {
      count: Math.round(wait),
      limit: overMs,
      withinMs: 0,
      usual: undefined,
      of: queue.depth?.length ?? queue.waiting.size,
    };
    const title = `tasks wait ${Math.round(wait / 1_000)} s in ${queue.name}` as Redacted;
    const subject: Subject = { ...nothing, tasks: [...queue.tasks].slice(0, 20), queues: [queue.name], title };
    if (!isLate && !episodes.has(key)) {
      held.push(heldBack(key, 'latency', 'unconfirmed-absence', figures, subject, 0));
      continue;
    }
    const level = isLate ? 'holds' : wait > overMs / 2 ? 'lingers' : 'clear';
    conditions.push(
      levelOf(look, {
        name: 'latency',
        key,
        severity: 'normal',
        level,
        firstAt: (since ?? now) - overMs,
        clearMs: 180_000,
        figures,
        subject,
      }),
    );
  }
  return { conditions, held };
}

/** A frequent schedule may miss one run; two in a row, or two schedules at once, are a beat that is down. */
const frequentMs = 15 * minute;
/** A run may be told a little before it is due: clocks differ. */
const earlyMs = 30_000;
/** Beat sends at once, and an idle worker begins at once: a nameless run further away was another task's. */
const promptMs = 10_000;

export function lookAtSchedules(look: Look): Found {
  const { evidence, now, policy, episodes } = look;
  if (!evidence.canJudgeAbsence(now)) return nothingFound;
  const all = policy.schedules.map((schedule) => ({ schedule, missed: missedRuns(look, schedule) }));
  const missing = all.filter(({ missed }) => missed.count > 0);
  const conditions: Condition[] = [];
  const held: Held[] = [];
  for (const { schedule, missed } of all) {
    const key = `s|${schedule.name}`;
    if (missed.count === 0 && !episodes.has(key)) continue;
    const needed = schedule.periodMs < frequentMs ? 2 : 1;
    const others = missing.some((other) => other.schedule !== schedule && sure(other.missed) > 0);
    const isMissed = sure(missed) >= needed || (sure(missed) > 0 && others);
    const figures: Figures = {
      count: missed.count,
      limit: needed,
      withinMs: schedule.periodMs,
      usual: undefined,
      of: undefined,
    };
    const title =
      `${schedule.name} did not run: it was due ${Math.round((now - missed.firstDueAt) / minute)} min ago` as Redacted;
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

function missedRuns({ evidence, policy, now }: Look, schedule: Look['policy']['schedules'][number]): Missed {
  const { graceMs, graceShare } = policy.thresholds.schedule;
  const grace = Math.max(graceMs, graceShare * schedule.periodMs);
  const dues: Millis[] = [];
  // What was due before we began to listen, or while we did not, is nobody's fault.
  let due = schedule.dueAfter(Math.max(evidence.hearingSince, now - grace - (duesMax + 1) * schedule.periodMs));
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
    if (evidence.schedules.hasRun(schedule.task, from, to) || evidence.schedules.wasDeaf(from, at + grace)) break;
    count += 1;
    firstDueAt = at;
    if (evidence.schedules.mayHaveRun(at - promptMs, at + promptMs)) doubtful += 1;
  }
  return { count, doubtful, firstDueAt };
}

export function lookAtHearing(look: Look): Found {
  const { evidence, now, policy, episodes } = look;
  if (evidence.heardAt === undefined) return nothingFound;
  const silentMs = now - evidence.heardAt;
  const limit = evidence.workers.deafAfterMs(policy.thresholds.blind.afterMs) ?? Number.POSITIVE_INFINITY;
  const isBlind = silentMs > limit;
  if (!isBlind && !episodes.has('self')) return nothingFound;
  const title = `no event for ${Math.round(silentMs / 1_000)} s, although workers were there` as Redacted;
  const figures: Figures = { count: silentMs, limit, withinMs: 0, usual: undefined, of: undefined };
  const subject: Subject = { ...nothing, title };
  const level = isBlind ? 'holds' : 'clear';
  return {
    conditions: [
      levelOf(look, {
        name: 'self.blind',
        key: 'self',
        severity: 'high',
        level,
        firstAt: evidence.heardAt,
        clearMs: 30_000,
        figures,
        subject,
      }),
    ],
    held: [],
  };
}

const oddityQuietMs = 15 * minute;

/** Messages that are begun again and again, and work done twice where that does harm. */
export function lookAtOddities(look: Look): Found {
  const { evidence, now, policy, episodes } = look;
  const conditions: Condition[] = [];
  for (const oddity of evidence.oddities.values()) {
    const key = `id|${oddity.taskId}`;
    const isRecent = now - oddity.lastAt < oddityQuietMs;
    if (!isRecent && !episodes.has(key)) continue;
    const own = taskPolicyOf(policy, oddity.task);
    if (oddity.what === 'run-twice' && own?.isIdempotent !== false) continue;
    const isPoison = oddity.what === 'poison-loop';
    const words = isPoison
      ? `one message, begun ${oddity.times} times and never ended`
      : `one message was run ${oddity.times} times`;
    const example = { taskId: oddity.taskId, traceId: oddity.traceId };
    const subject: Subject = {
      ...nothing,
      tasks: oddity.task === undefined ? [] : [oddity.task],
      hosts: oddity.hosts,
      pools: [...new Set(oddity.hosts.map((host) => poolOf(host).pool))],
      queues: oddity.queue === undefined ? [] : [oddity.queue],
      title: words as Redacted,
      cause: isPoison ? 'poison-loop' : undefined,
      class: 'bug',
      example,
    };
    const figures: Figures = {
      count: oddity.times,
      limit: isPoison ? 3 : 2,
      withinMs: 0,
      usual: undefined,
      of: undefined,
    };
    conditions.push({
      ...levelOf(look, {
        name: isPoison ? 'redelivery' : 'run-twice',
        key,
        severity: own?.severity ?? 'high',
        level: isRecent ? 'holds' : 'clear',
        firstAt: oddity.firstAt,
        clearMs: 0,
        figures,
        subject,
      }),
      lastAt: oddity.lastAt,
    });
  }
  return { conditions, held: [] };
}
