import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hostname } from '../event/ids.ts';
import type { WitnessKind } from '../event/testimony.ts';
import { judge, type SuspicionKind, type WitnessAnswer } from './suspicion.ts';

const hostname = 'w@a' as Hostname;
const absent = { kind: 'absent' } as const;
const unanswered = { kind: 'unanswered' } as const;
const ended = { kind: 'ended', at: 1 } as const;
const executing = { kind: 'executing', hostname, startedAt: undefined, isAcknowledged: true } as const;
const waiting = { kind: 'waiting', queue: 'q' } as const;
const unacknowledged = { kind: 'unacknowledged', deliveredAt: 1, returnsAt: 9 } as const;

const cases: readonly {
  of: SuspicionKind;
  answers: Partial<Record<WitnessKind, WitnessAnswer>>;
  witnesses?: readonly WitnessKind[];
  isBlind?: true;
  isUnsure?: true;
  asked?: number;
  want: string;
}[] = [
  { of: 'lost', answers: {}, witnesses: [], want: 'confirmed' },
  { of: 'lost', answers: {}, witnesses: [], isBlind: true, want: 'end-unreported' },
  { of: 'lost', answers: {}, want: 'waiting' },
  { of: 'lost', answers: { 'result-backend': absent }, want: 'waiting' },
  { of: 'lost', answers: { 'result-backend': absent, broker: absent, workers: absent }, want: 'confirmed' },
  { of: 'lost', answers: { 'result-backend': ended }, want: 'cleared' },
  { of: 'lost', answers: { workers: executing }, want: 'cleared' },
  { of: 'lost', answers: { broker: unacknowledged }, want: 'comes-back' },
  { of: 'lost', answers: { broker: waiting }, want: 'comes-back' },
  { of: 'lost', answers: { 'result-backend': absent, broker: unanswered, workers: absent }, want: 'waiting' },
  {
    of: 'lost',
    answers: { 'result-backend': absent, broker: unanswered, workers: absent },
    asked: 3,
    want: 'confirmed',
  },
  {
    of: 'lost',
    answers: { 'result-backend': { kind: 'begun' }, broker: absent, workers: absent },
    isBlind: true,
    want: 'confirmed',
  },
  { of: 'lost', answers: {}, witnesses: [], isUnsure: true, want: 'end-unreported' },
  {
    // An ignored task leaves it at its begin.
    of: 'lost',
    answers: { 'result-backend': { kind: 'begun' }, broker: absent, workers: absent },
    isUnsure: true,
    want: 'end-unreported',
  },
  { of: 'vanished', answers: {}, witnesses: [], want: 'undecided' },
  { of: 'vanished', answers: { broker: waiting }, want: 'cleared' },
  { of: 'vanished', answers: { broker: unacknowledged }, want: 'cleared' },
  { of: 'vanished', answers: { 'result-backend': absent, broker: absent, workers: absent }, want: 'confirmed' },
  {
    of: 'vanished',
    answers: { 'result-backend': absent, broker: unanswered, workers: absent },
    asked: 3,
    want: 'undecided',
  },
  { of: 'overdue', answers: { workers: executing }, want: 'confirmed' },
  {
    of: 'overdue',
    answers: { 'result-backend': absent, broker: unacknowledged, workers: absent },
    want: 'end-unreported',
  },
  { of: 'overdue', answers: {}, witnesses: [], want: 'undecided' },
  { of: 'end-unreported', answers: {}, witnesses: [], want: 'end-unreported' },
  { of: 'end-unreported', answers: { workers: executing }, want: 'cleared' },
  {
    of: 'end-uncertain',
    answers: { 'result-backend': absent, broker: absent, workers: unanswered },
    asked: 3,
    want: 'undecided',
  },
  {
    of: 'end-uncertain',
    answers: { 'result-backend': absent, broker: absent, workers: absent },
    want: 'end-unreported',
  },
  { of: 'end-uncertain', answers: { 'result-backend': ended }, want: 'cleared' },
  { of: 'not-redelivered', answers: { broker: waiting }, want: 'comes-back' },
  { of: 'not-redelivered', answers: { 'result-backend': absent, broker: absent, workers: absent }, want: 'confirmed' },
  {
    of: 'not-redelivered',
    answers: { 'result-backend': absent, broker: unanswered, workers: absent },
    asked: 3,
    want: 'undecided',
  },
];
const all: readonly WitnessKind[] = ['result-backend', 'broker', 'workers'];
for (const { of, answers, witnesses = all, isBlind = false, isUnsure = false, asked = 1, want } of cases) {
  const answered = Object.entries(answers).map(([by, { kind }]) => `${by}: ${kind}`);
  const doubt = isBlind ? ' with a gap' : isUnsure ? ' and uncertain' : '';
  const name = `${of}${doubt}: ${answered.join(', ') || `${witnesses.length} to ask`} → ${want}`;
  test(asked > 1 ? `${name}, after the last question` : name, () => {
    const received = new Map(Object.entries(answers) as [WitnessKind, WitnessAnswer][]);
    const suspicion = {
      kind: of,
      since: 0,
      attemptStartedAt: undefined,
      hasGap: isBlind,
      isUncertain: isUnsure,
      answers: received,
      asked,
    };
    assert.equal(judge(suspicion, witnesses).is, want);
  });
}

test('a task that comes back has the time of its return', () => {
  const answers = new Map([['broker', unacknowledged]] as [WitnessKind, WitnessAnswer][]);
  const suspicion = {
    kind: 'lost',
    since: 0,
    attemptStartedAt: undefined,
    hasGap: false,
    isUncertain: false,
    answers,
    asked: 1,
  } as const;
  const judgement = judge(suspicion, ['broker']);
  assert.deepEqual(judgement, { is: 'comes-back', by: 'broker', because: 'unacknowledged', at: 9 });
});
