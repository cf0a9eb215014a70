import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import { hidePair } from './pairs.ts';

describe('a secret name beside its value', () => {
  testRows([
    "('password', '«Zebra7x»')",
    "[('user', 'ann'), ('password', '«Zebra7x»')]",
    "{'name': 'password', 'value': '«Zebra7x»'}",
    '{"key": "api_key", "value": "«k9XmP2vQ7»"}',
    "{'value': '«Zebra7x»', 'name': 'password'}",
  ]);
  testRows(["{'key': 'page', 'value': '3'}", "('name', 'ann')", "{'name': 'password', 'required': True}"]);
});

describe('tags', () => {
  testRows([
    '<password>«Zebra7x»</password>',
    '<add key="ApiKey" value="«Zebra7xQ9»"/>',
    '<user>ann</user><token>«k9XmP2vQ7»</token>',
  ]);
  testRows(['<name>Zebra7x</name>', '<add key="Page" value="3"/>', '<input type="password">']);
});

describe('cookies', () => {
  testRows(['Cookie: sessionid=«abc123xyz»; theme=dark', 'Set-Cookie: sid=«abc123xyz»; Path=/; HttpOnly']);
});

describe('two strings in brackets', () => {
  // ¦ is the comma.
  testDetector(
    [
      "('Authorization'¦, 'Bearer «x7»')",
      '["token"¦, "«x7»"]',
      "(b'token'¦, b'«x7»')",
      "('token'¦, '«x7»',)",
      "('token'¦,\n '«x7»')",
      "('otp'¦, «493201»)",
      "('Cookie'¦, '«a=1»')",
      "('token'¦, '«x7»",
    ],
    hidePair,
  );
  testDetector(
    [
      "('name'¦, 'ann')",
      "('token'¦, 'x7', 'y8')",
      "('password'¦, 'email')",
      "{'token'¦, 'x7'}",
      "'a', 'token'¦, 'x7'",
      "(token¦, 'x7')",
      "('token'¦, None)",
      "('token'¦, value.x y)",
      "('token'¦, '')",
    ],
    hidePair,
  );
});
