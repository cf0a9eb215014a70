import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseTaskId, type TaskId } from '../event/ids.ts';
import type { TaskResult } from '../event/task-event.ts';
import type { WitnessKind } from '../event/testimony.ts';
import type { Untrusted } from '../event/untrusted.ts';
import { createVirtualClock } from '../runtime/clock.ts';
import { createInquiry } from './inquiry.ts';
import type { Witness, WitnessTestimony } from './witness.ts';

const ids = (...texts: readonly string[]) => texts as readonly TaskId[] as TaskId[];
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `t${index}` as TaskId);

/** Until all promises that are ready have settled. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => resolve()));

interface WitnessStage {
  readonly kind?: WitnessKind;
  readonly found?: Readonly<Record<string, WitnessTestimony>>;
  readonly error?: Error;
}

function witnessOf({ kind = 'broker', found = {}, error }: WitnessStage) {
  const batches: TaskId[][] = [];
  const gate = { isOpen: true, open: Promise.withResolvers<void>() };
  const signals: AbortSignal[] = [];
  const witness: Witness = {
    kind,
    name: 'celery',
    async ask(batch, signal) {
      batches.push([...batch]);
      signals.push(signal);
      if (!gate.isOpen) await gate.open.promise;
      if (error !== undefined) throw error;
      return new Map(Object.entries(found) as [TaskId, WitnessTestimony][]);
    },
    async stop() {},
  };
  return { witness, batches, gate, signals };
}

function stage(...witnesses: readonly Witness[]) {
  const clock = createVirtualClock(1_000);
  const log: string[] = [];
  const inquiry = createInquiry({
    witnesses,
    clock,
    result: ({ id, status }) => log.push(`result ${id} ${status}`),
    answer: (witness, id, { kind }) => log.push(`${witness} ${id} ${kind}`),
    failed: ({ kind }, error) => log.push(`${kind} failed ${error}`),
  });
  return { clock, inquiry, log };
}

describe('the answer of a witness', () => {
  test('is passed on for each task, and a missing task is absent', async () => {
    const { witness } = witnessOf({ found: { a: { kind: 'waiting', queue: 'mail' as never } } });
    const { inquiry, log } = stage(witness);
    inquiry.ask(ids('a', 'b'));
    await settle();
    assert.deepEqual(log, ['broker a waiting', 'broker b absent']);
  });

  test('about a shortened id is absent only if the witness searches: the others look the full id up', async () => {
    const long = parseTaskId('x'.repeat(1_200)) as TaskId;
    const { inquiry, log } = stage(
      ...(['broker', 'workers', 'result-backend'] as const).map((kind) => witnessOf({ kind }).witness),
    );
    inquiry.ask([long]);
    await settle();
    assert.deepEqual(log, [`broker ${long} absent`, `workers ${long} unanswered`, `result-backend ${long} unanswered`]);
  });

  const statuses: readonly { readonly status: TaskResult<Untrusted>['status']; readonly want: string }[] = [
    { status: 'success', want: 'ended' },
    { status: 'failure', want: 'ended' },
    { status: 'revoked', want: 'ended' },
    { status: 'started', want: 'begun' },
    { status: 'retry', want: 'absent' },
  ];
  for (const { status, want } of statuses) {
    test(`with the result ${status} is the result itself, then ${want}`, async () => {
      const result = { type: 'task-result', id: 'a', status, at: 5 } as TaskResult<Untrusted>;
      const { witness } = witnessOf({ kind: 'result-backend', found: { a: { kind: 'result', result } } });
      const { inquiry, log } = stage(witness);
      inquiry.ask(ids('a'));
      await settle();
      assert.deepEqual(log, [`result a ${status}`, `result-backend a ${want}`]);
    });
  }

  test('is unanswered for every task if the witness fails', async () => {
    const { witness } = witnessOf({ error: new Error('no route') });
    const { inquiry, log } = stage(witness);
    inquiry.ask(ids('a', 'b'));
    await settle();
    assert.deepEqual(log, ['broker failed Error: no route', 'broker a unanswered', 'broker b unanswered']);
  });
});

test('every witness is asked, and a failing one does not affect another', async () => {
  const failing = witnessOf({ error: new Error('no route') });
  const working = witnessOf({ kind: 'workers' });
  const { inquiry, log } = stage(failing.witness, working.witness);
  inquiry.ask(ids('a'));
  await settle();
  assert.deepEqual(log.sort(), ['broker a unanswered', 'broker failed Error: no route', 'workers a absent']);
});

describe('questions', () => {
  test('are asked in batches of 500', async () => {
    const { witness, batches } = witnessOf({});
    const { inquiry } = stage(witness);
    inquiry.ask(numbered(1_001));
    await settle();
    assert.deepEqual(
      batches.map((batch) => batch.length),
      [500, 500, 1],
    );
    assert.deepEqual(batches.flat(), numbered(1_001));
  });

  test('that arrive during a batch form the next one, without repetition', async () => {
    const { witness, batches, gate } = witnessOf({});
    gate.isOpen = false;
    const { inquiry } = stage(witness);
    inquiry.ask(ids('a'));
    inquiry.ask(ids('b', 'c'));
    inquiry.ask(ids('c', 'b'));
    gate.isOpen = true;
    gate.open.resolve();
    await settle();
    assert.deepEqual(batches, [ids('a'), ids('b', 'c')]);
  });

  test('beyond 200,000 are unanswered at once', async () => {
    const { witness, gate } = witnessOf({});
    gate.isOpen = false;
    const { inquiry, log } = stage(witness);
    inquiry.ask(ids('first'));
    inquiry.ask(numbered(200_001));
    assert.deepEqual(log, ['broker t200000 unanswered']);
    await inquiry.stop();
  });

  test('have ten seconds', async () => {
    const { witness, signals, gate } = witnessOf({});
    gate.isOpen = false;
    const { inquiry, clock } = stage(witness);
    inquiry.ask(ids('a'));
    clock.advanceTo(10_999);
    assert.equal(signals[0]?.aborted, false);
    clock.advanceTo(11_000);
    assert.equal(signals[0]?.aborted, true);
  });

  test('are dropped by a stop, and a failure after it is not reported', async () => {
    const { witness, batches, gate } = witnessOf({ error: new Error('closed') });
    gate.isOpen = false;
    const { inquiry, log } = stage(witness);
    inquiry.ask(ids('a'));
    inquiry.ask(ids('b'));
    await inquiry.stop();
    gate.open.resolve();
    await settle();
    assert.deepEqual([batches, log], [[ids('a')], []]);
  });
});
