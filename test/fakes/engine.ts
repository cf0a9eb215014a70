/** The alert engine and the book under a virtual clock, without a pipeline: observations in, decisions out. */

import type { Decision } from '../../src/alert/decision.ts';
import { defaultPolicy } from '../../src/alert/default-policy.ts';
import { createAlertEngine } from '../../src/alert/engine/engine.ts';
import type { Observation, ObservedFailure } from '../../src/alert/evidence/observation.ts';
import { type Book, emptyBook, type Incident } from '../../src/alert/incident.ts';
import { applyCommand } from '../../src/alert/incidents/apply-command.ts';
import type { AlertCommand } from '../../src/alert/incidents/command.ts';
import { decide } from '../../src/alert/incidents/decide.ts';
import type { Policy } from '../../src/alert/policy.ts';
import { type Delivered, isAnnounced } from '../../src/alert/receipts.ts';
import type { SignalFindings } from '../../src/alert/signal.ts';
import type { Fingerprint, Hostname, TaskId } from '../../src/event/ids.ts';
import type { Redacted } from '../../src/event/untrusted.ts';

/** 10:00 on a Tuesday, UTC. */
export const tuesday = Date.UTC(2026, 10, 24, 10);

export interface FailureFacts {
  readonly task?: string;
  readonly cause?: string;
  readonly exception?: string;
  readonly host?: string;
  readonly died?: boolean;
  readonly class?: ObservedFailure['class'];
}

export interface Bench {
  readonly decisions: Decision[];
  book(): Book;
  now(): number;
  /** In milliseconds since the start. */
  at(): number;
  saw(observation: Observation): void;
  fail(facts?: FailureFacts): void;
  succeed(task?: string, host?: string): void;
  /** Looks and decides now; what is wanted in the channel is there at the next look. */
  look(): SignalFindings;
  /** Lets time pass, with a look each `stepMs`. */
  pass(ms: number, stepMs?: number): void;
  execute(command: AlertCommand): void;
  incident(): Incident | undefined;
  /** `opened failures.new`: reason and signal of each notification. */
  told(): string[];
}

/** `watchedMs`: how long what is usual has been watched before. */
export function createBench(given: Partial<Policy> = {}, watchedMs = 86_400_000): Bench {
  const policy = { ...defaultPolicy('#alerts'), ...given };
  const engine = createAlertEngine(() => policy);
  engine.restore({ since: tuesday - watchedMs, causes: [], tasks: [] });
  let now = tuesday;
  let ids = 0;
  let book: Book = emptyBook;
  const decisions: Decision[] = [];

  function delivered(): Delivered[] {
    return book.incidents
      .filter((incident) => incident.rev > 0 && (incident.hidden === undefined || isAnnounced(incident)))
      .map(({ id, rev }) => ({ receiver: 'slack', id, rev, ref: id }));
  }

  const bench: Bench = {
    decisions,
    book: () => book,
    now: () => now,
    at: () => now - tuesday,
    saw: (observation) => engine.observe(observation),
    fail({
      task = 'billing.charge',
      cause = 'a',
      exception = 'KeyError',
      host = 'celery@pay-1',
      died = false,
      class: kind = 'bug',
    } = {}) {
      ids += 1;
      engine.observe({ kind: 'event', at: now });
      const failure: ObservedFailure = {
        id: `failure-${ids}`,
        fingerprint: `${task}-${cause}` as Fingerprint,
        task: task as Redacted,
        queue: undefined,
        host: host as Hostname,
        title: `${exception}: it is so` as Redacted,
        exception: died ? 'WorkerLostError' : exception,
        class: died ? 'resource' : kind,
        cause: died ? 'worker-lost' : 'app-error',
        isExhausted: false,
        taskId: `task-${ids}` as TaskId,
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      };
      engine.observe({ kind: 'failed', at: now, failure });
    },
    succeed(task = 'billing.charge', host = 'celery@pay-1') {
      ids += 1;
      engine.observe({ kind: 'event', at: now });
      engine.observe({
        kind: 'attempt-ended',
        at: now,
        attempt: `attempt-${ids}`,
        taskId: `task-${ids}` as TaskId,
        retries: 0,
        task,
        queue: undefined,
        host: host as Hostname,
        outcome: 'succeeded',
        runtimeMs: 100,
        retry: undefined,
      });
    },
    look() {
      const seen = engine.evaluate(book, now);
      const step = decide(book, policy, {
        now,
        findings: seen,
        receivers: ['slack'],
        delivered: delivered(),
        canJudgeAbsence: engine.canJudgeAbsence(now),
      });
      book = step.book;
      decisions.push(...step.decisions);
      return seen;
    },
    pass(ms, stepMs = 1_000) {
      const until = now + ms;
      while (now < until) {
        now = Math.min(until, now + stepMs);
        engine.observe({ kind: 'event', at: now });
        bench.look();
      }
    },
    execute(command) {
      book = applyCommand(book, command, now).book;
    },
    incident: () => book.incidents.at(-1),
    told: () =>
      decisions.filter(({ verdict }) => verdict.notify).map(({ verdict, signal }) => `${verdict.reason} ${signal}`),
  };
  return bench;
}
