import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { foldedWord, joinedWords, wordsOf } from './spelling.ts';

describe('the words of a name', () => {
  const names: readonly (readonly [name: string, words: string])[] = [
    ['password', 'password'],
    ['dbPassword', 'db password'],
    ['DBPassword', 'db password'],
    ['DB_PASSWORD', 'db password'],
    ['DB-PASSWORD', 'db password'],
    ['db.password', 'db password'],
    ['db password', 'db password'],
    ['db[password]', 'db password'],
    ['db%5Bpassword%5D', 'db password'],
    ['password2', 'password'],
    ['2fa_code', 'fa code'],
    ['oauth2Token', 'oauth token'],
    ['token_v2', 'token'],
    ['tokenv12', 'token'],
    ['v2', 'v'],
    ['_csrf', 'csrf'],
    ['--api-key', 'api key'],
    ['X-Api-Key', 'x api key'],
    ['HTTPServerURL', 'http server url'],
    ['contraseña', 'contrasena'],
    ['Schlüssel', 'schlussel'],
    ['straße', 'strasse'],
    ['hasło', 'haslo'],
    ['пароль', 'пароль'],
    ['パスワード', 'ハスワート'],
    ['密码', '密码'],
    ['DB密码', 'db 密码'],
    ['密码DB', '密码 db'],
    ['\\u0070assword', 'password'],
    ['\\\\u0070assword', 'password'],
    ['%70assword', 'password'],
    ['100%password', 'password'],
    ['pаsswоrd', 'password'],
    ['ｐａｓｓｗｏｒｄ', 'password'],
    ['pass\ufffdword', 'password'],
    ['', ''],
    ['1234', ''],
    ['___', ''],
  ];
  for (const [name, words] of names)
    test(`${JSON.stringify(name)} has the words "${words}"`, () => assert.equal(wordsOf(name).join(' '), words));

  test('a word in one foreign alphabet keeps its letters', () => {
    // Latin look-alikes replace letters only where the whole word becomes Latin.
    assert.deepEqual(wordsOf('ключ_key'), ['ключ', 'key']);
    assert.deepEqual(wordsOf('κωδικός'), ['κωδικος']);
  });
});

describe('joined words', () => {
  const spellings = ['patientRef', 'patient_ref', 'PATIENT-REF', 'patient.ref', 'Patient Ref', 'patient%5Fref'];
  for (const spelling of spellings)
    test(`${spelling} equals the other spellings`, () => assert.equal(joinedWords(spelling), 'patientref'));
});

describe('a folded word', () => {
  const words = [
    ['Contraseña', 'contrasena'],
    ['ŁÓDŹ', 'lodz'],
    ['Ærø', 'aero'],
    ['œuvre', 'oeuvre'],
    ['ışık', 'isik'],
    ['þorn', 'thorn'],
    ['đồng', 'dong'],
    ['ﬁle', 'file'],
    ['plain', 'plain'],
  ] as const;
  for (const [word, folded] of words) test(`${word} is ${folded}`, () => assert.equal(foldedWord(word), folded));
});
