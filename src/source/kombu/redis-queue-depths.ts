/** Number of messages waiting in the queues of a Redis broker, for fleets whose producers send no `task-sent` events. */
import type { Clock } from '../../runtime/clock.ts';
import type { RedisAddress } from '../redis/address.ts';
import { createRedisQueries } from '../redis/redis-queries.ts';
import type { QueueDepths } from '../system.ts';
import { prioritySuffixes } from './redis-queue-witness.ts';

export interface RedisQueueDepthsOptions {
  readonly address: RedisAddress;
  readonly globalKeyprefix: string;
  readonly queues: () => Iterable<string>;
  readonly clock: Pick<Clock, 'timeoutSignal'>;
}

const answerWithinMs = 5_000;

export function createRedisQueueDepths(options: RedisQueueDepthsOptions): QueueDepths {
  const { address, globalKeyprefix, queues, clock } = options;
  const queries = createRedisQueries(address);
  return {
    read: () =>
      queries.run(clock.timeoutSignal(answerWithinMs), async (redis) => {
        const depths = new Map<string, number>();
        for (const queue of queues()) {
          let length = 0;
          for (const suffix of prioritySuffixes) length += await redis.llen(`${globalKeyprefix}${queue}${suffix}`);
          depths.set(queue, length);
        }
        return depths;
      }),
    stop: () => queries.stop(),
  };
}
