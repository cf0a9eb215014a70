/**
 * From what the pipeline reports to delivered messages: feeds the alert engine, keeps the book of incidents together with the
 * other instances, and lets one of them deliver to each receiver what the book asks for.
 *
 *   event, transition, failure, gap ─▶ engine ─tick▶ signals ─▶ book (alert-book.ts) ─▶ decisions
 *                                                                └▶ one delivery loop per receiver (delivery-loop.ts)
 *
 * The daemon calls `tick` once a second; a critical failure ticks at once. Nothing here waits for a receiver but the deliveries
 * themselves, in the background.
 */
import type { Decision } from '../alert/decision.ts';
import { createAlertEngine } from '../alert/engine/engine.ts';
import type { Observation } from '../alert/evidence/observation.ts';
import { observeEvent, observeFailure, observeTransition } from '../alert/evidence/observe.ts';
import type { Book } from '../alert/incident.ts';
import type { AlertCommand, AlertCommandResult } from '../alert/incidents/command.ts';
import { type Policy, taskPolicyOf } from '../alert/policy.ts';
import type { Millis } from '../event/ids.ts';
import type { Event } from '../event/task-event.ts';
import type { Redacted } from '../event/untrusted.ts';
import type { Failure } from '../failure/failure.ts';
import type { Transition } from '../lifecycle/transition.ts';
import type { Report } from '../report.ts';
import type { FallbackStore } from '../store/fallback-store.ts';
import { AlertBook } from './alert-book.ts';
import type { AlertInput } from './alert-input.ts';
import { BaselineSync } from './baseline-sync.ts';
import { DeliveryLoop } from './delivery-loop.ts';
import { EvidenceKeeper } from './evidence-keeper.ts';
import { createObservationRelay } from './observation-relay.ts';
import type { Receiver } from './receiver.ts';

export interface AlertCoordinatorOptions {
  /** Read at each evaluation, so that a changed policy applies without a restart. */
  readonly policy: () => Policy;
  readonly store: FallbackStore;
  readonly clock: { readonly now: () => Millis };
  /** 0 .. 1, for the jitter of the back-off. */
  readonly random: () => number;
  readonly report: Report;
  /** Called for every decision, notify or not, with its reason. */
  readonly onDecision?: (decision: Decision) => void;
  /** Called before the input has any effect. */
  readonly onInput?: (input: AlertInput) => void;
  /** False: evaluates only when `tick` is called, as a replay of a recording needs. */
  readonly ticksByItself?: boolean;
  /** At least one, each with a name of its own. */
  readonly receivers: readonly Receiver[];
  /** Unique among all instances and their restarts, e.g. pod name and start time. */
  readonly instance: string;
  /** True if this instance decides. Of sidecars, which receive events of their own workers only, one decides for all. */
  readonly decides?: () => boolean;
  /** True if this instance saves its evidence for its successor; so does one of the instances that decide. */
  readonly savesEvidence?: () => boolean;
  /** Longest text of saved evidence, in characters. */
  readonly evidenceCharsMax?: number;
}

/** An interval in which events could not be received. */
interface MissedInterval {
  readonly from: Millis;
  readonly to: Millis;
  /** True if the recording that is played does not cover it. */
  readonly isUnrecorded?: boolean;
}

export interface AlertCoordinator {
  event(event: Event<Redacted>): void;
  transition(transition: Transition): void;
  failure(failure: Failure): void;
  gap(gap: MissedInterval): void;
  /** Messages waiting in the broker. */
  depth(queue: string, length: number): void;
  /** Evaluates, decides and starts deliveries. A call during a tick joins it. Never rejects. */
  tick(): Promise<void>;
  /** Executes a person's command now. */
  execute(command: AlertCommand): Promise<AlertCommandResult>;
  /** The book after this instance's last change. */
  book(): Book;
  /** Resolves when no delivery is in progress. */
  idle(): Promise<void>;
  /** Ticks a last time, ends deliveries in progress, saves baselines. Resolves to the number of undelivered messages. */
  stop(): Promise<number>;
}

export function createAlertCoordinator(options: AlertCoordinatorOptions): AlertCoordinator {
  const { policy, onInput, decides = () => true, ticksByItself = true } = options;
  const parts = createParts(options);
  const { engine, relay, keeper, book, baselines, loops } = parts;
  /** As of the last tick, because it is needed for every event. */
  let isDeciding = false;
  const ticker = new Ticker({
    run: async () => {
      const decidesNow = decides();
      // Until the evidence is loaded, observations wait in the relay.
      if (decidesNow && !isDeciding) await keeper.load();
      isDeciding = decidesNow;
      if (isDeciding) await runTick(parts, onInput);
      else await relay.send((batch) => options.store.share(batch));
    },
    onError(error) {
      book.dropUndecided();
      options.report({ kind: 'bug', where: 'alerts.tick', error });
    },
  });
  const observe = (observation: Observation): void => {
    if (isDeciding) parts.observe(observation);
    else relay.add(observation);
  };
  return {
    event(event) {
      const at = book.now();
      if (isDeciding) engine.noteEvent(at);
      else relay.noteEvent(at);
      observeEvent(event, at, observe);
    },
    transition: (transition) => observeTransition(transition, book.now(), observe),
    failure(failure) {
      observeFailure(failure, book.now(), observe);
      const isUrgent = taskPolicyOf(policy(), failure.task.name)?.severity === 'critical';
      if (ticksByItself && isUrgent) ticker.tickSoon();
    },
    gap({ from, to, isUnrecorded }) {
      const at = book.now();
      observe({ kind: 'gap', at, from: book.toStoreTime(from), to: book.toStoreTime(to), isUnrecorded });
    },
    depth(queue, length) {
      onInput?.({ kind: 'depth', queue, length });
      observe({ kind: 'depth', at: book.now(), queue, length });
    },
    tick: () => ticker.tick(),
    async execute(command) {
      onInput?.({ kind: 'command', command });
      const answer = await book.execute(command);
      if (answer.done && ticksByItself) void ticker.tick();
      return answer;
    },
    book: () => book.current,
    idle: async () => void (await Promise.all(loops.map((loop) => loop.idle()))),
    async stop() {
      await ticker.stop();
      await Promise.all(loops.map((loop) => loop.stop()));
      if (decides()) await Promise.all([baselines.run(), keeper.save(book.now())]);
      return undeliveredCount(options, parts);
    },
  };
}

type Parts = ReturnType<typeof createParts>;

/** A thousand causes, or a few hundred busy tasks. */
const evidenceCharsDefault = 1_000_000;

function createParts(options: AlertCoordinatorOptions) {
  const { report, policy, receivers } = options;
  const { savesEvidence = () => true, evidenceCharsMax = evidenceCharsDefault } = options;
  const engine = createAlertEngine(policy);
  let listeningSince: Millis | undefined;
  const book = new AlertBook({ ...options, receivers: receivers.map(({ name }) => name) });
  const keeper = new EvidenceKeeper({
    ...options,
    isSaving: savesEvidence,
    save: () => engine.save(book.now(), evidenceCharsMax),
    load: (text) => engine.load(text, listeningSince ?? book.now()),
    observe: (observation) => engine.observe(observation),
  });
  return {
    engine,
    keeper,
    observe(observation: Observation) {
      listeningSince ??= observation.at;
      keeper.noteChange(observation);
      engine.observe(observation);
    },
    relay: createObservationRelay((count) => report({ kind: 'items-dropped', queue: 'alerts', reason: 'full', count })),
    book,
    baselines: new BaselineSync({
      ...options,
      snapshot: () => engine.snapshot(),
      restore: (one) => engine.restore(one),
    }),
    loops: receivers.map((receiver) => new DeliveryLoop({ ...options, receiver })),
    store: options.store,
  };
}

/** One tick of an instance that decides. */
async function runTick(
  { engine, observe, relay, keeper, book, baselines, loops, store }: Parts,
  onInput: AlertCoordinatorOptions['onInput'],
): Promise<void> {
  await keeper.followSaver();
  for (const observation of relay.take()) observe(observation);
  for (const batch of await store.takeShared().catch(() => []))
    for (const observation of relay.read(batch)) observe(observation);
  await baselines.runIfDue();
  onInput?.({ kind: 'look' });
  const findings = engine.evaluate(book.current, book.now());
  const unrecorded = loops.map((loop) => loop.unrecorded());
  await book.decide({ findings, delivered: unrecorded.flat(), canJudgeAbsence: engine.canJudgeAbsence(book.now()) });
  await keeper.saveIfDue(book.now());
  for (const [index, loop] of loops.entries()) loop.recorded(unrecorded[index]?.length ?? 0);
  for (const loop of loops) await loop.deliverDue(book.current, () => book.now());
}

/** 0 where another instance can deliver the rest. */
function undeliveredCount({ store }: AlertCoordinatorOptions, { loops, book }: Parts): number {
  if (store.isShared && store.awaySince() === undefined) return 0;
  return loops.reduce((sum, loop) => sum + loop.undeliveredCount(book.current), 0);
}

/** Runs ticks one after the other. */
class Ticker {
  readonly #run: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #current: Promise<void> | undefined;
  #isUrgent = false;
  #isStopped = false;

  constructor({ run, onError }: { readonly run: () => Promise<void>; readonly onError: (error: unknown) => void }) {
    this.#run = run;
    this.#onError = onError;
  }

  /** A call during a tick joins it. */
  tick(): Promise<void> {
    this.#current ??= this.#run()
      .catch(this.#onError)
      .finally(() => {
        this.#current = undefined;
        if (!this.#isUrgent || this.#isStopped) return;
        this.#isUrgent = false;
        void this.tick();
      });
    return this.#current;
  }

  /** Ticks now, or again right after the current tick, which may have evaluated already. */
  tickSoon(): void {
    if (this.#isStopped) return;
    this.#isUrgent = true;
    if (this.#current === undefined) void this.tick();
  }

  /** Ends with one tick of its own. */
  async stop(): Promise<void> {
    await this.#current;
    await this.tick();
    this.#isStopped = true;
  }
}
