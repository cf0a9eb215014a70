/** Parts of the daemon that start and stop: started in order, stopped in reverse order, within a deadline. */
import type { Millis } from '../event/ids.ts';
import type { Clock } from './clock.ts';

export interface Service {
  readonly name: string;
  /** Most time that a stop may take of the shared deadline; without it, all that is left. */
  readonly stopWithinMs?: Millis;
  /** Resolves when the service is running; rejects when it cannot run at all. */
  start(): Promise<void>;
  /** May be called twice, and without a start. */
  stop(): Promise<void>;
}

export interface StopOutcome {
  /** Services that did not stop in time; they end with the process. */
  readonly late: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
}

/** Starts one after the other. If one rejects, it and those before it are stopped and its error is thrown. */
export async function startAll(services: readonly Service[], clock: Clock, stopWithinMs: Millis): Promise<void> {
  for (const [index, service] of services.entries()) {
    try {
      await service.start();
    } catch (error) {
      await stopAll(services.slice(0, index + 1), clock, stopWithinMs);
      throw error;
    }
  }
}

/**
 * Stops one after the other, the last first, because each may still hand something to those before it. `stop` is called on
 * every service, whatever happens to another one. After the deadline the remaining ones are stopped without waiting.
 */
export async function stopAll(services: readonly Service[], clock: Clock, withinMs: Millis): Promise<StopOutcome> {
  const deadline = clock.now() + withinMs;
  const late: string[] = [];
  const failed: { name: string; error: unknown }[] = [];
  for (const service of services.toReversed()) {
    const settled = stop(service).then(
      () => 'stopped' as const,
      (error: unknown) => {
        failed.push({ name: service.name, error });
        return 'stopped' as const;
      },
    );
    const waitMs = Math.min(deadline - clock.now(), service.stopWithinMs ?? Number.POSITIVE_INFINITY);
    const waking = new AbortController();
    const tooLate = clock.sleep(Math.max(0, waitMs), waking.signal).then(() => 'late' as const);
    if ((await Promise.race([settled, tooLate])) === 'late') late.push(service.name);
    waking.abort();
  }
  return { late, failed };
}

/** Turns a `stop` that throws into one that rejects. */
async function stop(service: Pick<Service, 'stop'>): Promise<void> {
  await service.stop();
}

/**
 * Stops services that do not depend on each other at the same time. Resolves when all have ended. Rejects with the error of
 * the one that failed, or with an AggregateError if several did.
 */
export async function stopTogether(services: readonly Pick<Service, 'stop'>[]): Promise<void> {
  const results = await Promise.allSettled(services.map(stop));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} of ${services.length} failed to stop`);
}
