/**
 * Prints a CPU profile by time: node profile.ts FILE [COUNT]. First the functions with the most time of their own,
 * then those of src/ with what they call. One thread only: the threads of zlib are not in a profile.
 */
import { readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { fileURLToPath } from 'node:url';

type Frame = Profiler.ProfileNode['callFrame'];

const root = fileURLToPath(new URL('../..', import.meta.url));
const [file = '', count = '25'] = process.argv.slice(2);
const profile = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile;
const notOurs = new Set(['(idle)', '(program)', '(root)']);
const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
const parents = new Map(
  profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)),
);
const own = new Map<string, number>();
const whole = new Map<string, number>();
const parts = new Map<string, number>();
let all = 0;
for (const [index, id] of (profile.samples ?? []).entries()) {
  const took = profile.timeDeltas?.[index] ?? 0;
  const frame = nodes.get(id)?.callFrame;
  if (frame === undefined || notOurs.has(frame.functionName) || frame.url === 'node:inspector') continue;
  all += took;
  add(own, keyOf(frame), took);
  add(parts, partOf(id), took);
  for (const key of callersOf(id)) add(whole, key, took);
}
process.stdout.write(`${Math.round(all / 1_000)} ms of this thread\n`);
print('by folder or package, with what it uses of node', parts);
print('own time', own);
print('with what they call, of src/', new Map([...whole].filter(([key]) => key.includes('src/'))));

/** Each function above a sample once, however often it calls itself. */
function callersOf(id: number): Set<string> {
  const keys = new Set<string>();
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const frame = nodes.get(at)?.callFrame;
    if (frame !== undefined) keys.add(keyOf(frame));
  }
  return keys;
}

/** The folder of src/ or the package of the nearest function that has one. */
function partOf(id: number): string {
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const { url = '', functionName = '' } = nodes.get(at)?.callFrame ?? {};
    if (functionName === '(garbage collector)') return functionName;
    const known = /\/(src\/[\w.-]+|test\/bench)/.exec(url) ?? /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
    if (known?.[1] !== undefined) return known[1];
  }
  return 'node';
}

function keyOf({ functionName, url, lineNumber }: Frame): string {
  return `${functionName || '(anonymous)'}${url === '' ? '' : `  ${placeOf(url)}:${lineNumber + 1}`}`;
}

function add(sums: Map<string, number>, key: string, took: number): void {
  sums.set(key, (sums.get(key) ?? 0) + took);
}

function print(title: string, sums: ReadonlyMap<string, number>): void {
  process.stdout.write(`${title}\n`);
  const most = [...sums].sort(([, a], [, b]) => b - a).slice(0, Number(count));
  for (const [name, took] of most) process.stdout.write(`${((100 * took) / all).toFixed(1).padStart(6)} %  ${name}\n`);
}

function placeOf(url: string): string {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  return path.startsWith(root)
    ? path.slice(root.length)
    : path.replace(/^.*node_modules\//, '').replace(/^.*\/src\//, 'src/');
}
