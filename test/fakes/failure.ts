/** Failures for tests: complete, and different only in what the test is about. */
import type { Fingerprint, Hostname, TaskId } from '../../src/event/ids.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import type { FailureClass } from '../../src/failure/facts.ts';
import type { Failure } from '../../src/failure/failure.ts';
import type { Attempt, Cause, Task } from '../../src/lifecycle/transition.ts';

export interface FailureFacts {
  readonly id?: string;
  readonly at?: number;
  readonly task?: string | undefined;
  readonly queue?: string | undefined;
  readonly title?: string;
  readonly hostname?: string;
  readonly fingerprint?: string;
  readonly cause?: Cause;
  readonly class?: FailureClass;
}

/** A failure of `billing.tasks.charge` with a declined card, unless `facts` differ. */
export function failureOf(facts: FailureFacts = {}): Failure {
  const { id = 'failure-1', at = 0, title = 'PaymentDeclined: card was declined', cause = 'app-error' } = facts;
  const hostname = (facts.hostname ?? 'celery@worker-1') as Hostname;
  const attempt: Attempt = {
    key: '0.1',
    number: 1,
    retries: 0,
    isRedelivery: false,
    hostname,
    pid: 100,
    receivedAt: at,
    eta: undefined,
    startedAt: at,
    endedAt: at,
    outcome: 'failed',
    cause,
    exception: undefined,
    signal: undefined,
    result: undefined,
    runtimeMs: undefined,
    spanId: '00f067aa0ba902b7',
  };
  return {
    id,
    at,
    task: taskOf(facts, at, attempt),
    attempt,
    outcome: 'failed',
    cause,
    class: facts.class ?? 'bug',
    fingerprint: (facts.fingerprint ?? 'fingerprint-1') as Fingerprint,
    title: title as Redacted,
    exception: undefined,
  };
}

function taskOf(facts: FailureFacts, at: number, attempt: Attempt): Task {
  const id = `task-of-${facts.id ?? 'failure-1'}` as TaskId;
  return {
    id,
    name: ('task' in facts ? facts.task : 'billing.tasks.charge') as Redacted | undefined,
    args: undefined,
    kwargs: undefined,
    queue: 'queue' in facts ? facts.queue : 'payments',
    rootId: id,
    parentId: undefined,
    groupId: undefined,
    publication: 0,
    eta: undefined,
    expires: undefined,
    firstAt: at,
    lastAt: at,
    state: 'failure',
    sends: [],
    attempts: [attempt],
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    parentSpanId: undefined,
    exception: undefined,
  };
}
