import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { detectIn, testDetector } from '../../../test/fakes/text-scan.ts';
import { hideFormPart, meaningOfNameBeside, meaningOfValidatedField } from './name-beside.ts';

/** ¦ is the separator after the value's key. */
function kindBeside(row: string): string | undefined {
  let kind: string | undefined;
  detectIn(row, (scan, sign) => {
    const place = scan.keyBefore(sign);
    assert.ok(place !== undefined);
    kind = meaningOfNameBeside(scan, place, sign)?.kind;
  });
  return kind;
}

describe('the name in the same record', () => {
  const rows: readonly (readonly [row: string, kind: string | undefined])[] = [
    ["{'name': 'DB_PASSWORD', 'value'¦: 'x'}", 'password'],
    ["{'value'¦: 'x', 'name': 'DB_PASSWORD'}", 'password'],
    ['{"key": "api_token", "value"¦: "x"}', 'token'],
    ['<add key="SmtpPassword" value¦="x"/>', 'password'],
    ["Header(name='Cookie', value¦='x')", 'cookie'],
    ["{'header': 'Authorization', 'content'¦: 'x'}", 'token'],
    ["{'field': 'password', 'data'¦: 'x'}", 'password'],
    ["{'variable': 'API_TOKEN', 'default'¦: 'x'}", 'token'],
    ['variable "db_password" { default¦ = "x" }', 'password'],
    ['- name: DB_PASSWORD\n  value¦: x', 'password'],
    ['- name: "DB_PASSWORD"\\n  value¦: x', 'password'],
    ["{'name': 'MODE', 'value'¦: 'x'}", undefined],
    ["{'name': 'DB_PASSWORD'}, {'value'¦: 'x'}", undefined],
    ["{'value'¦: 'x'}, {'name': 'DB_PASSWORD'}", undefined],
    ["{'name': 'DB_PASSWORD', 'city'¦: 'x'}", undefined],
    ["{'value'¦: 'x'}", undefined],
  ];
  for (const [row, kind] of rows)
    test(`${row.replaceAll('\n', '⏎')} ${kind === undefined ? 'names no secret' : `names a ${kind}`}`, () =>
      assert.equal(kindBeside(row), kind));
});

describe('the field of a validation error', () => {
  const rows: readonly (readonly [row: string, kind: string | undefined])[] = [
    ['1 validation error\npassword\n  too short [type=x, ¦input_value=', 'password'],
    ['1 validation error\\npassword\\n  too short [type=x, ¦input_value=', 'password'],
    ['1 validation error\nuser.tokens.0\n  wrong [¦input_value=', 'token'],
    ['1 validation error\ncity\n  too short [¦input_value=', undefined],
    ['too short [¦input_value=', undefined],
  ];
  for (const [row, kind] of rows)
    test(`${row.replaceAll('\n', '⏎')} ${kind === undefined ? 'is no secret' : `is a ${kind}`}`, () => {
      let found: string | undefined;
      detectIn(row, (scan, at) => {
        found = meaningOfValidatedField(scan, at)?.kind;
      });
      assert.equal(found, kind);
    });
});

describe('a part of a multipart form', () => {
  testDetector(
    [
      'form-data; name¦="password"\r\n\r\n«Zebra7x»\r\n--b',
      'form-data; name¦="password"\\r\\n\\r\\n«Zebra7x»\\r\\n--b',
      'form-data; name¦=\\"token\\"\\n\\n«Zebra7x»\\n--b',
      'form-data; name¦="password"\nContent-Type: text/plain\n\n«Zebra7x»\n--b',
    ],
    hideFormPart,
  );
  testDetector(
    [
      'form-data; name¦="city"\n\nLisbon\n--b',
      'form-data; name¦="password"\nZebra7x',
      "input name¦='password'\n\nZebra7x",
    ],
    hideFormPart,
  );
});
