import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeHost } from '../../test/fakes/host.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { createSystemClock } from '../runtime/clock.ts';
import type { Source } from '../source/source.ts';
import { aborted, serve } from './serve.ts';

function configOf(yaml = ''): Config {
  const text = `broker: redis://a/0\nops: { listen: "127.0.0.1:0" }\nui: { listen: "127.0.0.1:0" }\n${yaml}`;
  const loaded = loadConfig({ text, file: 'c.yaml', env: {}, hostname: 'h', readFile: () => '' });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

const sourceOf = (behaviour: Partial<Source> = {}): Source => ({
  name: 'test',
  start: async (outlet) => outlet.connected(true, Date.now()),
  stop: async () => {},
  ...behaviour,
});

/** Serves with a source of the test until `until` aborts. */
async function run({
  source = sourceOf(),
  env = {},
  yaml = '',
}: {
  source?: Source;
  env?: Record<string, string>;
  yaml?: string;
}) {
  const host = createFakeHost({ env });
  const over = new AbortController();
  let page: string | undefined;
  const code = await serve(
    { config: configOf(yaml), clock: createSystemClock(), sources: () => [source] },
    {
      host,
      title: 'test',
      isDemo: false,
      until: over.signal,
      started: (url) => {
        page = url;
        over.abort();
      },
    },
  );
  return { host, code, page, out: host.out() };
}

test('the status page has a URL that a person can open', async () => {
  const { code, page, out } = await run({});
  assert.equal(code, 0);
  assert.match(page ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.match(out, /"reason":"done"/);
});

test('a source that cannot start is an error, and the listeners are closed', async () => {
  const source = sourceOf({ start: () => Promise.reject(new Error('bad certificate')) });
  await assert.rejects(run({ source }), /bad certificate/);
});

test('a service that does not stop in time ends the process', async () => {
  const { host } = await run({
    source: sourceOf({ stop: () => new Promise(() => {}) }),
    yaml: 'shutdown_timeout: 1s\n',
  });
  assert.deepEqual(host.exits, [0]);
});

test('variables of OpenTelemetry without effect are warned about if OTLP is on', async () => {
  const env = { OTEL_TRACES_SAMPLER: 'always_off' };
  assert.doesNotMatch((await run({ env })).out, /OTEL_TRACES_SAMPLER/);
  const { out } = await run({ env, yaml: 'otlp: { endpoint: "http://127.0.0.1:1" }\n' });
  assert.match(out, /"warning":"OTEL_TRACES_SAMPLER: has no effect; set otlp\.sample"/);
});

test('waiting ends when the signal aborts, and at once if it has aborted', async () => {
  const controller = new AbortController();
  const waiting = aborted(controller.signal, createSystemClock());
  controller.abort();
  await waiting;
  await aborted(controller.signal, createSystemClock());
});
