/** taskvigil why <id> --from DIR: reads what a replay wrote to DIR. */

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Decision } from '../alert/decision.ts';
import { keyText } from '../alert/key.ts';
import { decisionLine, isAbout } from '../notify/decision-line.ts';
import { linesOf } from './input-lines.ts';

export interface AskReplayOptions {
  /** The `--out` of a replay. */
  readonly dir: string;
  /** An incident, a task, trace or span id, a worker, a queue, a task name or a fingerprint; ids may be shortened. */
  readonly question: string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

const linesMax = 1_000;

/** Returns the exit code: 0, or 1 if the replay has nothing about it or cannot be read. */
export async function askReplay({ dir, question, print, complain }: AskReplayOptions): Promise<number> {
  try {
    const tasks = await tasksAbout(dir, question);
    const [task] = tasks;
    const failure = await failureAbout(dir, task !== undefined && tasks.length === 1 ? task.task_id : question);
    const key = failure && keyText({ kind: 'cause', fingerprint: failure.fingerprint });
    const about: Decision[] = [];
    const incident = await incidentOf(dir, key);
    for await (const decision of recordsIn<Decision>(join(dir, 'decisions.ndjson'))) {
      if (isAbout(decision, { question, key, incident })) about.push(decision);
      if (about.length > linesMax) about.shift();
    }
    for (const line of tasks.slice(0, tasksMax).map(taskLine)) print(line);
    if (tasks.length > tasksMax) print(`and ${tasks.length - tasksMax} more tasks`);
    for (const decision of about.reverse()) print(decisionLine(decision));
    if (about.length + tasks.length === 0) complain(`${question}: the replay has nothing about it`);
    return about.length + tasks.length === 0 ? 1 : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined && !(error instanceof SyntaxError)) throw error;
    complain(`${dir}: expected the files of a replay: ${(error as Error).message}`);
    return 1;
  }
}

/** A line of `verdicts.ndjson`. */
interface Verdict {
  readonly task_id: string;
  readonly name: string | null;
  readonly outcome: string;
  readonly open_at_end: boolean;
  readonly cause: string | null;
  readonly attempts: number;
  readonly worker: string | null;
  readonly queue: string | null;
  readonly group_id: string | null;
  readonly root_id: string | null;
}

/** A line of `logs.ndjson`, as far as it names its task. */
interface LogLine {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Tasks listed for a worker, a queue or a shortened id. */
const tasksMax = 20;
/** Fewer characters of an id match too much. */
const prefixMin = 4;

/** The tasks with this id, on this worker, in this queue or group, or with this trace or span. */
async function tasksAbout(dir: string, question: string): Promise<Verdict[]> {
  const asked = question.replace(/…$/u, '');
  const isId = (id: string | null): boolean =>
    id === asked ||
    (asked.length >= prefixMin && id?.replaceAll('-', '').startsWith(asked.replaceAll('-', '')) === true);
  const bySpan = new Set<string>();
  for await (const { spanId, attributes } of recordsIn<LogLine>(join(dir, 'logs.ndjson')))
    if (spanId === asked) bySpan.add(String(attributes['messaging.message.id']));
  const found: Verdict[] = [];
  for await (const verdict of recordsIn<Verdict>(join(dir, 'verdicts.ndjson'))) {
    const { task_id: id, worker, queue, group_id: group, root_id: root } = verdict;
    if ([id, root, group].some(isId) || worker === asked || queue === asked || bySpan.has(id)) found.push(verdict);
  }
  const exact = found.filter(({ task_id: id }) => id === asked);
  return exact.length > 0 ? exact : found;
}

function taskLine({
  task_id: id,
  name,
  outcome,
  open_at_end: isOpen,
  cause,
  attempts,
  worker,
  queue,
}: Verdict): string {
  const end = isOpen ? 'open at the end of the capture' : `${outcome}${cause === null ? '' : ` (${cause})`}`;
  const where = [worker && `last on ${worker}`, queue && `queue ${queue}`].filter(Boolean);
  return [
    `Task ${id} ${name ?? '(name unknown)'}: ${end}`,
    attempts === 1 ? '1 attempt' : `${attempts} attempts`,
    ...where,
  ].join(', ');
}

/** The failure of a task, or one with this id or fingerprint, which may be shortened. */
async function failureAbout(dir: string, question: string): Promise<Failed | undefined> {
  const isId = (id: string): boolean => id === question || (question.length >= prefixMin && id.startsWith(question));
  for await (const failure of recordsIn<Failed>(join(dir, 'failures.ndjson'))) {
    if (failure.task_id === question || isId(failure.fingerprint) || isId(failure.id)) return failure;
  }
  return undefined;
}

/** A line of `failures.ndjson`. */
interface Failed {
  readonly id: string;
  readonly task_id: string;
  readonly fingerprint: string;
}

/** The last incident about a key. */
async function incidentOf(dir: string, key: string | undefined): Promise<string | undefined> {
  let incident: string | undefined;
  if (key === undefined) return undefined;
  for await (const decision of recordsIn<Decision>(join(dir, 'decisions.ndjson')))
    if (decision.key === key) incident = decision.incident ?? incident;
  return incident;
}

async function* recordsIn<Line>(file: string): AsyncGenerator<Line> {
  for await (const { text } of linesOf(createReadStream(file)))
    if (text !== undefined && text !== '') yield JSON.parse(text) as Line;
}
