import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../alert/decision.ts';
import { keyText } from '../alert/key.ts';
import { type DecisionQuestion, decisionLine, isAbout } from './decision-line.ts';

function decisionOf(facts: Partial<Decision> = {}): Decision {
  return {
    at: Date.UTC(2026, 10, 24, 10, 13, 20, 500),
    signal: 'failures.new',
    key: keyText({ kind: 'cause', fingerprint: 'f00d' }),
    incident: '66e9',
    task: 'billing.charge',
    exception: 'KeyError',
    figures: { count: 3, limit: 3, withinMs: 600_000, baseline: undefined, of: undefined },
    failures: 2,
    verdict: { notify: true, reason: 'opened', action: 'post' },
    ...facts,
  };
}

const start = '2026-11-24T10:13:20.500Z';
const suppressed = { notify: false, reason: 'silenced', by: 's1' } as const;
const lines: readonly (readonly [facts: Partial<Decision>, line: string])[] = [
  [
    {},
    `${start} · billing.charge KeyError · failures.new · notified (post): opened, 3 in 10 min, threshold 3 · 2 failures · incident 66e9`,
  ],
  [
    { verdict: suppressed, failures: 1, figures: undefined },
    `${start} · billing.charge KeyError · failures.new · suppressed: silenced by s1 · 1 failure · incident 66e9`,
  ],
  [
    { verdict: { notify: false, reason: 'below-threshold', by: undefined }, failures: 0, incident: undefined },
    `${start} · billing.charge KeyError · failures.new · suppressed: below-threshold, 3 in 10 min, threshold 3`,
  ],
  [
    {
      signal: 'worker.short',
      task: undefined,
      exception: undefined,
      failures: 0,
      figures: { count: 1.6, limit: 4, withinMs: 0, baseline: undefined, of: undefined },
    },
    `${start} · worker.short · notified (post): opened, 2, threshold 4 · incident 66e9`,
  ],
  [
    { signal: undefined, task: undefined, exception: undefined, figures: undefined, failures: 0 },
    `${start} · notified (post): opened · incident 66e9`,
  ],
];
for (const [facts, line] of lines) {
  test(`a line: ${line.slice(start.length + 3)}`, () => assert.equal(decisionLine(decisionOf(facts)), line));
}

const nothing: DecisionQuestion = { question: 'x', key: undefined, incident: undefined };
const questions: readonly (readonly [question: Partial<DecisionQuestion>, isMatch: boolean])[] = [
  [{ question: '66e9' }, true],
  [{ question: 'billing.charge' }, true],
  [{ question: 'f00d' }, true],
  [{ key: keyText({ kind: 'cause', fingerprint: 'f00d' }) }, true],
  [{ incident: '66e9' }, true],
  [{ question: 'KeyError' }, false],
  [{ question: 'billing' }, false],
  [{ key: keyText({ kind: 'task', task: 'billing.charge' }) }, false],
  [{ incident: 'another' }, false],
  [{}, false],
];
for (const [question, isMatch] of questions) {
  test(`${JSON.stringify(question)} ${isMatch ? 'concerns' : 'does not concern'} the decision`, () => {
    assert.equal(isAbout(decisionOf(), { ...nothing, ...question }), isMatch);
  });
}

test('a decision without key and incident does not match a question without them', () => {
  assert.equal(isAbout(decisionOf({ key: undefined, incident: undefined }), nothing), false);
});
