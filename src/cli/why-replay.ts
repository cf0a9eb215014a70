/** taskvigil why <id> --from DIR: reads the decisions that a replay wrote to DIR. */

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Decision } from '../alert/decision.ts';
import { keyText } from '../alert/key.ts';
import { decisionLine, isAbout } from '../notify/decision-line.ts';
import { linesOf } from './input-lines.ts';

export interface AskReplayOptions {
  /** The `--out` of a replay. */
  readonly dir: string;
  /** An incident, a task id, a task name or a fingerprint. */
  readonly question: string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

const linesMax = 1_000;

/** Returns the exit code: 0, or 1 if the replay has no decision about it or cannot be read. */
export async function askReplay({ dir, question, print, complain }: AskReplayOptions): Promise<number> {
  try {
    const key = await keyOf(dir, question);
    const about: Decision[] = [];
    const incident = await incidentOf(dir, key);
    for await (const decision of recordsIn<Decision>(join(dir, 'decisions.ndjson'))) {
      if (isAbout(decision, { question, key, incident })) about.push(decision);
      if (about.length > linesMax) about.shift();
    }
    if (about.length === 0) complain(`${question}: the replay has no decision about it`);
    for (const decision of about.reverse()) print(decisionLine(decision));
    return about.length === 0 ? 1 : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined && !(error instanceof SyntaxError)) throw error;
    complain(`${dir}: expected the files of a replay: ${(error as Error).message}`);
    return 1;
  }
}

/** Key of the cause of a task's failure. */
async function keyOf(dir: string, taskId: string): Promise<string | undefined> {
  for await (const { task_id: id, fingerprint } of recordsIn<{ task_id: string; fingerprint: string }>(
    join(dir, 'failures.ndjson'),
  )) {
    if (id === taskId) return keyText({ kind: 'cause', fingerprint });
  }
  return undefined;
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
