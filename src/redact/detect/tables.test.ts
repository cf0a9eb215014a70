import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';

describe('columns of CSV', () => {
  testRows(['name,password\nann,«Zebra7x»\nbob,«Lion8yq»\n', 'id;user;api_key\n1;ann;«k9XmP2vQ7»\n']);
  testRows(['name,city\nann,Paris\nbob,Rome\n', 'id,total\n1,4711\n']);
});

describe('values of SQL', () => {
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

describe('lines of .pgpass', () => {
  testRows(['db:5432:shop:ann:«Zebra7x»']);
  testRows(['db:5432:shop', '12:30:45:000:000']);
});
