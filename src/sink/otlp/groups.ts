/**
 * The members of a group or chord, joined. Members that a program sends by itself are roots, each in its own trace, and no
 * event names their group; only the result backend does. So each group gets a span in a trace of its own, with links to its
 * members, and the span of each member links to it: from one member a person finds all the others.
 *
 *   trace of the group id     group shop.media.thumbnail      links ▶ member, member, …
 *   trace of each member      shop.media.thumbnail            link  ▶ group
 *
 * Both ids are computed from the group's id. The span is made once, when the group has been quiet for a while; nobody
 * tells how many members there are.
 */
import type { Millis, TaskId } from '../../event/ids.ts';
import { spanIdOf, traceIdOf } from '../../lifecycle/trace-id.ts';
import type { Transition } from '../../lifecycle/transition.ts';
import { type Attributes, names, put } from './attributes.ts';
import type { Span, SpanLink } from './spans.ts';

export interface GroupSpans {
  /** The spans of one transition; that of a group's member with its link to the group. */
  join(transition: Transition, spans: readonly Span[], now: Millis): readonly Span[];
  /** The spans of the groups that have been quiet for long enough, and of those that had no more room. */
  takeQuiet(now: Millis): Span[];
}

interface Group {
  readonly id: TaskId;
  readonly name: string | undefined;
  readonly links: SpanLink[];
  memberCount: number;
  failedCount: number;
  firstAt: Millis;
  lastAt: Millis;
  heardAt: Millis;
}

const quietMs = 60_000;
/** What OpenTelemetry allows by default; the count goes on. */
const linksMax = 128;
/** Groups in progress, at some 20 KB for a large one; beyond it the one quiet for longest is told. */
const groupsMax = 2_000;
/** Groups that were told, so that a member that comes even later makes no second span. */
const toldMax = 20_000;

export function createGroupSpans(): GroupSpans {
  /** In the order of their last member. */
  const groups = new Map<TaskId, Group>();
  const told = new Set<TaskId>();
  const full: Group[] = [];

  function close(group: Group): Span {
    groups.delete(group.id);
    told.add(group.id);
    if (told.size > toldMax) {
      const oldest = told.values().next();
      if (!oldest.done) told.delete(oldest.value);
    }
    return spanOf(group);
  }

  function count(transition: Extract<Transition, { kind: 'task-ended' }>, id: TaskId, now: Millis): void {
    const { task, outcome, at, corrects } = transition;
    if (told.has(id) || corrects !== undefined) return;
    const group = groups.get(id) ?? {
      id,
      name: task.name,
      links: [],
      memberCount: 0,
      failedCount: 0,
      firstAt: task.firstAt,
      lastAt: at,
      heardAt: now,
    };
    group.memberCount += 1;
    if (outcome !== 'succeeded' && outcome !== 'recovered') group.failedCount += 1;
    group.firstAt = Math.min(group.firstAt, task.firstAt);
    group.lastAt = Math.max(group.lastAt, at);
    group.heardAt = now;
    if (group.links.length < linksMax) {
      group.links.push({ traceId: task.traceId, spanId: task.spanId, attributes: { [names.link]: 'member' } });
    }
    groups.delete(id);
    groups.set(id, group);
    const oldest = groups.size > groupsMax ? groups.values().next() : undefined;
    if (oldest?.done !== false) return;
    groups.delete(oldest.value.id);
    full.push(oldest.value);
  }

  return {
    join(transition, spans, now) {
      const { groupId } = transition.task;
      if (transition.kind !== 'task-ended' || groupId === undefined) return spans;
      count(transition, groupId, now);
      const link = { traceId: traceIdOf(groupId), spanId: groupSpanId(groupId), attributes: { [names.link]: 'group' } };
      const { spanId } = transition.task;
      return spans.map((span) => (span.spanId === spanId ? { ...span, links: [...span.links, link] } : span));
    },
    takeQuiet(now) {
      const quiet = full.splice(0);
      for (const group of groups.values()) {
        if (group.heardAt + quietMs > now) break;
        quiet.push(group);
      }
      return quiet.map(close);
    },
  };
}

function groupSpanId(id: TaskId): string {
  return spanIdOf(id, 'group');
}

function spanOf({ id, name, links, memberCount, failedCount, firstAt, lastAt }: Group): Span {
  const attributes: Attributes = {
    [names.messagingSystem]: 'celery',
    [names.groupId]: id,
    [names.groupMembers]: memberCount,
    [names.groupFailed]: failedCount,
  };
  put(attributes, names.taskName, name);
  return {
    traceId: traceIdOf(id),
    spanId: groupSpanId(id),
    parentSpanId: undefined,
    name: `group ${name ?? 'unknown task'}`,
    kind: 'internal',
    startAt: firstAt,
    endAt: Math.max(lastAt, firstAt),
    isError: failedCount > 0,
    statusMessage: failedCount > 0 ? `${failedCount} of ${memberCount} did not succeed` : undefined,
    attributes,
    events: [],
    links,
  };
}
