import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';

describe('logins without a scheme', () => {
  testRows(['ann:«Zebra7x»@db.internal', 'ann/«Zebra7x»@db:1521/shop', 'connect ann:«Zebra7x»@10.0.3.17:5432 failed'], {
    kind: 'password',
  });
  testRows(['celery@db.internal', 'at 12:30@noon', 'a/b@1.2.3', 'host:5432', 'shop/orders:latest']);
});

describe('calls with a login', () => {
  testRows(["login('ann', '«Zebra7x»')", "Client(token='«Zebra7xQ9»')", "client.authenticate('ann', '«Zebra7x»')"]);
  testRows(["connect(host='db', port=5432)", "send('ann', 'hello')", 'login()', "login('ann')"]);
});

describe('texts that a URL encodes', () => {
  testRows(['password%3D«Zebra7x»%26x%3D1', 'user=ann&password=«Zebra7x»&x=1']);
  testRows(['page%3D3%26x%3D1', 'name=ann&page=3']);
});

describe('keys in armour and hashes of passwords', () => {
  testRows(
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----'].map((text) => `before «${text}» after`),
    { kind: 'pem' },
  );
  testRows(['hash «$2b$12$KIXQ4dUq0h8mVtYbq5rZ8uJx3k2l1m0n9o8p7q6r5s4t3u2v1w0xy» stored'], { kind: 'hash' });
  testRows(['cost $2b', '-----BEGIN', '$12 per item']);
});
