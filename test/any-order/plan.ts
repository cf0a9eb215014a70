/** Plans of tasks as fast-check draws them, and the script that each plan becomes. Zero is the simplest choice everywhere. */
import fc from 'fast-check';
import type { Hostname, TaskId } from '../../src/event/ids.ts';
import { redactedText } from '../../src/event/untrusted.ts';
import type { Outcome } from '../../src/lifecycle/transition.ts';
import {
  type Body,
  childOf,
  type End,
  ended,
  newScript,
  producer,
  received,
  type Script,
  type ScriptEvent,
  sent,
  started,
  workerOn,
} from './script.ts';

export const planKinds = [
  'plain',
  'unstarted',
  'failed-twice',
  'requeued',
  'cancelled',
  'nothrow',
  'redelivered',
  'two-runs',
  'overlapping',
  'replaced',
  'paging',
  'used-again',
] as const;
export type PlanKind = (typeof planKinds)[number];
export type FinalEnd = 'succeeded' | 'failed' | 'killed' | 'terminated' | 'rejected';

export interface Plan {
  readonly kind: PlanKind;
  /** The worker of each attempt; one more than there are retries. */
  readonly hosts: readonly number[];
  readonly end: FinalEnd;
  /** The processes that send `task-sent`: workers publish retries and replacements. */
  readonly senders: 'nobody' | 'everyone' | 'producers' | 'workers';
  readonly runMs: number;
  /** Time from the publication of a retry to its receipt. */
  readonly pauseMs: number;
  /** Time from the end of an attempt to the timestamp of its `task-retried`. */
  readonly retriedLagMs: number;
  /** Time from the start of an attempt to the timestamp of its `task-started`. */
  readonly startLagMs: number;
  /** The second message of a `replaced` or `used-again` task has the arguments of the first. */
  readonly hasSameArgs: boolean;
}

export function plans(kinds: readonly PlanKind[] = planKinds): fc.Arbitrary<Plan> {
  return fc.record({
    kind: fc.constantFrom(...kinds),
    hosts: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
    end: fc.constantFrom<FinalEnd>('succeeded', 'failed', 'killed', 'terminated', 'rejected'),
    senders: fc.constantFrom<Plan['senders']>('nobody', 'everyone', 'producers', 'workers'),
    runMs: fc.constantFrom(100, 5, 3_000, 40_000),
    pauseMs: fc.constantFrom(1_000, 5, 50, 10_000),
    retriedLagMs: fc.constantFrom(1, 20, 200),
    startLagMs: fc.constantFrom(0, 1, 150),
    hasSameArgs: fc.boolean(),
  });
}

const firstArgs = redactedText`(1,)`;
const otherArgs = redactedText`(2,)`;

/** Writes one plan: the pen knows the script and the time. */
class Pen {
  readonly script: Script;
  readonly plan: Plan;
  now: number;

  constructor(script: Script, plan: Plan, now: number) {
    this.script = script;
    this.plan = plan;
    this.now = now;
  }

  body(fields: Partial<Body> = {}): Body {
    return { retries: 0, args: firstArgs, parentId: undefined, eta: undefined, ...fields };
  }

  sent(hostname: Hostname, body: Body): void {
    const { senders } = this.plan;
    const isSent = senders === 'everyone' || senders === (hostname === producer ? 'producers' : 'workers');
    if (isSent) sent(this.script, { hostname, at: this.now }, body);
  }

  received(hostname: Hostname, body: Body): void {
    this.now += 10;
    received(this.script, { hostname, at: this.now }, body);
  }

  /** Executes for `runMs` without an end. Returns the earliest timestamp of the end, after that of the start. */
  run(hostname: Hostname, runMs = this.plan.runMs): { readonly from: number; readonly endAt: number } {
    const from = this.now + 1;
    const startedAt = from + this.plan.startLagMs;
    started(this.script, { hostname, at: startedAt });
    this.now = from + runMs;
    this.script.runs.push({ hostname, from, to: this.now });
    return { from, endAt: Math.max(this.now, startedAt + 0.1) };
  }

  ended(hostname: Hostname, end: End, { from, endAt }: { readonly from: number; readonly endAt: number }): ScriptEvent {
    const event = ended(this.script, { hostname, at: endAt }, end, this.now - from);
    this.now = Math.max(this.now, endAt);
    return event;
  }
}

/** The events of `plan`, the first at `at`. */
export function scriptOf(plan: Plan, id: TaskId, at: number): Script {
  const script = newScript(id, plan.kind);
  const pen = new Pen(script, plan, at);
  writers[plan.kind](pen);
  return script;
}

const writers: Readonly<Record<PlanKind, (pen: Pen) => void>> = {
  plain: (pen) => publish(pen, pen.body()),
  unstarted: writeUnstarted,
  /** A hard time limit is reported by the worker and again by the pool. */
  'failed-twice': (pen) => publish(pen, pen.body()),
  requeued: (pen) => writeRequeued(pen, 'requeued'),
  /** A worker that shuts down cancels the attempt, and the message goes back to the queue. */
  cancelled: (pen) => writeRequeued(pen, 'cancelled'),
  nothrow: writeNothrow,
  redelivered: writeRedelivered,
  'two-runs': (pen) => writeOverlapping(pen, 2),
  overlapping: (pen) => writeOverlapping(pen, 4),
  replaced: (pen) => writeReplaced(pen, 1),
  paging: (pen) => writeReplaced(pen, 6),
  'used-again': (pen) => {
    publish(pen, pen.body());
    pen.now += 20_000;
    publish(pen, pen.body({ args: pen.plan.hasSameArgs ? firstArgs : otherArgs }));
  },
};

function finalOutcome(end: FinalEnd, isLater: boolean): Outcome {
  switch (end) {
    case 'succeeded':
      return isLater ? 'recovered' : 'succeeded';
    case 'failed':
    case 'killed':
      return isLater ? 'exhausted' : 'failed';
    case 'terminated':
      return 'revoked';
    default:
      return 'rejected';
  }
}

const attemptOutcome: Readonly<Record<FinalEnd, string>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  killed: 'failed',
  terminated: 'revoked',
  rejected: 'rejected',
};

/** A whole publication: one attempt per host, all but the last end in a retry. */
function publish(pen: Pen, body: Body): void {
  pen.sent(producer, body);
  runRetries(pen, body, { before: [] });
}

interface History {
  /** Outcomes of the attempts so far. */
  readonly before: readonly string[];
}

/** From the first receipt of `body` to the end. */
function runRetries(pen: Pen, body: Body, { before }: History): void {
  const { plan, script } = pen;
  const hosts = plan.hosts.map(workerOn);
  let message = body;
  for (const hostname of hosts.slice(0, -1)) {
    pen.received(hostname, message);
    const run = pen.run(hostname);
    message = { ...message, retries: message.retries + 1, eta: pen.now + plan.pauseMs };
    pen.sent(childOf(hostname), message);
    ended(script, { hostname, at: run.endAt + plan.retriedLagMs }, 'retried');
    pen.now += plan.pauseMs;
  }
  const last = hosts.at(-1) as Hostname;
  pen.received(last, message);
  const decidedBy = [pen.ended(last, plan.end, pen.run(last))];
  if (plan.kind === 'failed-twice' && plan.end === 'failed') {
    decidedBy.push(ended(script, { hostname: last, at: pen.now + plan.retriedLagMs }, 'failed'));
  }
  const attempts = [...before, ...hosts.slice(1).map(() => 'retried'), attemptOutcome[plan.end]];
  const isLater = attempts.slice(0, -1).some((outcome) => outcome !== 'succeeded' && outcome !== 'replaced');
  const outcome = finalOutcome(plan.end, plan.end === 'succeeded' ? isLater : message.retries > 0);
  script.publications.push({ runs: attempts.length, outcome, decidedBy, attempts });
}

function writeUnstarted(pen: Pen): void {
  const { plan, script } = pen;
  const hostname = workerOn(plan.hosts[0] as number);
  const end = plan.end === 'succeeded' ? 'revoked' : plan.end === 'failed' ? 'expired' : 'unregistered';
  pen.sent(producer, pen.body());
  if (end !== 'unregistered') pen.received(hostname, pen.body());
  pen.now += plan.pauseMs;
  const decidedBy = [ended(script, { hostname, at: pen.now }, end)];
  const outcome = end === 'unregistered' ? 'failed' : end;
  script.publications.push({ runs: 0, outcome, decidedBy, attempts: [] });
}

function writeRequeued(pen: Pen, end: 'requeued' | 'cancelled'): void {
  const { plan } = pen;
  const hostname = workerOn(plan.hosts[0] as number);
  pen.sent(producer, pen.body());
  pen.received(hostname, pen.body());
  pen.ended(hostname, end, pen.run(hostname));
  pen.now += plan.pauseMs;
  runRetries(pen, pen.body(), { before: [end === 'requeued' ? 'rejected' : 'cancelled'] });
}

/** `retry(throw=False)`: the attempt succeeds, and its retry follows all the same. */
function writeNothrow(pen: Pen): void {
  const { plan } = pen;
  const hostname = workerOn(plan.hosts[0] as number);
  pen.sent(producer, pen.body());
  pen.received(hostname, pen.body());
  const run = pen.run(hostname);
  const retry = pen.body({ retries: 1, eta: pen.now + plan.pauseMs });
  pen.sent(childOf(hostname), retry);
  pen.ended(hostname, 'succeeded', run);
  pen.now += plan.pauseMs;
  runRetries(pen, retry, { before: ['succeeded'] });
}

/** A worker of its own dies during the first attempt, and the broker delivers the same message again. */
function writeRedelivered(pen: Pen): void {
  const { script } = pen;
  const dying = `w-${script.id.slice(0, 6)}@node-a` as Hostname;
  pen.sent(producer, pen.body());
  pen.received(dying, pen.body());
  pen.run(dying);
  script.deaths.push({ hostname: dying, at: pen.now });
  pen.now += 5_000;
  runRetries(pen, pen.body(), { before: ['lost'] });
}

/** The visibility timeout is shorter than the work: workers, often the same one, execute the message again and again. */
function writeOverlapping(pen: Pen, times: number): void {
  const { script, plan } = pen;
  const runMs = times === 2 ? 40_000 : 100_000;
  pen.sent(producer, pen.body());
  const at = pen.now;
  const ends = Array.from({ length: times }, (_, nth) => {
    const hostname = workerOn(plan.hosts[nth % plan.hosts.length] as number);
    pen.now = at + nth * 25_000;
    pen.received(hostname, pen.body());
    return { hostname, at: pen.run(hostname, runMs).endAt };
  });
  const decidedBy = ends.map((where) => ended(script, where, 'succeeded', runMs)).slice(-1);
  const attempts = ends.map(() => 'succeeded');
  script.publications.push({ runs: times, outcome: 'succeeded', decidedBy, attempts });
}

/**
 * `self.replace()`: the same id with other arguments, no retries, and itself as parent. A replaced attempt has no end event. A
 * task that pages replaces itself many times.
 */
function writeReplaced(pen: Pen, times: number): void {
  const { script, plan } = pen;
  let body = pen.body();
  pen.sent(producer, body);
  for (let nth = 0; nth < times; nth += 1) {
    const hostname = workerOn(plan.hosts[nth % plan.hosts.length] as number);
    pen.received(hostname, body);
    pen.run(hostname);
    const args = plan.hasSameArgs && times === 1 ? firstArgs : redactedText`(${nth + 2},)`;
    body = pen.body({ args, parentId: script.id });
    pen.sent(childOf(hostname), body);
  }
  runRetries(pen, body, { before: Array.from({ length: times }, () => 'replaced') });
}
