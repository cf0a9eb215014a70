/**
 * The store that many sidecars share. Each change is read, computed here, and written if nobody was faster
 * (compare-and-swap.lua); so the policy runs in one language and Redis only compares.
 *
 * The clock is the Redis server's, read together with the record: leases and windows do not care how far the clocks of
 * two machines are apart. After a failover to a server whose clock is a few seconds off, a lease is that much longer or
 * shorter; the claim's own margin (it posts in the first half of its lease only) covers six seconds.
 *
 * Exports: createRedisStore.
 */
import type { AlertState } from '../alert/alert-state.ts';
import { decodeState, encodeState } from '../alert/alert-state-record.ts';
import type { GroupKey } from '../alert/rule.ts';
import type { Millis } from '../event/ids.ts';
import { connectStore, exec, millisOf, type RedisStoreOptions } from './redis-client.ts';
import type { AlertStore, Change } from './store.ts';

/** Replicas meet at most once a second on one group; 16 of them are through after a few rounds. */
const triesMax = 20;
const retryMinMs = 5;
const retryMaxMs = 100;
/** Records of a fleet that was switched off go after a week. */
const keepMs = 7 * 24 * 60 * 60_000;

export function createRedisStore(options: RedisStoreOptions): AlertStore {
  const redis = connectStore({
    url: options.url,
    name: `taskvigil-store-${options.namespace}`,
    onError: ({ name }) =>
      options.report({ kind: 'delivery-failed', sink: 'store', reason: name, count: 0, willRetry: true }),
  });
  const prefix = `tv:{${options.namespace}}:`;
  const dueKey = `${prefix}due`;
  const incidentsKey = `${prefix}incidents`;

  async function read(key: GroupKey): Promise<Snapshot> {
    const [time, fields] = await exec(redis.multi().time().hmget(`${prefix}group:${key}`, 'version', 'state'));
    const [version, text] = fields as (string | null)[];
    return snapshotOf(version ?? '', text ?? '', millisOf(time));
  }

  function snapshotOf(version: string, text: string, now: Millis): Snapshot {
    if (text === '') return { version, state: undefined, now };
    const decoded = decodeState(text);
    if (decoded.ok) return { version, state: decoded.state, now };
    // Of another release, or damaged: counting begins anew, and the next failure replaces it.
    options.report({ kind: 'items-dropped', queue: 'store', reason: decoded.reason, count: 1 });
    return { version, state: undefined, now, isForeign: decoded.reason === 'unknown-format' };
  }

  /** undefined when written, else what is there now. */
  async function write(
    key: GroupKey,
    { version, now }: Snapshot,
    next: AlertState | undefined,
  ): Promise<Snapshot | undefined> {
    const keys = [`${prefix}group:${key}`, dueKey, incidentsKey];
    const values = [
      key,
      version,
      next === undefined ? '' : encodeState(next),
      next?.dueAt ?? 0,
      next?.incident?.firstAt ?? '',
      Math.ceil(Math.max(0, (next?.dueAt ?? 0) - now)) + keepMs,
    ];
    const answer = await redis.compareAndSwap(...keys, ...values);
    const [isWritten, newVersion, text, seconds, micros] = answer;
    if (isWritten === 1) return undefined;
    return snapshotOf(String(newVersion), String(text), millisOf([seconds, micros]));
  }

  async function update<Answer>(key: GroupKey, change: Change<Answer>): Promise<Answer> {
    let snapshot = await read(key);
    for (let tries = 0; tries < triesMax; tries += 1) {
      const { next, answer } = change(snapshot.state, snapshot.now);
      if (next === undefined ? snapshot.isForeign : next === snapshot.state) return answer;
      const newer = await write(key, snapshot, next);
      if (newer === undefined) return answer;
      snapshot = newer;
      await options.sleep(Math.min(retryMaxMs, retryMinMs * 2 ** tries) * options.random());
    }
    throw new Error(`expected to win one of ${triesMax} rounds for a group, lost all`);
  }

  return {
    update,

    async due(limit) {
      const [time, members] = await exec(
        redis
          .multi()
          .time()
          .zrange(dueKey, 0, `${limit - 1}`, 'WITHSCORES'),
      );
      const now = millisOf(time);
      return pairsOf(members as string[])
        .filter(([, dueAt]) => dueAt <= now)
        .map(([key]) => key as GroupKey);
    },

    async incidents(limit) {
      const keys = await redis.zrange(incidentsKey, 0, `${limit - 1}`, 'REV');
      const found = await Promise.all(keys.map((key) => read(key as GroupKey)));
      return found.flatMap(({ state }) => (state === undefined ? [] : [state]));
    },

    async stop() {
      redis.disconnect();
    },
  };
}

interface Snapshot {
  /** '' when there is no record. Removing it is written all the same: the indexes may still name it. */
  readonly version: string;
  readonly state: AlertState | undefined;
  readonly now: Millis;
  /** A record that another release understands: not ours to remove while a rollout is under way. */
  readonly isForeign?: boolean;
}

function pairsOf(flat: readonly string[]): [member: string, score: number][] {
  const pairs: [string, number][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i]!, Number(flat[i + 1])]);
  return pairs;
}
