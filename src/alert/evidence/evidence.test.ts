import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { day, hour, minute, second, start } from '../../../test/fakes/detector.ts';
import { type ObservedFailureFields, observedFailure } from '../../../test/fakes/observed-failure.ts';
import type { Fingerprint, Hostname, TaskId } from '../../event/ids.ts';
import type { Redacted } from '../../event/untrusted.ts';
import { keyText } from '../key.ts';
import { Evidence, type EvidenceOptions } from './evidence.ts';
import type { Observation } from './observation.ts';
import type { QueueEvidence } from './queues.ts';

const host = 'celery@mail-1' as Hostname;
const id = (text: string): TaskId => text as TaskId;

function create(options: Partial<EvidenceOptions> = {}): Evidence {
  return new Evidence({ queueOf: () => undefined, isIgnored: () => false, ...options });
}

function started(at: number, queue?: string, taskId = 'task-1', task: string | undefined = 'mail.send'): Observation {
  const attempt = `attempt-${taskId}`;
  return { kind: 'attempt-started', at, attempt, taskId: id(taskId), traceId: 't', retries: 0, task, queue, host };
}

function ended(at: number, fields: Partial<Extract<Observation, { kind: 'attempt-ended' }>> = {}): Observation {
  return {
    kind: 'attempt-ended',
    at,
    attempt: 'attempt-task-1',
    taskId: id('task-1'),
    retries: 0,
    task: 'mail.send',
    queue: undefined,
    host,
    outcome: 'succeeded',
    runtimeMs: 100,
    retry: undefined,
    ...fields,
  };
}

function waiting(at: number, fields: Partial<Extract<Observation, { kind: 'waiting' }>> = {}): Observation {
  return {
    kind: 'waiting',
    at,
    taskId: id('task-1'),
    retries: 0,
    task: 'mail.send',
    queue: 'mail',
    eta: undefined,
    ...fields,
  };
}

function worker(at: number, fields: Partial<Extract<Observation, { kind: 'worker' }>> = {}): Observation {
  return {
    kind: 'worker',
    at,
    change: 'heartbeat',
    host,
    pid: 1,
    heartbeatMs: 2 * second,
    active: undefined,
    processed: undefined,
    ...fields,
  };
}

let failures = 0;
function failed(fields: ObservedFailureFields = {}, at = start): Observation {
  failures += 1;
  return { kind: 'failed', at, failure: observedFailure({ id: `failure-${failures}`, ...fields }) };
}

function observe(evidence: Evidence, ...observations: readonly Observation[]): Evidence {
  for (const observation of observations) evidence.observe(observation);
  return evidence;
}

const queues = (evidence: Evidence): readonly QueueEvidence[] => [...evidence.queues.all()];
const waitingIds = (evidence: Evidence): string[] => queues(evidence).flatMap(({ waiting: ids }) => [...ids.keys()]);
const running = (evidence: Evidence): string[] =>
  evidence.runs.longRunning(start + hour, () => 0).map(({ attempt }) => attempt);
const failedCount = (evidence: Evidence, task = 'mail.send'): number | undefined =>
  evidence.tasks.find(task)?.failed.count(start, minute);

describe('events', () => {
  test('the first event starts the listening time, and the newest is the last', () => {
    const evidence = observe(create(), { kind: 'event', at: start }, { kind: 'event', at: start + 5 });
    evidence.noteEvent(start + 3);
    const { since, lastEventAt, listeningSince } = evidence;
    assert.deepEqual(
      { since, lastEventAt, listeningSince },
      { since: start, lastEventAt: start + 5, listeningSince: start },
    );
  });

  const absence = [
    { title: 'absence proves nothing before the first event', events: [], atMs: hour, want: false },
    { title: 'absence proves nothing for 30 s', events: [0], atMs: 30 * second - 1, want: false },
    { title: 'absence is evidence after 30 s', events: [0], atMs: 30 * second, want: true },
  ];
  for (const { title, events, atMs, want } of absence) {
    test(title, () => {
      const evidence = create();
      for (const at of events) evidence.noteEvent(start + at);
      assert.equal(evidence.canJudgeAbsence(start + atMs), want);
    });
  }

  test('the learning period begins with the first event', () => {
    const evidence = create();
    assert.equal(evidence.isLearning(start, hour), true);
    evidence.noteEvent(start);
    assert.equal(evidence.isLearning(start + hour - 1, hour), true);
    assert.equal(evidence.isLearning(start + hour, hour), false);
  });

  test('the baseline covers the time since the first event, at most a day', () => {
    const evidence = create();
    assert.equal(evidence.observedMs(start), 0);
    evidence.noteEvent(start);
    assert.equal(evidence.observedMs(start + hour), hour);
    assert.equal(evidence.observedMs(start + day + 1), day);
  });
});

describe('attempts', () => {
  test('an attempt runs from its start to its end, and then counts for its task', () => {
    const evidence = observe(create(), started(start));
    assert.deepEqual(running(evidence), ['attempt-task-1']);
    observe(evidence, ended(start + second, { queue: 'mail' }));
    assert.deepEqual(running(evidence), []);
    const task = evidence.tasks.find('mail.send');
    assert.equal(task?.runs.count(start + second, minute), 1);
    assert.equal(task?.baselineRuns.total(start), 1);
    assert.equal(task?.queue, 'mail');
  });

  test('the attempts of an open incident of the task are no baseline', () => {
    const evidence = create();
    evidence.openIncidentKeys = new Set([keyText({ kind: 'task', task: 'mail.send' })]);
    observe(evidence, ended(start), ended(start, { task: 'news.send' }));
    assert.equal(evidence.tasks.find('mail.send')?.baselineRuns.total(start), 0);
    assert.equal(evidence.tasks.find('mail.send')?.runs.count(start, minute), 1);
    assert.equal(evidence.tasks.find('news.send')?.baselineRuns.total(start), 1);
  });

  test('an attempt of an unknown task counts for no task, and may be a scheduled run', () => {
    const evidence = observe(create(), ended(start, { task: undefined }));
    assert.deepEqual([...evidence.tasks.all()], []);
    assert.equal(evidence.schedules.mayHaveRun(start, start + second), true);
  });

  test('a start is a run of the schedule, and a further start of a poison message', () => {
    const note = {
      kind: 'noted',
      at: start,
      what: 'poison-loop',
      taskId: id('task-1'),
      traceId: 't',
      times: 3,
    } as const;
    const evidence = observe(
      create(),
      { ...note, task: 'mail.send' as Redacted, queue: undefined, host },
      started(start + second),
    );
    assert.equal(evidence.schedules.hasRun('mail.send', start, start + second), true);
    assert.equal(evidence.redeliveries.of('poison-loop', 'mail.send')?.times, 4);
  });

  test('a retried attempt is evidence about its retries', () => {
    const retry = { exception: 'Timeout', title: 'Timeout: no answer' as Redacted, traceId: 't' };
    const evidence = observe(create(), ended(start, { outcome: 'retried', retry }));
    assert.equal(evidence.retries.get({ kind: 'retry', task: 'mail.send', exception: 'Timeout' })?.total, 1);
  });
});

describe('queues', () => {
  test('a message waits until its attempt starts, ends without a start, or is revoked', () => {
    const ends: readonly Observation[] = [
      started(start + second),
      ended(start + second),
      { kind: 'taken', at: start + second, taskId: id('task-1') },
    ];
    for (const end of ends) {
      const evidence = observe(create(), waiting(start));
      assert.deepEqual(waitingIds(evidence), ['task-1']);
      assert.deepEqual(waitingIds(observe(evidence, end)), [], end.kind);
    }
  });

  test('a message waits since its eta, and never since before its publication', () => {
    for (const { eta, since } of [
      { eta: start + minute, since: start + minute },
      { eta: start - minute, since: start },
      { eta: undefined, since: start },
    ]) {
      const [queue] = queues(observe(create(), waiting(start, { eta })));
      assert.equal(queue?.waiting.get(id('task-1'))?.since, since);
    }
  });

  const names = [
    { title: 'the queue of the event', queue: 'bulk', policy: 'policy', want: ['bulk'] },
    { title: 'without one the queue of the policy', queue: undefined, policy: 'policy', want: ['policy'] },
    { title: 'without both no queue', queue: undefined, policy: undefined, want: [] },
  ];
  for (const { title, queue, policy, want } of names) {
    test(`a message waits in ${title}`, () => {
      const evidence = observe(create({ queueOf: () => policy }), waiting(start, { queue }));
      assert.deepEqual(
        queues(evidence).map(({ name }) => name),
        want,
      );
    });
  }

  test('the queue of a task is learned from its publications, and the policy comes first', () => {
    const learned = observe(create(), waiting(start), waiting(start, { taskId: id('task-2'), queue: undefined }));
    assert.deepEqual(waitingIds(learned), ['task-1', 'task-2']);
    const policy = create({ queueOf: (task) => (task === 'mail.send' ? 'policy' : undefined) });
    observe(policy, waiting(start), waiting(start, { taskId: id('task-2'), queue: undefined }));
    assert.deepEqual(
      queues(policy).map(({ name }) => name),
      ['mail', 'policy'],
    );
  });

  test('an attempt runs in the queue of its event, of the policy, or of an earlier publication of the task', () => {
    const evidence = create({ queueOf: (task) => (task === 'web.render' ? 'web' : undefined) });
    observe(
      evidence,
      started(start, 'own', 'a'),
      started(start, undefined, 'b', 'web.render'),
      started(start, undefined, 'c'),
      waiting(start, { queue: 'learned' }),
      started(start, undefined, 'd'),
    );
    assert.deepEqual(
      evidence.runs.longRunning(start + hour, () => 0).map(({ queue }) => queue),
      ['own', 'web', undefined, 'learned'],
    );
  });

  test('the publication of a task is a run of its schedule, that of a retry is not', () => {
    for (const { retries, isRun } of [
      { retries: 0, isRun: true },
      { retries: 1, isRun: false },
    ]) {
      const evidence = observe(create(), waiting(start, { retries }));
      assert.equal(evidence.schedules.hasRun('mail.send', start, start), isRun);
    }
  });

  test('the number of messages in the broker belongs to its queue', () => {
    const evidence = observe(create(), { kind: 'depth', at: start, queue: 'mail', length: 7 });
    assert.deepEqual(queues(evidence)[0]?.depth, { length: 7, at: start });
  });
});

describe('failures', () => {
  test('a failure counts for its cause and its task, once for each id', () => {
    const evidence = create();
    const failure = failed();
    observe(evidence, failure, failure, failed());
    assert.equal(evidence.causes.get('cause-1')?.total, 2);
    assert.equal(failedCount(evidence), 2);
    assert.equal(evidence.tasks.find('mail.send')?.baselineFailures.total(start), 2);
  });

  const expected = [
    { title: 'a cancelled task', failure: { class: 'cancelled' }, count: undefined },
    { title: 'an ignored exception', failure: { exception: 'Ignored' }, count: undefined },
    { title: 'another exception', failure: { exception: 'KeyError' }, count: 1 },
    { title: 'no exception', failure: { exception: undefined }, count: 1 },
  ] as const;
  for (const { title, failure, count } of expected) {
    test(`${title} counts ${count === 1 ? 'towards' : 'for its cause and not towards'} the failure rate of the task`, () => {
      const evidence = create({ isIgnored: (task, exception) => task === 'mail.send' && exception === 'Ignored' });
      observe(evidence, failed(failure));
      assert.equal(failedCount(evidence), count);
      assert.equal(evidence.causes.get('cause-1')?.total, 1);
    });
  }

  test('the death of a worker counts for its pool', () => {
    const evidence = observe(create(), failed({ cause: 'worker-lost' }), failed());
    assert.equal(evidence.lost.get('celery@mail')?.total, 1);
  });

  const incidents = [
    { title: 'without an incident', key: undefined, cause: 1, task: 1 },
    { title: 'during an incident of the cause', key: { kind: 'cause', fingerprint: 'cause-1' }, cause: 0, task: 0 },
    { title: 'during an incident of the task', key: { kind: 'task', task: 'mail.send' }, cause: 1, task: 0 },
    { title: 'during another incident', key: { kind: 'task', task: 'news.send' }, cause: 1, task: 1 },
  ] as const;
  for (const { title, key, cause, task } of incidents) {
    test(`baselines ${title}: ${cause} of the cause, ${task} of the task`, () => {
      const evidence = create();
      evidence.openIncidentKeys = new Set(key === undefined ? [] : [keyText(key)]);
      observe(evidence, failed());
      assert.equal(evidence.causes.get('cause-1')?.baseline.total(start), cause);
      assert.equal(evidence.tasks.find('mail.send')?.baselineFailures.total(start), task);
      assert.equal(failedCount(evidence), 1);
    });
  }
});

describe('reported failures', () => {
  test('a report about a cause or about lost attempts subtracts its failures there', () => {
    const evidence = observe(create(), failed(), failed(), failed({ cause: 'worker-lost', fingerprint: 'cause-2' }));
    evidence.markReported({ kind: 'cause', fingerprint: 'cause-1' }, 2);
    assert.equal(evidence.causes.get('cause-1')?.unreported, 0);
    assert.equal(evidence.lost.get('celery@mail')?.unreported, 1);
    evidence.markReported({ kind: 'pool', pool: 'celery@mail' }, 1);
    assert.equal(evidence.lost.get('celery@mail')?.unreported, 1, 'another condition of the pool');
    evidence.markReported({ kind: 'pool', condition: 'lost', pool: 'celery@mail' }, 1);
    assert.equal(evidence.lost.get('celery@mail')?.unreported, 0);
  });

  test('a report about an unknown key changes nothing', () => {
    const evidence = observe(create(), failed());
    evidence.markReported({ kind: 'cause', fingerprint: 'other' }, 1);
    evidence.markReported({ kind: 'task', task: 'mail.send' }, 1);
    assert.equal(evidence.causes.get('cause-1')?.unreported, 1);
  });

  test('causes and retries are new until they are cleared', () => {
    const retry = { exception: 'Timeout', title: 'Timeout' as Redacted, traceId: 't' };
    const evidence = observe(create(), failed(), ended(start, { outcome: 'retried', retry }));
    assert.equal([...evidence.causes.touched()].length, 1);
    assert.equal([...evidence.retries.touched()].length, 1);
    evidence.clearTouched();
    assert.equal([...evidence.causes.touched()].length, 0);
    assert.equal([...evidence.retries.touched()].length, 0);
  });
});

describe('workers', () => {
  test('a silent worker is missing after a sweep, and its attempts are removed', () => {
    const evidence = observe(create(), worker(start, { change: 'online' }), started(start));
    evidence.sweep(start + 25 * second - 1);
    assert.deepEqual(running(evidence), ['attempt-task-1']);
    evidence.sweep(start + 25 * second);
    assert.deepEqual(running(evidence), []);
    assert.deepEqual([...([...evidence.workers.pools()][0]?.missing.keys() ?? [])], [host]);
  });

  test('a start or an end of an attempt shows that its worker is alive', () => {
    for (const activity of [started(start + 10 * second), ended(start + 10 * second)]) {
      const evidence = observe(create(), worker(start, { change: 'online' }), activity);
      evidence.sweep(start + 30 * second);
      assert.equal([...evidence.workers.pools()][0]?.missing.size, 0, activity.kind);
    }
  });

  test('a heartbeat without running attempts ends attempts whose end event was lost', () => {
    const evidence = observe(create(), worker(start, { change: 'online' }), started(start));
    observe(evidence, worker(start + minute));
    assert.deepEqual(running(evidence), ['attempt-task-1'], 'no number in the event');
    observe(evidence, worker(start + minute, { active: 1 }));
    assert.deepEqual(running(evidence), ['attempt-task-1']);
    observe(evidence, worker(start + minute, { active: 0 }));
    assert.deepEqual(running(evidence), []);
  });
});

describe('gap', () => {
  const gap: Observation = { kind: 'gap', at: start + minute, from: start, to: start + minute };

  test('absence proves nothing until 30 s after it', () => {
    const evidence = create();
    evidence.noteEvent(start - hour);
    observe(evidence, gap);
    assert.equal(evidence.canJudgeAbsence(start + minute + 30 * second - 1), false);
    assert.equal(evidence.canJudgeAbsence(start + minute + 30 * second), true);
  });

  test('an older gap does not move the listening time back', () => {
    const evidence = observe(create(), gap, { kind: 'gap', at: start, from: start - hour, to: start - minute });
    assert.equal(evidence.listeningSince, start + minute);
  });

  test('attempts and messages from before its end are removed, later ones stay', () => {
    const evidence = observe(
      create(),
      started(start + minute, undefined, 'old'),
      started(start + minute + 1, undefined, 'new'),
      waiting(start + minute, { taskId: id('old-message') }),
      waiting(start + minute + 1, { taskId: id('new-message') }),
      gap,
    );
    assert.deepEqual(running(evidence), ['attempt-new']);
    assert.deepEqual(waitingIds(evidence), ['new-message']);
  });

  test('attempts on a worker that sends heartbeats stay, and the next heartbeat removes those that ended', () => {
    const evidence = observe(
      create(),
      worker(start - minute, { change: 'online' }),
      started(start - minute, undefined, 'first'),
      started(start - minute + 1, undefined, 'second'),
      gap,
    );
    assert.deepEqual(running(evidence), ['attempt-first', 'attempt-second']);
    observe(evidence, worker(start + 2 * minute, { active: 1 }));
    assert.deepEqual(running(evidence), ['attempt-second']);
  });

  test('workers have not been silent during it, and schedules remember it', () => {
    const evidence = observe(create(), worker(start, { change: 'online' }), gap);
    evidence.sweep(start + minute + 20 * second);
    assert.equal([...evidence.workers.pools()][0]?.missing.size, 0);
    assert.equal(evidence.schedules.hadGap(start, start + second), true);
  });
});

describe('snapshot', () => {
  test('there is none before the first event', () => {
    assert.equal(create().snapshot(), undefined);
  });

  test('a restored instance has the baselines and the start of the stored one', () => {
    const evidence = observe(create(), { kind: 'event', at: start }, failed(), ended(start));
    const snapshot = evidence.snapshot();
    assert.ok(snapshot !== undefined);
    const restored = create();
    restored.restore(snapshot);
    assert.deepEqual(restored.snapshot(), snapshot);
    observe(restored, failed());
    assert.equal(restored.causes.get('cause-1')?.baseline.total(start), 2);
  });

  test('the earlier start of two instances applies, and baselines do not end learning of absence', () => {
    for (const { ownMs, storedMs, want } of [
      { ownMs: -hour, storedMs: -2 * hour, want: -2 * hour },
      { ownMs: -2 * hour, storedMs: -hour, want: -2 * hour },
    ]) {
      const evidence = observe(create(), { kind: 'event', at: start + ownMs });
      evidence.restore({ since: start + storedMs, causes: [], tasks: [] });
      assert.equal(evidence.since, start + want);
      assert.equal(evidence.listeningSince, start + ownMs);
    }
    const restored = create();
    const cause = ['cause-1' as Fingerprint, { firstAt: start - hour, hours: [] }] as const;
    restored.restore({ since: start - day, causes: [cause], tasks: [] });
    assert.equal(restored.canJudgeAbsence(start), false);
  });
});
