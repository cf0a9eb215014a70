import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { css, script } from './assets.ts';

interface FakeSection {
  readonly id: string;
  innerHTML: string;
  isOpen: boolean;
  isSelected: boolean;
  isFocused: boolean;
  replacedBy: string | undefined;
}

const sectionOf = (changes: Partial<FakeSection> = {}): FakeSection => ({
  id: 'groups',
  innerHTML: 'old',
  isOpen: false,
  isSelected: false,
  isFocused: false,
  replacedBy: undefined,
  ...changes,
});

/** Runs one refresh of the script against a page with `section`, and a server with `fresh` in its place. */
async function refresh(section: FakeSection, fresh: string | undefined, isOk = true): Promise<string | undefined> {
  const counts = { replaceWith: () => {} };
  const element = {
    ...section,
    querySelector: () => (section.isOpen ? {} : null),
    contains: (node: string) => (node === 'anchor' ? section.isSelected : section.isFocused),
    replaceWith: (next: FakeSection) => {
      section.replacedBy = next.innerHTML;
    },
  };
  const next = fresh === undefined ? null : { innerHTML: fresh };
  let period: number | undefined;
  let run = async (): Promise<void> => {};
  const context = createContext({
    location: { pathname: '/' },
    fetch: async () => ({ ok: isOk, text: async () => '' }),
    DOMParser: class {
      parseFromString() {
        return { querySelector: () => counts, getElementById: () => next };
      }
    },
    document: { querySelector: () => counts, querySelectorAll: () => [element], activeElement: 'focus' },
    getSelection: () => ({ anchorNode: 'anchor', isCollapsed: !section.isSelected }),
    setInterval: (callback: () => Promise<void>, ms: number) => {
      run = callback;
      period = ms;
    },
  });
  runInContext(script, context);
  assert.equal(period, 2_000);
  await run();
  return section.replacedBy;
}

test('a changed section is replaced, an unchanged one is not', async () => {
  assert.equal(await refresh(sectionOf(), 'new'), 'new');
  assert.equal(await refresh(sectionOf(), 'old'), undefined);
});

for (const use of ['isOpen', 'isSelected', 'isFocused'] as const) {
  test(`a section that ${use} is not replaced`, async () => {
    assert.equal(await refresh(sectionOf({ [use]: true }), 'new'), undefined);
  });
}

test('a section that the new page lacks stays', async () => {
  assert.equal(await refresh(sectionOf(), undefined), undefined);
});

test('a failed answer changes nothing', async () => {
  assert.equal(await refresh(sectionOf(), 'new', false), undefined);
});

test('style and script load nothing from elsewhere', () => {
  for (const asset of [css, script]) assert.doesNotMatch(asset, /https?:|@import|url\(/);
});
