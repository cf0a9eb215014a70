/**
 * A small part of the incident replay, for every run of the tests: each incident is notified once and in time, nothing else
 * is notified, and four instances that each lose different events post the same as one. `npm run noise` plays all of it.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type AlertLine, playTimeline } from './play.ts';
import { type Depth, policyFor, stepsOf, type TimelineInput } from './timeline.ts';

interface Incident {
  readonly type: string;
  readonly signals: readonly string[];
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  readonly detect_by: number;
  readonly match: Readonly<Record<'tasks' | 'excs' | 'hosts' | 'pools' | 'queues', readonly string[]>>;
}

/** The first line of a file; the events follow, one a line. */
interface Head {
  readonly input: TimelineInput;
  readonly incidents: readonly Incident[];
  readonly depth: readonly Depth[];
}

const folder = new URL('./timelines/', import.meta.url);
/** The files begin forty minutes before their first incident. */
const learningMs = 30 * 60_000;
const lateS = 15 * 60;

for (const file of readdirSync(folder)) {
  for (const [instances, loseShare] of [
    [1, 0],
    [4, 0.01],
  ] as const) {
    test(`${file}, ${instances} instances: every incident is notified once and in time, and nothing else`, async () => {
      const [first, ...events] = gunzipSync(readFileSync(new URL(file, folder)))
        .toString('utf8')
        .trimEnd()
        .split('\n');
      const { input, incidents, depth } = JSON.parse(first as string) as Head;
      const policy = { ...policyFor(input), learningMs };
      const lines = await playTimeline(stepsOf(events, depth, input), {
        policy,
        until: input.end * 1_000,
        instances,
        loseShare,
      });
      const told = lines.filter(({ visible }) => visible === 'channel');
      for (const incident of incidents) {
        const about = told.filter((line) => isAbout(line, incident));
        assert.equal(about.length, 1, `${incident.type}: ${JSON.stringify(about.map(({ text }) => text))}`);
        assert.ok((about[0] as AlertLine).ts <= incident.detect_by, `${incident.type} was notified late`);
      }
      const others = told.filter((line) => !incidents.some((incident) => isAbout(line, incident)));
      assert.deepEqual(
        others.map(({ text }) => text),
        [],
      );
      assert.equal(new Set(lines.map(({ id }) => id)).size, lines.length, 'a message was posted twice');
    });
  }
}

function isAbout(line: AlertLine, { signals, start, end, match }: Incident): boolean {
  if (!signals.includes(line.signal) || line.ts < start - 5 || line.ts > end + lateS) return false;
  if (line.excs.length > 0 && !meets(line.excs, match.excs)) return false;
  return (
    meets(line.tasks, match.tasks) ||
    meets(line.hosts, match.hosts) ||
    meets(line.pools, match.pools) ||
    meets(line.queues, match.queues)
  );
}

function meets(some: readonly string[], others: readonly string[]): boolean {
  return some.some((name) => others.includes(name));
}
