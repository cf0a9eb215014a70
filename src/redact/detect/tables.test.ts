import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import type { TextScan } from '../values/text-scan.ts';
import { hidePgpass, hideTabbedValue, hideTableCells } from './tables.ts';

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

describe('the cells below a header line', () => {
  testDetector(
    [
      '¦name,password\nann,«Zebra7x»\nbob,«Lion8yq»',
      '¦name,password\\nann,«Zebra7x»\\nbob,«Lion8yq»',
      '¦name,password\r\nann,«Zebra7x»\r\n',
      '¦name;password\nann;«Zebra7x»',
      '¦name\tpassword\nann\t«Zebra7x»',
      '¦name|password\nann|«Zebra7x»',
      '¦"name","password"\n"ann","«Zebra7x»"',
      "'¦name,password\\nann,«Zebra7x»', 'next')",
      '¦name,password\nann,None\nbob,«Lion8yq»',
      '¦password,name\n«Zebra7x»,ann\nnot a row\nLion8yq,bob',
      '¦name,password,city\nann,«Zebra7x»,Rome,extra',
    ],
    hideTableCells,
  );
  testDetector(
    [
      '¦name,city\nann,Rome',
      '¦name,key\nann,aB3dE5fG7h',
      '¦name,password',
      '¦name,password\nann,Zebra7x,a,b',
      'x ¦name',
      '¦password\nZebra7x',
    ],
    hideTableCells,
  );
});

describe('a value after a tab', () => {
  const cell = (scan: TextScan, from: number) => hideTabbedValue(scan, from, scan.text.indexOf('\t'));
  testDetector(['¦sessionid\t«ab12cd34»', '¦password\t«Zebra7x»\tx'], cell);
  testDetector(
    ['¦city\tRome', '¦session\tab12cd34', '¦password\tNone', '¦password\t"x"', `¦${'a'.repeat(97)}\tZebra7x`],
    cell,
  );
});

describe('the port of a .pgpass line', () => {
  testDetector(
    ['db:¦5432:shop:ann:«Zebra7x»', '*:¦5432:*:ann:«Zebra7x»', "'db.internal:¦5432:shop:ann:«Zebra7x»'"],
    hidePgpass,
    {
      kind: 'password',
    },
  );
  testDetector(
    ['db:¦5432:shop:ann', 'a b:c:¦5432:shop:ann', '¦5432:shop:ann:x:Zebra7x', 'db:¦5:shop:ann:Zebra7x'],
    hidePgpass,
  );
});
