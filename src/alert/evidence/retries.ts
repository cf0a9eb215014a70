/** Evidence about retries, by task and exception. */
import type { Hostname, Millis, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { loadFields, type SavedFields, saveFields } from '../../runtime/saved-fields.ts';
import { type KeyText, keyText, type SignalKey } from '../key.ts';
import { addName } from '../signal.ts';
import type { Observation } from './observation.ts';
import { Window } from './sliding-window.ts';

type AttemptEnded = Extract<Observation, { kind: 'attempt-ended' }>;
type RetryKey = Extract<SignalKey, { readonly kind: 'retry' }>;

const retriesMax = 2_000;
const spanMs = 30 * 60_000;

export class RetryEvidence {
  readonly task: string;
  readonly exception: string;
  readonly key: RetryKey;
  readonly window = new Window(spanMs);
  readonly hosts = new Set<Hostname>();
  /** Title and example of the latest retry. */
  title: Redacted;
  example: { readonly taskId: TaskId; readonly traceId: string };
  /** Count since the start of this process. */
  total = 0;

  constructor(key: RetryKey, title: Redacted, example: RetryEvidence['example']) {
    this.task = key.task;
    this.exception = key.exception;
    this.key = key;
    this.title = title;
    this.example = example;
  }

  add({ host, at }: Pick<AttemptEnded, 'host' | 'at'>, title: Redacted, example: RetryEvidence['example']): void {
    this.window.add(at);
    this.total += 1;
    this.title = title;
    this.example = example;
    addName(this.hosts, host);
  }
}

export class Retries {
  readonly #retries = new BoundedMap<KeyText, RetryEvidence>({ itemsMax: retriesMax });
  readonly #touched = new Set<RetryEvidence>();

  add(ended: AttemptEnded): void {
    const { task, retry, taskId } = ended;
    if (task === undefined || retry === undefined) return;
    const key: RetryKey = { kind: 'retry', task, exception: retry.exception };
    const example = { taskId, traceId: retry.traceId };
    const evidence = this.#retries.getOrAdd(keyText(key), () => new RetryEvidence(key, retry.title, example));
    evidence.add(ended, retry.title, example);
    this.#touched.add(evidence);
  }

  get(key: RetryKey): RetryEvidence | undefined {
    return this.#retries.get(keyText(key));
  }

  /** For `load`. */
  *save(since: Millis): Iterable<SavedFields> {
    for (const retry of this.#retries.values()) if ((retry.window.lastAt() ?? 0) >= since) yield saveFields(retry);
  }

  load(saved: SavedFields): void {
    const { key, title, example } = saved as unknown as RetryEvidence;
    this.#retries.set(keyText(key), loadFields(new RetryEvidence(key, title, example), saved));
  }

  /** Retries that were added to since `clearTouched`. */
  touched(): Iterable<RetryEvidence> {
    return this.#touched;
  }

  clearTouched(): void {
    this.#touched.clear();
  }
}
