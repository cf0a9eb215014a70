/** `POST /v1/deploys` on the ops listener: a deployment pipeline reports a deploy. */
import type { IncomingMessage } from 'node:http';
import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import type { Millis } from '../event/ids.ts';
import { type HttpReply, jsonReply, type PostHandler } from './http.ts';

/** The parts of a daemon that requests to the ops listener reach. */
export interface PostTarget {
  execute(command: AlertCommand): Promise<AlertCommandResult>;
  /** True if the policy accepts deploys over HTTP. */
  takesDeploys(): boolean;
  /** The handlers of the receivers, such as Slack's interactions. */
  postHandler(path: string): PostHandler | undefined;
}

const bodyBytesMax = 16 * 1024;
const poolsMax = 50;
const nameCharsMax = 200;

/** The handler of POST requests to `path` of the ops listener; undefined if there is none. */
export function opsPostHandler(
  path: string,
  target: PostTarget,
  clock: { readonly now: () => Millis },
): PostHandler | undefined {
  if (path === '/v1/deploys' && target.takesDeploys()) return (request) => recordDeploy(request, target, clock.now());
  return target.postHandler(path);
}

/**
 * Accepts `{"version": "v231", "pools": ["celery@mail*"]}`; without pools the deploy concerns all of them. Answers 202 if
 * the deploy was recorded, 200 if it was known already, 400 and 413 with `{"problem": …}`.
 */
async function recordDeploy(request: IncomingMessage, target: PostTarget, at: Millis): Promise<HttpReply> {
  const body = await bodyOf(request);
  if (body === undefined) return refused(413, `expected at most ${bodyBytesMax} bytes`);
  const deploy = deployIn(body);
  if (deploy === undefined) return refused(400, 'expected {"version": text, "pools"?: [globs]}');
  const result = await target.execute({ what: 'deploy', deploy: { ...deploy, at } });
  return jsonReply(result.done ? 202 : 200, result);
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

/** The body as text; undefined if it is too large. */
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
  return jsonReply(status, { problem });
}
