/** The subjects that `taskvigil why` can answer about: every id and name that taskvigil prints, with its kind. */
import { poolOf } from '../../alert/evidence/worker-pool.ts';
import type { Book } from '../../alert/incident.ts';
import { nameOfKey, parseKey } from '../../alert/key.ts';
import type { Policy } from '../../alert/policy.ts';
import { signalNames } from '../../alert/signals/registry.ts';
import type { Millis } from '../../event/ids.ts';
import type { WorkerView } from '../../lifecycle/tables/worker-table.ts';
import { spanIdOf, taskPart } from '../../lifecycle/trace-id.ts';
import type { DecisionLog } from '../decision-log.ts';
import type { TaskFacts, TaskHistory } from './task-history.ts';
import type { WorkerHistory } from './worker-history.ts';

export interface AnswerFacts {
  readonly tasks: TaskHistory;
  readonly workers: WorkerHistory;
  readonly decisions: DecisionLog;
  readonly book: Book;
  readonly policy: Pick<Policy, 'schedules' | 'silences'>;
  /** The workers known now. */
  readonly views: readonly WorkerView[];
  readonly now: Millis;
}

export type SubjectKind =
  | 'task'
  | 'workflow'
  | 'cause'
  | 'incident'
  | 'bulletin'
  | 'silence'
  | 'worker'
  | 'pool'
  | 'queue'
  | 'schedule'
  | 'task name'
  | 'exception'
  | 'signal';

export interface AnswerSubject {
  readonly kind: SubjectKind;
  /** Text that a person may ask for. */
  readonly text: string;
  /** Full id of the subject; equals `text` unless the text is another id of it, such as a trace. */
  readonly id: string;
}

/** All subjects. The texts of one subject may repeat. */
export function* subjectsOf(facts: AnswerFacts, question: string): Iterable<AnswerSubject> {
  for (const task of facts.tasks.tasks()) {
    yield* taskSubjects(task, question);
    yield* namesOf(task);
  }
  for (const { fingerprint, exception } of facts.tasks.causes()) {
    yield same('cause', fingerprint);
    if (exception !== undefined) yield same('exception', exception);
  }
  for (const { hostname } of facts.workers.all()) yield* workerSubjects(hostname);
  for (const { hostname } of facts.views) yield* workerSubjects(hostname);
  yield* bookSubjects(facts);
  for (const { name, task } of facts.policy.schedules) {
    yield same('schedule', name);
    yield same('task name', task);
  }
  for (const { id } of [...facts.policy.silences, ...facts.book.silences]) yield same('silence', id);
  for (const name of signalNames) yield same('signal', name);
}

/** Earlier uses of an id whose spans are found. */
const publicationsMax = 100;
const spanId = /^[0-9a-f]{16}$/;

function* taskSubjects({ id, rootId, groupId, ...task }: TaskFacts, question: string): Iterable<AnswerSubject> {
  yield same('task', id);
  yield { kind: 'task', text: task.traceId, id };
  if (task.failure !== undefined) yield { kind: 'task', text: task.failure.id, id };
  if (rootId !== id) yield same('workflow', rootId);
  if (task.parentId !== undefined) yield same('workflow', task.parentId);
  if (groupId !== undefined) yield same('workflow', groupId);
  if (!spanId.test(question)) return;
  const spans = [task.spanId, task.lastSend?.spanId, spanIdOf(id, 'group')];
  const first = Math.max(0, task.publication - publicationsMax);
  for (let number = first; number <= task.publication; number += 1)
    spans.push(spanIdOf(id, taskPart(number)), spanIdOf(id, `send.${number}.0.1`));
  for (const attempt of task.attempts)
    spans.push(attempt.spanId, spanIdOf(id, `wait.${attempt.key}`), spanIdOf(id, `send.${attempt.key}`));
  if (groupId !== undefined) spans.push(spanIdOf(groupId, 'group'));
  if (task.parentId !== undefined) spans.push(spanIdOf(task.parentId, 'task.0'));
  for (const text of spans) if (text !== undefined) yield { kind: 'task', text, id };
}

function* namesOf({ name, queue, attempts, lastSend }: TaskFacts): Iterable<AnswerSubject> {
  if (name !== undefined) yield same('task name', name);
  if (queue !== undefined) yield same('queue', queue);
  for (const { hostname } of attempts) yield* workerSubjects(hostname);
  if (lastSend !== undefined) yield same('worker', lastSend.hostname);
}

function* workerSubjects(hostname: string): Iterable<AnswerSubject> {
  const { pool } = poolOf(hostname);
  yield same('worker', hostname);
  yield { kind: 'worker', text: hostname.slice(hostname.indexOf('@') + 1), id: hostname };
  yield same('pool', pool);
}

function* bookSubjects({ book, decisions }: AnswerFacts): Iterable<AnswerSubject> {
  for (const { id, keys, subject } of book.incidents) {
    yield same('incident', id);
    yield { kind: 'incident', text: rootRefOf(id), id };
    for (const { key } of keys) yield* keySubjects(key);
    if (subject.example !== undefined) yield same('task', subject.example.taskId);
    for (const taskId of subject.taskIds ?? []) yield same('task', taskId);
    for (const queue of subject.queues) yield same('queue', queue);
    for (const pool of subject.pools) yield same('pool', pool);
    for (const exception of subject.exceptions) yield same('exception', exception);
  }
  for (const { id } of book.bulletins) {
    yield same('bulletin', id);
    yield { kind: 'bulletin', text: rootRefOf(id), id };
  }
  for (const { incident, key, task, exception } of decisions.all()) {
    if (incident !== undefined) yield same('incident', incident);
    if (key !== undefined) yield* keySubjects(key);
    if (task !== undefined) yield same('task name', task);
    if (exception !== undefined) yield same('exception', exception);
  }
}

/** Reference to the root message in a notification. */
function rootRefOf(id: string): string {
  return `${id}:root`;
}

function* keySubjects(text: string): Iterable<AnswerSubject> {
  const key = parseKey(text);
  if (key === undefined) return;
  const subject = subjectOfKey(key);
  if (subject === undefined) return;
  yield subject;
  yield { ...subject, text };
}

function subjectOfKey(key: NonNullable<ReturnType<typeof parseKey>>): AnswerSubject | undefined {
  switch (key.kind) {
    case 'cause':
      return same('cause', key.fingerprint);
    case 'task':
    case 'retry':
      return same('task name', key.task);
    case 'host':
      return same('worker', key.host);
    case 'self':
      return same('signal', 'self');
    default:
      return same(key.kind, nameOfKey(key) ?? '');
  }
}

function same(kind: SubjectKind, id: string): AnswerSubject {
  return { kind, text: id, id };
}
