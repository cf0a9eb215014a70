/**
 * What passes in, Slack messages out: feeds the engine, keeps the book of incidents with the other instances, and sees to it
 * that what the book says ought to be shown is shown, by one of them.
 *
 *   event, transition, failure, gap ─▶ engine ─tick▶ look ─▶ store.updateBook(decide) ─▶ decisions
 *                                                            store.updateLedger(claim) ─▶ deliver ─▶ store.updateLedger(settle)
 *
 * The daemon calls `tick` once a second, and at once when a critical task fails. Nothing here waits for Slack but the delivery
 * itself, in the background.
 */

import type { Decision } from '../alert/decision.ts';
import type { Observation } from '../alert/evidence/observation.ts';
import { observeEvent, observeFailure, observeTransition } from '../alert/evidence/observe.ts';
import { type Book, emptyBook, type MessageRef } from '../alert/incident.ts';
import { applyCommand } from '../alert/incidents/apply-command.ts';
import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import { type DecideInput, type DeliveredRevision, decide } from '../alert/incidents/decide.ts';
import { withReplica } from '../alert/incidents/replicas.ts';
import { canDeliverDegraded } from '../alert/outbox/degraded-mode.ts';
import {
  dueAt,
  emptyLedger,
  idOf,
  type Ledger,
  type NextAction,
  nextActionOf,
  type Postable,
} from '../alert/outbox/ledger.ts';
import { type ClaimedDelivery, claimDelivery, leaseMs } from '../alert/outbox/outbox.ts';
import { isDelivered, ledgerOf, owedOf, postables, stateOf, unsure } from '../alert/outbox/postable.ts';
import { createRetryPriority } from '../alert/outbox/retry-priority.ts';
import { type Policy, taskPolicyOf } from '../alert/policy.ts';
import type { Signal } from '../alert/signal.ts';
import type { SignalFindings } from '../alert/signals/detector.ts';
import { createAlertEngine, mergeSnapshots } from '../alert/signals/engine.ts';
import type { Millis } from '../event/ids.ts';
import type { Event } from '../event/task-event.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Failure } from '../failure/failure.ts';
import type { Transition } from '../lifecycle/transition.ts';
import { errorName, type Report } from '../report.ts';
import type { SteadyStore } from '../store/steady.ts';
import type { Change } from '../store/store.ts';
import { createAlertDeliveries, type Deliver } from './deliveries.ts';
import { createObservationRelay } from './observation-relay.ts';

export interface AlertCoordinatorOptions {
  /** Asked at each look, so that a changed policy applies without a restart. */
  readonly policy: () => Policy;
  readonly store: SteadyStore;
  readonly clock: { readonly now: () => Millis };
  /** 0 .. 1, for the jitter of the back-off. */
  readonly random: () => number;
  readonly report: Report;
  /** Told of every decision, notify or not, with its reason. */
  readonly onDecision?: (decision: Decision) => void;
  /** Told before it has any effect. */
  readonly onInput?: (input: AlertInput) => void;
  /** False: it looks when `tick` says so and at no other time, as a recording did. */
  readonly looksByItself?: boolean;
  readonly deliver: Deliver;
  /** Removes a message that turned out to be posted twice. */
  readonly retract?: (message: MessageRef) => Promise<void>;
  /** Unique among all instances and their restarts, e.g. pod name and start time. */
  readonly instance: string;
  /** Whether this instance decides: all that hear everything do; of those that hear their own workers only, one. */
  readonly decides?: () => boolean;
}

/** What decisions depend on beside what passes through the pipeline, for a recording of it. */
export type AlertInput =
  /** Everything is looked at, now. */
  | { readonly kind: 'look' }
  | { readonly kind: 'depth'; readonly queue: string; readonly length: number }
  | { readonly kind: 'command'; readonly command: AlertCommand };

export interface AlertCoordinator {
  event(event: Event<Redacted>): void;
  transition(transition: Transition): void;
  failure(failure: Failure): void;
  gap(gap: { readonly from: Millis; readonly to: Millis }): void;
  /** Messages waiting in the broker. */
  depth(queue: string, length: number): void;
  /** Looks, decides and begins deliveries. While one tick runs a second call joins it. */
  tick(): Promise<void>;
  /** Does what a person asks for, now. */
  execute(command: AlertCommand): Promise<AlertCommandResult>;
  /** The book as last seen. */
  book(): Book;
  /** Resolves when no delivery is under way. */
  idle(): Promise<void>;
  /** Looks a last time, ends deliveries under way, writes down what is usual; answers how many messages are still owed. */
  stop(): Promise<number>;
}

const memoryEveryMs = 60_000;
/** Two clocks that differ by less are one clock. */
const offsetLeastMs = 500;
const looksMax = 10_000;

interface Look {
  /** What was wanted when nothing more was owed, or when it was claimed. */
  readonly state: string;
  readonly at: Millis;
  /** Its first message could not be posted so far. */
  readonly isFailing: boolean;
}

export function createAlertCoordinator(options: AlertCoordinatorOptions): AlertCoordinator {
  const { store, clock, report, policy, instance } = options;
  const decides = options.decides ?? (() => true);
  const looksByItself = options.looksByItself ?? true;
  const engine = createAlertEngine(policy);
  const sharing = createObservationRelay((count) =>
    report({ kind: 'items-dropped', queue: 'alerts', reason: 'full', count }),
  );
  const looks = new Map<string, Look>();
  const { deliver, retract, random } = options;
  const deliveries = createAlertDeliveries({
    update: updateLedger,
    deliver,
    retract,
    random,
    report,
    onBooked(id, ledger) {
      if (ledger.root !== undefined || ledger.shown > 0) shown.push({ id, rev: ledger.shown, root: ledger.root });
      looks.delete(id);
    },
  });
  /** The store's clock less ours. */
  let offset = 0;
  let book: Book = emptyBook;
  let shown: DeliveredRevision[] = [];
  let seen: SignalFindings = nothingSeen;
  let claims = 0;
  let memoryAt = Number.NEGATIVE_INFINITY;
  let ticking: Promise<void> | undefined;
  let isUrgent = false;
  /** As of the last tick: asked for every event. */
  let isDeciding = false;
  let isStopped = false;

  const now = (): Millis => clock.now() + offset;

  const saw = (observation: Observation): void => {
    if (isDeciding) engine.observe(observation);
    else sharing.add(observation);
  };

  async function run(): Promise<void> {
    isDeciding = decides();
    if (!isDeciding) {
      await sharing.send((batch) => store.share(batch));
      return;
    }
    for (const one of sharing.take()) engine.observe(one);
    for (const batch of await store.takeShared().catch(() => []))
      for (const one of sharing.read(batch)) engine.observe(one);
    await remember();
    await decideNow();
    await deliverDue();
  }

  /** What is usual is read at the start and written down once a minute. */
  async function remember(): Promise<void> {
    if (clock.now() - memoryAt < memoryEveryMs) return;
    memoryAt = clock.now();
    try {
      const memory = await store.updateBaselines((stored) => {
        const ours = engine.snapshot();
        const next = ours === undefined ? stored : mergeSnapshots(stored, ours);
        return { next, answer: next };
      });
      if (memory !== undefined) engine.restore(memory);
    } catch (error) {
      report({
        kind: 'delivery-failed',
        sink: 'store',
        reason: errorName(error),
        count: 1,
        willRetry: true,
      });
    }
  }

  async function decideNow(): Promise<void> {
    options.onInput?.({ kind: 'look' });
    const found = engine.evaluate(book, now());
    // What could not be told in the last tick is told in this one.
    seen = {
      signals: withFailuresOf(seen.signals, found.signals),
      suppressed: [...seen.suppressed, ...found.suppressed],
      cleared: [...seen.cleared, ...found.cleared],
      deploys: [...seen.deploys, ...found.deploys],
    };
    const told = shown;
    const step = await store.updateBook((stored, at) => {
      const base = stored ?? { ...emptyBook, begunAt: at };
      const input: DecideInput = {
        now: at,
        findings: seen,
        delivered: told,
        canJudgeAbsence: engine.canJudgeAbsence(now()),
      };
      const decided = decide(base, policy(), input);
      const own = { instance, policy: policy().hash };
      const next = withReplica(decided.book, own, at, store.awaySince() !== undefined);
      return {
        next: next === stored ? undefined : next,
        answer: { ...decided, book: next, ahead: at - clock.now() },
      };
    });
    if (Math.abs(step.ahead - offset) >= offsetLeastMs) offset = step.ahead;
    book = step.book;
    seen = nothingSeen;
    shown = shown.slice(told.length);
    for (const error of step.bugs) report({ kind: 'bug', where: 'alerts', error });
    for (const decision of step.decisions) tellDecision(decision);
  }

  function tellDecision(decision: Decision): void {
    const { verdict, failures } = decision;
    report({ kind: 'decided', isNotified: verdict.notify, reason: verdict.reason, failures });
    options.onDecision?.(decision);
  }

  async function deliverDue(): Promise<void> {
    const turns = createRetryPriority();
    for (const about of postables(book)) {
      if (isStopped || !deliveries.hasRoom()) return;
      const id = idOf(about);
      const state = stateOf(about);
      const look = looks.get(id);
      if (look === undefined ? isDelivered(about) : look.state === state && now() < look.at) {
        if (look?.isFailing === true) turns.wait(about);
        continue;
      }
      if (look?.isFailing === true && turns.isBefore(about, now() - look.at)) continue;
      if (!mayDeliver(about, undefined)) continue;
      await claim(about, id, state);
    }
  }

  /** Asked again inside the claim: the store may go away just then. */
  function mayDeliver(about: Postable, wanted: NextAction | undefined): boolean {
    const awaySince = store.awaySince();
    const untold = awaySince === undefined ? 0 : shown.length + deliveries.count();
    return canDeliverDegraded(about, { wanted, untold, book, instance, policy: policy(), awaySince, now: clock.now() });
  }

  async function claim(about: Postable, id: string, state: string): Promise<void> {
    const startedAt = clock.now();
    claims += 1;
    const by = `${instance}/${claims}`;
    const { sending, at, ledger } = await updateLedger<Claimed>(
      id,
      (stored, at) => {
        const known = ledgerOf(about, stored, book);
        if (!mayDeliver(about, nextActionOf(about, known)))
          return { next: undefined, answer: { sending: undefined, at, ledger: known } };
        const isAlone = store.awaySince() !== undefined;
        const claimed = claimDelivery(about, isAlone ? unsure(known, about) : known, by, at);
        return {
          next: claimed?.next,
          answer: { sending: claimed?.sending, at: dueAt(about, claimed?.next ?? known), ledger: known },
        };
      },
      { sending: undefined, at: now() + leaseMs, ledger: emptyLedger },
    );
    looks.delete(id);
    looks.set(id, { state, at, isFailing: ledger.root === undefined && ledger.failures > 0 });
    const oldest = looks.size > looksMax ? looks.keys().next().value : undefined;
    if (oldest !== undefined) looks.delete(oldest);
    if (sending !== undefined) deliveries.begin(id, sending, startedAt);
    else if (ledger.shown > 0) shown.push({ id, rev: ledger.shown, root: ledger.root });
  }

  /** A bug costs what it was about, and is told; it must not look like a store that is away. */
  async function updateLedger<Answer>(id: string, change: Change<Ledger, Answer>, onBug: Answer): Promise<Answer> {
    let bug: unknown;
    const answer = await store.updateLedger(id, (ledger, at) => {
      try {
        return change(ledger, at);
      } catch (error) {
        bug = error;
        return { next: undefined, answer: onBug };
      }
    });
    if (bug !== undefined) report({ kind: 'bug', where: 'alerts', error: bug });
    return answer;
  }

  function tick(): Promise<void> {
    ticking ??= run()
      .catch((error: unknown) => {
        seen = nothingSeen;
        report({ kind: 'bug', where: 'alerts.tick', error });
      })
      .finally(() => {
        ticking = undefined;
        if (!isUrgent || isStopped) return;
        isUrgent = false;
        void tick();
      });
    return ticking;
  }

  return {
    event(event) {
      const at = now();
      if (isDeciding) engine.noteEvent(at);
      else sharing.heard(at);
      observeEvent(event, at, saw);
    },
    transition: (transition) => observeTransition(transition, now(), saw),
    failure(failure) {
      observeFailure(failure, now(), saw);
      if (!looksByItself || isStopped) return;
      if (taskPolicyOf(policy(), failure.task.name)?.severity !== 'critical') return;
      isUrgent = true;
      if (ticking === undefined) void tick();
    },
    gap: ({ from, to }) => saw({ kind: 'gap', at: now(), from: from + offset, to: to + offset }),
    depth(queue, length) {
      options.onInput?.({ kind: 'depth', queue, length });
      saw({ kind: 'depth', at: now(), queue, length });
    },
    tick,
    async execute(command) {
      options.onInput?.({ kind: 'command', command });
      const { answer, next, at } = await store.updateBook((stored, at) => {
        const acted = applyCommand(stored ?? { ...emptyBook, begunAt: at }, command, at);
        return {
          next: acted.answer.done ? acted.book : undefined,
          answer: { answer: acted.answer, next: acted.book, at },
        };
      });
      if (answer.done) {
        book = next;
        for (const decision of commandedBy(command, book, at)) tellDecision(decision);
        if (looksByItself) void tick();
      }
      return answer;
    },
    book: () => book,
    idle: deliveries.idle,
    async stop() {
      await ticking;
      await tick();
      isStopped = true;
      await deliveries.idle();
      memoryAt = Number.NEGATIVE_INFINITY;
      if (decides()) await remember();
      const done = new Map(shown.map(({ id, rev }) => [id, rev]));
      const owed = postables(book).filter((about) => owedOf(about, done) > 0);
      // What others can post is not lost.
      return store.awaySince() === undefined && options.store.isShared ? 0 : owed.length;
    },
  };
}

/** What a person's command changed of an incident, for the record. */
function commandedBy(command: AlertCommand, book: Book, at: Millis): Decision[] {
  if (!('incident' in command)) return [];
  const incident = book.incidents.find(({ id }) => id === command.incident);
  const first = incident?.keys[0];
  if (incident === undefined || first === undefined) return [];
  const { tasks, exceptions } = incident.subject;
  return [
    {
      at,
      signal: first.signal,
      key: first.key,
      incident: incident.id,
      task: tasks[0],
      exception: exceptions[0],
      figures: first.figures,
      failures: 0,
      verdict: { notify: true, reason: 'commanded', action: 'edit' },
    },
  ];
}

/** Signals that could not be told: what they speak of is spoken of by what holds now. */
function withFailuresOf(untold: readonly Signal[], signals: readonly Signal[]): readonly Signal[] {
  if (untold.length === 0) return signals;
  const owed = new Map(untold.map(({ key, failures }) => [key, failures]));
  const gone = untold.filter(({ key, failures }) => failures > 0 && !signals.some((signal) => signal.key === key));
  return [
    ...signals.map((signal) => ({ ...signal, failures: signal.failures + (owed.get(signal.key) ?? 0) })),
    ...gone,
  ];
}

const nothingSeen: SignalFindings = { signals: [], suppressed: [], cleared: [], deploys: [] };

interface Claimed {
  readonly sending: ClaimedDelivery | undefined;
  readonly at: Millis;
  readonly ledger: Ledger;
}
