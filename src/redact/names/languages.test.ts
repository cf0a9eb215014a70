import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isFactWord, isQualifierWord, notionOf, notionWithin, pairedNotionOf } from './languages.ts';
import { foldedWord } from './spelling.ts';

describe('the notion of a word', () => {
  const words: readonly (readonly [word: string, notion: string | undefined])[] = [
    ['пароль', 'password'],
    ['паролем', 'password'],
    ['lozinka', 'password'],
    ['wachtwoorden', 'password'],
    ['salasanan', 'password'],
    ['kundenkennwort', 'password'],
    ['brukerpassord', 'password'],
    ['motdepasse', 'password'],
    ['パスワード', 'password'],
    ['비밀번호', 'password'],
    ['geheimnisse', 'secret'],
    ['таємниця', 'secret'],
    ['jetonu', 'token'],
    ['токены', 'token'],
    ['telefonnummer', 'phone'],
    ['mobiltelefon', 'phone'],
    ['验证码', 'code'],
    ['秘密鍵', 'secret'],
    ['customerapikey', 'key'],
    // A word for key or code alone is no secret: it needs a qualifier.
    ['schlussel', undefined],
    ['clave', undefined],
    ['kod', undefined],
    ['primarschlussel', undefined],
    ['cachetoken', undefined],
    ['mango', undefined],
    ['order', undefined],
    ['', undefined],
  ];
  for (const [word, notion] of words)
    test(`${word} is ${notion ?? 'no secret'}`, () => assert.equal(notionOf(foldedWord(word)), notion));

  test('six letters of inflection follow a stem at most', () => {
    assert.equal(notionOf('парольабвгд'), 'password');
    assert.equal(notionOf('парольабвгде'), undefined);
  });
});

describe('a notion anywhere in joined words', () => {
  const joined = [
    ['我的密码', 'password'],
    ['データベースパスワード', 'password'],
    ['密码长度', undefined],
    ['パスワード期限', undefined],
    ['ordernumber', undefined],
  ] as const;
  for (const [word, notion] of joined)
    test(`${word} is ${notion ?? 'no secret'}`, () => assert.equal(notionWithin(foldedWord(word)), notion));
});

describe('a key or a code that another word makes secret', () => {
  const pairs: readonly (readonly [name: string, notion: string | undefined])[] = [
    ['klucz prywatny', 'key'],
    ['chave privada', 'key'],
    ['секретный ключ', 'key'],
    ['clé d accès', 'key'],
    ['zugangsschlüssel', 'key'],
    ['código de verificación', 'code'],
    ['código de seguridad', 'code'],
    ['код подтверждения', 'code'],
    ['onay kodu', 'code'],
    ['turvakoodi', undefined],
    ['sicherheitscode', 'code'],
    ['klucz obcy', undefined],
    ['clave foránea', undefined],
    ['clave privada foránea', undefined],
    ['código postal', undefined],
    ['klucz', undefined],
    ['prywatny', undefined],
    ['private page', undefined],
  ];
  for (const [name, notion] of pairs)
    test(`${name} is ${notion ?? 'no secret'}`, () =>
      assert.equal(pairedNotionOf(name.split(' ').map(foldedWord)), notion));
});

describe('words beside a name', () => {
  for (const word of ['privat', 'api', 'тайный', 'гибкий'] as const)
    test(`${word} ${word === 'гибкий' ? 'does not qualify' : 'qualifies'} a name`, () =>
      assert.equal(isQualifierWord(foldedWord(word)), word !== 'гибкий'));

  for (const word of ['Länge', 'срока', 'długość', '回数', '期限'])
    test(`${word} is a fact about a secret`, () => assert.ok(isFactWord(foldedWord(word))));
  for (const word of ['Wert', 'значение', '値'])
    test(`${word} is no fact`, () => assert.ok(!isFactWord(foldedWord(word))));
});
