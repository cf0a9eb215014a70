/**
 * The result backend's own pub/sub: Celery publishes each state that it stores on a channel of the key's name. Source:
 * celery/backends/redis.py, `_set`.
 */
import type { Millis } from '../../event/ids.ts';
import type { Report } from '../../report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { RedisAddress } from '../redis/connection.ts';
import { createSubscriber } from '../redis/subscriber.ts';
import type { Source } from '../source.ts';
import { escapeGlob } from './redis-events.ts';

export interface CeleryResultsOptions {
  readonly name: string;
  readonly address: RedisAddress;
  /** kombu's `global_keyprefix` in the result backend's transport options. */
  readonly globalKeyprefix: string;
  /** Asked with the task's id, before anything is read: a sidecar wants the results of its own tasks only. */
  readonly accepts?: ((taskId: string) => boolean) | undefined;
  readonly now: () => Millis;
  readonly every: (ms: number, run: () => void) => Disposable;
  readonly after: (ms: number, run: () => void) => Disposable;
  readonly timeoutSignal: Clock['timeoutSignal'];
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
}

/** Celery's `task_keyprefix`. */
const keyPrefix = 'celery-task-meta-';

export function resultKey(globalKeyprefix: string, taskId: string): string {
  return `${globalKeyprefix}${keyPrefix}${taskId}`;
}

export function createCeleryResults({ accepts, globalKeyprefix, ...options }: CeleryResultsOptions): Source {
  const prefix = resultKey(globalKeyprefix, '');
  return createSubscriber({
    ...options,
    patterns: [`${escapeGlob(prefix)}*`],
    channels: [],
    form: 'result-meta',
    isChannelWanted: accepts !== undefined,
    accepts: accepts && ((_payload, channel) => accepts(channel.slice(prefix.length))),
  });
}
