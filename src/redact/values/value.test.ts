import { describe } from 'node:test';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import type { KeyMeaning } from '../names/key-meaning.ts';
import type { TextScan } from './text-scan.ts';
import { hideEntryValue } from './value.ts';

/** ¦ is the start of the value. */
const value = (meaning: KeyMeaning) => (scan: TextScan, valueFrom: number) => {
  const sign = Math.max(scan.text.lastIndexOf(':', valueFrom - 1), scan.text.lastIndexOf('=', valueFrom - 1));
  const place = scan.keyBefore(sign);
  if (place === undefined) throw new Error('expected a key before the separator');
  return hideEntryValue(scan, { place, meaning, separator: scan.text[sign] === ':' ? ':' : '=', valueFrom });
};
const password: KeyMeaning = { kind: 'password', isWeak: false };
const weakKey: KeyMeaning = { kind: 'key', isWeak: true };

describe('each form of a value in a text', () => {
  testDetector(
    [
      "{'pw': ¦'«mango7»', 'x': 1}",
      "{'pw': ¦b'«mango7»'}",
      '{"pw": ¦"«mango7»"}',
      "pw=¦'«mango7»'",
      'x pw=¦«mango7» rest',
      "{'pw': ¦['«mango7»', '«plum8»']}",
      "{'pw': ¦{'current': '«mango7»', 'username': 'ann'}}",
      "{'pw': ¦<SecretValue: «mango7»>}",
      "pw=¦SecretValue('«mango7»')",
      'pw:¦\n  - «mango7»\n',
      'pw: ¦|\n  «mango7»\n',
    ],
    value(password),
    { kind: 'password' },
  );
});

describe('a value that hides nothing', () => {
  testDetector(
    [
      "{'pw': ¦None}",
      "{'pw': ¦'***'}",
      "{'pw': ¦<Secret object at 0x7f1c>}",
      "{'pw': ¦''}",
      'pw: ¦must not be blank',
      'pw:¦',
    ],
    value(password),
  );
});

describe('a weak name', () => {
  testDetector(["key=¦b'«aa11»'", "key=¦Key('«mango7»')", "key=¦'«aB3dE5fG7h»'"], value(weakKey));
  testDetector(["key=¦'aa11'", "key=¦build('mango7')", "key=¦b'aabb'", 'key=¦orders/a.csv'], value(weakKey));
});

describe('a line of code', () => {
  testDetector(
    [
      "pw = ¦'«mango7»'",
      'pw = ¦os.getenv("DB_PASSWORD", "«x7-plum»")',
      'pw = ¦load(user) or "«x7-plum»"',
      'pw = ¦«471104»',
      'connect("pw=¦«mango7»")',
    ],
    value(password),
    { context: 'source' },
  );
  testDetector(
    [
      'pw = ¦settings.PW',
      'pw = ¦get_password(user)',
      'connect(pw=¦pw)',
      'f"pw=¦{pw}"',
      'pw: ¦str',
      'pw = ¦os.getenv("DB_PASSWORD")',
    ],
    value(password),
    { context: 'source' },
  );
});
