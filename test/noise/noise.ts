/**
 * The incident replay: timelines of events through the real pipeline, lifecycle, engine, book, ledgers and outbox under a
 * virtual clock, and what would have been posted as alert lines.
 *
 *   npm run --silent noise -- --dir DIR --out OUT [--instances N] [--lose SHARE] [--restart-every MINUTES]
 *
 * Reads every `<stem>.events.ndjson` of DIR with its `.depth.ndjson` and `.input.json`, and writes `<stem>.alerts.ndjson`. With
 * several instances each loses its own share of the events, they agree over one store, and all that any of them posted is
 * written: two lines with one id are a message that was posted twice. With `--restart-every` the first instance is killed or
 * stopped about that often, and is back after 3 to 60 s.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { mulberry, playTimeline, type Restart } from './play.ts';
import { policyFor, readInput, readSteps } from './timeline.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    out: { type: 'string' },
    instances: { type: 'string', default: '1' },
    lose: { type: 'string', default: '0' },
    'restart-every': { type: 'string' },
  },
});
const { dir, out } = values;
if (dir === undefined || out === undefined) {
  process.stderr.write('noise: expected --dir DIR --out OUT\n');
  process.exit(64);
}
mkdirSync(out, { recursive: true });
const suffix = '.events.ndjson';
for (const file of readdirSync(dir)
  .filter((name) => name.endsWith(suffix))
  .sort()) {
  const stem = basename(file, suffix);
  const path = join(dir, stem);
  const input = readInput(`${path}.input.json`);
  const lines = await playTimeline(readSteps(path, input), {
    policy: policyFor(input),
    until: input.end * 1_000,
    instances: Number(values.instances),
    loseShare: Number(values.lose),
    restarts: restartsOf(input.end * 1_000),
  });
  writeFileSync(join(out, `${stem}.alerts.ndjson`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  process.stderr.write(`${stem}: ${lines.length} lines\n`);
}

/** From a day before the end; the timelines are shorter. */
function restartsOf(end: number): Restart[] {
  const everyMs = Number(values['restart-every']) * 60_000;
  const random = mulberry(1);
  const restarts: Restart[] = [];
  if (!(everyMs > 0)) return restarts;
  for (let at = end - 24 * 3_600_000; at < end; at += everyMs * (0.5 + random()))
    restarts.push({ at, downMs: 3_000 + random() * 57_000, how: random() < 0.5 ? 'kill' : 'stop' });
  return restarts;
}
