/**
 * Traces and logs as an OpenTelemetry Collector has them: a real canvas on real workers, two daemons that receive the same events, and
 * the Collector's own redaction behind ours.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type CollectedSpan, startCollector } from '../live/collector.ts';
import {
  freePort,
  missingTools,
  produce,
  startDaemon,
  startRedis,
  startWorker,
  stopEverything,
  waitFor,
} from '../live/process.ts';

const canaries = {
  password: 'Rye-canary-77!bread',
  token: 'canarykey9f8e7d6c5b4a',
  card: '4111111111111111',
  dsn: 'postgresql://baker:canaryDsnPw@db.internal:5432/bakery',
};
const blocked = ['Rye-canary', 'canarykey[0-9a-f]+', 'canaryDsn\\w*', '4[0-9]{12}(?:[0-9]{3})?'];
const internal = 1;
const producer = 4;
const consumer = 5;

describe('traces and logs in a collector', { skip: missingTools() ?? false }, () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let produced: Map<string, readonly string[]>;

  const idsOf = (scenario: string): readonly string[] => produced.get(scenario) ?? [];
  const spansOf = (id: string): CollectedSpan[] =>
    collector.spans().filter(({ attributes }) => attributes['messaging.message.id'] === id);
  const taskSpan = (id: string): CollectedSpan | undefined =>
    spansOf(id).find(({ kind, attributes }) => kind === internal && attributes['celery.task_id'] === id);
  const taskOf = (id: string): Promise<CollectedSpan> => waitFor(`the task ${id}`, 40_000, async () => taskSpan(id));

  before(async () => {
    const [redis, store] = [await startRedis(), await startRedis()];
    collector = await startCollector(blocked);
    const app = { BROKER_URL: `${redis.url}/0`, RESULT_URL: `${redis.url}/1` };
    for (let n = 0; n < 2; n += 1) {
      const [ops, ui] = [await freePort(), await freePort()];
      const config = `broker: ${app.BROKER_URL}
result_backend: ${app.RESULT_URL}
store: ${store.url}/0
otlp: { endpoint: "${collector.endpoint}", compression: gzip }
ops: { listen: "127.0.0.1:${ops}" }
ui: { listen: "127.0.0.1:${ui}" }
`;
      const daemon = await startDaemon(config, {}, ops);
      await daemon.ready();
    }
    await startWorker(app, 'oven@one');
    produced = await produce(app, canaries);
  });

  after(stopEverything);

  test('a task has its send, its attempt and itself, each under the other, with the conventional attributes', async () => {
    const [id = ''] = idsOf('success');
    const task = await taskOf(id);
    const [send, process] = [producer, consumer].map((kind) => spansOf(id).find((span) => span.kind === kind));
    assert.deepEqual([send?.name, process?.name], [`send ${task.name}`, `process ${task.name}`]);
    for (const part of [send, process]) assert.equal(part?.parentSpanId, task.spanId);
    assert.equal(task.traceId, id.replaceAll('-', ''));
    assert.equal(process?.attributes['messaging.system'], 'celery');
    assert.equal(process?.attributes['messaging.operation.type'], 'process');
    assert.equal(process?.resource['service.name'], 'taskvigil');
    assert.ok(BigInt(send?.endTimeUnixNano ?? 0) <= BigInt(process?.startTimeUnixNano ?? 0));
  });

  test('each attempt of a retried task is a span that links to the one before', async () => {
    const [id = ''] = idsOf('retry_then_success');
    const task = await taskOf(id);
    const attempts = spansOf(id)
      .filter(({ kind }) => kind === consumer)
      .sort((a, b) => Number(a.attributes['taskvigil.attempt']) - Number(b.attributes['taskvigil.attempt']));
    assert.equal(Number(task.attributes['taskvigil.attempts']), attempts.length);
    assert.ok(attempts.length >= 2);
    for (const [index, attempt] of attempts.slice(1).entries()) {
      const link = attempt.links.find(({ attributes }) => attributes['taskvigil.link'] === 'retry-of');
      assert.equal(link?.spanId, attempts[index]?.spanId);
    }
    assert.equal(task.attributes['taskvigil.outcome'], 'recovered');
  });

  test('a failure has its exception as an event, on an attempt that is an error', async () => {
    const [id = ''] = idsOf('failure');
    await taskOf(id);
    const attempt = spansOf(id).find(({ kind }) => kind === consumer);
    assert.equal(attempt?.status.code, 2);
    const event = attempt?.events.find(({ name }) => name === 'exception');
    assert.match(String(event?.attributes['exception.type']), /OvenError$/);
    assert.match(String(event?.attributes['exception.stacktrace']), /^Traceback/);
  });

  for (const scenario of ['group', 'chord']) {
    test(`the members of a ${scenario} are joined by a span that links to each, and each to it`, async () => {
      // Celery gives a chord's body the id of its header's group.
      const ids = idsOf(scenario);
      const members = await Promise.all(ids.map(taskOf));
      const [groupId] = new Set(members.map(({ attributes }) => attributes['celery.group_id']));
      assert.equal(typeof groupId, 'string');
      const anchor = await waitFor(`the span of the ${scenario}`, 100_000, async () =>
        collector
          .spans()
          .find(({ name, attributes }) => name.startsWith('group ') && attributes['celery.group_id'] === groupId),
      );
      assert.deepEqual(anchor.links.map(({ spanId }) => spanId).sort(), members.map(({ spanId }) => spanId).sort());
      for (const { links } of members) {
        const link = links.find(({ attributes }) => attributes['taskvigil.link'] === 'group');
        assert.deepEqual([link?.traceId, link?.spanId], [anchor.traceId, anchor.spanId]);
      }
      assert.equal(Number(anchor.attributes['taskvigil.group.members']), ids.length);
    });
  }

  test('two daemons export no span twice, and no span has a missing parent', async () => {
    await Promise.all(['chain', 'nested', 'exhausted'].flatMap((scenario) => idsOf(scenario).map(taskOf)));
    const spans = collector.spans();
    const places = spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`);
    assert.equal(new Set(places).size, places.length);
    const ended = new Set(spans.filter(({ kind }) => kind === internal).map(({ traceId }) => traceId));
    const here = new Set(places);
    const orphans = spans.filter(
      ({ traceId, parentSpanId }) =>
        parentSpanId !== '' && ended.has(traceId) && !here.has(`${traceId}/${parentSpanId}`),
    );
    // A task that is still running has no span of its own yet; its attempts that ended wait for it.
    const open = new Set(orphans.map(({ attributes }) => attributes['messaging.message.id']));
    for (const id of open) assert.equal(taskSpan(String(id)), undefined, `${id} ended, and its parts hang in the air`);
  });

  test('each transition has a record that stands in the trace of its task', async () => {
    const [id = ''] = idsOf('failure');
    const task = await taskOf(id);
    const records = await waitFor('the records of a failure', 20_000, async () => {
      const mine = collector.records().filter(({ attributes }) => attributes['celery.task_id'] === id);
      return mine.some(({ attributes }) => attributes['taskvigil.transition'] === 'task-ended') && mine;
    });
    const told = records.map(({ attributes, severityText }) => [attributes['taskvigil.transition'], severityText]);
    assert.deepEqual(
      told.sort(([a], [b]) => String(a).localeCompare(String(b))),
      [
        ['attempt-ended', 'INFO'],
        ['attempt-started', 'DEBUG'],
        ['task-ended', 'ERROR'],
        ['task-queued', 'DEBUG'],
      ],
    );
    for (const { traceId } of records) assert.equal(traceId, task.traceId);
    const spanIds = new Set(spansOf(id).map(({ spanId }) => spanId));
    for (const { spanId, attributes } of records)
      assert.ok(spanIds.has(spanId), String(attributes['taskvigil.transition']));
  });

  test("the Collector's redaction finds nothing that ours has left", async () => {
    await Promise.all(idsOf('secret').map(taskOf));
    const text = collector.text();
    assert.doesNotMatch(text, /"redaction\.masked\./);
    for (const secret of ['Rye-canary', 'canarykey', 'canaryDsn', canaries.card])
      assert.ok(!text.includes(secret), secret);
    assert.match(text, /\[redacted:/);
  });
});
