/** Paths of the programs that the bench starts, and its output to a person. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Running, start, waitFor } from '../live/process.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const tools = process.env['TASKVIGIL_TOOLS'] ?? join(homedir(), '.cache/taskvigil');

export const root = join(here, '../..');
export const node = join(root, 'node_modules/.bin/node');
export const venv = join(tools, 'celery-5.6.3/bin');

export function fileOf(name: string): string {
  return join(here, name);
}

/** Progress; the standard output is for the result alone. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A collector that swallows, as a process of its own, so that its time is not ours. */
export async function startSink(): Promise<Running & { readonly endpoint: string }> {
  const sink = start(node, [fileOf('sink.ts')]);
  const port = await waitFor('the sink listens', 10_000, () => /^listening (\d+)$/m.exec(sink.output())?.[1] ?? false);
  return { ...sink, endpoint: `http://127.0.0.1:${port}` };
}
