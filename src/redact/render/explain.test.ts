import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KeyNames } from '../names/key-names.ts';
import { placeOf, reasonOf } from './explain.ts';

const names = new KeyNames({ sensitiveKeys: ['patientRef'], safeKeys: [] });

describe('the reason for a hidden place', () => {
  // « » enclose the place.
  const rows: readonly (readonly [row: string, kind: string, reason: string])[] = [
    ["{'password': '«x7»'}", 'password', 'by its name "password"'],
    ['db_pass=«x7»', 'password', 'by its name "db_pass"'],
    ["{'patient_ref': '«x7»'}", 'secret', 'by its name "patient_ref"'],
    ['Authorization: Bearer «x7»', 'token', 'by its name "Authorization"'],
    ['"token": b"«x7»"', 'token', 'by its name "token"'],
    ['postgres://app:«x7»@db', 'password', 'in the login of a URL'],
    ['mail «ann@x.org» now', 'email', 'by its shape'],
    ["{'page': '«4242424242424242»'}", 'card', 'by its shape'],
    ['saw «ghp_abc»', 'token', 'by its shape or its place'],
    ['x7 and «x7»', 'secret', 'as an echo'],
    ['«x7» and x7', 'secret', 'by what stands around it'],
    ['wrong password "«x7»"', 'password', 'by what stands around it'],
  ];
  for (const [row, kind, reason] of rows)
    test(`${row} is hidden ${reason}`, () => {
      const from = row.indexOf('«');
      const to = row.indexOf('»') - 1;
      assert.equal(reasonOf(row.replace(/[«»]/g, ''), { from, to, kind }, names), reason);
    });
});

describe('a place in a text', () => {
  const places = [
    ['abc', 0, '1:1'],
    ['abc', 2, '1:3'],
    ['a\nbc', 2, '2:1'],
    ['a\n\nbc', 4, '3:2'],
    ['', 0, '1:1'],
  ] as const;
  for (const [text, at, place] of places)
    test(`${at} in ${JSON.stringify(text)} is ${place}`, () => assert.equal(placeOf(text, at), place));
});
