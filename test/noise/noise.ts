/**
 * The incident replay: timelines of events through the real pipeline, lifecycle, engine, book, ledgers and outbox under a
 * virtual clock, and what would have been posted as alert lines.
 *
 *   npm run --silent noise -- --dir DIR --out OUT [--instances N] [--lose SHARE]
 *
 * Reads every `<stem>.events.ndjson` of DIR with its `.depth.ndjson` and `.input.json`, and writes `<stem>.alerts.ndjson`. With
 * several instances each loses its own share of the events, they agree over one store, and all that any of them posted is
 * written: two lines with one id are a message that was posted twice.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { playTimeline } from './play.ts';
import { policyFor, readInput, readSteps } from './timeline.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    out: { type: 'string' },
    instances: { type: 'string', default: '1' },
    lose: { type: 'string', default: '0' },
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
  });
  writeFileSync(join(out, `${stem}.alerts.ndjson`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  process.stderr.write(`${stem}: ${lines.length} lines\n`);
}
