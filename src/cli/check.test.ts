import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { configuration } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { policyOf } from '../config/policy/policy.ts';
import { everythingOn } from '../config/sample/sample-file.ts';
import { check } from './check.ts';

interface Run {
  readonly text: string;
  readonly env?: Record<string, string>;
  readonly format?: 'text' | 'json';
}

/** Every secret file has a valid value with a canary in it. */
function readFile(path: string): string {
  if (path.includes('slack-app')) return 'xapp-canary\n';
  if (path.includes('slack')) return 'xoxb-canary\n';
  if (path.includes('webhook-secret')) return 'whsec_canarycanarycanarycanarycanary00\n';
  if (path.includes('dsn')) return 'https://canary@sentry.example/1\n';
  if (path.includes('url')) return 'redis://:canary@redis/0\n';
  return 'canary\n';
}

function run({ text, env = {}, format = 'text' }: Run): { readonly code: number; readonly lines: string[] } {
  const lines: string[] = [];
  const code = check({ text, file: 'tv.yaml', env, readFile, print: (line) => lines.push(line), format });
  return { code, lines };
}

const config = new URL('../../config/', import.meta.url);
const fileOf = (name: string): string => readFileSync(new URL(name, config), 'utf8');
const examples = readdirSync(new URL('examples/', config)).map((name) => `examples/${name}`);

for (const name of ['taskvigil.yaml', 'minimal.yaml', ...examples]) {
  test(`config/${name} is valid, and its description contains no secret`, () => {
    const env = { CELERY_BROKER_URL: 'redis://:canary@redis/0', HOSTNAME: 'pod-1' };
    const { code, lines } = run({ text: fileOf(name), env });
    assert.equal(code, 0, lines.join('\n'));
    assert.ok(lines.includes('tv.yaml: valid'), lines.join('\n'));
    assert.doesNotMatch(lines.join('\n'), /canary/);
  });
}

test('config/taskvigil.yaml contains the defaults', () => {
  const load = (text: string) => loadConfig({ text, file: 'tv.yaml', env: {}, readFile });
  const all = load(fileOf('taskvigil.yaml'));
  const none = load('broker: redis://localhost:6379/0');
  if (!all.ok || !none.ok) assert.fail('expected both to be valid');
  // `alerts` keeps the values as they are written, so the resulting policies are compared.
  const { hash: _, ...written } = policyOf(all.config);
  const { hash: __, ...built } = policyOf(none.config);
  assert.deepEqual(written, built);
  assert.deepEqual({ ...all.config, alerts: none.config.alerts }, none.config);
});

test('config/taskvigil.yaml is valid with all of its options switched on', () => {
  const text = everythingOn(fileOf('taskvigil.yaml')).replace(/^ *\w+_file:.*$/gm, '');
  const env = {
    SENTINEL_PASSWORD: 'canary',
    REDACT_HASH_KEY: 'canary-canary-canary',
    SLACK_BOT_TOKEN: 'xoxb-canary',
    SLACK_APP_TOKEN: 'xapp-canary',
    SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef',
    WEBHOOK_SECRET: 'whsec_canarycanarycanarycanarycanary00',
  };
  const { code, lines } = run({ text, env });
  assert.equal(code, 0, lines.join('\n'));
  for (const want of [
    'Failures go to Sentry as production, grouped by the fingerprint of taskvigil, at most 10 events per group and hour.',
    'Incidents go to Slack, #celery-alerts unless they have an owner with another channel; buttons over Socket Mode.',
    'All incidents also go to the webhook, as signed JSON.',
    '  1. billing.* or payouts.*, class bug or resource → #pay-alerts, with a link in #operations, mentions S0PAYTEAM when critical, U0ANNA12 U0BERT12 when high, muted in nights',
    '  1. nights: Mon-Fri 19:00 to 08:00 America/New_York, lets critical through, then a summary',
    '  2. nightly: reports.tasks.nightly, at least 1d apart',
    'Failures of the rule "partner-quota" are grouped by partner quota and are transient.',
    'Failures of the rule "sandbox" are ignored.',
  ]) {
    assert.ok(lines.includes(want), `${want}\n\n${lines.join('\n')}`);
  }
});

test('config/taskvigil.yaml contains every option', () => {
  const text = fileOf('taskvigil.yaml');
  const missing = keysOf(configuration.schema).filter((key) => !new RegExp(`(^|[\\s#{"])${key}("|:)`, 'm').test(text));
  assert.deepEqual(missing, []);
});

/** The keys of a schema and of all schemas inside it. */
function keysOf(node: unknown): string[] {
  const { def } = (node as { readonly _zod: { readonly def: Def } })._zod;
  if (def.shape !== undefined) return Object.entries(def.shape).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
  const inner = def.innerType ?? def.element ?? def.valueType ?? def.in;
  return inner === undefined ? [] : keysOf(inner);
}

interface Def {
  readonly def: Def;
  readonly shape?: Readonly<Record<string, unknown>>;
  readonly innerType?: unknown;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly in?: unknown;
}

test('every problem is printed, then their number', () => {
  const { code, lines } = run({ text: 'broker: redis://:canary@a/b\nmode: x' });
  assert.equal(code, 1);
  assert.deepEqual(lines.slice(1), ['tv.yaml:2:7: mode: expected "sidecar" or "standalone", got "x"', '2 problems']);
  assert.match(lines[0]!, /^tv\.yaml:1:9: broker: /);
  assert.doesNotMatch(lines.join('\n'), /canary/);
});

test('the failures for Sentry are described', () => {
  const { lines } = run({ text: 'broker: redis://a\nsentry: { dsn: https://canary@s/1, workers: report }' });
  const want =
    'Failures that an SDK in the workers cannot observe go to Sentry as production, grouped by the fingerprint of taskvigil, at most 10 events per group and hour.';
  assert.ok(lines.includes(want), lines.join('\n'));
});

test('sinks that are off are described', () => {
  const { lines } = run({ text: 'broker: redis://a' });
  for (const want of [
    'OTLP is off: neither otlp.endpoint nor OTEL_EXPORTER_OTLP_ENDPOINT is set.',
    'Sentry is off.',
    'Slack is off: incidents are shown only on the status page.',
  ]) {
    assert.ok(lines.includes(want), want);
  }
});

test('warnings are printed above the description', () => {
  const { code, lines } = run({ text: 'broker: redis://a', env: { TASKVIGIL_MOD: 'x' } });
  assert.equal(code, 0);
  assert.equal(lines[0], 'warning: TASKVIGIL_MOD: unknown variable, ignored; did you mean TASKVIGIL_MODE?');
});

test('json is one object, with and without problems', () => {
  const right = run({ text: 'broker: redis://a', format: 'json' });
  assert.equal(right.code, 0);
  assert.equal(JSON.parse(right.lines.join('')).ok, true);
  const wrong = run({ text: 'broker: redis://a\nmode: x', format: 'json' });
  assert.equal(wrong.code, 1);
  assert.deepEqual(JSON.parse(wrong.lines.join('')).problems, [
    { where: 'tv.yaml:2:7', path: 'mode', message: 'expected "sidecar" or "standalone", got "x"' },
  ]);
});
