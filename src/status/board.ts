/** What the page shows, collected as it passes. Bounded everywhere: a page is for the last hour, not for the archive. */
import type { Decision } from '../alert/decision.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import type { Millis } from '../event/ids.ts';
import type { Failure } from '../failure/failure.ts';
import type { GroupCount } from '../failure/tally.ts';
import type { WorkerView } from '../lifecycle/tables/worker-table.ts';
import type { Transition } from '../lifecycle/transition.ts';
import type { Notice } from '../report.ts';

/** A span as far as drawing it needs. */
export interface DrawnSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: string;
  readonly startAt: Millis;
  readonly endAt: Millis;
  readonly isError: boolean;
  readonly statusMessage: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A Slack message as it stands now, with what was said in its thread. */
export interface BoardMessage {
  /** Or bulletin: the id. */
  readonly incident: string;
  readonly channel: string;
  readonly postedAt: Millis;
  readonly edits: number;
  readonly notification: Notification;
  readonly message: unknown;
  readonly replies: readonly { readonly at: Millis; readonly message: unknown }[];
}

export interface FailureGroup {
  readonly fingerprint: string;
  readonly title: string;
  readonly taskName: string;
  readonly class: string;
  readonly cause: string;
  readonly count: number;
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  readonly traceId: string;
}

export interface TraceSummary {
  readonly traceId: string;
  readonly name: string;
  readonly spans: readonly DrawnSpan[];
  readonly isError: boolean;
  readonly attempts: number;
  readonly startAt: Millis;
  readonly endAt: Millis;
}

type Drawing = { -readonly [Key in keyof TraceSummary]: TraceSummary[Key] } & { spans: DrawnSpan[] };

export interface BoardSnapshot {
  readonly at: Millis;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly openTasks: number;
  /** Open tasks whose end may have been missed in a gap; nothing is said of them until a witness tells. */
  readonly uncertainTasks: number;
  readonly failureCount: number;
  readonly messages: readonly BoardMessage[];
  readonly groups: readonly FailureGroup[];
  readonly traces: readonly TraceSummary[];
  readonly redactions: readonly { readonly field: string; readonly kind: string; readonly count: number }[];
  /** A recent argument text from which something was removed. */
  readonly redactedExample: string | undefined;
  readonly decisions: readonly Decision[];
  readonly decisionCounts: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  readonly workers: readonly WorkerView[];
  readonly gaps: readonly {
    readonly source: string;
    readonly cause: string;
    readonly from: Millis;
    readonly to: Millis;
  }[];
}

/** Nobody scrolls further; together some ten megabytes at worst. */
const messagesMax = 50;
const groupsMax = 200;
const tracesMax = 200;
const goodTraceEveryMs = 250;
const spansPerTraceMax = 500;
const decisionsMax = 100;
const gapsMax = 20;
const repliesMax = 20;

export interface Board {
  recordTransition(transition: Transition, spans: readonly DrawnSpan[]): void;
  /** A failure that was not counted before, with its group as it stands now. */
  recordFailure(failure: Failure, group: GroupCount): void;
  recordNotification(notification: Notification, message: unknown, at: Millis): void;
  recordDecision(decision: Decision): void;
  recordNotice(notice: Notice): void;
  recordWorkers(workers: readonly WorkerView[], openTasks: number): void;
  snapshot(at: Millis): BoardSnapshot;
}

export function createBoard(): Board {
  const outcomes: Record<string, number> = {};
  const messages = new Map<string, BoardMessage>();
  const groups = new Map<string, FailureGroup>();
  const traces = new Map<string, Drawing>();
  let lastGoodAt = 0;
  const redactions = new Map<string, { field: string; kind: string; count: number }>();
  const decisions: Decision[] = [];
  const decisionCounts: Record<string, number> = {};
  const rejected: Record<string, number> = {};
  const gaps: BoardSnapshot['gaps'][number][] = [];
  let workers: readonly WorkerView[] = [];
  let openTasks = 0;
  let uncertainTasks = 0;
  let failureCount = 0;
  let redactedExample: string | undefined;

  /** A trace in the making, held so that a span costs no copy of all before it. */
  function drawTrace(task: Transition['task'], spans: readonly DrawnSpan[], at: Millis): void {
    const isError = spans.some((span) => span.isError);
    let trace = traces.get(task.traceId);
    if (trace === undefined) {
      // Nobody looks at a thousand good traces a second; what fails is always drawn.
      if (!isError && task.attempts.length < 2 && Math.abs(at - lastGoodAt) < goodTraceEveryMs) return;
      if (!isError) lastGoodAt = at;
      const name = task.name ?? 'unknown task';
      trace = { traceId: task.traceId, name, spans: [], isError, attempts: 0, startAt: at, endAt: at };
      traces.set(task.traceId, trace);
      if (traces.size > tracesMax) forgetDullest(traces);
    }
    trace.isError ||= isError;
    trace.attempts = Math.max(trace.attempts, task.attempts.length);
    for (const span of spans) {
      if (trace.spans.length < spansPerTraceMax) trace.spans.push(span);
      trace.startAt = Math.min(trace.startAt, span.startAt);
      trace.endAt = Math.max(trace.endAt, span.endAt);
    }
  }

  return {
    recordTransition(transition, spans) {
      const { task } = transition;
      if (transition.kind === 'task-ended') {
        outcomes[transition.outcome] = (outcomes[transition.outcome] ?? 0) + 1;
        if (transition.corrects !== undefined) outcomes[transition.corrects] = (outcomes[transition.corrects] ?? 1) - 1;
        const text = task.kwargs ?? task.args;
        if (text?.includes('[redacted:')) redactedExample = text;
      }
      if (spans.length > 0) drawTrace(task, spans, transition.at);
    },
    recordFailure(failure, { count, firstAt, lastAt }) {
      failureCount += 1;
      groups.delete(failure.fingerprint);
      groups.set(failure.fingerprint, {
        fingerprint: failure.fingerprint,
        title: failure.title,
        taskName: failure.task.name ?? 'unknown task',
        class: failure.class,
        cause: failure.cause,
        count,
        firstAt,
        lastAt,
        traceId: failure.task.traceId,
      });
      forgetFirst(groups, groupsMax);
    },
    recordNotification(notification, message, at) {
      // A link points to what is shown already.
      if (notification.action === 'link') return;
      const { about } = notification;
      const incident = about.kind === 'incident' ? about.incident.id : about.bulletin.id;
      const known = messages.get(incident);
      const isRoot = notification.action === 'post' || notification.action === 'edit';
      const reply = isRoot ? [] : [{ at, message }];
      messages.set(incident, {
        incident,
        channel: notification.channel,
        postedAt: known?.postedAt ?? at,
        edits: (known?.edits ?? 0) + (notification.action === 'edit' ? 1 : 0),
        notification: reply.length > 0 ? (known?.notification ?? notification) : notification,
        message: reply.length > 0 ? (known?.message ?? message) : message,
        replies: [...(known?.replies ?? []), ...reply].slice(-repliesMax),
      });
      forgetFirst(messages, messagesMax);
    },
    recordDecision(decision) {
      const { reason } = decision.verdict;
      decisionCounts[reason] = (decisionCounts[reason] ?? 0) + 1;
      decisions.unshift(decision);
      decisions.length = Math.min(decisions.length, decisionsMax);
    },
    recordNotice(notice) {
      if (notice.kind === 'redacted') {
        const key = `${notice.field} ${notice.what}`;
        const known = redactions.get(key);
        if (known !== undefined) known.count += notice.count;
        else if (redactions.size < groupsMax)
          redactions.set(key, { field: notice.field, kind: notice.what, count: notice.count });
      }
      if (notice.kind === 'message-rejected') rejected[notice.reason] = (rejected[notice.reason] ?? 0) + 1;
      if (notice.kind === 'tracked-tasks') uncertainTasks = notice.unsure;
      if (notice.kind === 'gap') {
        gaps.unshift({ source: notice.source, cause: notice.cause, from: notice.fromMs, to: notice.toMs });
        gaps.length = Math.min(gaps.length, gapsMax);
      }
    },
    recordWorkers(views, open) {
      workers = views;
      openTasks = open;
    },
    snapshot: (at) => ({
      at,
      outcomes: { ...outcomes },
      openTasks,
      uncertainTasks,
      failureCount,
      messages: [...messages.values()].reverse(),
      groups: [...groups.values()].sort((a, b) => b.count - a.count || b.lastAt - a.lastAt),
      traces: [...traces.values()].reverse().map((trace) => ({ ...trace, spans: [...trace.spans] })),
      redactions: [...redactions.values()].sort((a, b) => b.count - a.count),
      redactedExample,
      decisions: [...decisions],
      decisionCounts: { ...decisionCounts },
      rejected: { ...rejected },
      workers,
      gaps: [...gaps],
    }),
  };
}

function forgetFirst(map: Map<string, unknown>, most: number): void {
  if (map.size <= most) return;
  const first = map.keys().next();
  if (!first.done) map.delete(first.value);
}

/** The oldest trace without an error or a second attempt, or simply the oldest. */
function forgetDullest(traces: Map<string, Drawing>): void {
  for (const [traceId, trace] of traces) {
    if (trace.isError || trace.attempts > 1) continue;
    traces.delete(traceId);
    return;
  }
  forgetFirst(traces, 0);
}
