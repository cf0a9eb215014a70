/** How many messages wait in the queues of a Redis broker: for fleets whose producers do not tell what they send. */
import type { Clock } from '../../runtime/clock.ts';
import type { RedisAddress } from '../redis/connection.ts';
import { createAsker } from '../redis/query.ts';
import { prioritySuffixes } from './redis-queue-witness.ts';

export interface QueueDepthsOptions {
  readonly address: RedisAddress;
  readonly globalKeyprefix: string;
  /** Names of queues, as workers and events tell them. */
  readonly queues: () => Iterable<string>;
  readonly timeoutSignal: Clock['timeoutSignal'];
}

export interface QueueDepths {
  /** By queue. Rejects when the broker does not answer in five seconds. */
  read(): Promise<ReadonlyMap<string, number>>;
  stop(): void;
}

const answerWithinMs = 5_000;

export function createQueueDepths(options: QueueDepthsOptions): QueueDepths {
  const { address, globalKeyprefix, queues, timeoutSignal } = options;
  const asker = createAsker(address);
  return {
    read: () =>
      asker.with(timeoutSignal(answerWithinMs), async (redis) => {
        const depths = new Map<string, number>();
        for (const queue of queues()) {
          let length = 0;
          for (const suffix of prioritySuffixes) length += await redis.llen(`${globalKeyprefix}${queue}${suffix}`);
          depths.set(queue, length);
        }
        return depths;
      }),
    stop: () => asker.stop(),
  };
}
