import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigDraft } from '../draft/draft.ts';
import { entriesOf, queueMatcherOf, taskMatcherOf, unreachable, writtenMatcher } from './unreachable.ts';

function unreachableOwners(owners: unknown): number[] {
  const draft = new ConfigDraft({ alerts: { owners } });
  return unreachable(draft, 'owners', ({ match }) => writtenMatcher(match)).map(({ path }) => Number(path[2]));
}

const owners: readonly (readonly [title: string, matchers: readonly unknown[], want: readonly number[]])[] = [
  ['different tasks', [{ task: 'a' }, { task: 'b' }], []],
  ['the same task', [{ task: 'a' }, { task: 'a' }], [1]],
  ['a glob before its task', [{ task: 'a.*' }, { task: 'a.b' }], [1]],
  ['a task before its glob', [{ task: 'a.b' }, { task: 'a.*' }], []],
  ['everything before anything', [{}, { pool: 'x' }], [1]],
  ['a wider condition in one label, a narrower one in another', [{ task: 'a.*', queue: 'x' }, { task: 'a.b' }], []],
  ['one of two tasks is not covered', [{ task: 'a.*' }, { task: ['a.b', 'c'] }], []],
  ['both tasks are covered by two globs', [{ task: ['a.*', 'c*'] }, { task: ['a.b', 'cd'] }], [1]],
  ['a family before its signal', [{ signal: 'failures' }, { signal: 'failures.new' }], [1]],
  ['a signal before its family', [{ signal: 'failures.new' }, { signal: 'failures' }], []],
  ['an entry that an entry before the last covers', [{ task: 'a*' }, { task: 'b' }, { task: 'ab' }], [2]],
  ['a matcher that the schema refuses', [{ task: 5 }, { task: 'a' }, { tasc: 'a' }], []],
];
for (const [title, matchers, want] of owners) {
  test(`entries that never apply: ${title}`, () =>
    assert.deepEqual(unreachableOwners(matchers.map((match) => ({ match }))), want));
}

test('the message names the entry that comes first', () => {
  const draft = new ConfigDraft({ alerts: { tasks: [{ match: 'b' }, { match: 'a*' }, { match: 'a' }] } });
  assert.deepEqual(unreachable(draft, 'tasks', taskMatcherOf), [
    {
      path: ['alerts', 'tasks', 2, 'match'],
      message: 'never applies: alerts.tasks[1] comes before it and matches everything it matches',
    },
  ]);
});

test('an entry without a matcher is reported at the entry', () => {
  const draft = new ConfigDraft({ alerts: { owners: [{ match: {} }, { channel: '#a' }] } });
  assert.deepEqual(
    unreachable(draft, 'owners', ({ match }) => writtenMatcher(match)).map(({ path }) => path),
    [['alerts', 'owners', 1]],
  );
});

test('the matcher of a task or a queue has only this label', () => {
  const empty = { tasks: [], exceptions: [], queues: [], pools: [], signals: [], classes: [] };
  assert.deepEqual(taskMatcherOf({ match: 'a|b' }), { ...empty, tasks: ['a', 'b'] });
  assert.deepEqual(queueMatcherOf({ match: 'q' }), { ...empty, queues: ['q'] });
  assert.deepEqual(
    [taskMatcherOf({}), queueMatcherOf({}), taskMatcherOf({ match: 5 })],
    [undefined, undefined, undefined],
  );
});

test('entries keep their positions when other items are no mappings', () => {
  const draft = new ConfigDraft({ list: ['text', { a: 1 }, null, { b: 2 }], other: {} });
  assert.deepEqual(
    entriesOf(draft, ['list']).map(({ index }) => index),
    [1, 3],
  );
  assert.deepEqual([entriesOf(draft, ['other']), entriesOf(draft, ['absent'])], [[], []]);
});
