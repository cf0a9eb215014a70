import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import type { TextScan } from '../values/text-scan.ts';
import { hideCallArgument } from './calls.ts';

/** ¦ is the start of the last part of the call's name. */
const call = (scan: TextScan, from: number) => hideCallArgument(scan, from, scan.text.indexOf('(', from));

describe('calls in a log line', () => {
  testRows(["login('ann', '«Zebra7x»')", "Client(token='«Zebra7xQ9»')", "client.authenticate('ann', '«Zebra7x»')"]);
  testRows(["connect(host='db', port=5432)", "send('ann', 'hello')", 'login()', "login('ann')"]);
});

describe('a constructor named for a secret', () => {
  testDetector(
    [
      "¦SecretStr('«Zebra7x»')",
      "¦ApiKey('«Zebra7x»', )",
      "x = ¦Password(b'«Zebra7x»')",
      "¦Token(value='«Zebra7x»', ttl=30)",
      "¦Credentials(username='ann', current='«Zebra7x»')",
    ],
    call,
  );
  testDetector(
    [
      "¦Token('Zebra7x', 30)",
      "¦Token('lower')",
      "¦Token('The token is invalid.')",
      '¦Token(value)',
      "¦TokenResponse('Zebra7x')",
      "¦PasswordField('Zebra7x')",
      "¦InvalidToken('Zebra7x')",
      "¦token('Zebra7x')",
      "¦Order('Zebra7x')",
      "¦Key('Zebra7x')",
      `¦${'T'.repeat(45)}oken('Zebra7x')`,
    ],
    call,
  );
});

describe('a call with a password in its last position', () => {
  testDetector(
    [
      "client.¦login('ann', '«Zebra7x»')",
      "client.¦login('shop', 'ann', '«Zebra7x»')",
      "¦authenticate(user, '«Zebra7x»')",
      "user.¦set_password('«Zebra7x»')",
      "¦login('ann', '«Zebra7x»', timeout=3)",
      "requests.¦HTTPBasicAuth('ann', '«Zebra7x»')",
      "¦Fernet(b'«Zebra7x»')",
    ],
    call,
    { kind: 'password' },
  );
  testDetector(
    [
      "¦login('ann')",
      '¦login(user, password)',
      "¦login('ann', 'secret')",
      "¦login('ann', '***')",
      '¦login()',
      "¦logins('a', 'Zebra7x')",
    ],
    call,
  );
});

describe('a call with a password in its first position', () => {
  testDetector(["¦crypt('«Zebra7x»', salt)", "¦hashpw(b'«Zebra7x»', salt)", "SET x = ¦PASSWORD('«Zebra7x»')"], call);
  testDetector(['¦crypt(password, salt)', "¦PASSWORD('***')"], call);
});

describe('a call that signs', () => {
  testDetector(["jwt.¦encode(payload, '«Zebra7x»')", "jwt.¦decode(t, '«Zebra7x»', algorithms=['HS256'])"], call, {
    kind: 'key',
  });
  testDetector(["text.¦encode('Zebra7x')", 'jwt.¦encode(payload, key)', "jwt.¦header('Zebra7x')"], call);
});

describe('a line of code', () => {
  testDetector(["¦SecretStr('«Zebra7x»')", "c.¦login('ann', '«Zebra7x»')"], call, { context: 'source' });
  testDetector(["¦Token(value='Zebra7x')"], call, { context: 'source' });
});
