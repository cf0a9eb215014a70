import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '../report.ts';
import { ForeignWatch } from './foreign-watch.ts';

const foreign: Notice = { kind: 'foreign-messages', source: 'celery', count: 3 };
const refused: Notice = { kind: 'message-rejected', source: 'celery', reason: 'foreign-host' };
const unreadable: Notice = { kind: 'message-rejected', source: 'celery', reason: 'not-json' };
const own: Notice = { kind: 'events-received', source: 'celery', type: 'worker-heartbeat', count: 1 };

const cases: readonly {
  readonly title: string;
  readonly notices: readonly (readonly [at: number, notice: Notice])[];
  readonly want: readonly number[];
}[] = [
  {
    title: 'a minute of foreign events is reported once',
    notices: [
      [0, foreign],
      [59_999, foreign],
      [60_000, foreign],
      [90_000, foreign],
    ],
    want: [60_000],
  },
  {
    title: 'also if they are refused one by one',
    notices: [
      [5_000, refused],
      [65_000, refused],
    ],
    want: [65_000],
  },
  {
    title: 'an own event ends the doubt',
    notices: [
      [0, foreign],
      [30_000, own],
      [600_000, foreign],
    ],
    want: [],
  },
  {
    title: 'no events at all are no foreign ones',
    notices: [
      [0, unreadable],
      [600_000, unreadable],
    ],
    want: [],
  },
];

for (const { title, notices, want } of cases) {
  test(title, () => {
    const watch = new ForeignWatch();
    const reported = notices.filter(([at, notice]) => watch.note(notice, at)).map(([at]) => at);
    assert.deepEqual(reported, want);
    assert.equal(watch.isForeignOnly(notices.at(-1)?.[0] ?? 0), want.length > 0);
  });
}
