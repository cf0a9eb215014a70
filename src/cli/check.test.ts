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

/** Every secret file holds something that fits, and every one of them a canary. */
function readFile(path: string): string {
  if (path.includes('slack-app')) return 'xapp-canary\n';
  if (path.includes('slack')) return 'xoxb-canary\n';
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
  test(`config/${name} is right, and its meaning holds no secret`, () => {
    const env = { CELERY_BROKER_URL: 'redis://:canary@redis/0', HOSTNAME: 'pod-1' };
    const { code, lines } = run({ text: fileOf(name), env });
    assert.equal(code, 0, lines.join('\n'));
    assert.ok(lines.includes('tv.yaml: right'), lines.join('\n'));
    assert.doesNotMatch(lines.join('\n'), /canary/);
  });
}

test('config/taskvigil.yaml holds the defaults', () => {
  const load = (text: string) => loadConfig({ text, file: 'tv.yaml', env: {}, readFile });
  const all = load(fileOf('taskvigil.yaml'));
  const none = load('broker: redis://localhost:6379/0');
  if (!all.ok || !none.ok) assert.fail('expected both to be right');
  // What is written of the policy is kept as it was written, so the policies are compared.
  const { hash: _, ...written } = policyOf(all.config);
  const { hash: __, ...built } = policyOf(none.config);
  assert.deepEqual(written, built);
  assert.deepEqual({ ...all.config, alerts: none.config.alerts }, none.config);
});

test('config/taskvigil.yaml is right with everything in it turned on', () => {
  const text = everythingOn(fileOf('taskvigil.yaml')).replace(/^ *\w+_file:.*$/gm, '');
  const env = {
    SENTINEL_PASSWORD: 'canary',
    REDACT_HASH_KEY: 'canary-canary-canary',
    SLACK_BOT_TOKEN: 'xoxb-canary',
    SLACK_APP_TOKEN: 'xapp-canary',
    SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef',
  };
  const { code, lines } = run({ text, env });
  assert.equal(code, 0, lines.join('\n'));
  for (const want of [
    'Failures go to Sentry as production, grouped by our fingerprint, at most 10 events of a group in an hour.',
    'Incidents go to Slack, #celery-alerts unless an owner has them; buttons over Socket Mode.',
    '  1. billing.* or payouts.*, class bug or resource → #pay-alerts, with a link in #operations, mentions S0PAYTEAM when critical, U0ANNA12 U0BERT12 when high, muted in nights',
    '  1. nights: Mon-Fri 19:00 to 08:00 America/New_York, lets critical through, then a summary',
    '  2. nightly: reports.tasks.nightly, 1d apart at least',
    'Failures of the rule "partner-quota" are grouped by partner quota and are transient.',
    'Failures of the rule "sandbox" are ignored.',
  ]) {
    assert.ok(lines.includes(want), `${want}\n\n${lines.join('\n')}`);
  }
});

test('config/taskvigil.yaml names every option there is', () => {
  const text = fileOf('taskvigil.yaml');
  const missing = keysOf(configuration.schema).filter((key) => !new RegExp(`(^|[\\s#{"])${key}("|:)`, 'm').test(text));
  assert.deepEqual(missing, []);
});

/** The keys of a schema and of all that is inside of it. */
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

test('what goes to Sentry is said', () => {
  const { lines } = run({ text: 'broker: redis://a\nsentry: { dsn: https://canary@s/1, workers: report }' });
  const want =
    'Failures that an SDK in the workers cannot see go to Sentry as production, grouped by our fingerprint, at most 10 events of a group in an hour.';
  assert.ok(lines.includes(want), lines.join('\n'));
});

test('what was left out is said', () => {
  const { lines } = run({ text: 'broker: redis://a' });
  for (const want of [
    'OTLP is off: neither otlp.endpoint nor OTEL_EXPORTER_OTLP_ENDPOINT is set.',
    'Sentry is off.',
    'Slack is off: incidents are shown on the page only.',
  ]) {
    assert.ok(lines.includes(want), want);
  }
});

test('warnings are printed with the meaning', () => {
  const { code, lines } = run({ text: 'broker: redis://a', env: { TASKVIGIL_MOD: 'x' } });
  assert.equal(code, 0);
  assert.equal(lines[0], 'warning: TASKVIGIL_MOD: unknown variable, ignored; did you mean TASKVIGIL_MODE?');
});

test('json is one object, right or wrong', () => {
  const right = run({ text: 'broker: redis://a', format: 'json' });
  assert.equal(right.code, 0);
  assert.equal(JSON.parse(right.lines.join('')).ok, true);
  const wrong = run({ text: 'broker: redis://a\nmode: x', format: 'json' });
  assert.equal(wrong.code, 1);
  assert.deepEqual(JSON.parse(wrong.lines.join('')).problems, [
    { where: 'tv.yaml:2:7', path: 'mode', message: 'expected "sidecar" or "standalone", got "x"' },
  ]);
});
