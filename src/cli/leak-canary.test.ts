/** The daemon as it is wired leaks nothing, even if redaction fails. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { loadConfig } from '../config/load.ts';
import type { RedactConfig } from '../config/sections/redact.ts';
import type { RedactOptions } from '../redact/options.ts';
import { createSystemClock } from '../runtime/clock.ts';
import type { CanaryReport } from './canary/report.ts';
import { leakCanaryCommand } from './leak-canary.ts';

function configOf(redact: string) {
  const text = `broker: redis://canary/0\nredact:\n${redact}`;
  const loaded = loadConfig({
    text,
    file: 'tv.yaml',
    env: {},
    readFile: () => assert.fail('no files'),
    hostname: 'pod',
  });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

const make = (): string => `q${randomBytes(8).toString('hex').slice(0, 14)}7`;

async function leaksOf(redact: string, options: Partial<RedactOptions> = {}) {
  const config = configOf(redact);
  const lines: string[] = [];
  const code = await leakCanaryCommand({
    config: { ...config, redact: { ...config.redact, ...options } as RedactConfig },
    clock: createSystemClock(),
    random: Math.random,
    make,
    format: 'json',
    print: (line) => lines.push(line),
  });
  assert.equal(lines.length, 1);
  return { code, ...(JSON.parse(lines[0] as string) as CanaryReport & { ok: boolean }) };
}

describe('every sink', { concurrency: true }, () => {
  test('shows no canary with the defaults, and is reached', async () => {
    const { code, ok, leaks, sinks, meant } = await leaksOf('  sensitive_keys: [patientRef]\n  result: redact\n');
    assert.deepEqual(leaks, []);
    assert.deepEqual(meant, []);
    assert.deepEqual([code, ok], [0, true]);
    assert.deepEqual(
      sinks.filter(({ isReached }) => !isReached),
      [],
    );
  });

  test('shows no ordinary value with shape, drop and allow, also by profile', async () => {
    const { leaks } = await leaksOf(
      '  args: shape\n  kwargs: allow\n  allowed_paths: [kwargs.page]\n  profiles: [{ task: "mail.*", args: drop, kwargs: drop, exception: drop, traceback: shape }]\n',
    );
    assert.deepEqual(leaks, []);
  });

  test('shows no canary if the scanner throws', async () => {
    const patterns = [
      {
        name: 'broken',
        find(text: string): never {
          throw new Error(`cannot read ${text}`);
        },
      },
    ];
    const { leaks } = await leaksOf('  result: redact\n', { patterns });
    assert.deepEqual(leaks, []);
  });

  test('shows no canary with room for one character', async () => {
    const charsMax = { args: 1, kwargs: 1, result: 1, exception: 1, traceback: 1, name: 1_024, log: 1 };
    const { leaks } = await leaksOf('  result: redact\n', { charsMax });
    assert.deepEqual(leaks, []);
  });

  test('shows raw arguments on purpose, but not Slack', async () => {
    const { leaks, meant } = await leaksOf('  allow_raw: true\n  kwargs: raw\n');
    assert.ok(meant.some(({ position }) => position === 'canary.tasks.run, kwargs: a key'));
    assert.deepEqual(leaks, []);
  });
});
