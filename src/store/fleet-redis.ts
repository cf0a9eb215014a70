/**
 * The fleet that many instances share. A record is read together with the server's time, decided here (fleet-record.ts),
 * and written if nobody was faster (compare-and-swap.lua, the same as for alerts).
 *
 * Keys, all under `tv:{namespace}:`
 *   duty:<duty>                record of a lease     hash: version, state; a day after its last renewal it goes
 *   owner:<instance>           record of an owner    hash: version, state; goes a day after its last word
 *   open:<instance>:<micros>   its open work         text, named by the owner's record; goes with it
 *   owners                     sorted set: instance -> when it is forgotten, in ms
 *
 * The open work has a key of its own, so that a renewal does not carry it; and a new name each time, so that what a
 * caller reads belongs to the record that it then removes.
 *
 * Exports: createRedisFleet.
 */
import type { Millis } from '../event/ids.ts';
import { backoffMs } from '../runtime/backoff.ts';
import { type FleetStore, forgetMs, type HostOwner, ownersMax } from './fleet.ts';
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
import { connectStore, exec, microsOf, millisOf, type RedisStoreOptions } from './redis-client.ts';

/** Losers of a contention see the winner in the answer and have nothing left to write: two rounds are the rule. */
const triesMax = 20;
const retryFirstMs = 5;
const retryMostMs = 100;

/** What a record should become: undefined leaves it as it is, '' removes it. */
interface Step<Answer> {
  readonly text: string | undefined;
  readonly answer: Answer;
}

interface Snapshot {
  /** '' when there is no record. */
  readonly version: string;
  readonly text: string;
  /** The server's time at which it was read. */
  readonly micros: number;
}

export function createRedisFleet(options: RedisStoreOptions): FleetStore {
  // Whoever asks is told that the store is away, and says so once; each try to connect is not worth another line.
  const redis = connectStore({ url: options.url, name: `taskvigil-fleet-${options.namespace}`, onError: () => {} });
  const prefix = `tv:{${options.namespace}}:`;
  const ownersKey = `${prefix}owners`;
  const ownerKey = (instance: string): string => `${prefix}owner:${instance}`;
  const openKey = (instance: string, name: string): string => `${prefix}open:${instance}:${name}`;

  // A first question right after the start waits for the first try to connect, which has a deadline of its own.
  const firstTry = new Promise<void>((resolve) => {
    redis
      .once('ready', () => resolve())
      .once('close', () => resolve())
      .once('end', () => resolve());
  });

  async function read(key: string): Promise<Snapshot> {
    await firstTry;
    const [time, fields] = await exec(redis.multi().time().hmget(key, 'version', 'state'));
    const [version, text] = fields as (string | null)[];
    return { version: version ?? '', text: text ?? '', micros: microsOf(time) };
  }

  /** undefined when written, else what is there now. `index` is the sorted set that lists the record, if any does. */
  async function write(
    { key, member, index }: { readonly key: string; readonly member: string; readonly index: string | undefined },
    { version, micros }: Snapshot,
    text: string,
  ): Promise<Snapshot | undefined> {
    const forgottenAt = Math.floor(micros / 1_000) + forgetMs;
    // The script adds the member to its second key and, without the moment of an incident, removes it from its third:
    // named twice, a set that nobody needs is never there.
    const none = `${prefix}no-index`;
    const keys = [key, index ?? none, none];
    const answer = await redis.compareAndSwap(...keys, member, version, text, forgottenAt, '', forgetMs);
    const [isWritten, newVersion, newText, seconds, rest] = answer;
    if (isWritten === 1) return undefined;
    return { version: String(newVersion), text: String(newText), micros: microsOf([seconds, rest]) };
  }

  async function update<Answer>(
    record: { readonly key: string; readonly member: string; readonly index: string | undefined },
    change: (found: Snapshot) => Step<Answer> | Promise<Step<Answer>>,
  ): Promise<Answer> {
    let snapshot = await read(record.key);
    for (let tries = 0; tries < triesMax; tries += 1) {
      const { text, answer } = await change(snapshot);
      if (text === undefined) return answer;
      const newer = await write(record, snapshot, text);
      if (newer === undefined) return answer;
      snapshot = newer;
      const { random } = options;
      await options.sleep(backoffMs(tries + 1, { firstMs: retryFirstMs, mostMs: retryMostMs, random }));
    }
    throw new Error(`expected to win one of ${triesMax} rounds for a record of the fleet, lost all`);
  }

  function updateDuty<Answer>(
    duty: string,
    change: (found: LeaseRecord | undefined, micros: number) => Step<Answer>,
  ): Promise<Answer> {
    return update({ key: `${prefix}duty:${duty}`, member: duty, index: undefined }, ({ text, micros }) =>
      change(readable(text, decodeLease), micros),
    );
  }

  function updateOwner<Answer>(
    instance: string,
    change: (found: OwnerRecord | undefined, micros: number) => Step<Answer> | Promise<Step<Answer>>,
  ): Promise<Answer> {
    return update({ key: ownerKey(instance), member: instance, index: ownersKey }, ({ text, micros }) =>
      change(readable(text, decodeOwner), micros),
    );
  }

  /** What another release wrote, or what is damaged, counts as not there; the next write replaces it. */
  function readable<Kind>(text: string, decode: (text: string) => Kind | undefined): Kind | undefined {
    if (text === '') return undefined;
    const record = decode(text);
    if (record === undefined) {
      options.report({ kind: 'items-dropped', queue: 'store', reason: 'unreadable-record', count: 1 });
    }
    return record;
  }

  return {
    async hold(duty, request) {
      checkSize(request);
      return updateDuty(duty, (found, micros) => {
        const { next, lease } = hold(found, request, micros);
        return { text: next && encodeRecord(next), answer: lease };
      });
    },

    async release(duty, request) {
      checkSize(request);
      await updateDuty(duty, (found) => {
        const next = release(found, request);
        return { text: next && encodeRecord(next), answer: undefined };
      });
    },

    async announce({ instance, host }, open, ttlMs) {
      checkSize({ open });
      const before = await updateOwner(instance, async (found, micros) => {
        const name = String(micros);
        await redis.set(openKey(instance, name), open, 'PX', forgetMs);
        const seenAt = Math.floor(micros / 1_000);
        return { text: encodeRecord({ host, seenAt, until: seenAt + ttlMs, open: name }), answer: found };
      });
      const tidy = redis.pipeline().pexpire(ownersKey, forgetMs);
      if (before !== undefined) tidy.unlink(openKey(instance, before.open));
      await exec(tidy);
      return { isNew: before === undefined };
    },

    async renew(instance, ttlMs) {
      return updateOwner(instance, async (found, micros) => {
        if (found === undefined) return { text: undefined, answer: false };
        await exec(redis.pipeline().pexpire(openKey(instance, found.open), forgetMs).pexpire(ownersKey, forgetMs));
        const seenAt = Math.floor(micros / 1_000);
        return { text: encodeRecord({ ...found, seenAt, until: seenAt + ttlMs }), answer: true };
      });
    },

    async owners() {
      await firstTry;
      // The youngest first, so that those beyond the limit are the longest silent. By score: when it is forgotten.
      const [time, instances] = await exec(
        redis
          .multi()
          .time()
          .zrange(ownersKey, 0, `${ownersMax - 1}`, 'REV'),
      );
      const now = millisOf(time);
      const names = instances as string[];
      const lookUp = redis.pipeline().zremrangebyscore(ownersKey, '-inf', now);
      for (const instance of names) lookUp.hget(ownerKey(instance), 'state');
      const [, ...texts] = await exec(lookUp);
      return names.flatMap((instance, place) => ownerOf(instance, String(texts[place] ?? ''), now) ?? []);
    },

    async takeOver(instance, { force = false } = {}) {
      const taken = await updateOwner<{ readonly open: string; readonly text: string } | undefined>(
        instance,
        async (found, micros) => {
          const now = Math.floor(micros / 1_000);
          if (found === undefined || (isAlive(found, now) && !force)) return { text: undefined, answer: undefined };
          // Read before the record goes: if we end in between, it is still there for another one.
          const open = await redis.get(openKey(instance, found.open));
          return { text: '', answer: { open: found.open, text: open ?? '' } };
        },
      );
      if (taken === undefined) return undefined;
      // It is ours already; what cannot be removed now goes by itself within a day.
      await redis.unlink(openKey(instance, taken.open)).catch(() => {});
      return taken.text;
    },

    async stop() {
      redis.disconnect();
    },
  };

  function ownerOf(instance: string, text: string, now: Millis): HostOwner | undefined {
    const record = decodeOwner(text);
    return record && { instance, host: record.host, seenAt: record.seenAt, isAlive: isAlive(record, now) };
  }
}
