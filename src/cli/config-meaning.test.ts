import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../config/load.ts';
import { meaningOf } from './config-meaning.ts';

interface Run {
  readonly text: string;
  readonly env?: Record<string, string>;
}

function run({ text, env = {} }: Run): { readonly lines: string[] } {
  const loaded = loadConfig({ text, file: 'tv.yaml', env, readFile: () => assert.fail('no files') });
  if (!loaded.ok) assert.fail(JSON.stringify(loaded.problems));
  return { lines: meaningOf(loaded.config) };
}

const statements: readonly (readonly [title: string, text: string, want: string])[] = [
  ['standalone', '', 'Runs on its own and processes the events of all workers.'],
  ['a sidecar', 'mode: sidecar\nhostname: pod-1', 'Runs beside the workers on pod-1.'],
  ['no control', '', 'Only reads; writes nothing to the broker.'],
  [
    'control',
    'source: { control: "on" }',
    'Asks workers to send events and for the tasks they execute; writes nothing else to the broker.',
  ],
  [
    'no store',
    '',
    'Keeps its state in memory: a restart forgets open incidents, silences, baselines, open tasks, and the time in which it did not run.',
  ],
  [
    'a sidecar without a store',
    'mode: sidecar\nhostname: a',
    'Keeps its state in memory: a restart forgets open incidents, silences, baselines, open tasks, and the time in which it did not run, and each sidecar posts on its own; set store to share it.',
  ],
  ['a store', 'store: redis://:canary@b/1\nstore_namespace: shop', 'Shares alert state in Redis as "shop".'],
  [
    'limits',
    'limits: { open_tasks: 200 }\nworkers: { silent_after: 1m }',
    'Tracks up to 200 tasks; a worker is lost after 1m without a heartbeat.',
  ],
  ['addresses', '', 'Health and metrics on :9464; status page on 127.0.0.1:8080.'],
  [
    'an address of IPv6 and no page',
    'ops: { listen: "[::1]:1" }\nui: { listen: "off" }',
    'Health and metrics on [::1]:1; no status page.',
  ],
  ['the log', 'log: { level: warn, format: text }', 'Logs warn and above as text; stops within 8s.'],
  [
    'treatments',
    'redact: { args: drop, exception: shape }',
    'From tasks: args removed, kwargs redacted, result removed, exception reduced to its shape, traceback redacted.',
  ],
  ['a profile', 'redact: { profiles: [{ task: [a, b], args: drop }] }', 'From a or b: args removed.'],
  ['sensitive keys', 'redact: { sensitive_keys: [pin] }', 'Always secret: values of pin.'],
  ['safe keys', 'redact: { safe_keys: [token] }', 'Never secret: values of token.'],
  ['sensitive paths', 'redact: { sensitive_paths: [kwargs.a] }', 'Always secret: values at kwargs.a.'],
  ['patterns', 'redact: { patterns: [{ name: patient, pattern: x }] }', 'Additional patterns: patient.'],
  ['actions', 'redact: { actions: { email: mask } }', 'Replacement of secrets: email mask.'],
  ['traces only', 'otlp: { endpoint: "http://c:4318/x", logs: false }', 'Traces go to http://c:4318 as taskvigil.'],
  ['a class', 'classes: { A: bug }', 'An exception A is bug.'],
];
for (const [title, text, want] of statements) {
  test(`the effect of ${title} is described`, () => {
    const { lines } = run({ text: `broker: redis://a\n${text}` });
    assert.ok(lines.includes(want), lines.join('\n'));
    assert.doesNotMatch(lines.join('\n'), /canary/);
  });
}

const addresses: readonly (readonly [url: string, want: string])[] = [
  ['redis://:canary@a:7000/3', 'Redis at a:7000, database 3, with a password'],
  ['rediss://a', 'Redis at a:6379, database 0 over TLS'],
  ['redis://[::1]/1', 'Redis at [::1]:6379, database 1'],
  ['redis+socket:///run/redis.sock', 'Redis at the socket /run/redis.sock, database 0'],
  [
    'sentinel://s1;sentinel://s2/0?master_name=main',
    'Redis "main" found by the Sentinels s1:26379, s2:26379, database 0',
  ],
  ['amqps://u:canary@h/shop', 'RabbitMQ at h:5671, vhost shop over TLS, with a password'],
];
for (const [url, want] of addresses) {
  test(`the broker ${url} is described`, () => {
    const { lines } = run({ text: `broker: { url: "${url}", master_name: main }` });
    assert.ok(lines.includes(`Events from "celery": ${want}, exchange celeryev.`), lines.join('\n'));
    assert.doesNotMatch(lines.join('\n'), /canary/);
  });
}

for (const { control, want } of [
  { control: '', want: 'Declares and binds its own event queue in RabbitMQ; writes nothing else to the broker.' },
  {
    control: 'source: { control: "on" }',
    want: 'Asks workers to send events and for the tasks they execute, and declares and binds its own event queue in RabbitMQ; writes nothing else to the broker.',
  },
]) {
  test(`over RabbitMQ the queue of our own is named, ${control === '' ? 'without' : 'with'} control`, () => {
    assert.ok(run({ text: `broker: amqp://b/\n${control}\n` }).lines.includes(want));
  });
}
