import assert from 'node:assert/strict';
import { test } from 'node:test';
import { poolOf } from './worker-pool.ts';

const cases: readonly (readonly [name: string, host: string, pool: string, release?: string])[] = [
  ['a pod of a Deployment', 'celery@mail-6f7c9d8b5-x2vkq', 'celery@mail', '6f7c9d8b5'],
  [
    'a Deployment with dashes in its name',
    'celery@worker-mail-eu-84bd7c9f68-zzxcv',
    'celery@worker-mail-eu',
    '84bd7c9f68',
  ],
  ['a hash without digits', 'celery@mail-bcdfghjk-x2vkq', 'celery@mail', 'bcdfghjk'],
  ['a pod of a StatefulSet', 'celery@worker-0', 'celery@worker'],
  ['a StatefulSet with a number in its name', 'celery@worker2-11', 'celery@worker2'],
  ['a numbered machine', 'celery@app12', 'celery@app'],
  ['a numbered machine with a dot', 'celery@app.12', 'celery@app'],
  ['several nodes of one machine', 'mail3@box', 'mail@box'],
  ['several nodes of numbered machines', 'mail3@box7', 'mail@box'],
  ['an address', 'celery@10.0.0.17', 'celery@10.0.0.17'],
  ['an address written as a name', 'celery@ip-10-0-0-17', 'celery@ip-10-0-0-17'],
  ['a machine with a domain', 'celery@web.example.org', 'celery@web.example.org'],
  ['a name without a pattern', 'celery@worker', 'celery@worker'],
  ['words that are as long as hashes', 'celery@mail-priority-queue', 'celery@mail-priority-queue'],
  ['no node name at all', 'mail-6f7c9d8b5-x2vkq', 'mail', '6f7c9d8b5'],
  ['nothing but a number', 'celery@17', 'celery@17'],
];
for (const [name, host, pool, release] of cases) {
  test(`pool of ${name}: ${host}`, () => assert.deepEqual(poolOf(host), { pool, release }));
}
