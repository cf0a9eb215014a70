/** Things that run: started in order, stopped backwards, within a deadline. */
import type { Millis } from '../event/ids.ts';
import type { Clock } from './clock.ts';

export interface Service {
  readonly name: string;
  /** Resolves when the service is under way; rejects when it cannot run at all. */
  start(): Promise<void>;
  /** May be called twice, and without a start. */
  stop(): Promise<void>;
}

export interface StopOutcome {
  /** Did not stop in time; they were left to the end of the process. */
  readonly late: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
}

/** Starts one after the other. When one cannot start, those before it are stopped again and its error is thrown. */
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
 * Stops one after the other, the last first, since each may still hand something to those before it. All of them are
 * told to stop, whatever happens to one: past the deadline nobody waits for them any more.
 */
export async function stopAll(services: readonly Service[], clock: Clock, withinMs: Millis): Promise<StopOutcome> {
  const deadline = clock.now() + withinMs;
  const late: string[] = [];
  const failed: { name: string; error: unknown }[] = [];
  for (const service of services.toReversed()) {
    const settled = stopped(service).then(
      () => 'stopped' as const,
      (error: unknown) => {
        failed.push({ name: service.name, error });
        return 'stopped' as const;
      },
    );
    const waking = new AbortController();
    const tooLate = clock.sleep(Math.max(0, deadline - clock.now()), waking.signal).then(() => 'late' as const);
    if ((await Promise.race([settled, tooLate])) === 'late') late.push(service.name);
    waking.abort();
  }
  return { late, failed };
}

/** A `stop` that throws at once must not keep the others from stopping either. */
async function stopped(service: Service): Promise<void> {
  await service.stop();
}
