/**
 * Made-up secrets in every place of a task, through a real Redis and the daemon as a process: none of them is in any byte
 * that left, in the daemon's output, in the store, in a recording or on the page.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { formIn, formsOf } from '../../src/cli/canary/search.ts';
import { canaryMessages, canaryTasks } from '../../src/cli/canary/tasks.ts';
import { envelopeOf } from '../bench/envelope.ts';
import { type FakeOtlp, startFakeOtlp } from '../fakes/otlp.ts';
import { type FakeSentry, startFakeSentry } from '../fakes/sentry.ts';
import { type FakeSlack, startFakeSlack } from '../fakes/slack.ts';
import {
  freePort,
  missingTools,
  start,
  startDaemon,
  startRedis,
  stopEverything,
  temporaryFolder,
  waitFor,
} from '../live/process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const make = (): string => `q${randomBytes(8).toString('hex').slice(0, 14)}7`;
const tasks = canaryTasks(make, ['patientRef']);
const hidden = tasks.flatMap(({ canaries }) => canaries).filter(({ isPlain, field }) => !isPlain || field === 'result');

describe('canaries', { skip: missingTools() ?? false }, () => {
  let otlp: FakeOtlp;
  let sentry: FakeSentry;
  let slack: FakeSlack;
  const texts: Record<string, string> = {};

  before(async () => {
    [otlp, sentry, slack] = [await startFakeOtlp(), await startFakeSentry(), await startFakeSlack()];
    const [redis, store] = [await startRedis(), await startRedis()];
    const [ops, ui] = [await freePort(), await freePort()];
    const config = `broker: ${redis.url}/0
store: ${store.url}/0
otlp: { endpoint: "${otlp.endpoint}" }
sentry: { dsn: "${sentry.dsn}" }
slack: { token: "${slack.token}", channel: "#alerts", api_url: "${slack.apiUrl}" }
critical: ["*"]
redact: { sensitive_keys: [patientRef] }
ops: { listen: "127.0.0.1:${ops}" }
ui: { listen: "127.0.0.1:${ui}" }
log: { level: debug }
`;
    const daemon = await startDaemon(config, {}, ops);
    const recordingFile = join(temporaryFolder(), 'events.ndjson');
    const recorder = start(join(root, 'node_modules/.bin/node'), [
      ...[join(root, 'src/main.ts'), 'record', '-c', daemon.file, '-o', recordingFile],
    ]);
    await daemon.ready();
    const client = new Redis(redis.url);
    await waitFor('daemon and recorder listen', 20_000, async () => {
      const clients = (await client.client('LIST')) as string;
      return [...clients.matchAll(/ (?:sub|psub)=[1-9]/g)].length >= 2;
    });
    for (const [index, task] of tasks.entries()) {
      const id = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
      for (const body of canaryMessages({ task, name: 'canary.tasks.run', id, at: Date.now(), index }))
        await client.publish('/0.celeryev/task.multi', envelopeOf('task.multi', 'celery@canary', `[${body}]`, 'x'));
    }
    await waitFor(
      'sentry and slack were notified',
      40_000,
      () => sentry.events().length >= 20 && slack.log.length >= 5,
    );
    const page = await (await fetch(`http://127.0.0.1:${ui}/`)).text();
    const traces = [...page.matchAll(/href="(\/trace\/[0-9a-f]{32})"/g)].map((match) => match[1]);
    const pages = await Promise.all(
      ['/api/snapshot', ...traces].map(async (path) => (await fetch(`http://127.0.0.1:${ui}${path}`)).text()),
    );
    texts['page'] = [page, ...pages].join('\n');
    texts['metrics'] = await daemon.metrics();
    texts['store'] = await everythingIn(store.url);
    await recorder.stop();
    await daemon.stop();
    texts['store at the end'] = await everythingIn(store.url);
    texts['output'] = daemon.output() + recorder.output();
    texts['recording'] = readFileSync(recordingFile, 'utf8');
    texts['otlp'] = otlp.bytes();
    texts['sentry'] = sentry.bytes.map(String).join('\n');
    texts['slack'] = slack.bytes();
    await client.quit();
  });

  after(async () => {
    await stopEverything();
    await Promise.all([otlp.stop(), sentry.stop(), slack.stop()]);
  });

  test('the tasks reached every place that is searched', () => {
    for (const place of ['otlp', 'sentry', 'slack', 'page', 'recording', 'store'])
      assert.ok(texts[place]?.includes('canary.tasks.run') === true, `${place}: ${texts[place]?.slice(0, 200)}`);
    assert.match(texts['metrics'] ?? '', /redactions_total\{/);
    assert.match(texts['output'] ?? '', /"msg":"taskvigil started"/);
  });

  for (const place of [
    'otlp',
    'sentry',
    'slack',
    'page',
    'metrics',
    'store',
    'store at the end',
    'output',
    'recording',
  ]) {
    test(`no canary is in ${place}`, () => {
      const leaks = hidden.flatMap(({ position, value }) => {
        const form = formIn(texts[place] ?? '', formsOf(value));
        return form === undefined ? [] : [`${position}, ${form}`];
      });
      assert.deepEqual(leaks, []);
    });
  }

  test('no ordinary value of arguments is in Slack', () => {
    const plain = tasks.flatMap(({ canaries }) => canaries).filter(({ isPlain }) => isPlain);
    assert.ok(plain.length > 1);
    for (const { position, value } of plain)
      assert.equal(formIn(texts['slack'] ?? '', formsOf(value)), undefined, position);
    assert.ok(
      plain.some(({ value }) => texts['otlp']?.includes(value)),
      'an ordinary value is to be seen where it may be',
    );
  });
});

/** All keys and all values of a Redis, whatever their kind. */
async function everythingIn(url: string): Promise<string> {
  const client = new Redis(url);
  const parts: string[] = [];
  for (const key of await client.keys('*')) {
    parts.push(key);
    const kind = await client.type(key);
    if (kind === 'string') parts.push((await client.get(key)) ?? '');
    else if (kind === 'hash') parts.push(JSON.stringify(await client.hgetall(key)));
    else if (kind === 'zset') parts.push((await client.zrange(key, '0', '-1')).join('\n'));
    else if (kind === 'set') parts.push((await client.smembers(key)).join('\n'));
    else if (kind === 'list') parts.push((await client.lrange(key, 0, -1)).join('\n'));
    else parts.push(`unread: ${kind}`);
  }
  await client.quit();
  return parts.join('\n');
}
