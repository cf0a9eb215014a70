import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, openedAt, subjectOf } from '../../../test/fakes/incident.ts';
import { type Book, emptyBook, type Incident } from '../incident.ts';
import { matchesEverything } from '../matcher.ts';
import type { Silence } from '../policy.ts';
import { applyCommand } from './apply-command.ts';
import type { AlertCommand } from './command.ts';

const now = openedAt + 60_000;
const by = 'U1';
const incident = '7d3f9a1c2b';
const bookOf = (facts: Partial<Incident> = {}): Book => ({ ...emptyBook, incidents: [incidentOf(facts)] });
const silenceOf = (id: string): Silence => ({ id, match: matchesEverything, until: now, reason: 'known', by });
const isOver = { phase: { name: 'resolved', at: now, by: undefined } } as const;

const onIncident: readonly {
  command: AlertCommand;
  change: Partial<Incident>;
  line: string;
  mark: string | undefined;
}[] = [
  { command: { what: 'ack', incident, by }, change: { ack: { by, at: now } }, line: 'acked', mark: undefined },
  {
    command: { what: 'snooze', incident, by, until: now + 1 },
    change: { snoozedUntil: now + 1 },
    line: 'snoozed',
    mark: undefined,
  },
  {
    command: { what: 'resolve', incident, by },
    change: { phase: { name: 'resolved', at: now, by } },
    line: 'resolved',
    mark: 'resolved',
  },
  {
    command: { what: 'archive', incident, by },
    change: { phase: { name: 'resolved', at: now, by } },
    line: 'archived',
    mark: 'archived',
  },
];
for (const { command, change, line, mark } of onIncident) {
  test(`${command.what}: it is so, the thread says who, and saying it again changes nothing`, () => {
    const { book, answer } = applyCommand(bookOf(), command, now);
    assert.deepEqual(answer, { done: true, incident });
    const lines = [{ at: now, what: line, text: by }];
    assert.deepEqual(book.incidents, [{ ...incidentOf(), ...change, lines, rev: 2 }]);
    assert.deepEqual(
      book.marks.map(({ state }) => state),
      mark === undefined ? [] : [mark],
    );
    const again = applyCommand(book, command, now);
    assert.deepEqual([again.book, again.answer], [book, { done: false, reason: 'already-so' }]);
  });

  test(`${command.what}: changes nothing of what is over or unknown`, () => {
    const over = bookOf(isOver);
    assert.deepEqual(applyCommand(over, command, now), { book: over, answer: { done: false, reason: 'already-so' } });
    assert.deepEqual(applyCommand(emptyBook, command, now).answer, { done: false, reason: 'no-such-incident' });
  });
}

test('marks the causes of failures, and nothing where none has failed', () => {
  const resolve: AlertCommand = { what: 'resolve', incident, by };
  const [mark] = applyCommand(bookOf(), resolve, now).book.marks;
  assert.deepEqual(mark, {
    match: { ...matchesEverything, tasks: ['billing.tasks.charge'], exceptions: ['PaymentDeclined'] },
    state: 'resolved',
    at: now,
    by,
    incident,
  });
  assert.deepEqual(applyCommand(bookOf({ subject: subjectOf({ exceptions: [] }) }), resolve, now).book.marks, []);
});

test('an acknowledged incident is shown, whatever suppressed it', () => {
  const hidden = { reason: 'inhibited', by: 'other', since: openedAt } as const;
  const { book } = applyCommand(bookOf({ hidden }), { what: 'ack', incident, by }, now);
  assert.equal(book.incidents[0]!.hidden, undefined);
});

test('silences are added, replaced, lifted and bounded', () => {
  let book = applyCommand(emptyBook, { what: 'silence', silence: silenceOf('a') }, now).book;
  book = applyCommand(book, { what: 'silence', silence: { ...silenceOf('a'), reason: 'better known' } }, now).book;
  assert.deepEqual(
    book.silences.map(({ reason }) => reason),
    ['better known'],
  );
  assert.deepEqual(applyCommand(book, { what: 'unsilence', id: 'b', by }, now).answer, {
    done: false,
    reason: 'no-such-silence',
  });
  assert.deepEqual(applyCommand(book, { what: 'unsilence', id: 'a', by }, now).book.silences, []);
  for (let index = 0; index < 600; index += 1)
    book = applyCommand(book, { what: 'silence', silence: silenceOf(`${index}`) }, now).book;
  assert.deepEqual([book.silences.length, book.silences.at(-1)?.id], [500, '599']);
});

test('a deploy is noted once, in order', () => {
  const deploy = (version: string, at: number): AlertCommand => ({
    what: 'deploy',
    deploy: { version, at, pools: [] },
  });
  const first = applyCommand(emptyBook, deploy('v2', now), now).book;
  assert.deepEqual(applyCommand(first, deploy('v2', now + 59_999), now).answer, { done: false, reason: 'already-so' });
  const { book } = applyCommand(first, deploy('v1', now - 100_000), now);
  assert.deepEqual(
    book.deploys.map(({ version }) => version),
    ['v1', 'v2'],
  );
});
