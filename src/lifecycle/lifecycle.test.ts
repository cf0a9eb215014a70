import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Hostname, TaskId } from '../event/ids.ts';
import type { Event, TaskEvent, WorkerEvent } from '../event/task-event.ts';
import { type Redacted, redactedText } from '../event/untrusted.ts';
import { Lifecycle } from './lifecycle.ts';
import { defaultLifecycleOptions } from './lifecycle-options.ts';
import type { Transition } from './transition.ts';

const id = 'c46fcd27-5762-483e-bd16-38dca825ab2a' as TaskId;
const start = 1_800_000_000_000;
type Said = TaskEvent<Redacted>;

/** `S0@a` sent with no retries, `R0@a` received, `T@a` started, `ok`, `F` failed, `y` retried, `J+` / `J-` rejected, `X` revoked, `C`. */
function story(text: string): Said[] {
  return text.split(' ').map((word, index) => said(word, start + index * 100));
}

function said(word: string, at: number): Said {
  const [what, host = 'a'] = word.split('@') as [string, string?];
  const about = { id, hostname: `w@${host}` as Hostname, pid: 1, at, receivedAt: at };
  const retries = Number(what.slice(1)) || 0;
  const publication = {
    name: redactedText`mill.grind`,
    args: undefined,
    kwargs: undefined,
    retries,
    rootId: id,
    parentId: undefined,
    eta: undefined,
    expires: undefined,
  };
  if (what.startsWith('S'))
    return { type: 'task-sent', ...about, ...publication, queue: 'flour', exchange: undefined, routingKey: undefined };
  if (what.startsWith('R')) return { type: 'task-received', ...about, ...publication };
  const failure = { exception: redactedText`ValueError('no grain')`, traceback: undefined };
  switch (what) {
    case 'T':
      return { type: 'task-started', ...about };
    case 'ok':
      return { type: 'task-succeeded', ...about, result: undefined, runtimeMs: 5 };
    case 'F':
      return { type: 'task-failed', ...about, ...failure };
    case 'L':
      return {
        type: 'task-failed',
        ...about,
        exception: redactedText`ExceptionWithTraceback()`,
        traceback: redactedText`Traceback (most recent call last):\n  File "/b/pool.py", line 1, in mark\n    raise WorkerLostError(\nbilliard.exceptions.WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL) Job: 4.\n`,
      };
    case 'N':
      return {
        type: 'task-failed',
        ...about,
        exception: redactedText`NotRegistered('mill.grind')`,
        traceback: undefined,
      };
    case 'y':
      return { type: 'task-retried', ...about, ...failure };
    case 'J+':
    case 'J-':
      return { type: 'task-rejected', ...about, requeue: what === 'J+' };
    case 'ko':
      return { type: 'task-succeeded', ...about, result: undefined, runtimeMs: undefined };
    case 'X':
    case 'XX':
      return { type: 'task-revoked', ...about, terminated: what === 'X', expired: what === 'XX', signal: '15' };
    case 'C':
      return { type: 'task-cancelled', ...about };
    default:
      throw new Error(`no such word: ${what}`);
  }
}

function heartbeat(at: number, fields: Partial<WorkerEvent> = {}): WorkerEvent {
  return {
    type: 'worker-heartbeat',
    hostname: 'w@a' as Hostname,
    pid: 1,
    at,
    receivedAt: at,
    heartbeatMs: 2_000,
    active: 1,
    processed: 9,
    software: undefined,
    ...fields,
  };
}

function run(events: readonly Event<Redacted>[]): { lifecycle: Lifecycle; told: Transition[] } {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of events) lifecycle.apply(event);
  return { lifecycle, told: lifecycle.settleAll(start + 60_000) };
}

function summary(told: readonly Transition[]): string {
  return told
    .map((transition) => {
      if (transition.kind === 'task-queued') return 'queued';
      if (transition.kind === 'attempt-started') return `started ${transition.attempt.key}`;
      if (transition.kind === 'attempt-ended') return `${transition.attempt.key} ${transition.attempt.outcome}`;
      if (transition.kind === 'task-noted') return `noted ${transition.note.what}`;
      return `task ${transition.outcome}${transition.cause === undefined ? '' : ` by ${transition.cause}`}`;
    })
    .join(', ');
}

const cases = [
  {
    name: 'a success',
    story: 'S0 R0 T ok',
    told: 'queued, started 0.0.1, 0.0.1 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a failure',
    story: 'S0 R0 T F',
    told: 'queued, started 0.0.1, 0.0.1 failed, task failed by app-error',
    state: 'failure',
  },
  {
    name: 'a retry that recovers',
    story: 'S0 R0 T S1 y R1 T ok',
    told: 'queued, started 0.0.1, 0.0.1 retried, started 0.1.1, 0.1.1 succeeded, task recovered',
    state: 'success',
  },
  {
    name: 'a retry whose next receipt overtakes it, on another worker',
    story: 'S0 R0 T S1 R1@b y T@b F@b',
    told: 'queued, started 0.0.1, 0.0.1 retried, started 0.1.1, 0.1.1 failed, task exhausted by app-error',
    state: 'failure',
  },
  { name: 'a task nobody knows', story: 'S0 N', told: 'queued, task failed by unregistered', state: 'failure' },
  {
    name: 'a killed child, under its true cause',
    story: 'S0 R0 T L',
    told: 'queued, started 0.0.1, 0.0.1 failed, task failed by worker-lost',
    state: 'failure',
  },
  {
    name: 'one failure told twice',
    story: 'S0 R0 T F F',
    told: 'queued, started 0.0.1, 0.0.1 failed, task failed by app-error',
    state: 'failure',
  },
  {
    name: 'a revoked task that never ran',
    story: 'S0 R0 XX',
    told: 'queued, task expired by expired',
    state: 'revoked',
  },
  {
    name: 'a terminated task',
    story: 'S0 R0 T X',
    told: 'queued, started 0.0.1, 0.0.1 revoked, task revoked by terminated',
    state: 'revoked',
  },
  {
    name: 'a run that gevent killed and calls a success, in no time',
    story: 'S0 R0 T X ko',
    told: 'queued, started 0.0.1, 0.0.1 revoked, task revoked by terminated',
    state: 'success',
  },
  {
    name: 'a rejection whose start is lost, before the message comes again',
    story: 'S0 R0 J+ R0',
    told: 'queued, 0.0.1 rejected',
    state: 'received',
  },
  {
    name: 'a retry of which nothing was heard but its publication',
    story: 'S0 R0 S1 R1 T F',
    told: 'queued, 0.0.1 retried, started 0.1.1, 0.1.1 failed, task exhausted by app-error',
    state: 'failure',
  },
  {
    name: 'a replaced task whose second start is lost',
    story: 'S0 R0 T S0 R0 ok',
    told: 'queued, started 0.0.1, 0.0.1 replaced, 0.0.2 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a rejected message that comes again',
    story: 'S0 R0 T J+ R0 T ok',
    told: 'queued, started 0.0.1, 0.0.1 rejected, started 0.0.2, 0.0.2 succeeded, task recovered',
    state: 'success',
  },
  {
    name: 'a message redelivered to another worker',
    story: 'S0 R0 T R0@b T@b ok@b',
    told: 'queued, started 0.0.1, 0.0.1 lost, started 0.0.2, 0.0.2 succeeded, task recovered',
    state: 'success',
  },
  {
    name: 'a task that replaces itself',
    story: 'S0 R0 T S0 R0 T ok',
    told: 'queued, started 0.0.1, 0.0.1 replaced, started 0.0.2, 0.0.2 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a task that replaces itself before its busy worker tells of its start',
    story: 'S0 R0 S0 T R0 T ok',
    told: 'queued, started 0.0.1, 0.0.1 replaced, started 0.0.2, 0.0.2 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'an id that is used again after its task ended',
    story: 'S0 R0 T ok S0 R0 T F',
    told: 'queued, started 0.0.1, 0.0.1 succeeded, task succeeded, queued, started 1.0.1, 1.0.1 failed, task failed by app-error',
    state: 'failure',
  },
  {
    name: 'two runs of one id at once',
    story: 'S0 S0 R0 R0 T T ok ok',
    told: 'queued, started 0.0.1, 0.0.1 succeeded, started 0.0.2, 0.0.2 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'an end without a start, as the threads pool loses them',
    story: 'S0 R0 ok',
    told: 'queued, 0.0.1 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a publication told last',
    story: 'R0 T ok S0',
    told: 'queued, started 0.0.1, 0.0.1 succeeded, task succeeded',
    state: 'success',
  },
  {
    name: 'a cancelled run, which may come again',
    story: 'S0 R0 T C',
    told: 'queued, started 0.0.1, 0.0.1 cancelled',
    state: 'cancelled',
  },
  { name: 'a publication that nobody took', story: 'S0', told: 'queued', state: 'sent' },
];

for (const { name, story: text, told, state } of cases) {
  test(`tells ${name}`, () => {
    const { lifecycle, told: transitions } = run(story(text));
    assert.equal(summary(transitions), told);
    assert.equal([...lifecycle.summaries()][0]?.task.state, state);
  });
}

test('any order and any duplicate of the events of a task tells the same', () => {
  const stories = cases.map(({ story: text }) => story(text));
  fc.assert(
    fc.property(fc.constantFrom(...stories), fc.infiniteStream(fc.nat()), (events, numbers) => {
      const drawn = [...numbers.take(events.length * 2)];
      const shuffled = [...events, ...events.filter((_, index) => (drawn[index] ?? 0) % 3 === 0)]
        .map((event, index) => ({ event, order: drawn[index] ?? 0 }))
        .sort((a, b) => a.order - b.order)
        .map(({ event }) => event);
      assert.deepEqual(run(shuffled).told, run(events).told);
    }),
    { numRuns: 500 },
  );
});

test('tells nothing twice, however often it is swept', () => {
  const { lifecycle, told } = run(story('S0 R0 T F'));
  assert.equal(told.length, 4);
  assert.deepEqual(lifecycle.sweep(start + 70_000).tasks, []);
});

test('waits for the settle window before it tells', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of story('S0 R0 T ok')) lifecycle.apply(event);
  assert.deepEqual(lifecycle.sweep(start + 1_499).tasks, []);
  assert.equal(lifecycle.sweep(start + 1_500).tasks.length, 4);
});

function runWithWorker(worker: readonly Event<Redacted>[], until: number): string {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  const events = [...story('S0 R0 T'), ...worker].sort((a, b) => a.receivedAt - b.receivedAt);
  const told: Transition[] = [];
  for (const event of events) {
    told.push(...lifecycle.sweep(event.receivedAt).tasks);
    lifecycle.apply(event);
  }
  for (let now = start; now <= until; now += 1_000) told.push(...lifecycle.sweep(now).tasks);
  return summary(told).replace('queued, started 0.0.1', '…');
}

test('a silent worker loses the run that it said to be at', () => {
  assert.equal(runWithWorker([heartbeat(start + 2_000)], start + 31_000), '…');
  assert.equal(runWithWorker([heartbeat(start + 2_000)], start + 33_000), '…, 0.0.1 lost, task lost by worker-lost');
});

test('a silent worker that was at fewer tasks than are open: nobody can tell which it took along', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  const other = story('S0 R0 T').map((event) => ({ ...event, id: 'ignored' as TaskId, at: event.at + 50 }));
  for (const event of [...story('S0 R0 T'), ...other, heartbeat(start + 2_000)]) lifecycle.apply(event);
  lifecycle.sweep(start + 3_000);
  const told = lifecycle.sweep(start + 33_000).tasks;
  assert.equal(summary(told), '0.0.1 unknown, task unknown, 0.0.1 unknown, task unknown');
});

test('a silent worker that was never heard while it executed may be executing: a solo pool', () => {
  assert.equal(
    runWithWorker([heartbeat(start - 100, { active: 0 })], start + 33_000),
    '…, 0.0.1 unknown, task unknown',
  );
});

test('a worker that came back from a silence is waited for longer the next time', () => {
  const seen = [heartbeat(start + 2_000), heartbeat(start + 27_000)];
  assert.equal(runWithWorker(seen, start + 76_000), '…');
  assert.equal(runWithWorker(seen, start + 78_000), '…, 0.0.1 lost, task lost by worker-lost');
});

test('a run that the broker gave to another worker is not lost with its first one', () => {
  const again = story('R0@b').map((event) => ({ ...event, at: start + 20_000, receivedAt: start + 20_000 }));
  assert.equal(runWithWorker([heartbeat(start + 2_000), ...again], start + 33_000), '…');
});

test('what was said to be lost and is delivered again is open', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of [...story('S0 R0 T'), heartbeat(start + 2_000)]) lifecycle.apply(event);
  lifecycle.sweep(start + 33_000);
  const outcome = (): string | undefined => [...lifecycle.summaries()][0]?.outcome;
  assert.equal(outcome(), 'lost');
  lifecycle.apply({ ...said('R0@b', start + 40_000), receivedAt: start + 40_000 });
  lifecycle.sweep(start + 50_000);
  assert.equal(outcome(), 'unknown');
});

test('a worker that never sent a heartbeat is never called lost', () => {
  assert.equal(runWithWorker([], start + 600_000), '…');
});

test('a task that runs far longer than ever is suspected to be overdue, and that is all', () => {
  assert.equal(runWithWorker([], start + 3_600_000), '…, noted suspected');
});

test('a worker under the same name with another process has lost what the old one ran, once that is silent', () => {
  const online = heartbeat(start + 4_000, { type: 'worker-online', pid: 2, active: 0 });
  const seen = [heartbeat(start + 2_000), online];
  assert.equal(runWithWorker(seen, start + 7_000), '…');
  assert.equal(runWithWorker(seen, start + 8_000), '…, 0.0.1 lost, task lost by worker-lost');
});

test('a worker that goes while its successor comes under the same name may still finish its tasks', () => {
  const offline = heartbeat(start + 3_000, { type: 'worker-offline' });
  const online = heartbeat(start + 4_000, { type: 'worker-online', pid: 2, active: 0 });
  assert.equal(runWithWorker([heartbeat(start + 2_000), offline, online], start + 600_000), '…');
});

test('two workers that share a name by mistake take nothing from each other', () => {
  const both = Array.from({ length: 60 }, (_, n) =>
    heartbeat(start + 1_000 * n, { pid: 1 + (n % 2), active: 1 - (n % 2) }),
  );
  assert.equal(runWithWorker(both, start + 60_000), '…');
});

test('a reconnected worker, offline and online as the same process, has lost nothing', () => {
  const offline = heartbeat(start + 3_000, { type: 'worker-offline' });
  const online = heartbeat(start + 4_000, { type: 'worker-online' });
  assert.equal(runWithWorker([heartbeat(start + 2_000), offline, online], start + 20_000), '…');
});

test('a run whose worker executes nothing ended unseen, and nobody claims to know how', () => {
  assert.equal(runWithWorker([heartbeat(start + 2_000, { active: 0 })], start + 6_900), '…');
  assert.equal(
    runWithWorker([heartbeat(start + 2_000, { active: 0 })], start + 7_000),
    '…, 0.0.1 unknown, task unknown',
  );
});

test('a lost task that ends after all is corrected, and its run is not told twice', () => {
  const lifecycle = new Lifecycle(defaultLifecycleOptions);
  for (const event of [...story('S0 R0 T'), heartbeat(start + 2_000)]) lifecycle.apply(event);
  lifecycle.sweep(start + 40_000);
  lifecycle.apply({ ...said('ok', start + 50_000), receivedAt: start + 50_000 });
  const told = lifecycle.sweep(start + 60_000).tasks;
  assert.equal(summary(told), 'task succeeded');
  assert.equal(told[0]?.kind === 'task-ended' && told[0].corrects, 'lost');
});

test('the table is bounded, and what leaves it before its end is counted', () => {
  const lifecycle = new Lifecycle({ ...defaultLifecycleOptions, openTasksMax: 10 });
  for (let n = 0; n < 25; n += 1) lifecycle.apply({ ...said('S0', start), id: `task-${n}` as TaskId });
  assert.equal(lifecycle.trackedCount(), 10);
  assert.equal(lifecycle.takeEvicted(), 15);
  assert.equal(lifecycle.takeEvicted(), 0);
});

test('a circle of parents ends, and gives no span a parent that is its own child', () => {
  const other = 'other' as TaskId;
  const mine: Said = {
    ...(said('S0', start) as Extract<Said, { type: 'task-sent' }>),
    rootId: 'root' as TaskId,
    parentId: other,
  };
  const theirs: Said = { ...mine, id: other, parentId: id };
  const { told } = run([mine, theirs]);
  assert.deepEqual(
    told.map(({ task }) => task.parentSpanId),
    [undefined, undefined],
  );
});

const findings = [
  { name: 'work delivered again after its success', story: 'S0 R0 T ok R0@b T@b ok@b', want: ['run-twice'] },
  { name: 'an id that was published again', story: 'S0 R0 T ok S0 R0 T ok', want: [] },
  { name: 'a retry that does not throw', story: 'S0 R0 T S1 ok R1 T ok', want: [] },
  { name: 'a task that is put back three times', story: 'S0 R0 T J+ R0 T J+ R0 T J+ R0 T', want: ['poison-loop'] },
  { name: 'a task that takes three workers with it', story: 'S0 R0 T R0@b T@b R0@c T@c R0@d', want: ['poison-loop'] },
  { name: 'one redelivery', story: 'S0 R0 T R0@b T@b ok@b', want: [] },
];
for (const { name, story: text, want } of findings) {
  test(`${name}: ${want.join(', ') || 'nothing to note'}`, () => {
    const { told } = run(story(text));
    const notes = told.flatMap((transition) => (transition.kind === 'task-noted' ? [transition.note.what] : []));
    assert.deepEqual(notes, want);
  });
}
