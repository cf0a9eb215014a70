import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultRedactOptions } from '../test/fakes/redact-options.ts';
import { heartbeatAt } from '../test/fakes/task-story.ts';
import { parseHostname, type TaskId } from './event/ids.ts';
import type { Event } from './event/task-event.ts';
import { type Redacted, Untrusted } from './event/untrusted.ts';
import { Lifecycle } from './lifecycle/lifecycle.ts';
import { defaultLifecycleOptions } from './lifecycle/lifecycle-options.ts';
import { createPipeline, type PipelineInput, type Stages, type Viewer } from './pipeline.ts';
import { createRedactor } from './redact/redact.ts';
import type { Notice } from './report.ts';
import { celeryFormat } from './source/celery/format.ts';
import type { Decoded, Message } from './source/source.ts';

const at = 1_800_000_000_000;

function taskEvent(fields: object): Event<Untrusted> {
  const common = { id: 'a' as TaskId, hostname: parseHostname('w@pod-1'), pid: 1, at, receivedAt: at };
  return { ...common, type: 'task-started', ...fields } as Event<Untrusted>;
}

const failed = taskEvent({
  type: 'task-failed',
  at: at + 1,
  exception: new Untrusted("Oops('no')"),
  traceback: undefined,
});

function message(payload: string): Message {
  return { source: 'celery', receivedAt: at, payload, form: 'test' };
}

/** A pipeline that logs every call to a viewer and every notice. */
function stage(more: Partial<Stages> = {}, viewer: Viewer = {}) {
  const log: string[] = [];
  const notices: Notice[] = [];
  const inputs: PipelineInput[] = [];
  const redactor = createRedactor(defaultRedactOptions);
  const viewerOf = (name: string): Viewer => ({
    event: (event) => log.push(`${name} event ${event.type}`),
    transition: ({ kind }) => log.push(`${name} ${kind}`),
    failure: ({ title }) => log.push(`${name} failure ${title}`),
    worker: ({ kind }) => log.push(`${name} ${kind}`),
    gap: ({ cause }) => log.push(`${name} gap ${cause}`),
  });
  const pipeline = createPipeline({
    decode: ({ payload }) => JSON.parse(payload) as readonly Decoded[],
    redact: (event) => redactor.redact(event),
    lifecycle: new Lifecycle(defaultLifecycleOptions),
    viewers: [viewerOf('first'), viewer, viewerOf('second')],
    report: (notice) => notices.push(notice),
    tap: (input) => inputs.push(input),
    ...more,
  });
  return { pipeline, log, notices, inputs };
}

describe('an event', () => {
  test('reaches every viewer in order, and its transitions follow in a sweep', () => {
    const { pipeline, log } = stage();
    pipeline.decoded({ ok: true, event: taskEvent({}) }, 'celery');
    pipeline.decoded({ ok: true, event: failed }, 'celery');
    assert.deepEqual(log.splice(0), [
      'first event task-started',
      'second event task-started',
      'first event task-failed',
      'second event task-failed',
    ]);
    pipeline.sweep(at + 10_000);
    const failure = log.indexOf('first failure Oops: no');
    assert.ok(failure > log.lastIndexOf('second attempt-ended'), 'a failure follows the transition of all viewers');
    assert.equal(log[failure + 1], 'second failure Oops: no');
  });

  test('is redacted before any viewer receives it', () => {
    const texts: unknown[] = [];
    const redact = (event: Event<Untrusted>) => ({ ...event, exception: 'hidden' }) as unknown as Event<Redacted>;
    const { pipeline } = stage({ redact }, { event: (event) => texts.push('exception' in event && event.exception) });
    pipeline.decoded({ ok: true, event: failed }, 'celery');
    assert.deepEqual(texts, ['hidden']);
  });

  test('of a host that another instance owns is rejected and counted', () => {
    const { pipeline, log, notices } = stage({ accepts: (hostname) => hostname.endsWith('@pod-2') });
    pipeline.decoded({ ok: true, event: failed }, 'celery');
    assert.deepEqual([log, notices], [[], [{ kind: 'message-rejected', source: 'celery', reason: 'foreign-host' }]]);
  });

  test('is counted by type and source, and reported with the next sweep or the next source', () => {
    const { pipeline, notices } = stage();
    const counts = () =>
      notices.splice(0).flatMap((one) => (one.kind === 'events-received' ? [`${one.source} ${one.count}`] : []));
    pipeline.decoded({ ok: true, event: taskEvent({}) }, 'celery');
    pipeline.decoded({ ok: true, event: taskEvent({ id: 'b' }) }, 'celery');
    assert.deepEqual(counts(), []);
    pipeline.decoded({ ok: true, event: taskEvent({ id: 'c' }) }, 'other');
    assert.deepEqual(counts(), ['celery 2']);
    pipeline.sweep(at);
    assert.deepEqual(counts(), ['other 1']);
    pipeline.sweep(at);
    assert.deepEqual(counts(), []);
  });
});

describe('a message', () => {
  test('may contain several events; a rejected one costs no other', () => {
    const decoded: readonly Decoded[] = [
      { ok: false, reason: 'no-task-id' },
      { ok: true, event: taskEvent({}) },
    ];
    const { pipeline, log, notices } = stage({ decode: () => decoded });
    pipeline.message(message(''));
    assert.equal(log.length, 2);
    assert.deepEqual(notices, [{ kind: 'message-rejected', source: 'celery', reason: 'no-task-id' }]);
  });

  test('of 18 MB is one failure with the texts that a limit of the redactor leaves, and is reported', () => {
    const long = (text: string) => text.repeat(6_000_000 / text.length);
    const fields = {
      uuid: 'a',
      exception: `Oops('${long('no é ')}')`,
      traceback: `${long('  File "/app/a.py", line 7, in b\n    c()\n')}Oops: ${long('no é ')}`,
      timestamp: at / 1_000,
      type: 'task-failed',
    };
    const events: Event<Redacted>[] = [];
    const viewer = { event: (event: Event<Redacted>) => void events.push(event) };
    const { pipeline, log, notices } = stage({ decode: celeryFormat.decode }, viewer);
    pipeline.message({ source: 'celery', receivedAt: at, payload: JSON.stringify(fields), form: 'event-body' });
    pipeline.sweep(at + 60_000);
    const failures = log.filter((line) => line.startsWith('first failure'));
    assert.equal(failures.length, 1);
    assert.match(failures[0] ?? '', /^first failure Oops: no é no/);
    assert.deepEqual(
      notices.filter(({ kind }) => kind === 'event-shortened' || kind === 'message-rejected'),
      [{ kind: 'event-shortened', source: 'celery', type: 'task-failed' }],
    );
    const [event] = events;
    assert.ok(event?.type === 'task-failed');
    const whole = createRedactor(defaultRedactOptions).redact(
      taskEvent({ ...failed, exception: new Untrusted(fields.exception), traceback: new Untrusted(fields.traceback) }),
    );
    assert.ok(whole.type === 'task-failed');
    const withoutCount = (text = '') => text.replace(/\[cut: \d+ characters\]/, '[cut]');
    assert.equal(event.exception, whole.exception);
    assert.equal(withoutCount(event.traceback), withoutCount(whole.traceback));
  });

  test('that the decoder cannot survive is a bug and costs only itself', () => {
    const { pipeline, notices } = stage();
    pipeline.message(message('{'));
    pipeline.message(message('[]'));
    assert.deepEqual(
      notices.map((notice) => notice.kind === 'bug' && notice.where),
      ['pipeline.message'],
    );
  });

  test('costs one event if a viewer throws, and the next event passes', () => {
    const decoded: readonly Decoded[] = [taskEvent({}), taskEvent({ id: 'b' })].map((event) => ({ ok: true, event }));
    let calls = 0;
    const viewer = {
      event() {
        calls += 1;
        if (calls === 1) throw new Error('a bug');
      },
    };
    const { pipeline, log, notices } = stage({ decode: () => decoded }, viewer);
    pipeline.message(message(''));
    assert.deepEqual(log, ['first event task-started', 'first event task-started', 'second event task-started']);
    assert.deepEqual(
      notices.map((notice) => notice.kind === 'bug' && notice.where),
      ['pipeline.event'],
    );
  });
});

test('a gap is reported and reaches every viewer', () => {
  const { pipeline, log, notices } = stage();
  pipeline.gap({ source: 'celery', from: at, to: at + 5, cause: 'too-slow' });
  assert.deepEqual(log, ['first gap too-slow', 'second gap too-slow']);
  assert.deepEqual(notices, [{ kind: 'gap', source: 'celery', cause: 'too-slow', fromMs: at, toMs: at + 5 }]);
});

test('failures are derived only if a viewer takes them', () => {
  const { pipeline, notices } = stage({ viewers: [{}], failures: { grouping: [], classes: [] } as never });
  pipeline.decoded({ ok: true, event: failed }, 'celery');
  pipeline.sweep(at + 10_000);
  assert.deepEqual(
    notices.filter(({ kind }) => kind === 'bug' || kind === 'decided'),
    [],
  );
});

test('every input is recorded before its effect, in order', () => {
  const { pipeline, inputs } = stage();
  pipeline.listening(true);
  pipeline.decoded({ ok: true, event: taskEvent({}) }, 'celery');
  pipeline.decoded({ ok: false, reason: 'not-json' }, 'celery');
  pipeline.gap({ source: 'celery', from: 1, to: 2, cause: 'overload' });
  pipeline.testify({ witness: 'broker', id: 'a' as TaskId, answer: { kind: 'absent' }, now: at });
  pipeline.sweep(at);
  pipeline.settleAll(at);
  assert.deepEqual(
    inputs.map(({ kind }) => kind),
    ['listening', 'event', 'gap', 'testimony', 'sweep', 'settle'],
  );
});

test('the end of a run derives what a sweep would derive later', () => {
  const { pipeline, log } = stage();
  pipeline.decoded({ ok: true, event: failed }, 'celery');
  pipeline.settleAll(at);
  assert.ok(log.includes('first failure Oops: no'));
});

for (const { stepMs, isLost } of [
  { stepMs: 1_000, isLost: true },
  { stepMs: 20_000, isLost: false },
]) {
  test(`a worker that is silent for 40 s in sweeps ${stepMs} ms apart is ${isLost ? 'lost' : 'not lost'}`, () => {
    const { pipeline, log } = stage();
    const heartbeat = { ...heartbeatAt(at), hostname: parseHostname('w@pod-1') };
    pipeline.decoded({ ok: true, event: heartbeat }, 'celery');
    for (let now = at; now <= at + 40_000; now += stepMs) pipeline.sweep(now);
    assert.equal(log.includes('first worker-lost'), isLost);
  });
}

test('a table without room is reported with the number of tasks', () => {
  const lifecycle = new Lifecycle({ ...defaultLifecycleOptions, openTasksMax: 1 });
  const { pipeline, notices } = stage({ lifecycle });
  for (const id of ['a', 'b', 'c']) pipeline.decoded({ ok: true, event: taskEvent({ id }) }, 'celery');
  pipeline.sweep(at);
  const dropped = notices.filter(({ kind }) => kind === 'items-dropped');
  assert.deepEqual(dropped, [{ kind: 'items-dropped', queue: 'tasks', reason: 'table-full', count: 2 }]);
});
