/** Asks the result backend what it keeps of a task. Read-only. */
import type { Millis, TaskId } from '../../event/ids.ts';
import type { RedisAddress } from '../redis/connection.ts';
import { createAsker } from '../redis/query.ts';
import type { Testimony, Witness } from '../witness.ts';
import { decodeResult } from './result.ts';
import { resultKey } from './result-source.ts';

export interface ResultWitnessOptions {
  readonly name: string;
  readonly address: RedisAddress;
  readonly globalKeyprefix: string;
  readonly now: () => Millis;
}

export function createResultWitness({ name, address, globalKeyprefix, now }: ResultWitnessOptions): Witness {
  const asker = createAsker(address);
  return {
    kind: 'result-backend',
    name,
    ask: (ids, signal) =>
      asker.with(signal, async (redis) => {
        const found = new Map<TaskId, Testimony>();
        const payloads = await redis.mget(ids.map((id) => resultKey(globalKeyprefix, id)));
        for (const [index, id] of ids.entries()) {
          const payload = payloads[index];
          if (payload === null || payload === undefined) continue;
          const decoded = decodeResult(payload, now());
          // The key is there, in a form or a state that says nothing to us: nothing may be concluded of any.
          if (!decoded.ok && decoded.reason !== 'not-a-lifecycle-event')
            throw new Error(`a result is ${decoded.reason}`);
          if (decoded.ok) found.set(id, { kind: 'result', result: decoded.event });
        }
        return found;
      }),
    async stop() {
      asker.stop();
    },
  };
}
