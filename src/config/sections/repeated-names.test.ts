import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigDraft } from '../draft/draft.ts';
import { unresolved } from '../values/leaf.ts';
import { repeatedNames } from './repeated-names.ts';

const cases: readonly (readonly [title: string, list: unknown, want: readonly string[]])[] = [
  ['no list', undefined, []],
  ['different names', [{ name: 'a' }, { name: 'b' }], []],
  [
    'the same name twice, each later item is reported',
    [{ name: 'a' }, { name: 'a' }, { name: 'a' }],
    ['list.1.name', 'list.2.name'],
  ],
  ['items without names', [{}, {}], []],
  ['a name that an item without a name gets', [{}, { name: 'celery-1' }], ['list.1.name']],
  ['items that are no mappings', ['a', 'a', null], []],
];
for (const [title, list, want] of cases) {
  test(`repeated names: ${title}`, () => {
    const troubles = repeatedNames(new ConfigDraft({ list }), ['list']);
    assert.deepEqual(
      troubles.map(({ path }) => path.join('.')),
      want,
    );
  });
}

test('names that could not be fetched are not compared', () => {
  const draft = new ConfigDraft({});
  draft.put(['list'], [{ name: unresolved }, { name: unresolved }]);
  assert.deepEqual(repeatedNames(draft, ['list']), []);
});
