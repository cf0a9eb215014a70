/**
 * Joins the members of a group or chord. Members that a program sends directly are roots, each in its own trace, and no event
 * names their group; only the result backend does. So each group has a span in a trace of its own, with links to its members,
 * and the span of each member links to it. A person can navigate from one member to all others.
 *
 *   trace of the group id     group shop.media.thumbnail      links ▶ member, member, …
 *   trace of each member      shop.media.thumbnail            link  ▶ group
 *
 * Both ids are computed from the group's id. The span is created once, some time after the last member ended, because no
 * event contains the number of members.
 */
import type { Millis, TaskId } from '../../event/ids.ts';
import { spanIdOf, traceIdOf } from '../../lifecycle/trace-id.ts';
import type { Transition } from '../../lifecycle/transition.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { type Attributes, names, put } from './attributes.ts';
import type { Span, SpanLink } from './spans.ts';

export interface GroupSpans {
  /** Returns `spans`, with a link to the group in the span of a group's member. */
  join(transition: Transition, spans: readonly Span[], now: Millis): readonly Span[];
  /** Returns the spans of the groups without a new member for a minute, and of those that were evicted. */
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
  receivedAt: Millis;
}

const quietMs = 60_000;
/** OpenTelemetry's default limit; further members are counted only. */
const linksMax = 128;
/** Groups in progress, some 20 KB for a large one; beyond it the least recent one is exported. */
const groupsMax = 2_000;
/** Exported groups, so that a late member does not create a second span. */
const exportedMax = 20_000;

export function createGroupSpans(): GroupSpans {
  /** In the order of their last member. */
  const groups = new Map<TaskId, Group>();
  const exported = new BoundedMap<TaskId, true>({ itemsMax: exportedMax });
  const full: Group[] = [];

  function close(group: Group): Span {
    groups.delete(group.id);
    exported.set(group.id, true);
    return spanOf(group);
  }

  function count(transition: Extract<Transition, { kind: 'task-ended' }>, id: TaskId, now: Millis): void {
    const { task, outcome, at, corrects } = transition;
    if (exported.has(id) || corrects !== undefined) return;
    const group = groups.get(id) ?? {
      id,
      name: task.name,
      links: [],
      memberCount: 0,
      failedCount: 0,
      firstAt: task.firstAt,
      lastAt: at,
      receivedAt: now,
    };
    group.memberCount += 1;
    if (outcome !== 'succeeded' && outcome !== 'recovered') group.failedCount += 1;
    group.firstAt = Math.min(group.firstAt, task.firstAt);
    group.lastAt = Math.max(group.lastAt, at);
    group.receivedAt = now;
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
        if (group.receivedAt + quietMs > now) break;
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
