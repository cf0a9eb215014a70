/** The recordings of real Celery workers as redacted events, with the known truth of each task. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../../src/event/task-event.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import { createRedactor } from '../../src/redact/redact.ts';
import { celeryFormat, decode } from '../../src/source/celery/format.ts';
import { readRecordings } from '../../src/source/recording.ts';
import { defaultRedactOptions } from '../fakes/redact-options.ts';

export const data = new URL('../data/recordings/', import.meta.url).pathname;
const demo = new URL('../../config/demo/recording.ndjson.gz', import.meta.url).pathname;
export const recordings = [
  { name: 'shop-563-prefork', files: [demo] },
  { name: 'shop-main-prefork', files: [join(data, 'shop-main-prefork.ndjson.gz')] },
  { name: 'shop-526-debian-prefork', files: [join(data, 'shop-526-debian-prefork.ndjson.gz')] },
  { name: 'shop-563-threads-solo', files: [join(data, 'shop-563-threads-solo.ndjson.gz')] },
  {
    name: 'shop-563-threads-solo',
    files: ['ndjson.gz', 'results.ndjson.gz'].map((end) => join(data, `shop-563-threads-solo.${end}`)),
  },
  { name: 'shop-563-rabbitmq', files: [join(data, 'shop-563-rabbitmq.ndjson.gz')] },
] as const;

export type Expected = Readonly<Record<string, readonly [state: string, attempts: number, truth: string]>>;

/** Outcomes that may be reported for a task by its true end. `unknown` is always allowed. */
export const allowedOutcomes: Readonly<Record<string, readonly string[]>> = {
  success: ['succeeded', 'recovered'],
  failure: ['failed', 'exhausted'],
  revoked: ['revoked', 'expired'],
  rejected: ['rejected'],
  lost: ['lost'],
  ignored: [],
  never_started: [],
};

export function expectedOf(name: string): Expected {
  return JSON.parse(readFileSync(join(data, `${name}.expected.json`), 'utf8')) as Expected;
}

export async function eventsOf(files: readonly string[]): Promise<Event<Redacted>[]> {
  const redactor = createRedactor(defaultRedactOptions);
  const events: Event<Redacted>[] = [];
  for await (const recorded of readRecordings(files, { format: celeryFormat })) {
    if (recorded.kind !== 'message') continue;
    for (const decoded of decode(recorded.message)) if (decoded.ok) events.push(redactor.redact(decoded.event));
  }
  return events;
}

/** Workers that stopped without `worker-offline`, long before the end of the recording. */
export function killedIn(events: readonly Event<Redacted>[]): Set<string> {
  const lastAt = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'worker-heartbeat' || event.type === 'worker-online')
      lastAt.set(event.hostname, event.receivedAt);
    if (event.type === 'worker-offline') lastAt.delete(event.hostname);
  }
  const end = events.at(-1)?.receivedAt ?? 0;
  return new Set([...lastAt].filter(([, at]) => at < end - 20_000).map(([hostname]) => hostname));
}
