/** Collects the content of the status page from the pipeline. Every collection is bounded: the page shows the last hour. */
import type { Decision } from '../alert/decision.ts';
import type { Notification } from '../alert/outbox/notification.ts';
import type { Millis } from '../event/ids.ts';
import type { Failure } from '../failure/failure.ts';
import type { GroupCount } from '../failure/tally.ts';
import type { WorkerView } from '../lifecycle/tables/worker-table.ts';
import type { Transition } from '../lifecycle/transition.ts';
import type { Notice } from '../report.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { type BoardMessage, BoardMessages } from './board-messages.ts';
import { BoardTraces, type DrawnSpan, type TraceSummary } from './board-traces.ts';

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

export interface RedactionCount {
  readonly field: string;
  readonly kind: string;
  readonly count: number;
}

export interface BoardGap {
  readonly source: string;
  readonly cause: string;
  readonly from: Millis;
  readonly to: Millis;
}

export interface BoardSnapshot {
  readonly at: Millis;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly openTasks: number;
  /** Open tasks whose end may fall into a gap; their state is unknown until a witness answers. */
  readonly uncertainTasks: number;
  readonly failureCount: number;
  readonly messages: readonly BoardMessage[];
  readonly groups: readonly FailureGroup[];
  readonly traces: readonly TraceSummary[];
  readonly redactions: readonly RedactionCount[];
  /** A recent argument text with a redacted value. */
  readonly redactedExample: string | undefined;
  readonly decisions: readonly Decision[];
  readonly decisionCounts: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  readonly workers: readonly WorkerView[];
  readonly gaps: readonly BoardGap[];
}

const groupsMax = 200;
const redactionKindsMax = 200;
const decisionsMax = 100;
const gapsMax = 20;

export class Board {
  readonly #messages = new BoardMessages();
  readonly #traces = new BoardTraces();
  readonly #groups = new BoundedMap<string, FailureGroup>({ itemsMax: groupsMax });
  readonly #redactions = new Map<string, RedactionCount>();
  readonly #decisions: Decision[] = [];
  readonly #gaps: BoardGap[] = [];
  readonly #outcomes: Record<string, number> = {};
  readonly #decisionCounts: Record<string, number> = {};
  readonly #rejected: Record<string, number> = {};
  #workers: readonly WorkerView[] = [];
  #openTasks = 0;
  #uncertainTasks = 0;
  #failureCount = 0;
  #redactedExample: string | undefined;

  recordTransition(transition: Transition, spans: readonly DrawnSpan[]): void {
    const { task } = transition;
    if (transition.kind === 'task-ended') {
      add(this.#outcomes, transition.outcome, 1);
      const { corrects } = transition;
      if (corrects !== undefined && this.#outcomes[corrects] !== undefined) add(this.#outcomes, corrects, -1);
      const text = task.kwargs ?? task.args;
      if (text?.includes('[redacted:')) this.#redactedExample = text;
    }
    if (spans.length > 0) this.#traces.add(task, spans, transition.at);
  }

  /** Records a failure that was not counted before, with its group after this failure. */
  recordFailure({ fingerprint, title, task, class: kind, cause }: Failure, group: GroupCount): void {
    const { count, firstAt, lastAt } = group;
    const taskName = task.name ?? 'unknown task';
    this.#failureCount += 1;
    // Moves the group to the end of the eviction order.
    this.#groups.delete(fingerprint);
    this.#groups.set(fingerprint, {
      fingerprint,
      title,
      taskName,
      class: kind,
      cause,
      count,
      firstAt,
      lastAt,
      traceId: task.traceId,
    });
  }

  recordNotification(notification: Notification, message: unknown, at: Millis): void {
    this.#messages.add(notification, message, at);
  }

  recordDecision(decision: Decision): void {
    add(this.#decisionCounts, decision.verdict.reason, 1);
    addFirst(this.#decisions, decision, decisionsMax);
  }

  recordNotice(notice: Notice): void {
    if (notice.kind === 'redacted')
      this.#countRedaction({ field: notice.field, kind: notice.what, count: notice.count });
    if (notice.kind === 'message-rejected') add(this.#rejected, notice.reason, 1);
    if (notice.kind === 'tracked-tasks') this.#uncertainTasks = notice.unsure;
    if (notice.kind === 'gap') {
      const { source, cause, fromMs, toMs } = notice;
      addFirst(this.#gaps, { source, cause, from: fromMs, to: toMs }, gapsMax);
    }
  }

  recordWorkers(workers: readonly WorkerView[], openTasks: number): void {
    this.#workers = workers;
    this.#openTasks = openTasks;
  }

  workers(): readonly WorkerView[] {
    return this.#workers;
  }

  snapshot(at: Millis): BoardSnapshot {
    return {
      at,
      outcomes: { ...this.#outcomes },
      openTasks: this.#openTasks,
      uncertainTasks: this.#uncertainTasks,
      failureCount: this.#failureCount,
      messages: this.#messages.all(),
      groups: [...this.#groups.values()].sort((a, b) => b.count - a.count || b.lastAt - a.lastAt),
      traces: this.#traces.all(),
      redactions: [...this.#redactions.values()].sort((a, b) => b.count - a.count),
      redactedExample: this.#redactedExample,
      decisions: [...this.#decisions],
      decisionCounts: { ...this.#decisionCounts },
      rejected: { ...this.#rejected },
      workers: this.#workers,
      gaps: [...this.#gaps],
    };
  }

  #countRedaction({ field, kind, count }: RedactionCount): void {
    const key = `${field} ${kind}`;
    const previous = this.#redactions.get(key);
    if (previous === undefined && this.#redactions.size >= redactionKindsMax) return;
    this.#redactions.set(key, { field, kind, count: (previous?.count ?? 0) + count });
  }
}

function add(counts: Record<string, number>, name: string, change: number): void {
  counts[name] = (counts[name] ?? 0) + change;
}

/** Puts `item` first and drops the last one beyond `itemsMax`. */
function addFirst<Item>(items: Item[], item: Item, itemsMax: number): void {
  items.unshift(item);
  items.length = Math.min(items.length, itemsMax);
}
