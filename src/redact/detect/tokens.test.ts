import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';

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
