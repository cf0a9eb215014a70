import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyPage } from './why-page.ts';

const answers = (question: string) =>
  question === 'celery tasks.a'
    ? { isKnown: true, lines: ['opened', 'resolved'] }
    : { isKnown: false, lines: ['not found'] };

const cases: readonly (readonly [path: string, status: number | undefined, lines: readonly string[]])[] = [
  ['/why?q=celery%20tasks.a', 200, ['opened', 'resolved']],
  ['/why?q=celery+tasks.a', 200, ['opened', 'resolved']],
  ['/why?q=unknown', 404, ['not found']],
  ['/why?q=', 404, ['not found']],
  ['/why', 404, ['not found']],
  ['/why/?q=celery%20tasks.a', undefined, []],
  ['/', undefined, []],
];
for (const [path, status, lines] of cases) {
  test(`${path} ${status === undefined ? 'is another page' : `is answered with ${status}`}`, () => {
    const reply = whyPage(path, answers);
    assert.equal(reply?.status, status);
    if (reply !== undefined) assert.deepEqual(JSON.parse(reply.body), { lines });
  });
}
