import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { detectIn } from '../../../test/fakes/text-scan.ts';
import { readEntry } from './key-value.ts';

describe('a secret name before its value', () => {
  testRows([
    'host=db user=ann password=«Zebra7x» dbname=shop',
    'api_key: «Zebra7xQ9»',
    'password = «Zebra7x»',
    '"password": "«Zebra7x»"',
    "{'user': 'ann', 'password': '«Zebra7x»', 'page': 3}",
    '{"token":"«k9XmP2vQ7»","page":3}',
    'DB_PASSWORD=«Zebra7x»\nDB_HOST=db',
    'secret => «Zebra7xQ9»',
    "{'otp': «493201», 'order': 493202}",
    "password='«it''s7x»'",
    'Password: «Zebra7x», User: ann',
    "Config(host='db', password='«Zebra7x»')",
    'export API_TOKEN="«Zebra7xQ9»"',
    "{'auth': {'user': 'ann', 'password': '«Zebra7x»'}}",
    "{'passwords': ['«Zebra7x»', '«Lion8yq»']}",
  ]);
});

describe('names that only contain such a word', () => {
  testRows([
    "{'token_type': 'Bearer', 'max_tokens': 4096}",
    "{'primary_key': 'pk7', 'cache_key': 'user:7:v2'}",
    "{'author': 'Ann', 'passenger': 'Bob', 'monkey': 'm'}",
    'password_length=12',
    'token_count: 42',
    "{'has_password': True, 'secret': None}",
    'key=orders/2026/a.csv',
    'password=',
    'password=None',
    "{'password': ''}",
    "{'password': '********'}",
  ]);
});

describe('values on the lines below', () => {
  testRows(['password:\n  - «Zebra7x»\n  - «Lion8yq»\nname: x', 'user: ann\npassword: «Zebra7x»\npage: 3']);
});

/** ¦ is the separator. Shows the kind of the entry with the start of its value, or where the scan goes on. */
function entryIn(row: string): string {
  let shown = '';
  detectIn(row, (scan, sign) => {
    const entry = readEntry(scan, sign, scan.text[sign] === ':' ? ':' : '=');
    if (typeof entry === 'number') shown = `+${entry - sign}`;
    else
      shown = `${entry.meaning.kind}${entry.meaning.isWeak ? '?' : ''} ${scan.text.slice(entry.valueFrom, entry.valueFrom + 4)}`;
  });
  return shown;
}

describe('the entry at a separator', () => {
  const rows: readonly (readonly [row: string, entry: string])[] = [
    ["{'password'¦: 'x7'}", "password 'x7'"],
    ['password¦=x7', 'password x7'],
    ['password ¦= x7', 'password x7'],
    ['password¦=> x7', 'password x7'],
    ['password¦: str = x7', 'password x7'],
    ['password¦: !!str x7', 'password x7'],
    ['["password"]¦=> string(2) "x7"', 'password "x7"'],
    ['city¦=Rome', '+1'],
    ['¦=x7', '+1'],
    ['sig¦== signal.SIGTERM', '+2'],
    ["password¦== 'x7'", "password 'x7'"],
    ['jwt.InvalidToken¦: wrong', '+1'],
    ['arn:aws:secretsmanager:eu-1:77:secret¦:name', '+1'],
    ['api key¦: x7', 'token x7'],
    ['API Key¦: x7', 'token x7'],
    ['card number¦: x7', 'card x7'],
    ['key¦: x7', 'key? x7'],
    ['mot de passe¦: x7', 'password x7'],
    ['mot de passe ¦: x7', 'password x7'],
    ['wrong api key given¦: x7', 'token x7'],
    ['wrong password provided¦: x7', 'password x7'],
    ['the city given¦: x7', '+1'],
    ['/x?key¦=x7', 'token? x7'],
    ['/x?id¦=x7', '+1'],
    ['/reset?id¦=x7', 'code x7'],
    ['/join?a=1&code¦=x7', 'code x7'],
    ['/x?page¦=x7', '+1'],
    ['/x?mapkey¦=x7', 'token? x7'],
    ["{'name': 'api_token', 'value'¦: 'x7'}", "token 'x7'"],
  ];
  for (const [row, entry] of rows) test(`${row} is ${entry}`, () => assert.equal(entryIn(row), entry));
});
