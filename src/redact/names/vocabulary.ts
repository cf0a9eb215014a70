/** Words that name secrets, in the languages that code is written in. The sets hold folded words. */
import { foldedWord } from './spelling.ts';

export const passwordWords = words(`
  password passwords passwd passwds passwort passworter passwoerter kennwort pwd pswd psw pword passphrase passphrases passw
  passcode passcodes mypass userpass dbpass rootpass adminpass smtppass userpw dbpw rootpw bindpw contrasena contrasenas
  contrasenya pasahitza senha senhas palavrapasse motdepasse mdp wachtwoord haslo hasla haslem hasle sifresini sifreyi sifreniz sifrem sifreler losenord psk wpapsk wepkey lozinka zaporka salasana
  adgangskode passord heslo hesla heslem heslu jelszo sifre sifresi sifra sifru parol parola parole paroli parolu parolei parolasi parool gesla шифра шифру slaptazodis geslo fjalekalim пароль пароли пассворд
  密码 密碼 口令 パスワード 暗証番号 비밀번호 암호 סיסמה סיסמא รหัสผ่าน matkhau katasandi sandi pass pw pgpassword mysqlpwd sshpass rediscliauth
  authpassword requirepass keypass storepass passin passout κωδικος parolata گذرواژه रहस्य पासवर्ड lykilord`);
export const secretWords = words(`
  secret secrets secretkey clientsecret appsecret credential credentials creds cred geheim geheimnis secreto secretos secreta secretas secrete secretes secretul segreta segrete sekretu секрета секреты секретом секретная секретное секретного
  segredo segreti segreto sekret sekrety tajne hemlighet hemmelighet hemmelig salaisuus tajemstvi gizli titok секрет секретный
  mnemonic privatekey zugangsdaten zugang salt pepper identifiants credenciales credenziali htpasswd 秘密
  シークレット 비밀 accountkey sharedaccesskey vaultpass keytab seedphrase recoveryphrase`);
export const tokenWords = words(`
  token tokens authheader authorizationheader accesstoken refreshtoken authtoken idtoken apitoken bearer jwt jeton oauth authorization authorisation
  proxyauthorization autorizacion autorisation autorisierung авторизация токен 令牌 トークン 토큰 tokenas sas xsrf csrf
  csrftoken xsrftoken privkey privatekey hapikey tok tkn pat verifier signature sig hmac assertion samlresponse saml authcode apikey apikeys accesskey authkey passkey
  sshkey licensekey licencekey firma unterschrift ficha zeton jetton polettid csrfmiddlewaretoken appkey devkey
  fichaacceso`);
export const cookieWords =
  words(`cookie cookies setcookie sessionid sessid phpsessid jsessionid sid connectsid sessionkey sitzungsid
  aspnetsessionid sessionhash sessiontoken sessionstate sitzung sesion sessao sessione sessie sessiya`);
export const codeWords =
  words(`otp totp hotp pin pins pincode mfa cvv cvc cvn csc cvv2 cvc2 verificationcode securitycode
  onetimecode authpin einmalcode puk smscode logincode backupcodes recoverycodes accesscode confirmationcode passcode
  sicherheitscode prufziffer kartenprufnummer codigoseguridad codigoverificacion mfacode twofactorcode authcode invitecode
  activationcode bestatigungscode tan codepin devicecode usercode`);
export const cardWords =
  words(`card cardnumber creditcard creditcardnumber ccnumber ccnum pan cardno cardnum kartennummer kreditkarte
  kreditkartennummer numerotarjeta tarjeta numerocarte cartebancaire cartacredito debitcard debitcardnumber cardpan numerocarta kaartnummer kortnummer`);
export const phoneWords =
  words(`phone phones phonenumber telephone tel telefon telefono telefone telefoonnummer telefonnummer puhelin msisdn
  mobile mobil mobilenumber movil celular handy cell cellphone gsm whatsapp fax telefonas телефон 电话 電話 電話番号 전화번호 手机 rufnummer dienthoai sodienthoai sdt tlf tlfnr telnr telno`);
export const idWords =
  words(`ssn socialsecurity socialsecuritynumber cpf cnpj dni nif nie pesel nino bsn nationalid nationalidnumber
  personnummer fodselsnummer henkilotunnus sozialversicherungsnummer steuerid steuernummer taxid taxpayerid tin itin ein passport
  passportnumber passportno passeport reisepass reisepassnummer curp rfc aadhaar aadhar pannumber codicefiscale rut sin
  insurancenumber nationalinsurance nationalinsurancenumber driverslicense driverlicense driverlicence driverslicence drivinglicence licensenumber burgerservicenummer cedula
  ahv ahvnummer nss insee securitesociale numerosecu rodnecislo oib egn cnp isikukood personalausweis ausweisnummer idcard
  idcardnumber identitynumber nhsnumber medicarenumber снилс инн паспорт 身份证 マイナンバー 주민등록번호 tckn svnr emso jmbg idnumber nricnumber nric cpr cprnr cprnummer hetu kimlik kimlikno tckimlik
  tckimlikno afm αφμ teudatzehut תעודתזהות 身份证号 身份证号码 身分證 cccd cmnd nik ktp noktp svnummer emiratesid hkid`);
export const emailWords = words('email emails mail emailaddress correo courriel epost maila adressemail 邮箱 почта');

/** Words that make a following `key` a secret. Without them, `key` names an entry of a dictionary. */
export const keyQualifiers =
  words(`api secret private priv fernet privat signing sign encryption encrypt encrypted decryption decrypt access
  account master auth authentication authorization service license licence ssh gpg pgp rsa dsa ecdsa ed hmac aes kms shared
  storage subscription consumer client app application deploy deployment webhook vault wallet recovery session sess token ssl tls
  server admin root write read stripe aws gcp azure sendgrid twilio mailgun openai anthropic datadog integration merchant
  restricted crypto cipher symmetric project user customer developer dev prod test live preshared psk jwt cookie flask django
  maps google github gitlab data bot device activation product instance functions function host pairing data`);
export const keyWords = words(
  'key keys schluessel schlussel clave claves llave chave cle clef chiave nyckel klucz sleutel nokkel avain ключ キー 키 anahtar',
);
/** Words that make a following `code` a one-time code. */
export const codeQualifiers =
  words(`pin otp cvv cvc verification security auth login access confirmation sms mfa tfa factor fa twofactor backup recovery
  onetime time oauth authorization invite device pairing unlock activation reset verify passcode card totp`);

/** Words that, after a secret's name, make the value a fact about the secret: its number, expiry, place, kind. */
export const harmlessTails =
  words(`count counts counter type types ttl expiry expires expire expired expiring expiration exp policy policies
  template templates url uri endpoint path file filename dir directory name names method methods mode reset changed change changes updated
  created at age length len size limit limits limiter max min strength hint label title status state enabled disabled required
  requirement requirements valid validity validator validators verified verification version versions provider providers issuer audience scope scopes
  format field fields column page link form days hours minutes seconds secs ms date time timestamp usage used uses budget total
  index idx position prefix rotation rotated rotate id ids uuid bucket class handler store manager service error errors exception warning
  failure consent banner reference ref arn alias algorithm alg algo rate per prompt completion input output source kind brand network
  country last4 last four month year holder owner rotations sent delivered attempts attempt tries retries history hasher backend
  encoder encoding charset domain samesite secure middleware flow grant header param group set sets generator factory present exists
  in on left remaining window interval timeout lifetime level score category tier reminder notification required issued by for matches match
  permissions public needed plugin driver engine env variable var model schema table log logs event events task tasks job request response
  updates renewal lock locked strategy fingerprint thumbprint kid checksum bits bytes words word chars character characters
  santa symbol address decimals standard supply holders chain stdin fd cmd command prompt read write view views delete edit manager management managed compliance complexity reuse audit breach leak leaked scan scanner`);
export const harmlessHeads =
  words(`has is are max min num number no count total forgot forgotten reset change changed needs need requires require should can
  with without uses use allow allowed allows last next primary foreign sort partition cache row object public publishable routing
  idempotency dedup dedupe group order cursor expired invalid missing wrong bad n avg unique natural composite index lookup translation
  did was will hide show mask validate check enable disable prompt completion input output`);
/** Words that make a following `id` a credential: the id of a session grants access. */
export const idIsSecretAfter = words('session sess sid');

/** Names that stand beside a secret in the same container and are not secret themselves. */
export const plainNeighbours =
  words(`user username login name host hostname port type scheme id region zone scope scopes tenant account
  role roles realm issuer provider url uri endpoint path database db method enabled active count version env environment driver engine
  bucket project service domain expires expiry ttl created updated algorithm alg kind label title description code message msg error
  detail string status state level client clientid userid usuario nombre benutzer nutzer nom utilisateur utente gebruiker server vhost
  lang language locale theme timezone currency country city`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/).map(foldedWord));
}
