/**
 * Searches for tasks in kombu's structures on Redis: the queues, and the delivered messages without an acknowledgement.
 * Read-only and bounded. A message is in its queue until a worker takes it, then in the hash `unacked` until the worker
 * acknowledges it: at once by default, at its end with `acks_late`. Source: kombu/transport/redis.py, `QoS`, `_q_for_pri`.
 */
import type { Redis } from 'ioredis';
import { type Millis, parseTaskId, type TaskId } from '../../event/ids.ts';
import type { RedisAddress } from '../redis/address.ts';
import { createRedisQueries } from '../redis/redis-queries.ts';
import type { Witness, WitnessTestimony } from '../witness.ts';

export interface RedisQueueWitnessOptions {
  readonly name: string;
  readonly address: RedisAddress;
  readonly globalKeyprefix: string;
  readonly visibilityTimeoutMs: Millis;
  /** Every queue that a task was sent to. */
  readonly queues: () => Iterable<string>;
}

/** Some twenty megabytes on the wire, a second of an idle broker. A longer backlog is not searched. */
const messagesMax = 20_000;
const sliceMax = 200;
/** kombu keeps a list for each step of priority, the first under the name of the queue. */
export const prioritySuffixes = ['', '\x06\x163', '\x06\x166', '\x06\x169'];

export function createRedisQueueWitness(options: RedisQueueWitnessOptions): Witness {
  const queries = createRedisQueries(options.address);
  return {
    kind: 'broker',
    name: options.name,
    ask: (ids, signal) => queries.run(signal, (redis) => new Search(redis, new Set<string>(ids), options).run()),
    async stop() {
      queries.stop();
    },
  };
}

/** One search. Rejects beyond `messagesMax` while a task is missing, because then nothing is known about that task. */
class Search {
  readonly #redis: Redis;
  readonly #wanted: ReadonlySet<string>;
  readonly #options: RedisQueueWitnessOptions;
  readonly #found = new Map<TaskId, WitnessTestimony>();
  #messages = 0;

  constructor(redis: Redis, wanted: ReadonlySet<string>, options: RedisQueueWitnessOptions) {
    this.#redis = redis;
    this.#wanted = wanted;
    this.#options = options;
  }

  /** The queues come first: a message that a worker takes meanwhile is then found among the unacknowledged ones. */
  async run(): Promise<ReadonlyMap<TaskId, WitnessTestimony>> {
    for (const queue of this.#options.queues()) await this.#searchQueue(queue);
    await this.#searchUnacknowledged();
    return this.#found;
  }

  async #searchQueue(queue: string): Promise<void> {
    for (const suffix of prioritySuffixes) {
      const key = `${this.#options.globalKeyprefix}${queue}${suffix}`;
      for (let from = 0; ; from += sliceMax) {
        const slice = await this.#redis.lrange(key, from, from + sliceMax - 1);
        for (const message of slice)
          for (const id of idsIn(message, this.#wanted)) this.#found.set(id, { kind: 'waiting', queue });
        if (slice.length < sliceMax) break;
        this.#count(slice.length);
      }
    }
  }

  async #searchUnacknowledged(): Promise<void> {
    const { globalKeyprefix, visibilityTimeoutMs } = this.#options;
    for (const [id, tag] of await this.#unacknowledgedTags()) {
      const score = await this.#redis.zscore(`${globalKeyprefix}unacked_index`, tag);
      const deliveredAt = score === null ? undefined : Number(score) * 1_000;
      const returnsAt = deliveredAt === undefined ? undefined : deliveredAt + visibilityTimeoutMs;
      this.#found.set(id, { kind: 'unacknowledged', deliveredAt, returnsAt });
    }
  }

  async #unacknowledgedTags(): Promise<ReadonlyMap<TaskId, string>> {
    const tags = new Map<TaskId, string>();
    let cursor = '0';
    do {
      const [next, pairs] = await this.#redis.hscan(
        `${this.#options.globalKeyprefix}unacked`,
        cursor,
        'COUNT',
        sliceMax,
      );
      cursor = next;
      for (let at = 0; at + 1 < pairs.length; at += 2) {
        const [tag = '', message = ''] = pairs.slice(at, at + 2);
        for (const id of idsIn(message, this.#wanted)) tags.set(id, tag);
      }
      this.#count(pairs.length / 2);
    } while (cursor !== '0');
    return tags;
  }

  #count(messages: number): void {
    this.#messages += messages;
    if (this.#messages > messagesMax && this.#found.size < this.#wanted.size)
      throw new Error('more messages than the search limit of 20,000');
  }
}

/** Quotes inside a text of the message are escaped, so this matches a key only: the id in the headers of a task. */
const idKey = /"id":\s*("[^"\\]*(?:\\.[^"\\]*)*"|[-+.\w]+)/g;

/** The ids of `wanted` that a message, or an entry of the hash `unacked`, contains. */
function idsIn(message: string, wanted: ReadonlySet<string>): TaskId[] {
  // An entry of the hash may contain the message as text inside JSON.
  const text = message.startsWith('["') ? textIn(message) : message;
  return [...text.matchAll(idKey)].flatMap(([, json = '']) => {
    const id = parseTaskId(idOf(json));
    return id !== undefined && wanted.has(id) ? [id] : [];
  });
}

function textIn(entry: string): string {
  try {
    const [message]: unknown[] = JSON.parse(entry);
    return typeof message === 'string' ? message : entry;
  } catch {
    return entry;
  }
}

/** A number is the text that Python wrote, so that long integers keep their digits. */
function idOf(json: string): unknown {
  if (json === 'true' || json === 'false') return json === 'true';
  if (json === 'null') return null;
  if (!json.startsWith('"')) return json;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
