/** What is asked of a running daemon, and told to it, over its ops address. */
import type { IncomingMessage } from 'node:http';
import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import type { Millis } from '../event/ids.ts';
import type { HttpReply } from './server.ts';

const json = 'application/json; charset=utf-8';
const bodyBytesMax = 16 * 1024;
const poolsMax = 50;
const nameCharsMax = 200;

/** `/why?q=…`: the decisions about an incident, a task or a cause; undefined for any other path. */
export function whyPage(path: string, why: (question: string) => readonly string[]): HttpReply | undefined {
  const url = URL.parse(path, 'http://ops');
  if (url?.pathname !== '/why') return undefined;
  const question = url.searchParams.get('q') ?? '';
  const lines = question === '' ? [] : why(question);
  return { status: lines.length === 0 ? 404 : 200, type: json, body: `${JSON.stringify({ lines })}\n` };
}

/** What a daemon can be told. */
export interface QuestionAnswer {
  execute(command: AlertCommand): Promise<AlertCommandResult>;
  /** Whether the policy listens to who tells of deploys here. */
  takesDeploys(): boolean;
  readonly takes: (path: string) => ((request: IncomingMessage) => Promise<HttpReply>) | undefined;
}

/** Who takes what is posted to a path. */
export function takerOf(
  path: string,
  told: QuestionAnswer,
  clock: { readonly now: () => Millis },
): ((request: IncomingMessage) => Promise<HttpReply>) | undefined {
  if (path === '/v1/deploys' && told.takesDeploys()) return (request) => takeDeploy(request, told, clock.now());
  return told.takes(path);
}

/** `{"version": "v231", "pools": ["celery@mail*"]}`; without pools it was a deploy of everything. */
async function takeDeploy(request: IncomingMessage, told: QuestionAnswer, now: Millis): Promise<HttpReply> {
  const body = await bodyOf(request);
  if (body === undefined) return refused(413, `expected at most ${bodyBytesMax} bytes`);
  const deploy = deployIn(body);
  if (deploy === undefined) return refused(400, 'expected {"version": text, "pools"?: [globs]}');
  const answer = await told.execute({ what: 'deploy', deploy: { ...deploy, at: now } });
  return { status: answer.done ? 202 : 200, type: json, body: `${JSON.stringify(answer)}\n` };
}

function deployIn(body: string): { readonly version: string; readonly pools: readonly string[] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('version' in value)) return undefined;
  const { version } = value;
  const pools = 'pools' in value ? value.pools : [];
  if (!isName(version) || !Array.isArray(pools) || pools.length > poolsMax || !pools.every(isName)) return undefined;
  return { version, pools };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= nameCharsMax;
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bodyBytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function refused(status: number, problem: string): HttpReply {
  return { status, type: json, body: `${JSON.stringify({ problem })}\n` };
}
