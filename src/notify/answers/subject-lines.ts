/** The sentences of an answer about one subject. */

import type { Decision } from '../../alert/decision.ts';
import { poolOf } from '../../alert/evidence/worker-pool.ts';
import type { Incident } from '../../alert/incident.ts';
import { lineOf } from '../../alert/incidents/decision-text.ts';
import { keyText, nameOfKey, parseKey } from '../../alert/key.ts';
import type { Millis } from '../../event/ids.ts';
import type { AnswerFacts, AnswerSubject } from './subjects.ts';
import { taskLines } from './task-lines.ts';

/** The facts, then the incidents, then the decisions, the newest first. Never empty. */
export function subjectLines(subject: AnswerSubject, facts: AnswerFacts): string[] {
  const { lines, about } = described(subject, facts);
  const incidents = facts.book.incidents.filter(
    ({ keys, id }) => id === about.incident || keys.some(({ key }) => about.isKey(key)),
  );
  const ids = new Set(incidents.map(({ id }) => id));
  if (about.incident !== undefined) ids.add(about.incident);
  const decisions = facts.decisions.lines(
    (decision) =>
      about.isDecision?.(decision) === true ||
      (decision.key !== undefined && about.isKey(decision.key)) ||
      (decision.incident !== undefined && ids.has(decision.incident)),
  );
  return [
    ...lines,
    ...incidents.map(incidentLine),
    ...(incidents.length === 0 && decisions.length === 0 ? ['No incident and no decision about it.'] : []),
    ...decisions,
  ];
}

interface About {
  readonly isKey: (key: string) => boolean;
  readonly isDecision?: (decision: Decision) => boolean;
  readonly incident?: string | undefined;
}

interface Described {
  readonly lines: readonly string[];
  readonly about: About;
}

function described({ kind, id }: AnswerSubject, facts: AnswerFacts): Described {
  switch (kind) {
    case 'task':
      return describeTask(id, facts);
    case 'workflow':
      return { lines: workflowLines(id, facts), about: { isKey: () => false } };
    case 'cause':
      return {
        lines: causeLines(id, facts),
        about: { isKey: (key) => key === keyText({ kind: 'cause', fingerprint: id }) },
      };
    case 'incident':
      return { lines: incidentHead(id, facts), about: { isKey: () => false, incident: id } };
    case 'bulletin':
      return { lines: bulletinLines(id, facts), about: { isKey: () => false } };
    case 'silence':
      return {
        lines: [`Silence ${id}.`],
        about: { isKey: () => false, isDecision: ({ verdict }) => !verdict.notify && verdict.by === id },
      };
    case 'worker':
      return describeWorker(id, facts);
    case 'pool':
      return { lines: poolLines(id, facts), about: named('pool', id) };
    case 'queue':
      return { lines: queueLines(id, facts), about: named('queue', id) };
    case 'schedule':
      return { lines: scheduleLines(id, facts), about: named('schedule', id) };
    case 'task name':
      return describeName(id, facts);
    case 'exception':
      return {
        lines: [`Exception ${id}.`],
        about: { isKey: () => false, isDecision: ({ exception }) => exception === id },
      };
    case 'signal':
      return {
        lines: [`Signal ${id}.`],
        about: {
          isKey: () => false,
          isDecision: ({ signal, key }) => signal === id || signal?.startsWith(`${id}.`) === true || key === id,
        },
      };
    default:
      return kind satisfies never;
  }
}

function named(kind: 'pool' | 'queue' | 'schedule', name: string): About {
  return {
    isKey(text) {
      const key = parseKey(text);
      return key?.kind === kind && nameOfKey(key) === name;
    },
  };
}

/** Conditions of the task's signals that its own note contributes to. */
const conditionOfNote: Readonly<Record<string, string>> = { 'run-twice': 'run-twice', 'poison-loop': 'redelivery' };

function describeTask(id: string, facts: AnswerFacts): Described {
  const task = [...facts.tasks.tasks()].find((one) => one.id === id);
  const cause = task?.failure && keyText({ kind: 'cause', fingerprint: task.failure.fingerprint });
  const hosts = new Set(task?.attempts.map(({ hostname }) => poolOf(hostname).pool));
  const isLost = task?.attempts.some(({ outcome }) => outcome === 'lost' || outcome === 'unknown') === true;
  const incident = facts.book.incidents.find(
    ({ subject }) => subject.example?.taskId === id || subject.taskIds?.includes(id) === true,
  );
  return {
    lines:
      task === undefined
        ? [
            `Task ${id}${incident === undefined ? '' : `: named by incident ${incident.id}`}. Its events are no longer kept.`,
          ]
        : taskLines(task),
    about: {
      isKey(text) {
        if (text === cause) return true;
        const key = parseKey(text);
        if (key?.kind === 'task')
          return (
            key.task === task?.name &&
            key.condition !== undefined &&
            key.condition === conditionOfNote[task.note?.what ?? '']
          );
        return isLost && key?.kind === 'pool' && hosts.has(key.pool);
      },
      isDecision: ({ key, task: name }) =>
        cause === undefined &&
        name !== undefined &&
        name === task?.name &&
        key !== undefined &&
        parseKey(key)?.kind !== 'cause',
      incident: incident?.id,
    },
  };
}

function workflowLines(id: string, { tasks }: AnswerFacts): string[] {
  const members = [...tasks.tasks()].filter(
    ({ rootId, parentId, groupId }) => rootId === id || parentId === id || groupId === id,
  );
  const shown = members
    .slice(0, 10)
    .map(({ id: task, name, outcome }) => `  ${task} ${name ?? 'unknown task'}: ${outcome ?? 'open'}`);
  return [`Root, parent or group of ${members.length} known ${members.length === 1 ? 'task' : 'tasks'}:`, ...shown];
}

function causeLines(id: string, { tasks }: AnswerFacts): string[] {
  const cause = [...tasks.causes()].find(({ fingerprint }) => fingerprint === id);
  if (cause === undefined) return [`Failure ${id}: its events are no longer kept.`];
  const { title, task, class: kind, count, firstAt, lastAt } = cause;
  return [
    `Failure ${id}: ${title} (${task ?? 'unknown task'}, class ${kind}), ${timesText(count)}, first ${iso(firstAt)}, last ${iso(lastAt)}.`,
  ];
}

function incidentHead(id: string, { book }: AnswerFacts): string[] {
  return book.incidents.some((one) => one.id === id) ? [] : [`Incident ${id}: closed and no longer in the book.`];
}

function bulletinLines(id: string, { book }: AnswerFacts): string[] {
  const bulletin = book.bulletins.find((one) => one.id === id);
  return [`Bulletin ${id}: ${bulletin?.title ?? 'closed'}.`, ...(bulletin?.lines.map((line) => `  ${line}`) ?? [])];
}

function describeWorker(hostname: string, facts: AnswerFacts): Described {
  const { pool } = poolOf(hostname);
  const view = facts.views.find((one) => one.hostname === hostname);
  const history = [...facts.workers.all()].find((one) => one.hostname === hostname);
  const running = [...facts.tasks.tasks()].filter(
    ({ outcome, attempts }) =>
      outcome === undefined && attempts.at(-1)?.hostname === hostname && attempts.at(-1)?.outcome === undefined,
  );
  const state =
    view === undefined
      ? history === undefined
        ? 'sends tasks, no worker events'
        : stateAfter(history.last)
      : view.state;
  const lines = [
    `Worker ${hostname} (pool ${pool}): ${state}${view === undefined ? '' : `, last event ${iso(view.lastSeenAt)}, ${view.active ?? '?'} executing`}.`,
    ...(history === undefined
      ? []
      : [`Restarts: ${history.restarts}, losses: ${history.losses}, last change ${iso(history.lastAt)}.`]),
    ...(running.length === 0
      ? []
      : [
          `Open attempts: ${running
            .slice(0, 10)
            .map(({ id, name }) => `${name ?? 'unknown task'} ${id}`)
            .join(', ')}.`,
        ]),
  ];
  const about = named('pool', pool);
  return { lines, about: { isKey: (key) => about.isKey(key) || key === keyText({ kind: 'host', host: hostname }) } };
}

function stateAfter(last: string): string {
  const word = last.slice('worker-'.length);
  return word === 'restarted' ? 'restarted' : word;
}

function poolLines(pool: string, { views, workers }: AnswerFacts): string[] {
  const members = views.filter(({ hostname }) => poolOf(hostname).pool === pool);
  const gone = [...workers.all()].filter(
    ({ hostname }) => poolOf(hostname).pool === pool && !members.some((one) => one.hostname === hostname),
  );
  const text = members
    .map(({ hostname, state }) => `${hostname} (${state})`)
    .slice(0, 20)
    .join(', ');
  return [
    `Pool ${pool}: ${members.length} ${members.length === 1 ? 'worker' : 'workers'}${text === '' ? '' : `: ${text}`}.`,
    ...(gone.length === 0
      ? []
      : [
          `No longer listed: ${gone
            .slice(0, 20)
            .map(({ hostname }) => hostname)
            .join(', ')}.`,
        ]),
  ];
}

function queueLines(queue: string, { tasks }: AnswerFacts): string[] {
  const own = [...tasks.tasks()].filter((task) => task.queue === queue);
  const hosts = new Set(own.flatMap(({ attempts }) => attempts.map(({ hostname }) => hostname)));
  const open = own.filter(({ outcome }) => outcome === undefined).length;
  return [
    `Queue ${queue}: ${own.length} known tasks, ${open} open.`,
    ...(hosts.size === 0 ? [] : [`Workers: ${[...hosts].slice(0, 20).join(', ')}.`]),
  ];
}

function scheduleLines(name: string, { policy, tasks, now }: AnswerFacts): string[] {
  const schedule = policy.schedules.find((one) => one.name === name);
  if (schedule === undefined) return [`Schedule ${name}: not in the configuration.`];
  const runs = [...tasks.tasks()].filter((task) => task.name === schedule.task).map(({ firstAt }) => firstAt);
  const last = runs.length === 0 ? 'no run known' : `last run ${iso(Math.max(...runs))}`;
  return [`Schedule ${name} of ${schedule.task}: ${last}, next due ${iso(schedule.dueAfter(now))}.`];
}

function describeName(name: string, { tasks }: AnswerFacts): Described {
  const outcomes: Record<string, number> = {};
  for (const task of tasks.tasks()) {
    if (task.name !== name) continue;
    const outcome = task.outcome ?? 'open';
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`);
  return {
    lines: [`Task ${name}: ${counts.length === 0 ? 'no run known' : counts.join(', ')}.`],
    about: { isKey: () => false, isDecision: ({ task }) => task === name },
  };
}

function incidentLine(incident: Incident): string {
  const { id, phase, firstAt, channel, hidden } = incident;
  const state = hidden === undefined ? phase.name : `${phase.name}, not posted: ${hidden.reason} by ${hidden.by}`;
  return `Incident ${id} (${state}) in ${channel} since ${iso(firstAt)}: ${lineOf(incident)}.`;
}

function timesText(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function iso(at: Millis): string {
  return new Date(at).toISOString();
}
