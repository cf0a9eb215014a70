import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { scanOf } from '../../../test/fakes/text-scan.ts';
import { botTokenAt, generatedTokenFrom, jwtAt, vendorAt } from './tokens.ts';

/** Joined here, so that no line of this file looks like a token of a vendor. */
const made = (prefix: string, rest: string): string => `«${prefix}${rest}»`;

describe('tokens of vendors', () => {
  testRows([
    `aws key ${made('AKIA', 'IOSFODNN7EXAMPLE')} is invalid`,
    `push with ${made('ghp_', '16C7e42F292c6912E7710c838347Ae178B4a')} failed`,
    `slack refused ${made('xoxb-', '2411111111-3911111111-AbCdEfGhIjKlMnOpQrStUvWx')}`,
    `stripe: ${made('sk_live_', '4eC39HqLyjWDarjtT1zdp7dc')}`,
    `gitlab ${made('glpat-', 'x9Kq2mPvT7wLbN4rYc8d')} revoked`,
    `npm ${made('npm_', 'Zq7vKx2mPw9TbN4rYc8dLh5sJf1gAe3uRi6o')}`,
  ]);
});

describe('signed tokens', () => {
  testRows(
    [
      `got ${made('eyJhbGciOiJIUzI1NiJ9', '.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U')} back`,
    ],
    { kind: 'jwt' },
  );
});

describe('texts that only look like tokens', () => {
  testRows([
    'commit 3f9c1f0a7be24d51a6b3c0d9e8f7a6b5c4d3e2f1',
    'uuid 0b5f4a1e-6f1c-4d1a-9a55-3d4ad1d7e0a1',
    'task shop.orders.tasks.send_confirmation_email_to_customer',
    'sha256 of the file differs',
    '/usr/lib/python3.12/site-packages/celery/app/trace.py',
    'queue eu-central-1-high-priority',
    'pod mail-6f7c9d8b5-x2vkq on node ip-10-0-3-17',
    'version 5.6.3, build 20261130',
    'sk_test is the prefix of test keys',
    'the eyJ prefix starts a signed token',
    'AKIA is four letters',
  ]);
});

/** A run of letters and digits of the given length. */
const run = (length: number): string => 'a1B2c3D4e5F6'.repeat(Math.ceil(length / 12)).slice(0, length);
const hex = (length: number): string => '0a1b2c3d4e5f'.repeat(Math.ceil(length / 12)).slice(0, length);

describe('the end of a vendor token', () => {
  const prefixes = `ghp_ gho_ github_pat_ glpat- xoxb- xapp- sk_live_ sk-ant- pk_test_ whsec_ AIza GOCSPX- ya29. npm_ pypi- hvs. lin_api_ hf_
    dckr_pat_ PMAK- figd_ phc_ r8_ gsk_ xai- sntrys_ tok_ dp.pt. rzp_live_ tskey- pscale_tkn_ EZAK fo1_ ATATT3 glsa_ secret_ SG.`;
  for (const prefix of prefixes.split(/\s+/))
    test(prefix, () => {
      const token = `${prefix}${run(40)}`;
      assert.equal(vendorAt(`${token} x`, 0), token.length);
      assert.equal(vendorAt(prefix, 0), -1);
    });

  for (const prefix of ['shpat_', 'dop_v1_', 'dapi', 'sbp_', 'rubygems_'])
    test(prefix, () => assert.equal(vendorAt(`${prefix}${hex(32)} x`, 0), prefix.length + 32));

  test('is the mark of a cut after an unmistakable prefix', () => {
    assert.equal(vendorAt('ghp_a1...', 0), 6);
    assert.equal(vendorAt("sk_live_a1b'", 0), 11);
    assert.equal(vendorAt('tok_a1...', 0), -1);
  });
});

describe('the end of a signed token', () => {
  const head = `eyJ${run(20)}`;
  const tokens = [
    [`${head}.${head}.${run(20)}`, true],
    [`${head}.${head}`, true],
    [head, true],
    [`${head}%2E${head}`, true],
    ['eyJabc', false],
    ['abc', false],
  ] as const;
  for (const [token, isToken] of tokens)
    test(token.slice(0, 40), () => assert.equal(jwtAt(`${token} x`, 0), isToken ? token.length : -1));
});

describe('the end of a bot token', () => {
  test('has an id of six digits and a secret of thirty characters', () => {
    assert.equal(botTokenAt(`123456:${run(30)} x`, 0), 37);
    assert.equal(botTokenAt(`12345:${run(30)}`, 0), -1);
    assert.equal(botTokenAt(`123456:${run(29)}`, 0), -1);
  });
});

describe('the start of a token of an unknown vendor', () => {
  // ¦ is the start of the last word, « the start of the token.
  const rows: readonly (readonly [row: string, isToken: boolean])[] = [
    ['x «acme_live_¦a1b2c3d4e5f6g7h8', true],
    ['x «acme-api-¦a1b2c3d4e5f6g7h8', true],
    ['x «zed_sk_¦a1b2c3d4e5f6g7h8', true],
    ['x «acme_¦a1B2c3D4e5F6g7H8i9', true],
    ['x «acme_live_¦a1b2c3d4...', true],
    ['x acme_¦a1b2c3d4e5f6g7h8', false],
    ['x order_¦a1B2c3D4e5F6g7H8i9', false],
    ['x acme_live_¦a1b2c3d4e5f6g7h', false],
    ['x acme_live_¦abcdefghijklmnop', false],
    ['x acme_live_¦1234567890123456', false],
    ['/acme_live_¦a1b2c3d4e5f6g7h8', false],
    ['x acme_live_¦a1b2c3d4e5f6g7h8.txt', false],
    ['x ¦a1B2c3D4e5F6g7H8i9', false],
  ];
  for (const [row, isToken] of rows)
    test(row, () => {
      const from = row.replace('«', '').indexOf('¦');
      const text = row.replace(/[«¦]/g, '');
      const end = from + (/^\w+/.exec(text.slice(from))?.[0].length ?? 0);
      const wordFrom = from - (/\w*$/.exec(text.slice(0, from))?.[0].length ?? 0);
      assert.equal(generatedTokenFrom(scanOf(text), wordFrom, end), isToken ? row.indexOf('«') : -1);
    });
});
