import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Untrusted } from '../event/untrusted.ts';
import { celeryFormat } from './celery/format.ts';
import { type Recorded, RecordingError, readRecordings } from './recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'recording-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, lines: readonly (string | object)[]): string {
  const file = join(folder, name);
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
  return file;
}

async function read(...files: readonly string[]): Promise<Recorded[]> {
  const all: Recorded[] = [];
  for await (const recorded of readRecordings(files, { format: celeryFormat })) all.push(recorded);
  return all;
}

const event = { type: 'task-started', id: 'a', hostname: 'w@a', at: 5_000, receivedAt: 6_000 };

describe('a line', () => {
  const celeryEvent = { type: 'task-sent', uuid: 'a', _at: 1.5 };
  const messages = [
    { name: 'a Celery event', line: celeryEvent, form: 'event-body', payload: JSON.stringify(celeryEvent) },
    {
      name: 'a capture of Redis pub/sub',
      line: { at: 1.5, channel: '/0.celeryev/task.sent', payload: '{}' },
      form: 'kombu-envelope',
      payload: '{}',
    },
    {
      name: 'a capture of RabbitMQ',
      line: { at: 1.5, exchange: 'celeryev', routing_key: 'task.sent', payload: '{}' },
      form: 'event-body',
      payload: '{}',
    },
    {
      name: 'a capture of the result backend',
      line: { at: 1.5, channel: 'acme:celery-task-meta-a', payload: '{}' },
      form: 'result-meta',
      payload: '{}',
    },
  ];
  for (const { name, line, form, payload } of messages) {
    test(`with ${name} is a message of the form ${form}`, async () => {
      assert.deepEqual(await read(fileOf('message.ndjson', [line])), [
        { kind: 'message', at: 1_500, message: { source: 'recording', receivedAt: 1_500, payload, form } },
      ]);
    });
  }

  test('with queue lengths', async () => {
    assert.deepEqual(await read(fileOf('depths.ndjson', [{ at: 2, queues: { celery: 12 } }])), [
      { kind: 'depths', at: 2_000, queues: { celery: 12 } },
    ]);
  });

  test('of our own recording: begin, event, input', async () => {
    const file = fileOf('own.ndjson', [
      { taskvigil: 1, at: 4_000, recording: { version: '1' } },
      { taskvigil: 1, at: 6_500, event },
      '',
      { taskvigil: 1, at: 7_000, input: { kind: 'look' } },
    ]);
    const [begin, recorded, input, ...more] = await read(file);
    assert.deepEqual(begin, { kind: 'begin', at: 4_000, value: { version: '1' }, place: `${file}:1` });
    assert.equal(recorded?.kind === 'event' && recorded.at, 6_500);
    assert.deepEqual(input, { kind: 'input', at: 7_000, value: { kind: 'look' }, place: `${file}:4` });
    assert.deepEqual(more, []);
  });

  test('with an event without a time counts from its receipt', async () => {
    const [recorded] = await read(fileOf('untimed.ndjson', [{ taskvigil: 1, event }]));
    assert.equal(recorded?.at, 6_000);
  });

  test('with an event has untrusted texts, and no text of another type', async () => {
    const line = { taskvigil: 1, at: 1, event: { ...event, name: 'mail.send', args: 7 } };
    const [recorded] = await read(fileOf('texts.ndjson', [line]));
    assert.ok(recorded?.kind === 'event' && recorded.decoded.ok);
    const { name, args, id } = recorded.decoded.event as unknown as Record<string, unknown>;
    assert.ok(name instanceof Untrusted);
    assert.deepEqual([name.reveal(), args, id], ['mail.send', undefined, 'a']);
  });
});

describe('a line in none of the formats names its place', () => {
  const cases = [
    { line: '{', want: 'expected one JSON object a line' },
    { line: '[]', want: 'expected a JSON object' },
    { line: '7', want: 'expected a JSON object' },
    { line: '{}', want: 'expected "at" in seconds and "payload" as text' },
    { line: '{"at": 1}', want: 'expected "at" in seconds and "payload" as text' },
    { line: '{"at": "1", "payload": "x"}', want: 'expected "at" in seconds and "payload" as text' },
    { line: '{"at": 1, "queues": {"celery": "12"}}', want: 'expected "queues" as numbers by name' },
    { line: '{"taskvigil": 1, "input": {}}', want: 'expected "at" in milliseconds' },
    { line: '{"taskvigil": 1, "at": 1, "input": 7}', want: 'expected "at" in milliseconds' },
    { line: '{"taskvigil": 1, "at": 1}', want: 'expected an event with "type" and "receivedAt"' },
    { line: '{"taskvigil": 1, "event": {"type": "x"}}', want: 'expected an event with "type" and "receivedAt"' },
  ];
  for (const { line, want } of cases) {
    test(line, async () => {
      const file = fileOf('bad.ndjson', [{ taskvigil: 1, event }, line]);
      await assert.rejects(read(file), new RecordingError(`${file}:2: ${want}`));
    });
  }
});

test('several files are one stream in the order of receipt', async () => {
  const one = fileOf('one.ndjson', [
    { at: 1, queues: { a: 1 } },
    { at: 4, queues: { a: 4 } },
  ]);
  const other = fileOf('other.ndjson.gz', [
    { at: 2, queues: { a: 2 } },
    { at: 3, queues: { a: 3 } },
    { at: 9, queues: { a: 9 } },
  ]);
  const empty = fileOf('empty.ndjson', []);
  assert.deepEqual(
    (await read(one, empty, other)).map(({ at }) => at),
    [1_000, 2_000, 3_000, 4_000, 9_000],
  );
});

test('progress counts the bytes of the file', async () => {
  const file = fileOf('progress.ndjson', [{ at: 1, queues: {} }]);
  let bytes = 0;
  const onProgress = (more: number): void => {
    bytes += more;
  };
  for await (const _ of readRecordings([file], { format: celeryFormat, onProgress }));
  assert.equal(bytes, JSON.stringify({ at: 1, queues: {} }).length);
});

test('a file that does not exist is an error', async () => {
  await assert.rejects(read(join(folder, 'none.ndjson')), /ENOENT/);
});
