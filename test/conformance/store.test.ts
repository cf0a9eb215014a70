/**
 * Conformance of alert stores. Runs against memory and against a real redis-server, which is started here on a free
 * port; where none is installed the Redis part is skipped, loudly, except in CI.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type Book, emptyBook } from '../../src/alert/incident.ts';
import { emptyLedger, type Ledger, type LedgerKey } from '../../src/alert/outbox/ledger.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { createRedisStore } from '../../src/store/redis.ts';
import { type AlertStore, type Change, sharedMax, takenAtOnceMax } from '../../src/store/store.ts';
import { incidentOf } from '../fakes/incident.ts';
import { whyNoRedis } from '../fakes/redis.ts';
import { startRedis, stopEverything, waitFor } from '../live/process.ts';

const longestAnswerMs = 5_000;

/** Two stores over one memory where the kind allows it, else twice the same. */
interface Subject {
  readonly name: string;
  readonly skip: string | false;
  open(): Promise<readonly [AlertStore, AlertStore]>;
}

const server: { current?: Promise<Awaited<ReturnType<typeof startRedis>>> } = {};
const closing: (() => unknown)[] = [];
after(async () => {
  await Promise.all(closing.map((close) => close()));
  await stopEverything();
});

/** A namespace of its own on the server that all share, or on another one. */
async function openRedis(url?: string) {
  server.current ??= startRedis();
  const at = url ?? (await server.current).url;
  const namespace = randomUUID();
  const create = async (): Promise<AlertStore> => {
    const store = createRedisStore({ url: at, namespace, report: () => {}, random: Math.random, sleep });
    closing.push(() => store.stop());
    await waitFor('the store is connected', 10_000, () => isThere(store));
    return store;
  };
  const raw = new Redis(at, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  raw.on('error', () => {});
  closing.push(() => raw.disconnect());
  return { create, raw, prefix: `tv:{${namespace}}:` };
}

const subjects: readonly Subject[] = [
  {
    name: 'memory store',
    skip: false,
    async open() {
      const store = createMemoryStore({ now: Date.now });
      return [store, store];
    },
  },
  {
    name: 'redis store',
    skip: whyNoRedis(),
    async open() {
      const { create } = await openRedis();
      return [await create(), await create()];
    },
  },
];

for (const subject of subjects) {
  describe(subject.name, { skip: subject.skip }, () => {
    test('passes undefined to a change before the first write', async () => {
      const [store] = await subject.open();
      assert.equal(await bookIn(store), undefined);
      assert.equal(await ledgerIn(store, 'a'), undefined);
      const memory = await store.updateBaselines((stored) => ({ next: undefined, answer: stored }));
      assert.equal(memory, undefined);
    });

    test('gives a change what another instance wrote, exactly, and each ledger apart', async () => {
      const [store, other] = await subject.open();
      const book: Book = { ...emptyBook, begunAt: 1, incidents: [incidentOf()] };
      await store.updateBook(() => ({ next: book, answer: undefined }));
      assert.deepEqual(textOf(await bookIn(other)), textOf(book));
      await store.updateLedger(keyOf('a'), () => ({ next: { ...emptyLedger, lines: 1 }, answer: undefined }));
      await other.updateLedger(keyOf('b'), () => ({ next: { ...emptyLedger, lines: 2 }, answer: undefined }));
      assert.deepEqual([(await ledgerIn(other, 'a'))?.lines, (await ledgerIn(store, 'b'))?.lines], [1, 2]);
      const memory = { since: 1, causes: [], tasks: [] };
      await store.updateBaselines(() => ({ next: memory, answer: undefined }));
      assert.deepEqual(await other.updateBaselines((stored) => ({ next: undefined, answer: stored })), memory);
    });

    test('applies every one of many changes at once', async () => {
      const [store, other] = await subject.open();
      const updates = Array.from({ length: 24 }, (_, index) => (index % 2 === 0 ? store : other).updateBook(oneMore));
      await Promise.all(updates);
      assert.equal((await bookIn(store))?.deploys.length, 24);
      const lines = Array.from({ length: 24 }, (_, index) =>
        (index % 2 === 0 ? store : other).updateLedger(keyOf('a'), (ledger) => {
          const next = { ...(ledger ?? emptyLedger), lines: (ledger?.lines ?? 0) + 1 };
          return { next, answer: undefined };
        }),
      );
      await Promise.all(lines);
      assert.equal((await ledgerIn(other, 'a'))?.lines, 24);
    });

    test('lets one of many contenders win', async () => {
      const [store, other] = await subject.open();
      const claim =
        (by: string): Change<Ledger, boolean> =>
        (ledger, now) =>
          ledger?.claim === undefined
            ? { next: { ...emptyLedger, claim: { by, until: now + 1_000 } }, answer: true }
            : { next: undefined, answer: false };
      const names = Array.from({ length: 16 }, (_, index) => `instance-${index}`);
      const answers = await Promise.all(
        names.map((name, index) => (index % 2 === 0 ? store : other).updateLedger(keyOf('a'), claim(name))),
      );
      assert.equal(answers.filter(Boolean).length, 1);
      assert.equal((await ledgerIn(other, 'a'))?.claim?.by, names[answers.indexOf(true)]);
    });

    test('lets its clock move on between two updates', async () => {
      const [store] = await subject.open();
      const clock: Change<Book, number> = (_book, now) => ({ next: undefined, answer: now });
      const first = await store.updateBook(clock);
      assert.ok((await store.updateBook(clock)) >= first);
      assert.ok(Math.abs(first - Date.now()) < 60_000, 'milliseconds since 1970');
    });

    test('passes on what a change throws, and writes nothing', async () => {
      const [store] = await subject.open();
      const broken = store.updateBook(() => {
        throw new RangeError('a bug');
      });
      await assert.rejects(broken, RangeError);
      assert.equal(await bookIn(store), undefined);
    });

    test('hands each batch to one of those who take, the oldest first', async () => {
      const [store, other] = await subject.open();
      const batches = Array.from({ length: takenAtOnceMax + 20 }, (_, index) => `${index}`);
      for (const batch of batches) await store.share(batch);
      const [first, ...later] = [await other.takeShared(), await store.takeShared(), await other.takeShared()];
      assert.deepEqual(first, batches.slice(0, takenAtOnceMax));
      assert.deepEqual(later, [batches.slice(takenAtOnceMax), []]);
      for (const batch of batches) await store.share(batch);
      const taken = await Promise.all([store, other, store, other].map((one) => one.takeShared()));
      assert.deepEqual(taken.flat().sort(), batches.toSorted());
    });

    test('keeps the newest of many batches that no instance takes', async () => {
      const [store, other] = await subject.open();
      for (let index = 0; index < sharedMax + 5; index += 500) {
        const size = Math.min(500, sharedMax + 5 - index);
        await Promise.all(Array.from({ length: size }, (_, more) => store.share(`${index + more}`)));
      }
      const taken: string[] = [];
      for (let batch = await other.takeShared(); batch.length > 0; batch = await other.takeShared())
        taken.push(...batch);
      assert.equal(taken.length, sharedMax);
      assert.equal(taken[0], '5');
    });

    test('gives every instance the evidence that one of them saved last', async () => {
      const [store, other] = await subject.open();
      assert.equal(await other.loadEvidence(), undefined);
      for (const text of ['first', 'a "second" \u{1f41b}\nline']) {
        await store.saveEvidence(text);
        assert.equal(await other.loadEvidence(), text);
      }
    });

    test('may be stopped twice', async () => {
      const [store] = await subject.open();
      await store.stop();
      await store.stop();
    });
  });
}

describe('redis store alone', { skip: whyNoRedis() }, () => {
  test('reads what it knows once, and what others changed again', async () => {
    const { create, raw, prefix } = await openRedis();
    const [store, other] = [await create(), await create()];
    await store.updateBook(oneMore);
    const first = await bookIn(store);
    assert.equal(await bookIn(store), first, 'the very same object: nothing was read');
    await other.updateBook(oneMore);
    assert.equal((await bookIn(store))?.deploys.length, 2);
    await raw.del(`${prefix}book`);
    assert.equal(await bookIn(store), undefined);
  });

  test('writes nothing when nothing has changed', async () => {
    const { create, raw, prefix } = await openRedis();
    const store = await create();
    await store.updateBook(oneMore);
    const version = await raw.hget(`${prefix}book`, 'version');
    await store.updateBook((book) => ({ next: book, answer: undefined }));
    await store.updateBook(() => ({ next: undefined, answer: undefined }));
    assert.equal(await raw.hget(`${prefix}book`, 'version'), version);
  });

  test('never gives a record that was removed and made again a version it had', async () => {
    const { create, raw, prefix } = await openRedis();
    const store = await create();
    const versions = new Set<string | null>();
    for (let round = 0; round < 50; round += 1) {
      await store.updateBook(oneMore);
      versions.add(await raw.hget(`${prefix}book`, 'version'));
      await raw.del(`${prefix}book`);
    }
    assert.equal(versions.size, 50);
  });

  test('keeps its keys under the prefix of the namespace, and lets all of them expire', async () => {
    const { create, raw, prefix } = await openRedis();
    const store = await create();
    await store.updateBook(oneMore);
    await store.updateLedger(keyOf('a'), () => ({ next: emptyLedger, answer: undefined }));
    await store.updateBaselines(() => ({ next: { since: 1, causes: [], tasks: [] }, answer: undefined }));
    await store.share('batch');
    await store.saveEvidence('evidence');
    const keys = (await raw.keys('*')).filter((key) => key.startsWith(prefix)).sort();
    assert.deepEqual(
      keys,
      ['book', 'evidence', 'ledger:slack:a', 'memory', 'shared'].map((key) => `${prefix}${key}`),
    );
    const days = await Promise.all(keys.map(async (key) => (await raw.pttl(key)) / 86_400_000));
    assert.deepEqual(days.map(Math.ceil), [7, 1, 14, 30, 1]);
  });

  test('leaves a record of another release alone', async () => {
    const { create, raw, prefix } = await openRedis();
    const store = await create();
    await raw.hset(`${prefix}book`, 'version', '1', 'state', '{"format":99}');
    await assert.rejects(store.updateBook(oneMore), { name: 'ForeignRecordError' });
    assert.equal(await raw.hget(`${prefix}book`, 'state'), '{"format":99}');
    await store.updateLedger(keyOf('a'), () => ({ next: emptyLedger, answer: undefined }));
  });

  test('takes what is no record for nothing, and replaces it', async () => {
    const { create, raw, prefix } = await openRedis();
    const store = await create();
    for (const damage of ['not JSON', '[]', 'null', '"text"']) {
      await raw.hset(`${prefix}book`, 'version', '1', 'state', damage);
      await store.updateBook(oneMore);
      assert.equal((await bookIn(store))?.deploys.length, 1, damage);
      await raw.del(`${prefix}book`);
    }
  });

  test('goes on when the server has forgotten the scripts, and when it has forgotten everything', async () => {
    const own = await startRedis();
    const { create, raw } = await openRedis(own.url);
    const [store, other] = [await create(), await create()];
    await store.updateBook(oneMore);
    await raw.script('FLUSH');
    await other.updateBook(oneMore);
    assert.equal((await bookIn(store))?.deploys.length, 2);
    await raw.flushall();
    assert.equal(await bookIn(store), undefined);
    await Promise.all([store.updateBook(oneMore), other.updateBook(oneMore)]);
    assert.equal((await bookIn(store))?.deploys.length, 2);
  });

  test('rejects within seconds while the server hangs, and goes on when it wakes up', async () => {
    const own = await startRedis();
    const { create } = await openRedis(own.url);
    const store = await create();
    await store.updateBook(oneMore);
    own.signal('SIGSTOP');
    const isLate = sleep(longestAnswerMs, 'late', { ref: false });
    const calls = [
      store.updateBook(oneMore),
      ledgerIn(store, 'a'),
      store.updateBaselines(() => ({ next: undefined, answer: 0 })),
      store.share('batch'),
      store.takeShared(),
      store.saveEvidence('evidence'),
      store.loadEvidence(),
    ].map((call) => call.then(() => 'answered').catch(() => 'rejected'));
    for (const call of calls) assert.equal(await Promise.race([call, isLate]), 'rejected');
    own.signal('SIGCONT');
    await waitFor('the server is back', 20_000, () => isThere(store));
    const { length } = (await bookIn(store))!.deploys;
    assert.ok(length === 1 || length === 2, `what was on its way may have been applied, once: ${length}`);
  });

  test('rejects at once while the server is gone, and begins anew with the one that follows', async () => {
    const own = await startRedis();
    const { create } = await openRedis(own.url);
    const store = await create();
    await store.updateBook(oneMore);
    await own.stop('SIGKILL');
    await assert.rejects(bookIn(store));
    await assert.rejects(store.takeShared());
    await startRedis(own.port);
    await waitFor('the store is connected again', 20_000, () => isThere(store));
    assert.equal(await bookIn(store), undefined);
    await store.stop();
    await assert.rejects(bookIn(store));
  });
});

const oneMore: Change<Book, undefined> = (book, at) => {
  const known = book ?? emptyBook;
  return { next: { ...known, deploys: [...known.deploys, { version: 'v1', at, pools: [] }] }, answer: undefined };
};

function bookIn(store: AlertStore): Promise<Book | undefined> {
  return store.updateBook((book) => ({ next: undefined, answer: book }));
}

const keyOf = (id: string): LedgerKey => ({ id, receiver: 'slack' });

function ledgerIn(store: AlertStore, id: string): Promise<Ledger | undefined> {
  return store.updateLedger(keyOf(id), (ledger) => ({ next: undefined, answer: ledger }));
}

function isThere(store: AlertStore): Promise<boolean> {
  return store.takeShared().then(
    () => true,
    () => false,
  );
}

/** The record without properties that JSON does not contain. */
function textOf<Kind>(record: Kind): Kind {
  return JSON.parse(JSON.stringify(record)) as Kind;
}
