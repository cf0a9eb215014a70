/** Private keys in PEM and PuTTY format, and password hashes. Each function reads a bounded stretch from one place. */
const pemHead =
  /-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY(?: BLOCK)?|PGP MESSAGE|SECRET KEY)-{0,5}|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----/y;
const pemBody = /(?:[A-Za-z0-9+/=_ \t\r\n:,.-]|\\[nrt]|\\(?=\\n)|&#10;|%0A|%2B|%2F|%3D){0,20000}/y;

/** End of the private key at `at`, or -1. Its header is enough, so a key that was cut is found too. */
export function pemAt(text: string, at: number): number {
  if (text.startsWith('PuTTY-User-Key-File', at)) {
    const putty =
      /PuTTY-User-Key-File-\d: [^\n\\]{1,60}(?:(?:\n|\\r?\\n)(?:[A-Z][\w-]{2,30}: [^\n\\'"]{0,256}|[A-Za-z0-9+/=]{4,80}\.{0,3})){0,400}/y;
    putty.lastIndex = at;
    return putty.test(text) ? putty.lastIndex : -1;
  }
  pemHead.lastIndex = at;
  if (!pemHead.test(text)) return -1;
  const from = pemHead.lastIndex;
  const length = text.slice(from, from + 20_000).indexOf('-----END');
  if (length >= 0) {
    const end = from + length;
    const tail = /-----END [A-Z0-9 ]{0,60}-{0,5}/y;
    tail.lastIndex = end;
    return tail.test(text) ? tail.lastIndex : end + 8;
  }
  pemBody.lastIndex = from;
  pemBody.test(text);
  return Math.max(pemBody.lastIndex, from);
}

const cryptHash =
  /\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{8,60}|argon2(?:id|i|d)\$(?:v=\d{1,3}\$)?m=\d{1,9},t=\d{1,9},p=\d{1,9}\$[^\s'"<>,}]{4,300}|scrypt\$ln=\d{1,3},r=\d{1,3},p=\d{1,3}\$[^\s'"<>,}]{4,300}|(?:argon2(?:id|i|d)|scrypt|y|gy|7|apr1|sha1|[1568]|P|S|H)\$[^\s'"<>,}:]{8,300})/y;
const namedHash =
  /(?:pbkdf2(?:[_:-]\w{3,10}){0,2}|bcrypt(?:_sha256)?|scrypt|argon2(?:id)?|sha1|sha256|sha512|md5)[$:](?:\$?[\w./+=,-]{1,200}[$:]){1,6}[\w./+=,$-]{6,300}|\{S?(?:SHA|MD5|CRYPT)\d{0,3}\}[\w+/=$.]{12,200}|SCRAM-SHA-\d{1,3}\$[\w+/=:$]{12,300}/y;

/** A password hash of MySQL: `*` and forty hex digits in capitals. */
const mysqlHash = /^[0-9A-F]{40}(?![0-9A-Za-z])/;

/** End of the password hash at `at`, or -1. */
export function hashAt(text: string, at: number): number {
  if (text.charCodeAt(at - 1) === 42 && mysqlHash.test(text.slice(at, at + 41))) return at + 40;
  const regex = text.charCodeAt(at) === 36 ? cryptHash : namedHash;
  regex.lastIndex = at;
  return regex.test(text) ? regex.lastIndex : -1;
}
