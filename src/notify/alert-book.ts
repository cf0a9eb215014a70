/**
 * The book of incidents as this instance knows it. Signals, deliveries and commands change it in the store that all instances
 * share, and each change reports its decisions.
 */
import type { Decision } from '../alert/decision.ts';
import { type Book, emptyBook } from '../alert/incident.ts';
import { applyCommand } from '../alert/incidents/apply-command.ts';
import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import { decide } from '../alert/incidents/decide.ts';
import { incidentSubject } from '../alert/incidents/decision-text.ts';
import { otherPoliciesCount, withReplica } from '../alert/outbox/replicas.ts';
import type { Policy } from '../alert/policy.ts';
import type { Delivered, ReceiverName } from '../alert/receipts.ts';
import type { Signal, SignalFindings } from '../alert/signal.ts';
import type { Millis } from '../event/ids.ts';
import type { Report } from '../report.ts';
import type { FallbackStore } from '../store/fallback-store.ts';
import { OtherPolicies } from './other-policies.ts';

export interface AlertBookOptions {
  readonly store: FallbackStore;
  readonly clock: { readonly now: () => Millis };
  readonly policy: () => Policy;
  /** Unique among all instances and their restarts. */
  readonly instance: string;
  readonly receivers: readonly ReceiverName[];
  readonly report: Report;
  readonly onDecision?: ((decision: Decision) => void) | undefined;
}

export interface DecideFacts {
  /** Detected since the last call. */
  readonly findings: SignalFindings;
  /** Deliveries that the book does not record yet. */
  readonly delivered: readonly Delivered[];
  readonly canJudgeAbsence: boolean;
}

/** Clocks that differ by less count as one clock. */
const offsetMinMs = 500;

export class AlertBook {
  readonly #options: AlertBookOptions;
  readonly #otherPolicies = new OtherPolicies();
  #book: Book = emptyBook;
  /** The store's clock minus this instance's clock. */
  #offsetMs: Millis = 0;
  /** Findings of failed updates, to be decided with the next ones. */
  #undecided: SignalFindings = noFindings;

  constructor(options: AlertBookOptions) {
    this.#options = options;
  }

  /** The book after the last change by this instance. */
  get current(): Book {
    return this.#book;
  }

  /** The store's time. */
  now(): Millis {
    return this.toStoreTime(this.#options.clock.now());
  }

  /** Converts a time of this instance's clock. */
  toStoreTime(at: Millis): Millis {
    return at + this.#offsetMs;
  }

  /** Decides about all signals in one atomic update of the book. Rejects if our own code fails. */
  async decide({ findings, delivered, canJudgeAbsence }: DecideFacts): Promise<void> {
    this.#undecided = mergeFindings(this.#undecided, findings);
    const { store, policy, clock, receivers, report } = this.#options;
    const own = { instance: this.#options.instance, policy: policy().hash };
    const input = { receivers, findings: this.#undecided, delivered, canJudgeAbsence };
    const step = await store.updateBook((stored, now) => {
      const decided = decide(stored ?? { ...emptyBook, begunAt: now }, policy(), { ...input, now });
      const next = withReplica(decided.book, own, { now, isDegraded: store.awaySince() !== undefined });
      return { next: next === stored ? undefined : next, answer: { ...decided, book: next, now } };
    });
    const offsetMs = step.now - clock.now();
    if (Math.abs(offsetMs - this.#offsetMs) >= offsetMinMs) this.#offsetMs = offsetMs;
    this.#book = step.book;
    this.#undecided = noFindings;
    for (const error of step.bugs) report({ kind: 'bug', where: 'alerts', error });
    for (const decision of step.decisions) this.#reportDecision(decision);
    const others = this.#otherPolicies.observe(otherPoliciesCount(step.book, own, step.now), step.now);
    if (others !== undefined) report({ kind: 'policies-differ', instances: others });
  }

  /** Drops findings that our own code failed to decide, so that the same error does not repeat each second. */
  dropUndecided(): void {
    this.#undecided = noFindings;
  }

  async execute(command: AlertCommand): Promise<AlertCommandResult> {
    const { answer, book, now } = await this.#options.store.updateBook((stored, now) => {
      const applied = applyCommand(stored ?? { ...emptyBook, begunAt: now }, command, now);
      const next = applied.answer.done ? applied.book : undefined;
      return { next, answer: { ...applied, now } };
    });
    if (!answer.done) return answer;
    this.#book = book;
    const incident = book.incidents.find(({ id }) => 'incident' in command && id === command.incident);
    if (incident !== undefined) {
      const verdict = { notify: true, reason: 'commanded', action: 'edit' } as const;
      this.#reportDecision({ at: now, ...incidentSubject(incident), failures: 0, verdict });
    }
    return answer;
  }

  #reportDecision(decision: Decision): void {
    const { verdict, failures } = decision;
    this.#options.report({ kind: 'decided', isNotified: verdict.notify, reason: verdict.reason, failures });
    this.#options.onDecision?.(decision);
  }
}

const noFindings: SignalFindings = { signals: [], suppressed: [], cleared: [], deploys: [] };

function mergeFindings(undecided: SignalFindings, findings: SignalFindings): SignalFindings {
  return {
    signals: mergeSignals(undecided.signals, findings.signals),
    suppressed: [...undecided.suppressed, ...findings.suppressed],
    cleared: [...undecided.cleared, ...findings.cleared],
    forgotten: [...(undecided.forgotten ?? []), ...(findings.forgotten ?? [])],
    deploys: [...undecided.deploys, ...findings.deploys],
  };
}

/** The failures of an undecided signal are added to its present one. A signal that no longer fires stays if it counts failures. */
function mergeSignals(undecided: readonly Signal[], signals: readonly Signal[]): readonly Signal[] {
  if (undecided.length === 0) return signals;
  const failuresByKey = new Map(undecided.map(({ key, failures }) => [key, failures]));
  const present = new Set(signals.map(({ key }) => key));
  return [
    ...signals.map((signal) => ({ ...signal, failures: signal.failures + (failuresByKey.get(signal.key) ?? 0) })),
    ...undecided.filter(({ key, failures }) => failures > 0 && !present.has(key)),
  ];
}
