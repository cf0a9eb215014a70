/**
 * Celery's remote control: asks the workers which tasks they execute or hold, and switches their events on. Opt-in, because
 * the permission to publish these commands includes all others. Workers answer at once, except in the solo pool, which
 * answers between two tasks. If one worker does not answer, "no worker has the task" is no valid conclusion. Source:
 * celery/worker/control.py.
 */
import { type Hostname, type Millis, parseHostname, parseTaskId, type TaskId } from '../../event/ids.ts';
import type { Whereabouts } from '../../event/testimony.ts';
import type { Clock } from '../../runtime/clock.ts';
import { isRecord } from '../is-record.ts';
import type { Pidbox, PidboxCommand } from '../kombu/pidbox.ts';
import type { Witness, WitnessTestimony } from '../witness.ts';

export interface ControlOptions {
  readonly name: string;
  readonly pidbox: Pidbox;
  /** Node names of the workers that are online and expected to answer. */
  readonly workers: () => readonly string[];
  readonly clock: Pick<Clock, 'timeoutSignal'>;
}

export interface CeleryControl extends Witness {
  /** Asks all workers to send events. A worker that restarts forgets it. */
  enableEvents(): Promise<void>;
}

/** Celery's own `inspect` waits one second. */
const answerWithinMs: Millis = 2_000;

export function createCeleryControl({ name, pidbox, workers, clock }: ControlOptions): CeleryControl {
  return {
    kind: 'workers',
    name,
    async ask(ids, signal) {
      const answers = new Answers(workers());
      if (answers.isWorkerExpected()) {
        const command: PidboxCommand = { method: 'query_task', arguments: { ids: ids.flatMap(queriedIds) } };
        const deadline = AbortSignal.any([signal, clock.timeoutSignal(answerWithinMs)]);
        await pidbox.request(command, (body) => answers.add(body), deadline);
      }
      return answers.complete(ids);
    },
    enableEvents: () => pidbox.publish({ method: 'enable_events', arguments: {} }),
    stop: () => pidbox.stop(),
  };
}

/** A worker finds an id only in the type that the producer chose, and the events of `42` and `"42"` are equal here. */
function queriedIds(id: TaskId): readonly unknown[] {
  return pythonNumber.test(id) ? [id, rawJson(id)] : [id];
}

/** A number as Python writes it in JSON. */
const pythonNumber = /^-?(?:0|[1-9]\d{0,300})(?:\.\d+)?(?:e[+-]\d+)?$/;

/** Text that `JSON.stringify` writes as it is, so that a long integer keeps its digits. */
function rawJson(text: string): unknown {
  return (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON(text);
}

/** The answers of several workers to one question. */
class Answers {
  readonly #expected: ReadonlySet<string>;
  readonly #answered = new Set<string>();
  readonly #found = new Map<TaskId, WitnessTestimony>();

  constructor(workers: readonly string[]) {
    this.#expected = new Set(workers);
  }

  isWorkerExpected(): boolean {
    return this.#expected.size > 0;
  }

  /** Returns true when every expected worker has answered. */
  add(body: unknown): boolean {
    for (const { hostname, tasks } of readReplies(body)) {
      this.#answered.add(hostname);
      for (const [id, whereabouts] of tasks) {
        // Several workers may hold deliveries of one task; execution is the strongest answer.
        if (this.#found.get(id)?.kind !== 'executing') this.#found.set(id, whereabouts);
      }
    }
    return this.#silent().length === 0;
  }

  /** Throws if a task was not found and a worker did not answer. */
  complete(ids: readonly TaskId[]): ReadonlyMap<TaskId, WitnessTestimony> {
    const silent = this.#silent().length;
    const isAllFound = ids.every((id) => this.#found.has(id));
    if (!isAllFound && (silent > 0 || this.#expected.size === 0))
      throw new Error(`${silent} of ${this.#expected.size} workers did not answer`);
    return this.#found;
  }

  #silent(): readonly string[] {
    return [...this.#expected].filter((worker) => !this.#answered.has(worker));
  }
}

/** The answer of one worker, without the arguments of the tasks, which the reply contains too. */
interface ControlReply {
  readonly hostname: Hostname;
  readonly tasks: ReadonlyMap<TaskId, Whereabouts>;
}

/** The replies to `query_task` in one body: `{"w1@host": {"<id>": ["active", {…}]}}`. Any other body contains none. */
function readReplies(body: unknown): ControlReply[] {
  if (!isRecord(body)) return [];
  return Object.entries(body).flatMap(([name, answer]): ControlReply[] => {
    if (!isRecord(answer) || 'error' in answer) return [];
    const hostname = parseHostname(name);
    const tasks = new Map<TaskId, Whereabouts>();
    for (const [key, entry] of Object.entries(answer)) {
      const id = parseTaskId(key);
      if (id !== undefined && Array.isArray(entry)) tasks.set(id, whereaboutsOf(hostname, entry[0], entry[1]));
    }
    return [{ hostname, tasks }];
  });
}

/** A task in any other state than `active` or `reserved` is between the two, so it counts as reserved. */
function whereaboutsOf(hostname: Hostname, state: unknown, info: unknown): Whereabouts {
  if (state !== 'active') return { kind: 'reserved', hostname };
  const acknowledged = isRecord(info) ? info['acknowledged'] : undefined;
  return {
    kind: 'executing',
    hostname,
    // `time_start` is the monotonic clock of the worker, which has no meaning elsewhere.
    startedAt: undefined,
    isAcknowledged: typeof acknowledged === 'boolean' ? acknowledged : undefined,
  };
}
