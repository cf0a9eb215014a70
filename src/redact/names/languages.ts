/**
 * A few notions in some thirty languages: password, secret, key, token, code, telephone, and the words that make a key or a
 * code a secret one. Most languages inflect, so the lists hold stems: `парол` covers пароль, пароля and паролем.
 */
import { foldedWord } from './spelling.ts';

/** Stems that a word starts with; at most six letters of inflection follow. */
const inflected = {
  password: `парол гасл лозинк пасворд kodeord adgangskod passord passordet losenord wachtwoord wagwoord salasan jelsz contrasen
    contraseny lozink zapork slaptazod salason fjalekalim lykilor pasahitz nenosir katasandi matkhau katalaluan tunnussan kennw
    passwort losungswort συνθηματικ`,
  secret: `таемниц таємниц geheimniss hemlighet hemmelighet hemmelighed salaisuu tajemstv rahasia`,
  token: `токен жетон jeton zeton διακριτικ belirtec toegangstoken paasytunnu`,
  key: `schlussel schluessel clave claves llave chave chaves chiave chiavi sleutel klucz klicu klic nyckel nogle noegle nokkel avai anahtar ключ
    κλειδι مفتاح voti kunci kulcs cheie cheia kljuc raktas atsleg`,
  code: `code codigo codice kod kodu kode код κωδικ koodi cod koda`,
  phone: `telefon telefone telefoon telephon telepon telefonu telefono puhelin телефон τηλεφων handynummer mobilnummer celular movil
    mobiltelefon puhelinnumer lamhasim mobilní`,
} as const;

/** Ends of compound words: `Zugangskennwort`, `brukerpassord`. */
const compounded = {
  password: `password passwords passwd passphrase passwort passworter kennwort losenord wachtwoord passord kodeord adgangskode salasana jelszo
    sifresi parolasi senha contrasena lozinka heslo пароль pwd passcode`,
  secret: 'secret secrets credential credentials geheimnis',
  token: 'token tokens',
  key: 'apikey accesskey secretkey privatekey signingkey authkey encryptionkey masterkey sharedkey licensekey privkey hmackey',
  phone: 'phone telefon telefoon telefonnummer handynummer mobilnummer puhelinnumero phonenumber',
} as const;

/** Found anywhere in a name, for scripts that write without spaces. */
const anywhere = {
  password: `motdepasse palavrapasse katasandi katalaluan matkhau paroladordine parolachiave кодовоеслово パスワード パスフレーズ 暗証番号 合言葉 密码 密碼 口令 비밀번호 비번 암호 패스워드 รหัสผ่าน รหัสลับ סיסמ كلمةالمرور كلمةالسر كلمةمرور كلمةسر رمزعبور الرقمالسري
    رمزالمرور گذرواژه پسورد पासवर्ड कूटशब्द পাসওয়ার্ড கடவுச்சொல் పాస్వర్డ్ പാസ്‌വേഡ് პაროლ գաղտնաբառ құпиясөз нууцүг ລະຫັດຜ່ານ စကားဝှက် ពាក្យសម្ងាត់ මුරපදය`,
  secret: 'シークレット 秘密 機密 机密 비밀 시크릿',
  token: 'トークン 令牌 토큰 โทเค็น โทเคน אסימון टोकन টোকেন توكن رمزالوصول رمزدسترسی رمزالدخول',
  key: '秘密鍵 暗号鍵 共有鍵 アクセスキー 密钥 密鑰 金鑰 秘钥 私钥 私鑰 비밀키 개인키 인증키 암호키 접근키 액세스키 คีย์ลับ กุญแจลับ',
  code: '验证码 驗證碼 校验码 确认码 動態密碼 動態码 认证码 認証コード 確認コード ワンタイム 인증번호 인증코드 확인코드 보안코드 รหัสยืนยัน',
  phone: '电话 電話 手机 手機 携帯 携带电话 전화 휴대폰 핸드폰 โทรศัพท์ טלפון הاتف هاتف جوال موبايل फोन फ़ोन',
  cookie: 'クッキー セッションid 会话id 세션id',
} as const;

/** Words that make a key a secret one: secret, private, access, encryption. */
const guarding = `api secret segret secreto secreta secrete secretul privat private privada privado prive privee privata privato prywatn soukrom sukromn
  geheim tajn таем таен тайн секрет приват закрыт доступ шифров подпис μυστικ ιδιωτικ προσβασ סודי פרטי גישה سري سر خاص وصول गुप्त निजी अभिगम 秘密 비밀 mat bimat
  rahasia titkos salai salainen gizli ozel sifreleme hemlig hemmelig hemmelige acces acceso acesso accesso zugang zugriff toegang dostep dostepu
  pristup pristupov atkomst adgang tilgang paasy erisim アクセス 访问 存取 접근 액세스 akses truycap hozzaferes เข้าถึง ลับ secreta cifrado chiffrement criptografia
  sitzung szyfrow sifrovac versleutel kryptering salaus`;
/** Words that make a code a secret one: verification, confirmation, security. */
const verifying = `verif verifik weryfik confirm conferma bestatigung bestaetigung bekraft bekreft bevestig potwierdz overen overov потвърд подтвержд підтвердж
  провер onay dogrulama vahvist xacnhan xacminh verifikasi konfirmasi אימות تحقق التحقق تأكيد επιβεβαιω επαληθευ सत्यापन segur seguridad seguranca sicurezza
  sicherheit sikkerhet sikkerhed guvenlik bezpecnost bezpieczens безопасн pin otp sms accesso acces acceso zugangs toegangs secreto segreto secret tajny hemlig turvakoodi
  подтв смс пин authent autentic`;

/** Words for facts about a secret that do not reveal it: length, kind, age, strength. */
const facts = `lange laenge anzahl typ ablauf geandert geaendert starke staerke hinweis richtlinie longueur expiration modifie nombre force longitud tipo
  caduc venc cambi modific fuerza politica lunghezza scaden robustezza alterad tamanho zmien dlugos wygas liczba delka zmena platnost lengte verloop gewijzigd
  длин срок тип истек измен количеств сброс надежн политик довжин змін uzunluk turu suresi degis pituus andrad langd aendret laengde lengde endret
  μηκος αλλαγ panjang jumlah diubah kedaluwarsa dodai`;
const factsAnywhere = `类型 類型 长度 長度 强度 強度 数量 次数 次數 过期 過期 有效期 有効期限 期限 種類 長さ 回数 強さ 更新日 变更 变更时间 修改时间 历史 履歴 策略 ポリシー 提示 종류 길이 강도 만료 개수 변경 힌트 정책 이력`;

type Notion = 'password' | 'secret' | 'token' | 'cookie' | 'code' | 'phone';

const beginnings = Object.entries(inflected).map(
  ([notion, stems]) => [notion, new RegExp(`^(?:${listed(stems)})\\p{L}{0,6}$`, 'u')] as const,
);
const ends = Object.entries(compounded).map(
  ([notion, stems]) => [notion, new RegExp(`\\p{L}{2,}(?:${listed(stems)})$`, 'u')] as const,
);
const parts = Object.entries(anywhere).map(([notion, stems]) => [notion, new RegExp(listed(stems), 'u')] as const);
const guardingWord = new RegExp(`^(?:${listed(guarding)})`, 'u');
const verifyingWord = new RegExp(`^(?:${listed(verifying)})`, 'u');
const factWord = new RegExp(`^(?:${listed(facts)})\\p{L}{0,7}$`, 'u');
const factPart = new RegExp(`(?:${listed(factsAnywhere)})$`, 'u');
/** Keys that open nothing: `Primärschlüssel`, `clave foránea`, `ключ_кэша`. */
const databaseKey =
  /^(?:primar|fremd|sortier|such|cache|partition|foran|extern|primaria|ordena|busca|sort|foreign|keyword|stichwort|кэш|кеш|внешн|первичн|сортир|поиск)/u;

/** The notion of a folded word, independent of the words beside it. */
export function notionOf(word: string): Notion | 'key' | undefined {
  const within = notionWithin(word);
  if (within !== undefined) return within;
  if (databaseKey.test(word)) return undefined;
  for (const [notion, pattern] of ends) if (pattern.test(word)) return notion as Notion | 'key';
  for (const [notion, pattern] of beginnings) {
    if (notion !== 'key' && notion !== 'code' && pattern.test(word)) return notion as Notion;
  }
  return undefined;
}

/** The notion whose name occurs in the joined words of a name. For names in scripts without spaces. */
export function notionWithin(joined: string): Notion | 'key' | undefined {
  if (factPart.test(joined)) return undefined;
  return parts.find(([, pattern]) => pattern.test(joined))?.[0] as Notion | 'key' | undefined;
}

const keyStem = beginnings.find(([notion]) => notion === 'key')?.[1] as RegExp;
const codeStem = beginnings.find(([notion]) => notion === 'code')?.[1] as RegExp;

/** A key or a code that another word of the name makes secret: `klucz prywatny`, `código de verificación`. */
export function pairedNotionOf(words: readonly string[]): 'key' | 'code' | undefined {
  if (words.some((word) => databaseKey.test(word))) return undefined;
  const isGuarding = words.some((word) => guardingWord.test(word));
  if (isGuarding && words.some((word) => isWordForKey(word))) return 'key';
  const [only] = words;
  if (words.length === 1 && only !== undefined)
    return /(?:code|kode?)$/.test(only) && (guardingWord.test(only) || verifyingWord.test(only)) ? 'code' : undefined;
  const isVerifying = words.some((word) => verifyingWord.test(word)) || isGuarding;
  return isVerifying && words.some((word) => codeStem.test(word) || /^(?:pin|otp)?(?:code|kode?)$/.test(word))
    ? 'code'
    : undefined;
}

/** True for a word for key, also at the end of a compound: `Zugangsschlüssel`. */
function isWordForKey(word: string): boolean {
  return (
    keyStem.test(word) ||
    /^(?:cle|clef|cles|khoa|chei|מפתח|المفتاح)$/u.test(word) ||
    /(?:schlussel|sleutel|nyckel|nogle|nokkel|avain)$/u.test(word) ||
    keyPart.test(word)
  );
}

const keyPart = new RegExp(listed('कुंजी कुञ्जी キー 鍵 키 คีย์ กุญแจ 钥 鑰'), 'u');

/** True for a folded word that makes another one secret. */
export function isQualifierWord(word: string): boolean {
  return guardingWord.test(word) || verifyingWord.test(word);
}

/** True for a folded word that, after a secret's name, makes the value a fact about the secret. */
export function isFactWord(word: string): boolean {
  return factWord.test(word) || factPart.test(word);
}

/** The folded stems as alternatives of a regular expression. */
function listed(stems: string): string {
  return stems.trim().split(/\s+/).map(foldedWord).join('|');
}
