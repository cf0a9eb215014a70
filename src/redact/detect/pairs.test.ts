import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';

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
