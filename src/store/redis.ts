/**
 * The store that many instances share. A record is read, changed here, and written if no other instance was faster
 * (swap-record.lua), so the policy runs in one language and Redis only compares. A record that was read is read again only
 * after it changes.
 *
 * The clock is the Redis server's, read together with the record, so leases do not depend on the clocks of two machines. After
 * a failover to a server whose clock differs by a few seconds, a lease is that much longer or shorter. The claim's margin
 * (deliveries start in the first half of the lease only) covers six seconds.
 *
 * Keys, all under `tv:{namespace}:` and so in one cluster slot
 *   book                      record of the incidents              hash: version, state
 *   ledger:<receiver>:<id>    record of deliveries to a receiver   hash: version, state; expires after two weeks
 *   memory                    record of the baselines              hash: version, state
 *   shared                    batches of observations              list, bounded
 *   evidence                  evidence of the deciding instance    text; expires after a day
 */
import type { BaselineSnapshot } from '../alert/evidence/evidence.ts';
import type { Book } from '../alert/incident.ts';
import type { Ledger, LedgerKey } from '../alert/outbox/ledger.ts';
import type { Millis } from '../event/ids.ts';
import { backoffMs } from '../runtime/backoff.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { connectStore, exec, millisOf, type RedisStoreOptions } from './redis-client.ts';
import { type AlertStore, type Change, ledgersMax, ledgerText, sharedMax, takenAtOnceMax } from './store.ts';

/** Each round one instance wins, and each instance writes about once a second: enough for a fleet of this size. */
const triesMax = 50;
const retryFirstMs = 5;
const retryMostMs = 100;
const dayMs = 24 * 60 * 60_000;
/** Format of the records. A release that cannot read a format must not overwrite it. */
const format = 2;

/** A record of another release. This instance works alone until the record is removed. */
class ForeignRecordError extends Error {
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
  const evidenceKey = `${prefix}evidence`;
  const backoff = { firstMs: retryFirstMs, mostMs: retryMostMs, random: options.random };
  const cache = new BoundedMap<string, Snapshot>({ itemsMax: ledgersMax });

  async function read(key: string): Promise<Snapshot> {
    const known = cache.get(key);
    const [seconds, micros, version, text] = await redis.readNewer(key, known?.version ?? '');
    const now = millisOf([seconds, micros]);
    if (known !== undefined && version === known.version) return { ...known, now };
    return remember(key, snapshotOf(String(version), String(text), now));
  }

  function remember(key: string, snapshot: Snapshot): Snapshot {
    cache.touch(key);
    cache.set(key, snapshot);
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
      await options.sleep(backoffMs(tries + 1, backoff));
    }
    throw new Error(`expected to win one of ${triesMax} rounds for a record, lost all`);
  }

  return {
    updateBook: <Answer>(change: Change<Book, Answer>) => update(`${prefix}book`, 7 * dayMs, change),
    updateLedger: <Answer>(key: LedgerKey, change: Change<Ledger, Answer>) =>
      update(`${prefix}ledger:${ledgerText(key)}`, 14 * dayMs, change),
    updateBaselines: <Answer>(change: Change<BaselineSnapshot, Answer>) =>
      update(`${prefix}memory`, 30 * dayMs, change),

    async share(batch) {
      await exec(redis.multi().rpush(sharedKey, batch).ltrim(sharedKey, -sharedMax, -1).pexpire(sharedKey, dayMs));
    },

    async takeShared() {
      return (await redis.lpop(sharedKey, takenAtOnceMax)) ?? [];
    },

    async saveEvidence(text) {
      await redis.set(evidenceKey, text, 'PX', dayMs);
    },

    async loadEvidence() {
      return (await redis.get(evidenceKey)) ?? undefined;
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

/** Text that is no record counts as no record, and the next write replaces it. Throws a ForeignRecordError. */
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
