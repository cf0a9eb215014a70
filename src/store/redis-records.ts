/**
 * Records of the fleet in Redis. A record is read together with the server's time, changed here, and written if no other instance
 * was faster (compare-and-swap.lua).
 */
import type { Redis } from 'ioredis';
import type { Millis } from '../event/ids.ts';
import { backoffMs } from '../runtime/backoff.ts';
import { forgetMs } from './fleet.ts';
import { exec, microsOf } from './redis-client.ts';

/** After a lost round the answer contains the winner's record, which rarely needs another write. */
const triesMax = 20;
const retryFirstMs = 5;
const retryMostMs = 100;

export interface RecordKey {
  readonly key: string;
  /** Name of the record in its index. */
  readonly member: string;
  /** The sorted set that lists the record; undefined: none does. */
  readonly index: string | undefined;
}

export interface RecordSnapshot {
  /** '' if there is no record. */
  readonly version: string;
  readonly text: string;
  /** The server's time of the read, in microseconds. */
  readonly micros: number;
}

/** Next text of a record: undefined keeps it, '' removes it. */
export interface RecordStep<Answer> {
  readonly text: string | undefined;
  readonly answer: Answer;
}

export interface RedisRecordsOptions {
  readonly redis: Redis;
  /** Of all keys, so that they share one cluster slot. */
  readonly prefix: string;
  /** 0 .. 1, for the jitter between tries. */
  readonly random: () => number;
  readonly sleep: (ms: Millis) => Promise<void>;
}

export class RedisRecords {
  readonly #options: RedisRecordsOptions;
  readonly #firstConnection: Promise<void>;

  constructor(options: RedisRecordsOptions) {
    this.#options = options;
    const { redis } = options;
    this.#firstConnection = new Promise<void>((resolve) => {
      for (const event of ['ready', 'close', 'end']) redis.once(event, () => resolve());
    });
  }

  /** Resolves when the first attempt to connect has ended, so that a call right after the start does not fail. */
  firstConnection(): Promise<void> {
    return this.#firstConnection;
  }

  /** `change` runs again each time another instance was faster. */
  async update<Answer>(
    record: RecordKey,
    change: (found: RecordSnapshot) => RecordStep<Answer> | Promise<RecordStep<Answer>>,
  ): Promise<Answer> {
    const { random, sleep } = this.#options;
    let snapshot = await this.#read(record.key);
    for (let tries = 1; tries <= triesMax; tries += 1) {
      const { text, answer } = await change(snapshot);
      if (text === undefined) return answer;
      const newer = await this.#write(record, snapshot, text);
      if (newer === undefined) return answer;
      snapshot = newer;
      await sleep(backoffMs(tries, { firstMs: retryFirstMs, mostMs: retryMostMs, random }));
    }
    throw new Error(`expected to win one of ${triesMax} rounds for a record of the fleet, lost all`);
  }

  async #read(key: string): Promise<RecordSnapshot> {
    await this.#firstConnection;
    const [time, fields] = await exec(this.#options.redis.multi().time().hmget(key, 'version', 'state'));
    const [version, text] = fields as (string | null)[];
    return { version: version ?? '', text: text ?? '', micros: microsOf(time) };
  }

  /** undefined if written, otherwise the present record. */
  async #write(
    { key, member, index }: RecordKey,
    { version, micros }: RecordSnapshot,
    text: string,
  ): Promise<RecordSnapshot | undefined> {
    const { redis, prefix } = this.#options;
    const forgottenAt = Math.floor(micros / 1_000) + forgetMs;
    // The script adds the member to its second key and, without the time of an incident, removes it from its third.
    // One name for both never exists, so a record without an index needs no set.
    const none = `${prefix}no-index`;
    const keys = [key, index ?? none, none];
    const answer = await redis.compareAndSwap(...keys, member, version, text, forgottenAt, '', forgetMs);
    const [isWritten, newVersion, newText, seconds, rest] = answer;
    if (isWritten === 1) return undefined;
    return { version: String(newVersion), text: String(newText), micros: microsOf([seconds, rest]) };
  }
}
