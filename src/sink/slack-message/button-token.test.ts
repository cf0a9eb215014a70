import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { incidentOf } from '../../../test/fakes/incident.ts';
import type { Incident } from '../../alert/incident.ts';
import { signButtonToken, stateCodeOf, verifyButtonToken } from './button-token.ts';

const key = 'a secret of this fleet';
const token = { namespace: 'shop', incident: '7d3f9a1c2b', stateCode: 'o0' };

test('a token verifies as it was signed, and not after a change of any character', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.nat(),
      fc.string({ minLength: 1, maxLength: 1 }),
      (namespace, incident, at, sign) => {
        const signed = signButtonToken({ namespace, incident, stateCode: 'o0a' }, key);
        if (signed === undefined) return;
        assert.deepEqual(verifyButtonToken(signed, key), { namespace, incident, stateCode: 'o0a' });
        const spot = at % signed.length;
        const forged = signed.slice(0, spot) + sign + signed.slice(spot + 1);
        if (forged !== signed) assert.equal(verifyButtonToken(forged, key), undefined);
      },
    ),
  );
});

test('a token of another key does not verify', () => {
  assert.equal(verifyButtonToken(signButtonToken(token, 'another')!, key), undefined);
});

for (const text of ['', '|', 'tv1', 'tv1|shop|7d3f9a1c2b|o0', `${'x'.repeat(300)}|AAAA`]) {
  test(`"${text.slice(0, 30)}" is no token`, () => assert.equal(verifyButtonToken(text, key), undefined));
}

test('a token has at most the 255 characters of a block id', () => {
  const lengthOf = (incident: string) => signButtonToken({ ...token, incident }, key)?.length;
  const spare = 255 - lengthOf('')!;
  assert.equal(lengthOf('x'.repeat(spare)), 255);
  assert.equal(lengthOf('x'.repeat(spare + 1)), undefined);
});

const states: readonly (readonly [facts: Partial<Incident>, code: string])[] = [
  [{}, 'o0'],
  [{ count: 900, trend: 'rising' }, 'o0'],
  [{ ack: { by: 'U1', at: 0 } }, 'o0a'],
  [{ snoozedUntil: 5_999 }, 'o0z5'],
  [{ reopens: 2, ack: { by: 'U1', at: 0 }, snoozedUntil: 5_000 }, 'o2az5'],
  [{ phase: { name: 'resolved', at: 0, by: undefined } }, 'r0'],
];
for (const [facts, code] of states) {
  test(`the state code of ${JSON.stringify(facts)} is ${code}`, () =>
    assert.equal(stateCodeOf(incidentOf(facts)), code));
}
