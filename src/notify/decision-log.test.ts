import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../../test/fakes/failure.ts';
import { incidentOf, keyOf } from '../../test/fakes/incident.ts';
import type { Decision } from '../alert/decision.ts';
import { type Book, emptyBook } from '../alert/incident.ts';
import { keyText } from '../alert/key.ts';
import { createDecisionLog } from './decision-log.ts';

const key = keyText({ kind: 'cause', fingerprint: 'f00d' });
const suppressed = { notify: false, reason: 'below-threshold', by: undefined } as const;
const opened = { notify: true, reason: 'opened', action: 'post' } as const;

function decisionOf(facts: Partial<Decision> = {}): Decision {
  return {
    at: 0,
    signal: 'failures.new',
    key,
    incident: undefined,
    task: 'billing.charge',
    exception: undefined,
    figures: undefined,
    failures: 1,
    verdict: suppressed,
    ...facts,
  };
}

/** The lines of an answer without their times. */
const answer = (log: ReturnType<typeof createDecisionLog>, question: string, book: Book = emptyBook) =>
  log.why(question, book).map((line) => line.replaceAll(/\d{4}-\S+Z/g, 'T'));

test('equal decisions in a row are one line with their number, first time and failures', () => {
  const log = createDecisionLog();
  for (const at of [1_000, 2_000, 3_000]) log.recordDecision(decisionOf({ at }));
  assert.deepEqual(log.why('billing.charge', emptyBook), [
    '1970-01-01T00:00:03.000Z · billing.charge · failures.new · suppressed: below-threshold · 3 failures · 3 times since 1970-01-01T00:00:01.000Z',
  ]);
});

test('each notification is a line of its own, the latest first', () => {
  const log = createDecisionLog();
  log.recordDecision(decisionOf({ verdict: opened }));
  log.recordDecision(decisionOf());
  log.recordDecision(decisionOf({ verdict: { ...opened, reason: 'grew' } }));
  log.recordDecision(decisionOf({ verdict: { ...opened, reason: 'grew' } }));
  const reasons = answer(log, 'billing.charge').map((line) => /: ([\w-]+)/.exec(line)?.[1]);
  assert.deepEqual(reasons, ['grew', 'grew', 'below-threshold', 'opened']);
});

test('suppressed decisions differ by reason, key, incident and author', () => {
  const log = createDecisionLog();
  log.recordDecision(decisionOf());
  log.recordDecision(decisionOf({ verdict: { ...suppressed, reason: 'silenced', by: 'a' } }));
  log.recordDecision(decisionOf({ verdict: { ...suppressed, reason: 'silenced', by: 'b' } }));
  log.recordDecision(decisionOf({ incident: 'i' }));
  log.recordDecision(decisionOf({ key: keyText({ kind: 'task', task: 'billing.charge' }) }));
  assert.equal(answer(log, 'billing.charge').length, 5);
});

test('the id of a failed task leads to the decisions about its cause and its incident', () => {
  const log = createDecisionLog();
  const failure = failureOf({ id: '1', fingerprint: 'f00d' });
  log.recordDecision(decisionOf({ task: 'other.task' }));
  log.recordDecision(decisionOf({ task: 'other.task', key: undefined, incident: 'i1', verdict: opened }));
  assert.deepEqual(answer(log, failure.task.id), []);
  log.recordFailure(failure);
  assert.equal(answer(log, failure.task.id).length, 1);
  const book = { ...emptyBook, incidents: [incidentOf({ id: 'i1', keys: [keyOf({ key })] })] };
  assert.equal(answer(log, failure.task.id, book).length, 2);
});

test('an answer has at most thirty lines, the latest ones', () => {
  const log = createDecisionLog();
  for (let at = 0; at < 31; at += 1) log.recordDecision(decisionOf({ at, verdict: opened }));
  const lines = log.why('billing.charge', emptyBook);
  assert.deepEqual([lines.length, lines[0]?.slice(0, 24)], [30, '1970-01-01T00:00:00.030Z']);
});

test('beyond 5,000 entries the oldest is evicted', () => {
  const log = createDecisionLog();
  log.recordDecision(decisionOf({ task: 'first', verdict: opened }));
  for (let at = 0; at < 4_999; at += 1) log.recordDecision(decisionOf({ verdict: opened }));
  assert.equal(answer(log, 'first').length, 1);
  log.recordDecision(decisionOf({ verdict: opened }));
  assert.equal(answer(log, 'first').length, 0);
});

test('a question without decisions has no lines', () => {
  assert.deepEqual(createDecisionLog().why('unknown', emptyBook), []);
});

test('the id of an incident leads to its decisions only', () => {
  const log = createDecisionLog();
  log.recordDecision(decisionOf({ incident: 'i1', verdict: opened }));
  log.recordDecision(decisionOf({ incident: 'i2', verdict: opened }));
  const book = { ...emptyBook, incidents: [incidentOf({ id: 'i2' }), incidentOf({ id: 'i1' })] };
  assert.deepEqual(answer(log, 'i1', book), [
    'T · billing.charge · failures.new · notified (post): opened · 1 failure · incident i1',
  ]);
});
