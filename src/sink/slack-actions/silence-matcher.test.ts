import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentOf, keyOf, subjectOf } from '../../../test/fakes/incident.ts';
import type { Incident } from '../../alert/incident.ts';
import { keyText } from '../../alert/key.ts';
import { matchesEverything } from '../../alert/matcher.ts';
import type { Matcher } from '../../alert/policy.ts';
import { silenceMatcher } from './silence-matcher.ts';

const pool = keyOf({ key: keyText({ kind: 'pool', pool: 'celery@pay' }), signal: 'worker.short' });
const queue = keyOf({ key: keyText({ kind: 'queue', queue: 'payments' }), signal: 'latency' });
const cases: readonly { readonly name: string; readonly incident: Incident; readonly match: Partial<Matcher> }[] = [
  { name: 'of a task covers the task', incident: incidentOf(), match: { tasks: ['billing.tasks.charge'] } },
  {
    name: 'of several tasks covers all of them',
    incident: incidentOf({ subject: subjectOf({ tasks: ['a', 'b'] }) }),
    match: { tasks: ['a', 'b'] },
  },
  {
    name: 'of a task whose name contains a star covers no other task',
    incident: incidentOf({ subject: subjectOf({ tasks: ['*'] }) }),
    match: { tasks: ['?'] },
  },
  {
    name: 'of a pool covers its signal in the pool, not the tasks executed there',
    incident: incidentOf({ keys: [pool] }),
    match: { pools: ['celery@pay'], signals: ['worker.short'] },
  },
  {
    name: 'of a queue covers its signal in the queue',
    incident: incidentOf({ keys: [queue] }),
    match: { queues: ['payments'], signals: ['latency'] },
  },
  {
    name: 'of a queue without a name covers its signal in the pool',
    incident: incidentOf({ keys: [queue], subject: subjectOf({ queues: [] }) }),
    match: { pools: ['celery@pay'], signals: ['latency'] },
  },
  {
    name: 'of two signals of one pool covers both',
    incident: incidentOf({ keys: [pool, { ...pool, signal: 'lost' }, pool] }),
    match: { pools: ['celery@pay'], signals: ['worker.short', 'lost'] },
  },
  {
    name: 'of a task without a name covers its signal in the pool',
    incident: incidentOf({ subject: subjectOf({ tasks: [] }) }),
    match: { pools: ['celery@pay'], signals: ['failures.new'] },
  },
  {
    name: 'of a task without a name and a pool covers its signal',
    incident: incidentOf({ subject: subjectOf({ tasks: [], pools: [] }) }),
    match: { signals: ['failures.new'] },
  },
  {
    name: 'of a signal without an object covers the signal',
    incident: incidentOf({
      keys: [keyOf({ key: keyText({ kind: 'self' }), signal: 'self.blind' })],
      subject: subjectOf({ tasks: [], pools: [], queues: [] }),
    }),
    match: { signals: ['self.blind'] },
  },
];
for (const { name, incident, match } of cases) {
  test(`a silence ${name}`, () => {
    assert.deepEqual(silenceMatcher(incident), { ...matchesEverything, ...match });
  });
}
