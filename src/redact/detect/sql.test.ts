import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import { hideSqlValues } from './sql.ts';

describe('statements in a log line', () => {
  testRows([
    "UPDATE users SET password = '«Zebra7x»' WHERE id = 9",
    "INSERT INTO users (name, password) VALUES ('ann', '«Zebra7x»')",
    "SELECT * FROM users WHERE token = '«k9XmP2vQ7»'",
    "CREATE USER ann IDENTIFIED BY '«Zebra7x»'",
  ]);
  testRows([
    "SELECT id FROM orders WHERE state = 'open'",
    'INSERT INTO orders (id, total) VALUES (9, 4711)',
    'SELECT password FROM users',
    "UPDATE orders SET state = 'sent' WHERE id = 9",
  ]);
});

describe('inserted rows', () => {
  testDetector(
    [
      "INSERT ¦INTO t (name, password) VALUES ('ann', '«Zebra7x»')",
      "INSERT ¦INTO t (password, name) VALUES ('«Zebra7x»', 'ann')",
      "INSERT ¦INTO t (`name`, `password`) VALUES ('ann', '«a, b)»')",
      "INSERT ¦INTO s.t (t.name, t.password) VALUES ('ann', '«Zebra7x»'), ('bob', '«Lion8yq»')",
      "INSERT ¦INTO t (name, pin) VALUES ('ann', «4711»)",
      "INSERT ¦INTO t (a, token) VALUES (now(), '«k9XmP2vQ7»')",
      "INSERT ¦INTO t (a, token) VALUES (%s, %s)\n[parameters: ('ann', '«k9XmP2vQ7»')]",
      "INSERT ¦INTO t (a, token) OUTPUT x.id VALUES ('ann', '«k9XmP2vQ7»')",
      "INSERT ¦INTO t (name, password) VALUES ('ann', '«Zebra7x...»",
    ],
    hideSqlValues,
  );
  testDetector(
    [
      "INSERT ¦INTO t (name, city) VALUES ('ann', 'Rome')",
      "INSERT ¦INTO t (name, password) VALUES ('ann', NULL)",
      'INSERT ¦INTO t (name, password) VALUES (?, ?)'.replaceAll('?', 'None'),
      "INSERT ¦INTO t (name, key) VALUES ('ann', 'aB3dE5fG7h')",
      'INSERT ¦INTO t SELECT password FROM u',
    ],
    hideSqlValues,
  );
});

describe('updated columns', () => {
  testDetector(
    [
      "UPDATE t ¦SET name = ?, password = ? [parameters: ('ann', '«Zebra7x»')]",
      "UPDATE t ¦SET password=%s, name=%s WHERE id=%s\n[parameters: ('«Zebra7x»', 'ann', 9)]",
      "UPDATE t ¦SET id = 9, password = ? [parameters: ('«Zebra7x»',)]",
    ],
    hideSqlValues,
  );
  testDetector(
    ["UPDATE t ¦SET name = ?, city = ? [parameters: ('ann', 'Rome')]", 'UPDATE t ¦SET password = ?', "¦SET x TO 'y'"],
    hideSqlValues,
  );
});
