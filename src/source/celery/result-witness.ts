/** Asks the result backend for the records of tasks. Read-only. */
import type { Millis, TaskId } from '../../event/ids.ts';
import type { Clock } from '../../runtime/clock.ts';
import { readBody } from '../kombu/envelope.ts';
import type { RedisAddress } from '../redis/address.ts';
import { createRedisQueries } from '../redis/redis-queries.ts';
import type { Witness, WitnessTestimony } from '../witness.ts';
import { type DecodedResult, decodeResult } from './result.ts';

export interface ResultWitnessOptions {
  readonly name: string;
  readonly address: RedisAddress;
  /** Prefix of each key, followed by the task id. */
  readonly keyPrefix: string;
  readonly clock: Pick<Clock, 'now'>;
}

export function createResultWitness({ name, address, keyPrefix, clock }: ResultWitnessOptions): Witness {
  const queries = createRedisQueries(address);
  return {
    kind: 'result-backend',
    name,
    ask: (ids, signal) =>
      queries.run(signal, async (redis) => {
        const payloads = await redis.mget(ids.map((id) => `${keyPrefix}${id}`));
        return readRecords(ids, payloads, clock.now());
      }),
    async stop() {
      queries.stop();
    },
  };
}

/** Throws if one record is not readable: then the backend uses another format, and no answer of it is reliable. */
function readRecords(
  ids: readonly TaskId[],
  payloads: readonly (string | null)[],
  receivedAt: Millis,
): ReadonlyMap<TaskId, WitnessTestimony> {
  const found = new Map<TaskId, WitnessTestimony>();
  for (const [index, id] of ids.entries()) {
    const payload = payloads[index];
    if (payload === null || payload === undefined) continue;
    const decoded = decodeRecord(payload, receivedAt);
    // A custom state of the application is readable and states nothing about the end.
    if (!decoded.ok && decoded.reason !== 'not-a-lifecycle-event') throw new Error(`a result is ${decoded.reason}`);
    if (decoded.ok) found.set(id, { kind: 'result', result: decoded.event });
  }
  return found;
}

function decodeRecord(payload: string, receivedAt: Millis): DecodedResult {
  const body = readBody(payload);
  return body.ok ? decodeResult(body.value, receivedAt) : body;
}
