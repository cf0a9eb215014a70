import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeyMeaning } from './key-meaning.ts';
import { KeyNames } from './key-names.ts';

const names = new KeyNames({ sensitiveKeys: [], safeKeys: [] });

/** `password`, `key?` for a weak meaning, `token*` for a plural, `-` for none. */
function shown(meaning: KeyMeaning | undefined): string {
  if (meaning === undefined) return '-';
  return `${meaning.kind}${meaning.isWeak ? '?' : ''}${meaning.isPlural === true ? '*' : ''}`;
}

/** Lines of names behind their meaning. */
function testMeanings(table: Readonly<Record<string, string>>): void {
  for (const [meaning, list] of Object.entries(table))
    for (const key of list.split(' ').filter((word) => word !== ''))
      test(`${key} means ${meaning}`, () => assert.equal(shown(names.meaningOf(key)), meaning));
}

describe('names of secrets', () => {
  testMeanings({
    password:
      'password dbPassword DB_PASS smtp_passwd new_password password_old password1 passphrase adminPass rootpw pwd',
    'password*': 'passwords old_passwords',
    token: 'token accessToken api_token auth_token csrf_token bearer jwt id_token token_v2 tokenValue api_key_id_token',
    'token*': 'tokens refresh_tokens api_keys',
    key: 'signing_key ENCRYPTION_KEY stripe_key fernet_key key_rsa_private wallet_key',
    secret:
      'private_key secret client_secret credentials app_secret secretValue mnemonic wallet_seed totp_seed security_answer',
    'secret*': 'secrets client_secrets',
    cookie: 'cookie set-cookie sessionid session_id PHPSESSID sid',
    code: 'otp totp mfa_code pin card_pin sim_pin cvv cvc2 verification_code backup_codes otc auth_code_pin',
    card: 'card_number cardNumber credit_card ccnum pan creditcard',
    iban: 'iban IBAN account_iban',
    id: 'ssn tax_id passport_number social_security_number cpf national_id_number',
    phone: 'phone mobile phone_number telefon msisdn fax home_phone',
    email: 'email e_mail user_email contact_email mail',
    ip: 'client_ip remote_addr x-forwarded-for user_ip visitorIp last_login_ip',
  });
});

describe('names that are weak on their own', () => {
  testMeanings({
    'key?': 'key sk schluessel clave klucz',
    'token?': 'auth authentication signature oauth login webhook nonce ticket admin_auth',
    'cookie?': 'session sessions admin_session',
    'secret?': 'hash seed salt pepper zugang',
    'code?': 'code',
    'ip?': 'ip ips ip_address',
  });
});

describe('names in other languages', () => {
  testMeanings({
    password:
      'пароль contraseña motDePasse wachtwoord kennwort パスワード 密码 비밀번호 كلمة_المرور hasło heslo şifresi',
    token: 'токен jeton トークン 令牌',
    key: 'klucz_prywatny chave_privada',
    code: 'código_de_verificación codice_conferma код_подтверждения 验证码',
    secret: 'geheimnis segreto 秘密',
    phone: 'телефон 电话 puhelinnumero',
  });
});

describe('facts about secrets, and words that only contain one', () => {
  testMeanings({
    '-': `token_type tokenCount max_tokens password_reset_url has_password password_expiry password_length token_ttl
      secret_name secretName key_id primary_key foreign_key cache_key sort_key public_key partitionKey idempotency_key
      author passenger monkey keyboard compass passage tokenizer keynote secretary cookiecutter
      map_pin boarding_pass gift_card pass_rate session_count secret_santa pinned cardinal
      order_number invoice_no zip_code status_code error_code country_code product_code promo_code
      server_ip pod_ip node_ip broker_ip ip_version
      OLDPWD passwort_länge пароль_длина 密码长度
      user name id page order city`.replace(/\s+/g, ' '),
  });
});

describe('digests of secrets are secret', () => {
  testMeanings({ password: 'password_hash hashed_password password_digest', '-': 'commit_hash file_digest' });
});

describe('limits of a name', () => {
  test('a name of 96 characters is read, a longer one is data', () => {
    const filler = 'a'.repeat(96 - '_password'.length);
    assert.equal(shown(names.meaningOf(`${filler}_password`)), 'password');
    assert.equal(shown(names.meaningOf(`a${filler}_password`)), '-');
  });

  test('an escaped name may be four times as long', () => {
    const escaped = [...'kundenpasswort'].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('');
    assert.equal(escaped.length, 84);
    assert.equal(shown(names.meaningOf(escaped)), 'password');
    assert.equal(shown(names.meaningOf(`${escaped}${'\\u0061'.repeat(60)}`)), '-');
  });

  test('seven words are a name, eight are a sentence', () => {
    assert.equal(shown(names.meaningOf('a_b_c_d_e_f_password')), 'password');
    assert.equal(shown(names.meaningOf('a_b_c_d_e_f_g_password')), '-');
  });
});

describe('names of the operator', () => {
  const own = new KeyNames({ sensitiveKeys: ['patientRef', 'befund'], safeKeys: ['pin', 'map-token', 'Befund'] });
  const cases = [
    ['patientRef', 'secret'],
    ['patient_ref', 'secret'],
    ['PATIENT-REF', 'secret'],
    ['patient_refs', '-'],
    ['pin', '-'],
    ['PIN', '-'],
    ['card_pin', 'code'],
    ['mapToken', '-'],
    ['map_tokens', 'token*'],
    ['befund', '-'],
  ] as const;
  for (const [key, meaning] of cases)
    test(`${key} means ${meaning}`, () => assert.equal(shown(own.meaningOf(key)), meaning));

  test('the second look-up gives the same meaning', () => {
    for (const [key, meaning] of cases) assert.equal(shown(own.meaningOf(key)), meaning);
  });
});

describe('an entry of a secret container', () => {
  const secret: KeyMeaning = { kind: 'secret', isWeak: false };
  const plural: KeyMeaning = { kind: 'secret', isWeak: false, isPlural: true };
  const jar: KeyMeaning = { kind: 'cookie', isWeak: false };
  const cases: readonly (readonly [key: string, container: KeyMeaning | undefined, meaning: string])[] = [
    ['value', secret, 'secret'],
    ['current', secret, 'secret'],
    ['password', secret, 'password'],
    ['username', secret, '-'],
    ['host', secret, '-'],
    ['db_host', secret, '-'],
    ['expires_at', secret, '-'],
    ['version', secret, '-'],
    ['email', secret, 'email'],
    ['mail', plural, 'secret*'],
    ['db', plural, 'secret*'],
    ['database', plural, 'secret*'],
    ['database', secret, '-'],
    ['user', plural, '-'],
    ['url', plural, '-'],
    ['token_count', plural, '-'],
    ['session', jar, 'cookie'],
    ['session', secret, 'cookie?'],
    ['password', undefined, 'password'],
    ['value', undefined, '-'],
    ['', secret, 'secret'],
  ];
  for (const [key, container, meaning] of cases)
    test(`${JSON.stringify(key)} in ${shown(container)} means ${meaning}`, () =>
      assert.equal(shown(names.inheritedMeaning(key, container)), meaning));
});

describe('words of names', () => {
  test('a qualifier makes another word secret', () => {
    for (const word of ['private', 'API', 'secret', 'prywatny', 'verificación'])
      assert.ok(names.isQualifier(word), word);
    for (const word of ['public', 'big', 'page']) assert.ok(!names.isQualifier(word), word);
  });

  test('a fact follows the name of a secret', () => {
    for (const word of ['length', 'expiry', 'type', 'Anzahl', 'długość', '长度'])
      assert.ok(names.isFactAbout(word), word);
    for (const word of ['value', 'mango', '']) assert.ok(!names.isFactAbout(word), word);
  });

  test('a password word is known with and without accents', () => {
    for (const word of ['password', 'contraseña', 'contrasena', 'пароль', '密码'])
      assert.ok(names.isPasswordWord(word), word);
    for (const word of ['token', 'Password', 'word']) assert.ok(!names.isPasswordWord(word), word);
  });
});
