/**
 * The fleet that many instances share, in Redis. The rules of leases and owners are in fleet-record.ts.
 *
 * Keys, all under `tv:{namespace}:`
 *   duty:<duty>                record of a lease    hash: version, state; expires a day after its last renewal
 *   owner:<instance>           record of an owner   hash: version, state; expires a day after its last announcement
 *   open:<instance>:<micros>   open work            text, named by the owner's record; expires with it
 *   saved:<name>               text of the leader    text; expires after a day
 *   owners                     sorted set: instance -> time at which it expires, in ms
 *
 * Open work has a key of its own, so that a renewal does not carry it, and a new name each time, so that a caller removes exactly
 * the record that it read.
 */
import type { Redis } from 'ioredis';
import type { Millis } from '../event/ids.ts';
import { type FleetStore, forgetMs, type HostOwner, type Lease, ownersMax, type SavedName } from './fleet.ts';
import {
  checkSize,
  decodeLease,
  decodeOwner,
  encodeRecord,
  hold,
  isAlive,
  type LeaseRecord,
  type OwnerRecord,
  release,
} from './fleet-record.ts';
import { connectStore, exec, millisOf, type RedisStoreOptions } from './redis-client.ts';
import { type RecordStep, RedisRecords } from './redis-records.ts';

export function createRedisFleet(options: RedisStoreOptions): FleetStore {
  return new RedisFleet(options);
}

interface TakenWork {
  /** Name of the open work. */
  readonly open: string;
  readonly text: string;
}

class RedisFleet implements FleetStore {
  readonly #report: RedisStoreOptions['report'];
  readonly #prefix: string;
  readonly #redis: Redis;
  readonly #records: RedisRecords;

  constructor(options: RedisStoreOptions) {
    this.#report = options.report;
    this.#prefix = `tv:{${options.namespace}}:`;
    // Callers report an unreachable store once per outage, so a failed attempt to connect is not worth another line.
    this.#redis = connectStore({ url: options.url, name: `taskvigil-fleet-${options.namespace}`, onError: () => {} });
    this.#records = new RedisRecords({ ...options, redis: this.#redis, prefix: this.#prefix });
  }

  async hold(duty: string, request: Parameters<FleetStore['hold']>[1]): Promise<Lease> {
    checkSize(request);
    return this.#updateDuty(duty, (found, micros) => {
      const { next, lease } = hold(found, request, micros);
      return { text: next && encodeRecord(next), answer: lease };
    });
  }

  async release(duty: string, request: Parameters<FleetStore['release']>[1]): Promise<void> {
    checkSize(request);
    await this.#updateDuty(duty, (found) => {
      const next = release(found, request);
      return { text: next && encodeRecord(next), answer: undefined };
    });
  }

  async announce(
    { instance, host }: Parameters<FleetStore['announce']>[0],
    open: string,
    ttlMs: Millis,
  ): Promise<{ readonly isNew: boolean }> {
    checkSize({ open });
    const before = await this.#updateOwner(instance, async (found, micros) => {
      const name = String(micros);
      await this.#redis.set(this.#openKey(instance, name), open, 'PX', forgetMs);
      const seenAt = Math.floor(micros / 1_000);
      return { text: encodeRecord({ host, seenAt, until: seenAt + ttlMs, open: name }), answer: found };
    });
    const cleanup = this.#redis.pipeline().pexpire(this.#ownersKey, forgetMs);
    if (before !== undefined) cleanup.unlink(this.#openKey(instance, before.open));
    await exec(cleanup);
    return { isNew: before === undefined };
  }

  async renew(instance: string, ttlMs: Millis): Promise<boolean> {
    return this.#updateOwner(instance, async (found, micros) => {
      if (found === undefined) return { text: undefined, answer: false };
      const openKey = this.#openKey(instance, found.open);
      await exec(this.#redis.pipeline().pexpire(openKey, forgetMs).pexpire(this.#ownersKey, forgetMs));
      const seenAt = Math.floor(micros / 1_000);
      return { text: encodeRecord({ ...found, seenAt, until: seenAt + ttlMs }), answer: true };
    });
  }

  async owners(): Promise<readonly HostOwner[]> {
    await this.#records.firstConnection();
    // Sorted by expiry, the latest first, so that the limit leaves out the instances that were silent for longest.
    const newest = this.#redis
      .multi()
      .time()
      .zrange(this.#ownersKey, 0, `${ownersMax - 1}`, 'REV');
    const [time, instances] = await exec(newest);
    const now = millisOf(time);
    const names = instances as string[];
    const reads = this.#redis.pipeline().zremrangebyscore(this.#ownersKey, '-inf', now);
    for (const instance of names) reads.hget(this.#ownerKey(instance), 'state');
    const [, ...texts] = await exec(reads);
    return names.flatMap((instance, index) => ownerOf(instance, String(texts[index] ?? ''), now) ?? []);
  }

  async takeOver(instance: string, { force = false }: { readonly force?: boolean } = {}): Promise<string | undefined> {
    const taken = await this.#updateOwner<TakenWork | undefined>(instance, async (found, micros) => {
      const now = Math.floor(micros / 1_000);
      if (found === undefined || (isAlive(found, now) && !force)) return { text: undefined, answer: undefined };
      // Read before the record is removed: if this process ends in between, another instance can still take it over.
      const open = await this.#redis.get(this.#openKey(instance, found.open));
      return { text: '', answer: { open: found.open, text: open ?? '' } };
    });
    if (taken === undefined) return undefined;
    // The work is taken over. A key that cannot be removed now expires within a day.
    await this.#redis.unlink(this.#openKey(instance, taken.open)).catch(() => {});
    return taken.text;
  }

  async save(name: SavedName, text: string): Promise<void> {
    checkSize({ open: text });
    await this.#redis.set(this.#savedKey(name), text, 'PX', forgetMs);
  }

  async load(name: SavedName): Promise<string | undefined> {
    await this.#records.firstConnection();
    return (await this.#redis.get(this.#savedKey(name))) ?? undefined;
  }

  async stop(): Promise<void> {
    this.#redis.disconnect();
  }

  #savedKey(name: SavedName): string {
    return `${this.#prefix}saved:${name}`;
  }

  get #ownersKey(): string {
    return `${this.#prefix}owners`;
  }

  #ownerKey(instance: string): string {
    return `${this.#prefix}owner:${instance}`;
  }

  #openKey(instance: string, name: string): string {
    return `${this.#prefix}open:${instance}:${name}`;
  }

  #updateDuty<Answer>(
    duty: string,
    change: (found: LeaseRecord | undefined, micros: number) => RecordStep<Answer>,
  ): Promise<Answer> {
    const record = { key: `${this.#prefix}duty:${duty}`, member: duty, index: undefined };
    return this.#records.update(record, ({ text, micros }) => change(this.#decoded(text, decodeLease), micros));
  }

  #updateOwner<Answer>(
    instance: string,
    change: (found: OwnerRecord | undefined, micros: number) => RecordStep<Answer> | Promise<RecordStep<Answer>>,
  ): Promise<Answer> {
    const record = { key: this.#ownerKey(instance), member: instance, index: this.#ownersKey };
    return this.#records.update(record, ({ text, micros }) => change(this.#decoded(text, decodeOwner), micros));
  }

  /** A damaged record, or one of another release, counts as missing, and the next write replaces it. */
  #decoded<Kind>(text: string, decode: (text: string) => Kind | undefined): Kind | undefined {
    if (text === '') return undefined;
    const record = decode(text);
    if (record === undefined)
      this.#report({ kind: 'items-dropped', queue: 'store', reason: 'unreadable-record', count: 1 });
    return record;
  }
}

function ownerOf(instance: string, text: string, now: Millis): HostOwner | undefined {
  const record = decodeOwner(text);
  return record && { instance, host: record.host, seenAt: record.seenAt, isAlive: isAlive(record, now) };
}
