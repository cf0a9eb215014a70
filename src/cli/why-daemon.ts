/** taskvigil why <incident or task id>: asks a running daemon for its decisions, over the ops address. */
import type { Clock } from '../runtime/clock.ts';

export interface AskOptions {
  /** `http://127.0.0.1:9464`. */
  readonly address: string;
  /** An incident, a task id or a fingerprint. */
  readonly question: string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly timeoutSignal: Clock['timeoutSignal'];
}

const timeoutMs = 5_000;
const linesMax = 1_000;

/** Returns the exit code: 0, or 1 if the daemon has no decision or does not answer. */
export async function askDaemon(options: AskOptions): Promise<number> {
  const { address, question, print, complain, timeoutSignal } = options;
  const url = `${address}/why?q=${encodeURIComponent(question)}`;
  let response: Response;
  let lines: readonly string[] | undefined;
  try {
    response = await fetch(url, { signal: timeoutSignal(timeoutMs), redirect: 'error' });
    lines = response.ok || response.status === 404 ? linesIn(await response.json()) : undefined;
  } catch (error) {
    complain(`${address}: expected a running taskvigil, got ${reasonOf(error)}`);
    return 1;
  }
  if (response.status === 404) {
    for (const line of lines ?? [`${question}: the daemon knows nothing with this id (old ids are evicted)`])
      complain(line);
    return 1;
  }
  if (lines === undefined) {
    complain(`${address}: expected a response of taskvigil, got status ${response.status}`);
    return 1;
  }
  for (const line of lines) print(line);
  return 0;
}

function linesIn(body: unknown): readonly string[] | undefined {
  const lines: unknown = typeof body === 'object' && body !== null && 'lines' in body ? body.lines : undefined;
  if (!Array.isArray(lines) || lines.length > linesMax) return undefined;
  return lines.every((line) => typeof line === 'string') ? lines : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error.name === 'TimeoutError' ? `no response in ${timeoutMs / 1_000} s` : error.name;
}
