import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../event/ids.ts';
import { redactedText } from '../event/untrusted.ts';
import { PublicationCache } from './publication-cache.ts';

const id = 't1' as TaskId;
const raw = { args: "('x7',)", kwargs: '{}', secretCount: 1 };
const redacted = { args: redactedText`('[redacted:token]',)`, kwargs: redactedText`{}` };

const others = [
  ['other arguments', { ...raw, args: "('x8',)" }],
  ['other named arguments', { ...raw, kwargs: '{1}' }],
  ['no arguments', { ...raw, args: undefined }],
  ['more known secrets', { ...raw, secretCount: 2 }],
] as const;
for (const [name, other] of others)
  test(`${name} need a new scan`, () => {
    const cache = new PublicationCache();
    cache.add(id, raw, redacted);
    assert.equal(cache.take(id, other), undefined);
    assert.equal(cache.take(id, raw), undefined);
  });

test('the same arguments are found once', () => {
  const cache = new PublicationCache();
  cache.add(id, raw, redacted);
  assert.equal(cache.take(id, raw), redacted);
  assert.equal(cache.take(id, raw), undefined);
});

test('another task has no publication', () => {
  const cache = new PublicationCache();
  cache.add(id, raw, redacted);
  assert.equal(cache.take('t2' as TaskId, raw), undefined);
});

test('4,096 publications are kept', () => {
  const cache = new PublicationCache();
  for (let index = 0; index <= 4_096; index += 1) cache.add(`t${index}` as TaskId, raw, redacted);
  assert.equal(cache.take('t0' as TaskId, raw), undefined);
  assert.equal(cache.take('t1' as TaskId, raw), redacted);
});
