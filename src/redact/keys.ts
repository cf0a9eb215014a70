/** Is this the name of something secret? Judged by the words of the name, in the spellings and languages people use. */

export type KeyKind =
  | 'password'
  | 'token'
  | 'key'
  | 'secret'
  | 'cookie'
  | 'code'
  | 'card'
  | 'iban'
  | 'id'
  | 'phone'
  | 'email'
  | 'ip';

export interface KeyVocabulary {
  /** Names to add and names to leave alone, compared by their words. */
  readonly sensitiveKeys: readonly string[];
  readonly safeKeys: readonly string[];
}

/** Keys are few and come again; a stream of invented ones must not grow the memory. */
const judgedMax = 20_000;

export function createKeyJudge(vocabulary: KeyVocabulary): (key: string) => KeyKind | undefined {
  const safe = new Set(vocabulary.safeKeys.map(folded));
  const added = new Set(vocabulary.sensitiveKeys.map(folded));
  const judged = new Map<string, KeyKind | undefined>();
  return (key) => {
    const known = judged.get(key);
    if (known !== undefined || judged.has(key)) return known;
    const name = folded(key);
    const kind = safe.has(name) ? undefined : added.has(name) ? 'secret' : kindOf(key);
    if (judged.size >= judgedMax) judged.clear();
    judged.set(key, kind);
    return kind;
  };
}

function folded(key: string): string {
  return wordsOf(key).join('');
}

/** `dbPassword`, `DB-PASSWORD`, `db.password2` → db, password. Accents go, so that `contraseña` is one word of letters. */
export function wordsOf(key: string): string[] {
  return key
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
}

const passwordWords = words(`
  password passwords passwd passwds passwort passwoerter kennwort pwd pswd psw pword userpass passphrase passphrases passcode mypass dbpass
  rootpw userpw dbpw contrasena contrasenas senha senhas palavrapasse motdepasse mdp wachtwoord haslo hasla losenord
  lozinka salasana adgangskode passord heslo jelszo sifre parola parole parool slaptazodis geslo пароль пароли 密码 密碼
  口令 パスワード 暗証番号 비밀번호 암호 סיסמה รหัสผ่าน matkhau katasandi sandi pass pw`);
const secretWords = words(`
  secret secrets secretkey clientsecret appsecret credential credentials creds cred geheim geheimnis secreto secreta
  segredo segreto sekret tajne секрет seed mnemonic privatekey zugangsdaten salt pepper identifiants webhook htpasswd`);
const tokenWords = words(`
  token tokens accesstoken refreshtoken authtoken idtoken apitoken bearer jwt jeton oauth authorization authorisation
  autorizacion autorisation autorisierung токен 令牌 トークン 토큰 sas xsrf csrf csrftoken xsrftoken nonce signature sig
  hmac assertion saml ticket authcode apikey apikeys accesskey authkey passkey sshkey licensekey`);
const cookieWords = words('cookie cookies setcookie session sessions sessionid sessid phpsessid jsessionid sid connectsid sessionkey sitzung');
const codeWords = words('otp totp hotp pin pincode mfa tan cvv cvc cvn csc cvv2 cvc2 verificationcode securitycode onetimecode authpin einmalcode');
const cardWords = words('cardnumber creditcard ccnumber ccnum pan cardno kartennummer kreditkarte numerotarjeta numerocarte');
const phoneWords = words('phone phones phonenumber telephone tel telefon telefono telefone msisdn mobile mobil handy cell cellphone gsm whatsapp fax');
const idWords = words(`ssn socialsecurity socialsecuritynumber cpf cnpj dni nif nie pesel nino bsn nationalid personnummer sozialversicherungsnummer
  steuerid taxid passport passportnumber passeport reisepass curp rfc aadhaar codicefiscale rut sin insurancenumber driverslicense burgerservicenummer cedula`);
const emailWords = words('email emails mail emailaddress correo courriel epost');

/** `key` alone names a dictionary entry; with one of these before it, it names a secret. */
const keyQualifiers = words(`api secret private signing sign encryption encrypt decryption decrypt access account master auth
  authentication authorization service license licence ssh gpg pgp rsa hmac aes kms shared storage subscription consumer client
  app application deploy deployment webhook vault wallet recovery session token ssl tls server admin root write read stripe aws
  gcp azure sendgrid twilio mailgun openai anthropic datadog integration merchant publishable restricted crypto cipher symmetric`);
const keyWords = words('key keys schluessel schlussel clave claves chave cle clef chiave nyckel klucz ключ 密钥 キー');

/** What stands after a secret's name and makes it a fact about the secret: how many, until when, where, which kind. */
const harmlessTails = words(`count counts counter type types ttl expiry expires expire expired expiration exp policy policies template templates
  url uri endpoint path file filename dir directory name names method methods mode reset changed change updated created at age length len size
  limit limits max min number strength hint label title status state enabled disabled required valid validity verified version versions
  provider issuer audience scope scopes format field fields column page link form days hours minutes seconds ms date time timestamp
  usage used budget total index position prefix rotation rotated rotate id ids uuid bucket class handler store manager service
  error errors exception warning failure consent banner reference arn alias algorithm alg algo rate per prompt completion input output source kind`);
const harmlessHeads = words('has is max min num number no count total forgot reset change needs requires require should can with without use uses allow last next primary foreign sort partition cache row object public routing idempotency dedup group order cursor');
/** An id that grants access to whoever knows it is not a mere reference. */
const idIsSecretAfter = words('session sess sid');

function kindOf(key: string): KeyKind | undefined {
  if (key.length > 128) return undefined;
  const all = wordsOf(key);
  if (all.length === 0) return undefined;
  const joined = all.join('');
  const whole = kindOfWord(joined);
  const last = all.at(-1) as string;
  if (isIpKey(all)) return 'ip';
  if (whole !== undefined && all.length <= 3) return whole;
  if (all.length > 1 && harmlessTails.has(last)) {
    if ((last === 'id' || last === 'key') && idIsSecretAfter.has(all.at(-2) as string)) return 'cookie';
    if (last === 'number' || last === 'no') return numberKind(all);
    return undefined;
  }
  if (all.length > 1 && harmlessHeads.has(all[0] as string)) return undefined;
  for (let index = all.length - 1; index >= 0; index -= 1) {
    const pair = index > 0 ? kindOfWord(`${all[index - 1]}${all[index]}`) : undefined;
    const kind = pair ?? kindOfWord(all[index] as string);
    if (kind === 'phone' || kind === 'email' || kind === 'id') {
      if (index === all.length - 1) return kind;
      continue;
    }
    // "pass" and "pw" are words of their own right; only at the end of a name they name the thing.
    if (kind === 'password' && (all[index] === 'pass' || all[index] === 'pw') && index < all.length - 1) continue;
    if (kind !== undefined) return kind;
    if (index > 0 && keyWords.has(all[index] as string) && keyQualifiers.has(all[index - 1] as string)) return 'key';
  }
  return compoundKind(last);
}

function numberKind(all: readonly string[]): KeyKind | undefined {
  const rest = all.slice(0, -1).join('');
  if (/card|karte|tarjeta|carte|creditcard|^cc$|^pan$/.test(rest)) return 'card';
  return kindOfWord(rest) ?? (kindOfWord(all.at(-2) as string) === 'phone' ? 'phone' : undefined);
}

function kindOfWord(word: string): KeyKind | undefined {
  if (passwordWords.has(word)) return 'password';
  if (secretWords.has(word)) return 'secret';
  if (tokenWords.has(word)) return 'token';
  if (cookieWords.has(word)) return 'cookie';
  if (codeWords.has(word)) return 'code';
  if (cardWords.has(word)) return 'card';
  if (word === 'iban') return 'iban';
  if (idWords.has(word)) return 'id';
  if (phoneWords.has(word)) return 'phone';
  if (emailWords.has(word)) return 'email';
  return undefined;
}

/** Words written together without a sign between them: `smtppassword`, `githubtoken`, `awssecretaccesskey`. */
function compoundKind(word: string): KeyKind | undefined {
  if (word.length > 60) return undefined;
  if (/(?:password|passwd|passphrase|passwort|kennwort|passcode|пароль|密码|パスワード)$/.test(word)) return 'password';
  if (/(?:secret|credentials)$/.test(word)) return 'secret';
  if (/(?:token|apikey|accesskey|secretkey|privatekey|signingkey|authkey|encryptionkey)$/.test(word)) return 'token';
  if (/(?:sessionid|sessid)$/.test(word)) return 'cookie';
  return undefined;
}

function isIpKey(all: readonly string[]): boolean {
  const joined = all.join('');
  if (/^(?:xforwardedfor|xrealip|remoteaddr|remoteaddress|clientaddr|peeraddr|cfconnectingip|trueclientip|sourceip|srcip)$/.test(joined)) return true;
  const isAddress = all.at(-1) === 'ip' || all.at(-1) === 'ips' || joined.endsWith('ipaddress') || joined.endsWith('ipaddr');
  return isAddress && /^(?:ip|ips|ipaddress|ipaddr)$|client|remote|user|visitor|customer|caller|login|signup|peer|guest|from|origin|browser|last|device/.test(joined);
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/).map((word) => word.normalize('NFKD').replace(/\p{M}+/gu, '')));
}
