/**
 * Looks for a task in what kombu keeps in Redis: its queues, and the messages that were delivered and not acknowledged.
 * Read-only and bounded. A message is in the queue until a worker takes it, then in the hash `unacked` until the worker
 * acknowledges it: at once by default, at its end with `acks_late`. Source: kombu/transport/redis.py, `QoS` and `_q_for_pri`.
 */
import type { Redis } from 'ioredis';
import type { TaskId } from '../../event/ids.ts';
import type { RedisAddress } from '../redis/connection.ts';
import { createAsker } from '../redis/query.ts';
import type { Testimony, Witness } from '../witness.ts';

export interface BrokerWitnessOptions {
  readonly name: string;
  readonly address: RedisAddress;
  readonly globalKeyprefix: string;
  readonly visibilityTimeoutMs: number;
  /** Every queue that a task was seen to be sent to. */
  readonly queues: () => Iterable<string>;
}

/** Some twenty megabytes on the wire, a second of a quiet broker; a longer backlog cannot be looked through. */
const messagesMax = 20_000;
const sliceMax = 200;
/** kombu keeps a list for each step of priority, the first under the queue's own name. */
export const prioritySuffixes = ['', '\x06\x163', '\x06\x166', '\x06\x169'];

export function createBrokerWitness(options: BrokerWitnessOptions): Witness {
  const asker = createAsker(options.address);
  return {
    kind: 'broker',
    name: options.name,
    ask: (ids, signal) => asker.with(signal, (redis) => look(redis, new Set<string>(ids), options)),
    async stop() {
      asker.stop();
    },
  };
}

/** The queues first: a message that a worker takes meanwhile is found among the unacknowledged ones. */
async function look(
  redis: Redis,
  wanted: ReadonlySet<string>,
  { globalKeyprefix, queues, visibilityTimeoutMs }: BrokerWitnessOptions,
): Promise<ReadonlyMap<TaskId, Testimony>> {
  const found = new Map<TaskId, Testimony>();
  let messages = 0;
  const count = (more: number): void => {
    messages += more;
    if (messages > messagesMax && found.size < wanted.size) throw new Error('more messages than can be looked through');
  };
  for (const queue of queues()) {
    for (const suffix of prioritySuffixes) {
      const key = `${globalKeyprefix}${queue}${suffix}`;
      for (let from = 0; ; from += sliceMax) {
        const slice = await redis.lrange(key, from, from + sliceMax - 1);
        for (const message of slice) note(message, wanted, (id) => found.set(id, { kind: 'waiting', queue }));
        if (slice.length < sliceMax) break;
        count(slice.length);
      }
    }
  }
  const tags = new Map<TaskId, string>();
  let cursor = '0';
  do {
    const [next, pairs] = await redis.hscan(`${globalKeyprefix}unacked`, cursor, 'COUNT', sliceMax);
    cursor = next;
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      note(pairs[at + 1] as string, wanted, (id) => tags.set(id, pairs[at] as string));
    }
    count(pairs.length / 2);
  } while (cursor !== '0');
  for (const [id, tag] of tags) {
    const score = await redis.zscore(`${globalKeyprefix}unacked_index`, tag);
    const deliveredAt = score === null ? undefined : Number(score) * 1_000;
    const returnsAt = deliveredAt === undefined ? undefined : deliveredAt + visibilityTimeoutMs;
    found.set(id, { kind: 'unacknowledged', deliveredAt, returnsAt });
  }
  return found;
}

/** Inside a text of the message the quotes would be escaped, so this is a key: that of the task's headers. */
const idKey = /"id":\s*"([^"\\]{1,1024})"/g;

function note(message: string, wanted: ReadonlySet<string>, take: (id: TaskId) => void): void {
  // In the hash the message is text inside JSON: its own quotes are escaped once.
  const text = message.startsWith('["') ? message.replaceAll('\\"', '"') : message;
  for (const [, id] of text.matchAll(idKey)) if (id !== undefined && wanted.has(id)) take(id as TaskId);
}
