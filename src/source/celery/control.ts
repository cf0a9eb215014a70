/**
 * Asking the workers themselves, and switching their events on. Opt-in, because the right to publish these commands is the
 * right to publish others too. Workers answer within a moment, but one with the solo pool only between two tasks; a worker
 * that did not answer makes "nobody has it" worth nothing.
 */
import { randomUUID } from 'node:crypto';
import type { TaskId } from '../../event/ids.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type ControlCommand, type ControlReply, readReplies } from '../kombu/pidbox.ts';
import type { Testimony, Witness } from '../witness.ts';

/** How commands travel. */
export interface Pidbox {
  publish(command: ControlCommand): Promise<void>;
  /** Hands each reply's body to `take` until that answers true, or until `signal` aborts. */
  request(
    command: ControlCommand,
    ticket: string,
    take: (body: unknown) => boolean,
    signal: AbortSignal,
  ): Promise<void>;
  stop(): Promise<void>;
}

export interface ControlOptions {
  readonly name: string;
  readonly pidbox: Pidbox;
  /** The workers that are alive, whose answers are waited for. */
  readonly workers: () => readonly string[];
  readonly timeoutSignal: Clock['timeoutSignal'];
}

export interface CeleryControl extends Witness {
  /** Asks all workers to send events; they forget it when they restart, and new ones were never asked. */
  enableEvents(): Promise<void>;
}

/** Celery's own `inspect` waits one second. */
const answerMs = 2_000;

export function createCeleryControl({ name, pidbox, workers, timeoutSignal }: ControlOptions): CeleryControl {
  return {
    kind: 'workers',
    name,
    async ask(ids, signal) {
      const expected = new Set(workers());
      const found = new Map<TaskId, Testimony>();
      const answered = new Set<string>();
      const take = (body: unknown): boolean => {
        for (const reply of readReplies(body)) note(reply, found, answered);
        return [...expected].every((worker) => answered.has(worker));
      };
      const command: ControlCommand = { method: 'query_task', arguments: { ids } };
      if (expected.size > 0) {
        await pidbox.request(command, randomUUID(), take, AbortSignal.any([signal, timeoutSignal(answerMs)]));
      }
      const silent = [...expected].filter((worker) => !answered.has(worker)).length;
      const isAllFound = ids.every((id) => found.has(id));
      if (!isAllFound && (silent > 0 || expected.size === 0)) {
        throw new Error(`${silent} of ${expected.size} workers did not answer`);
      }
      return found;
    },
    enableEvents: () => pidbox.publish({ method: 'enable_events', arguments: {} }),
    stop: () => pidbox.stop(),
  };
}

function note({ hostname, tasks }: ControlReply, found: Map<TaskId, Testimony>, answered: Set<string>): void {
  answered.add(hostname);
  for (const [id, whereabouts] of tasks) {
    // Several workers may hold deliveries of one task; the one that executes it says most.
    if (found.get(id)?.kind !== 'executing') found.set(id, whereabouts);
  }
}
