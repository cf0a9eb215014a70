/** The connection to the Redis that instances share, and the scripts that change records there in one atomic step. */
import { readFileSync } from 'node:fs';
import { Redis, type Result } from 'ioredis';
import type { Millis } from '../event/ids.ts';
import type { Report } from '../report.ts';

export interface RedisStoreOptions {
  /** `redis://` or `rediss://`. */
  readonly url: string;
  /** Sidecars of one fleet share it; keys begin with `tv:{namespace}:`. */
  readonly namespace: string;
  readonly report: Report;
  /** 0 .. 1, for the jitter between tries. */
  readonly random: () => number;
  readonly sleep: (ms: Millis) => Promise<void>;
}

/** Updates are small, so a Redis that takes longer counts as unreachable. */
const commandTimeoutMs = 2_000;

const lua = (name: string): string => readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');
const scripts = {
  compareAndSwap: { lua: lua('compare-and-swap'), numberOfKeys: 3 },
  readNewer: { lua: lua('read-newer'), numberOfKeys: 1 },
  swapRecord: { lua: lua('swap-record'), numberOfKeys: 1 },
};

declare module 'ioredis' {
  interface RedisCommander<Context> {
    compareAndSwap(...keysAndValues: (string | number)[]): Result<(string | number)[], Context>;
    readNewer(key: string, version: string): Result<(string | number)[], Context>;
    swapRecord(key: string, version: string, next: string, keepMs: number): Result<(string | number)[], Context>;
  }
}

/** Connects in the background and keeps trying. Commands reject at once without a connection, else within two seconds. */
export function connectStore({
  url,
  name,
  onError,
}: {
  readonly url: string;
  /** The name in the server's CLIENT LIST. */
  readonly name: string;
  readonly onError: (error: Error) => void;
}): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    // The callers keep and repeat what cannot be sent now, because they know how much they can keep.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    // defineCommand sends EVALSHA and, on NOSCRIPT, the script itself.
    scripts,
  });
  redis.on('error', onError);
  return redis;
}

interface Transaction {
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}

/** The results of a transaction or a pipeline; the first error in it rejects. */
export async function exec(transaction: Transaction): Promise<unknown[]> {
  const results = (await transaction.exec()) ?? [];
  return results.map(([error, result]) => {
    if (error !== null) throw error;
    return result;
  });
}

/** An answer of TIME in epoch milliseconds. */
export function millisOf(time: unknown): Millis {
  return Math.floor(microsOf(time) / 1_000);
}

/** An answer of TIME in epoch microseconds, which are far below the 2^53 up to which a number is exact. */
export function microsOf(time: unknown): number {
  const [seconds, micros] = time as [string | number, string | number];
  return Number(seconds) * 1_000_000 + Number(micros);
}
