/**
 * The book of incidents while one step is computed: what has changed so far, and the decisions that were made. All changes go
 * through `put`, `remove` and `change`, which keep the index from keys to incidents right.
 */
import type { Millis } from '../../event/ids.ts';
import type { Decision, NotifyReason, SuppressReason } from '../decision.ts';
import type { Book, Incident } from '../incident.ts';
import type { KeyText } from '../key.ts';
import type { Policy } from '../policy.ts';
import type { ReceiverName } from '../receipts.ts';
import type { SignalFindings } from '../signal.ts';
import { type Present, withPresent } from './incident-change.ts';

/** The subject of a decision. */
export type DecisionSubject = Pick<Decision, 'signal' | 'key' | 'incident' | 'task' | 'exception' | 'figures'>;

export type NotifyAction = Extract<Decision['verdict'], { notify: true }>['action'];

export interface DraftOptions {
  readonly policy: Policy;
  readonly now: Millis;
  /** All configured receivers. */
  readonly receivers: readonly ReceiverName[];
  /** Absent in a step without an evaluation. */
  readonly findings?: Pick<SignalFindings, 'signals' | 'cleared' | 'forgotten'>;
}

/** The result of one step. */
export interface Step {
  /** The same object if nothing changed. */
  readonly book: Book;
  readonly decisions: readonly Decision[];
  /** Errors in our own code. Each costs only the signal or incident that it happened with. */
  readonly bugs: readonly unknown[];
}

export class Draft {
  readonly policy: Policy;
  readonly now: Millis;
  readonly receivers: readonly ReceiverName[];
  readonly #present: Present;
  #book: Book;
  readonly #incidents: Map<string, Incident>;
  /** The ongoing incident of each key, or else the latest resolved one. */
  readonly #idByKey = new Map<KeyText, string>();
  readonly #decisions: Decision[] = [];
  readonly #bugs: unknown[] = [];
  #isChanged = false;

  constructor(book: Book, { policy, now, receivers, findings }: DraftOptions) {
    this.#present = {
      signals: new Map(findings?.signals.map((signal) => [signal.key, signal])),
      cleared: new Set(findings?.cleared),
      forgotten: new Set(findings?.forgotten),
    };
    this.policy = policy;
    this.now = now;
    this.receivers = receivers;
    this.#book = book;
    this.#incidents = new Map(book.incidents.map((incident) => [incident.id, incident]));
    for (const incident of book.incidents) this.#index(incident);
  }

  /** Everything but the incidents, which are read with `incident` and `incidents`. */
  get book(): Omit<Book, 'incidents'> {
    return this.#book;
  }

  get incidentsCount(): number {
    return this.#incidents.size;
  }

  incidents(): readonly Incident[] {
    return [...this.#incidents.values()];
  }

  incident(id: string): Incident | undefined {
    return this.#incidents.get(id);
  }

  incidentOfKey(key: KeyText): Incident | undefined {
    const id = this.#idByKey.get(key);
    return id === undefined ? undefined : this.#incidents.get(id);
  }

  /** The incident with the figures of this evaluation. */
  present(incident: Incident): Incident {
    return withPresent(incident, this.#present, this.now);
  }

  /** True if a condition of the incident cleared in this evaluation. */
  hasCleared({ keys }: Incident): boolean {
    return keys.some(({ key }) => this.#present.cleared.has(key));
  }

  put(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
    this.#index(incident);
    this.#isChanged = true;
  }

  remove(id: string): void {
    this.#isChanged = this.#incidents.delete(id) || this.#isChanged;
  }

  change(change: Partial<Omit<Book, 'incidents'>>): void {
    this.#book = { ...this.#book, ...change };
    this.#isChanged = true;
  }

  notify(subject: DecisionSubject, reason: NotifyReason, action: NotifyAction): void {
    this.#record(subject, { notify: true, reason, action }, 0);
  }

  suppress(subject: DecisionSubject, reason: SuppressReason, by?: string, failures = 0): void {
    this.#record(subject, { notify: false, reason, by }, failures);
  }

  /** Runs `takeSignal`; the first decision that it makes accounts for `failures`. Returns false if it makes none. */
  accountFor(failures: number, takeSignal: () => void): boolean {
    const index = this.#decisions.length;
    takeSignal();
    const first = this.#decisions[index];
    if (first === undefined) return false;
    if (failures > 0) this.#decisions[index] = { ...first, failures };
    return true;
  }

  /** An error in `run` is kept for the report, and the step goes on with the next signal or incident. */
  guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#bugs.push(error);
    }
  }

  done(): Step {
    const book = this.#isChanged ? { ...this.#book, incidents: this.incidents() } : this.#book;
    return { book, decisions: this.#decisions, bugs: this.#bugs };
  }

  #record(subject: DecisionSubject, verdict: Decision['verdict'], failures: number): void {
    const { signal, key, incident, task, exception, figures } = subject;
    this.#decisions.push({ at: this.now, signal, key, incident, task, exception, figures, failures, verdict });
  }

  #index({ id, keys, phase, firstAt }: Incident): void {
    for (const { key } of keys) {
      const known = this.incidentOfKey(key);
      const isOlder = known !== undefined && known.id !== id && known.firstAt > firstAt;
      const isOver = phase.name === 'resolved' && known !== undefined && known.phase.name !== 'resolved';
      const goesOn = phase.name !== 'resolved' && known?.phase.name === 'resolved';
      if (known === undefined || goesOn || !(isOlder || isOver)) this.#idByKey.set(key, id);
    }
  }
}
