/** The search finds what it should, and the daemon as it is wired lets nothing out, whatever happens to redaction. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { loadConfig } from '../config/load.ts';
import type { RedactConfig } from '../config/sections/redact.ts';
import type { RedactOptions } from '../redact/options.ts';
import { createSystemClock } from '../runtime/clock.ts';
import { formIn, formsOf } from './canary/search.ts';
import { findLeaks } from './leak-canary.ts';

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
  return findLeaks({
    config: { ...config, redact: { ...config.redact, ...options } as RedactConfig },
    clock: createSystemClock(),
    random: Math.random,
    make,
  });
}

describe('the search', () => {
  const value = 'Kx7pQ2vT9bW4mN1s';
  const forms = formsOf(value);
  const cases = [
    { name: 'as it is', text: `a ${value} b`, want: 'as it is' },
    { name: 'half of it', text: `a ${value.slice(0, 8)}[cut] b`, want: 'as it is' },
    { name: 'in base64 at each offset', text: Buffer.from(`xy${value}zz`).toString('base64'), want: 'in base64' },
    { name: 'in base64, one further', text: Buffer.from(`x${value}zz`).toString('base64'), want: 'in base64' },
    { name: 'in base64, from the start', text: Buffer.from(`${value}zz`).toString('base64url'), want: 'in base64' },
    { name: 'in hex', text: Buffer.from(value).toString('hex'), want: 'in hex' },
    { name: 'backwards', text: [...value].reverse().join(''), want: 'backwards' },
    { name: 'seven signs of it are none', text: `a ${value.slice(0, 7)} b`, want: undefined },
  ];
  for (const { name, text, want } of cases) test(name, () => assert.equal(formIn(text, forms), want));
  test('signs that URLs and JSON change', () => {
    assert.equal(formIn(encodeURIComponent('a b"c/d&e'), formsOf('a b"c/d&e')), 'URL-encoded');
    assert.equal(formIn(JSON.stringify({ x: 'a"b\\c"d"e' }), formsOf('a"b\\c"d"e')), 'in JSON');
  });
});

describe('every sink', { concurrency: true }, () => {
  test('the defaults let nothing out, and every sink is reached', async () => {
    const { leaks, sinks, meant } = await leaksOf('  sensitive_keys: [patientRef]\n  result: redact\n');
    assert.deepEqual(leaks, []);
    assert.deepEqual(meant, []);
    assert.deepEqual(
      sinks.filter(({ isReached }) => !isReached),
      [],
    );
  });

  test('shape, drop and allow let ordinary values out nowhere either, also by profile', async () => {
    const { leaks } = await leaksOf(
      '  args: shape\n  kwargs: allow\n  allowed_paths: [kwargs.page]\n  profiles: [{ task: "mail.*", args: drop, kwargs: drop, exception: drop, traceback: shape }]\n',
    );
    assert.deepEqual(leaks, []);
  });

  test('with a scanner that throws nothing gets out', async () => {
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

  test('with room for one character nothing gets out', async () => {
    const charsMax = { args: 1, kwargs: 1, result: 1, exception: 1, traceback: 1, name: 1_024, log: 1 };
    const { leaks } = await leaksOf('  result: redact\n', { charsMax });
    assert.deepEqual(leaks, []);
  });

  test('what is shown on purpose is named, and leaves the arguments out of Slack all the same', async () => {
    const { leaks, meant } = await leaksOf('  allow_raw: true\n  kwargs: raw\n');
    assert.ok(meant.some(({ position }) => position === 'canary.tasks.run, kwargs: a key'));
    assert.deepEqual(leaks, []);
  });
});
