/** Stage of a scenario: Celery events through the real pipeline and coordinator, with a virtual clock and a store in memory. */
import assert from 'node:assert/strict';
import type { Decision } from '../../src/alert/decision.ts';
import type { BaselineSnapshot } from '../../src/alert/evidence/evidence.ts';
import type { AlertCommand } from '../../src/alert/incidents/command.ts';
import { matchesEverything } from '../../src/alert/matcher.ts';
import type { Notification } from '../../src/alert/outbox/notification.ts';
import type { Policy } from '../../src/alert/policy.ts';
import { Lifecycle } from '../../src/lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from '../../src/lifecycle/lifecycle-options.ts';
import { type AlertCoordinator, createAlertCoordinator } from '../../src/notify/coordinator.ts';
import { createPipeline, type Pipeline, type Viewer } from '../../src/pipeline.ts';
import { createRedactor } from '../../src/redact/redact.ts';
import type { Notice } from '../../src/report.ts';
import { renderSlack } from '../../src/sink/slack-message/message.ts';
import { decode } from '../../src/source/celery/format.ts';
import { createFallbackStore } from '../../src/store/fallback-store.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { receiverOf } from '../fakes/receiver.ts';
import { defaultRedactOptions } from '../fakes/redact-options.ts';
import type { Action, Script } from './script.ts';

export interface Posted {
  readonly notification: Notification;
  /** All texts of the message, in one line. */
  readonly text: string;
}

export interface Stage {
  /** Lets time pass until `atMs`, counted from the start. */
  passUntil(atMs: number): Promise<void>;
  play(action: Action): Promise<void>;
  takeDecisions(): Decision[];
  readonly posted: readonly Posted[];
}

/** Evaluations are between the full seconds, so that an action at a full second comes before its evaluation. */
const evaluateAtMs = 500;
const heartbeatMs = 5_000;

/** `viewers` receive what the pipeline of the first replica gives. */
export async function createStage(script: Script, viewers: readonly Viewer[] = []): Promise<Stage> {
  const { startAt, workers } = script;
  let { policy } = script;
  let now = startAt;
  let isSlackUnreachable = false;
  let isListening = true;
  let ids = 0;
  const decisions: Decision[] = [];
  const posted: Posted[] = [];
  const alive = new Map<string, number>(workers.map((host) => [host, startAt]));
  const open = new Map<string, { readonly id: string; readonly host: string }[]>();
  const poison = new Map<string, string>();
  const clock = { now: () => now };
  const shared = createMemoryStore(clock);
  await shared.updateBaselines(() => ({ next: snapshotOf(script), answer: undefined }));
  const instances = Array.from({ length: script.replicas }, (_, index) => createInstance(index));

  function createInstance(index: number): { readonly pipeline: Pipeline; readonly alerts: AlertCoordinator } {
    const report = (notice: Notice): void => {
      if (notice.kind === 'bug') throw notice.error;
    };
    const store = createFallbackStore({
      shared,
      isShared: script.replicas > 1,
      clock,
      onAway: (error) => assert.fail(String(error)),
      onBack() {},
    });
    const alerts = createAlertCoordinator({
      policy: (): Policy => policy,
      store,
      clock,
      random: () => 0.5,
      report,
      instance: `replica-${index}`,
      onDecision: (decision) => decisions.push(decision),
      receivers: [
        receiverOf(async (notification) => {
          if (isSlackUnreachable) return { outcome: 'not-delivered', reason: 'away', retryInMs: undefined };
          posted.push({ notification, text: textOf(renderSlack(notification, { links: [] }).blocks) });
          return { outcome: 'delivered', ref: notification.id };
        }),
      ],
    });
    const redactor = createRedactor(defaultRedactOptions);
    const lifecycle = new Lifecycle(defaultLifecycleOptions);
    const pipeline = createPipeline({
      decode,
      redact: (event) => redactor.redact(event),
      lifecycle,
      viewers: [alerts, ...(index === 0 ? viewers : [])],
      report,
    });
    return { pipeline, alerts };
  }

  function emit(type: string, hostname: string, fields: object): void {
    if (!isListening) return;
    const payload = JSON.stringify({ type, hostname, timestamp: now / 1_000, pid: 1, ...fields });
    for (const { pipeline } of instances)
      pipeline.message({ form: 'event-body', payload, receivedAt: now, source: 'scenario' });
  }

  function emitHeartbeat(host: string, type = 'worker-heartbeat'): void {
    const active = [...open.values()].flat().filter((one) => one.host === host).length;
    emit(type, host, { freq: heartbeatMs / 1_000, active, processed: Math.floor((now - startAt) / 1_000) });
  }

  async function second(): Promise<void> {
    now += 1_000;
    if ((now - startAt - evaluateAtMs) % heartbeatMs === 0) for (const host of alive.keys()) emitHeartbeat(host);
    for (const { pipeline, alerts } of instances) {
      pipeline.sweep(now);
      await alerts.tick();
      await alerts.idle();
    }
  }

  async function passUntil(atMs: number): Promise<void> {
    const at = startAt + atMs;
    // The next evaluation is between full seconds again.
    now = Math.floor((now - startAt - evaluateAtMs) / 1_000) * 1_000 + startAt + evaluateAtMs;
    while (now + 1_000 <= at) await second();
    now = Math.max(now, at);
  }

  function runs(action: Extract<Action, { what: 'runs' }>): void {
    const host = action.host ?? workers[0] ?? 'celery@worker-1';
    for (let count = 0; count < action.count; count += 1) runOnce(action, host);
  }

  function runOnce(
    { task: name, end, exception, words, queue }: Extract<Action, { what: 'runs' }>,
    host: string,
  ): void {
    ids += 1;
    const uuid = `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
    const publication = { uuid, name, args: '()', kwargs: '{}', retries: 0, root_id: uuid, parent_id: null };
    if (queue !== undefined) emit('task-sent', 'gen1@web', { ...publication, queue, exchange: '', routing_key: queue });
    emit('task-received', host, publication);
    emit('task-started', host, { uuid });
    if (end === 'success') emit('task-succeeded', host, { uuid, result: 'None', runtime: 0.1 });
    else if (end === 'none') open.set(name, [...(open.get(name) ?? []), { id: uuid, host }]);
    else if (end === 'death') {
      const signal = exception === 'SIGABRT' ? 'signal 6 (SIGABRT)' : 'signal 9 (SIGKILL)';
      emit('task-failed', host, {
        uuid,
        exception: `WorkerLostError('Worker exited prematurely: ${signal}')`,
        traceback: diedOf(signal),
      });
    } else
      emit(end === 'failure' ? 'task-failed' : 'task-retried', host, {
        uuid,
        exception: `${exception}('${words}')`,
        traceback: tracebackOf(name, exception, words),
      });
  }

  async function execute(make: (incident: string) => AlertCommand): Promise<void> {
    const { alerts } = instances[0]!;
    const incident = alerts.book().incidents.findLast(({ phase, rev }) => phase.name === 'open' && rev > 0);
    assert.ok(incident !== undefined, 'there is no open incident to press a button of');
    await alerts.execute(make(incident.id));
  }

  return {
    posted,
    passUntil,
    takeDecisions: () => decisions.splice(0),
    async play(action) {
      const { alerts } = instances[0]!;
      switch (action.what) {
        case 'pass':
          return;
        case 'runs':
          runs(action);
          return;
        case 'finish':
          for (const { id, host } of open.get(action.task) ?? [])
            emit('task-succeeded', host, { uuid: id, result: 'None', runtime: 1 });
          open.delete(action.task);
          return;
        case 'redelivered': {
          ids += 1;
          const uuid = poison.get(action.task) ?? `10000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
          poison.set(action.task, uuid);
          const host = action.host ?? workers[0] ?? 'celery@worker-1';
          emit('task-received', host, { uuid, name: action.task, args: '()', kwargs: '{}', retries: 0, root_id: uuid });
          emit('task-started', host, { uuid });
          emit('task-rejected', host, { uuid, requeue: true });
          return;
        }
        case 'worker':
          if (action.change === 'online') {
            alive.set(action.host, now);
            emitHeartbeat(action.host, 'worker-online');
            return;
          }
          if (action.change === 'offline') emitHeartbeat(action.host, 'worker-offline');
          alive.delete(action.host);
          return;
        case 'all-silent':
          isListening = !action.isSilent;
          return;
        case 'depth':
          for (const instance of instances) instance.alerts.depth(action.queue, action.length);
          return;
        case 'deploy':
          await alerts.execute({ what: 'deploy', deploy: { version: action.version, at: now, pools: action.pools } });
          return;
        case 'press':
          await execute((incident) => ({ what: action.button, incident, by: action.by }));
          return;
        case 'snooze':
          await execute((incident) => ({ what: 'snooze', incident, by: action.by, until: action.until }));
          return;
        case 'silence': {
          const match = { ...matchesEverything, tasks: [action.task] };
          await alerts.execute({
            what: 'silence',
            silence: { id: `silence-${action.task}`, match, until: action.until, reason: 'scenario', by: action.by },
          });
          return;
        }
        case 'slack':
          isSlackUnreachable = action.isUnreachable;
          return;
        case 'policy':
          policy = action.policy;
          return;
        default:
          action satisfies never;
      }
    },
  };
}

/** Baselines at the start. */
function snapshotOf({ startAt, watchedMs, baselines }: Script): BaselineSnapshot {
  const hour = Math.floor(startAt / 3_600_000);
  const hours = Array.from({ length: Math.min(24, watchedMs / 3_600_000) }, (_, index) => hour - 1 - index);
  const tasks = baselines.map(({ task, perHour }): BaselineSnapshot['tasks'][number] => [
    task,
    { runs: hours.map((at) => [at, perHour] as const), failed: [], retried: [], runTimes: [] },
  ]);
  return { since: startAt - watchedMs, causes: [], tasks };
}

/** Every text in the blocks, in order. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (typeof value !== 'object' || value === null) return '';
  const { text, ...rest } = value as { text?: unknown };
  return `${typeof text === 'string' ? text : textOf(text)}${Object.values(rest).map(textOf).join('')}`;
}

function diedOf(signal: string): string {
  return [
    'Traceback (most recent call last):',
    '  File "/venv/billiard/pool.py", line 1265, in mark_as_worker_lost',
    '    raise WorkerLostError(',
    `billiard.exceptions.WorkerLostError: Worker exited prematurely: ${signal} Job: 1.`,
    '',
  ].join('\n');
}

function tracebackOf(name: string, exception: string, words: string): string {
  const fn = name.split('.').at(-1) ?? name;
  const file = name.split('.').slice(0, -1).join('/');
  return [
    'Traceback (most recent call last):',
    `  File "/app/${file}.py", line 12, in ${fn}`,
    '    work()',
    `${exception}: ${words}`,
    '',
  ].join('\n');
}
