/**
 * The store that many instances share. Each change is read, computed here, and written if nobody was faster (swap-record.lua);
 * so the policy runs in one language and Redis only compares. What was read once is not read again before it changes.
 *
 * The clock is the Redis server's, read together with the record: leases do not care how far the clocks of two machines are
 * apart. After a failover to a server whose clock is a few seconds off, a lease is that much longer or shorter; the claim's own
 * margin (it posts in the first half of its lease only) covers six seconds.
 *
 * Keys, all under `tv:{namespace}:` and so in one cluster slot
 *   book            record of the incidents            hash: version, state
 *   ledger:<id>     record of what is in the channel   hash: version, state; two weeks after its last change it goes
 *   memory          record of what is usual            hash: version, state
 *   shared          observations for the one who decides   list, bounded
 */
import type { BaselineSnapshot } from '../alert/evidence/evidence.ts';
import type { Book } from '../alert/incident.ts';
import type { Ledger } from '../alert/outbox/ledger.ts';
import type { Millis } from '../event/ids.ts';
import { connectStore, exec, millisOf, type RedisStoreOptions } from './redis-client.ts';
import { type AlertStore, type Change, ledgersMax, sharedMax, takenAtOnceMax } from './store.ts';

/** Replicas meet at most once a second on one record. Each round one of them wins: a fleet of so many is through. */
const triesMax = 50;
const retryMinMs = 5;
const retryMaxMs = 100;
const dayMs = 24 * 60 * 60_000;
/** Of the records; another release that cannot read this one must leave it alone. */
const format = 1;
const cachedMax = ledgersMax;

/** A record of another release: this one works by itself until it is gone. */
export class ForeignRecordError extends Error {
  override readonly name = 'ForeignRecordError';
}

export function createRedisStore(options: RedisStoreOptions): AlertStore {
  const redis = connectStore({
    url: options.url,
    name: `taskvigil-store-${options.namespace}`,
    onError: ({ name }) =>
      options.report({ kind: 'delivery-failed', sink: 'store', reason: name, count: 0, willRetry: true }),
  });
  const prefix = `tv:{${options.namespace}}:`;
  const sharedKey = `${prefix}shared`;
  const cache = new Map<string, Snapshot>();

  async function read(key: string): Promise<Snapshot> {
    const known = cache.get(key);
    const [seconds, micros, version, text] = await redis.readNewer(key, known?.version ?? '');
    const now = millisOf([seconds, micros]);
    if (known !== undefined && version === known.version) return { ...known, now };
    return remember(key, snapshotOf(String(version), String(text), now));
  }

  function remember(key: string, snapshot: Snapshot): Snapshot {
    cache.delete(key);
    cache.set(key, snapshot);
    const oldest = cache.size > cachedMax ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    return snapshot;
  }

  async function update<Record, Answer>(key: string, keepMs: Millis, change: Change<Record, Answer>): Promise<Answer> {
    let snapshot = await read(key);
    for (let tries = 0; tries < triesMax; tries += 1) {
      const { next, answer } = change(snapshot.record as Record | undefined, snapshot.now);
      if (next === undefined || next === snapshot.record) return answer;
      const written = await redis.swapRecord(key, snapshot.version, JSON.stringify({ format, record: next }), keepMs);
      if (written[0] === 1) {
        remember(key, { version: String(written[1]), record: next, now: snapshot.now });
        return answer;
      }
      const [, version, text, seconds, micros] = written;
      snapshot = remember(key, snapshotOf(String(version), String(text), millisOf([seconds, micros])));
      await options.sleep(Math.min(retryMaxMs, retryMinMs * 2 ** tries) * options.random());
    }
    throw new Error(`expected to win one of ${triesMax} rounds for a record, lost all`);
  }

  return {
    updateBook: <Answer>(change: Change<Book, Answer>) => update(`${prefix}book`, 7 * dayMs, change),
    updateLedger: <Answer>(id: string, change: Change<Ledger, Answer>) =>
      update(`${prefix}ledger:${id}`, 14 * dayMs, change),
    updateBaselines: <Answer>(change: Change<BaselineSnapshot, Answer>) =>
      update(`${prefix}memory`, 30 * dayMs, change),

    async share(batch) {
      await exec(redis.multi().rpush(sharedKey, batch).ltrim(sharedKey, -sharedMax, -1).pexpire(sharedKey, dayMs));
    },

    async takeShared() {
      return (await redis.lpop(sharedKey, takenAtOnceMax)) ?? [];
    },

    async stop() {
      redis.disconnect();
    },
  };
}

interface Snapshot {
  /** '' when there is no record. */
  readonly version: string;
  readonly record: unknown;
  readonly now: Millis;
}

/** What is no record at all counts as none: the next write replaces it. Throws a ForeignRecordError. */
function snapshotOf(version: string, text: string, now: Millis): Snapshot {
  const { format: found, record } = wrappedOf(text);
  if (found === undefined) return { version, record: undefined, now };
  if (found !== format) throw new ForeignRecordError(`expected a record of format ${format}, got ${found}`);
  return { version, record, now };
}

function wrappedOf(text: string): { readonly format?: unknown; readonly record?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
