import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';

describe('passwords in addresses', () => {
  testRows(
    [
      'connect to postgres://shop:«s3cr3t-Pw»@db.internal:5432/orders failed',
      'redis://:«hunter22x»@cache:6379/0',
      'rediss://default:«hunter22x»@cache:6380/1',
      'amqp://guest:«guest»@rabbit//',
      'mongodb+srv://ann:«p%40ss9word»@cluster0.example.net/shop?retryWrites=true',
      'mysql+pymysql://root:«Zebra7x»@127.0.0.1/shop',
      'ftp://ann:«Zebra7x»@files.example.com/in',
      'two: redis://:«Lion8yq»@a:1/0 and redis://:«Zebra7x»@b:2/0',
      "URL('http://ann:«Zebra7x»@example.com/')",
      'smtp://mailer%40shop:«Zebra7x»@smtp.example.com:587',
    ],
    { kind: 'password' },
  );
});

describe('tokens in the query', () => {
  testRows([
    'GET https://api.example.com/v1/items?page=2&api_key=«k9XmP2vQ7» 200',
    'https://example.com/cb?access_token=«k9XmP2vQ7rt»&state=open',
    'https://example.com/?token=«k9XmP2vQ7rt»',
    'https://example.com/a?sig=«k9XmP2vQ7rt»&x=1',
    '/relative/path?client_secret=«k9XmP2vQ7rt»&page=3',
  ]);
});

describe('segments of a path that grant access', () => {
  testRows([
    'https://example.com/reset/«3f9c1f0a7be24d51a6b3»?lang=en',
    'https://hooks.slack.com/services/«T01AB2CD3»/«B04EF5GH6»/«a8Bq2Lw9XkP4mT7vRz1c6NyD»',
  ]);
});

describe('addresses without a secret', () => {
  testRows([
    'https://example.com/orders/9?sort=asc&page=2',
    'redis://cache:6379/0',
    'amqp://rabbit:5672//',
    'postgres://db.internal/orders',
    'https://example.com/2026/11/30/report.pdf',
    'see http://localhost:8080/task/0b5f4a1e-6f1c-4d1a-9a55-3d4ad1d7e0a1',
    'https://example.com/a:b/c',
    'file:///var/lib/shop/orders.csv',
  ]);
});

describe('a password that is not followed by a plain host', () => {
  testRows(['postgres://app:«p@ss»@db/shop', 'postgres://app:«p/ss!w»@db/shop', 'postgres://app:«Zebra7x!...»'], {
    kind: 'password',
  });
  testRows([
    'https://ann@example.com/',
    'postgres://app:***@db/shop',
    'postgres://app:xxxx@db/shop',
    'postgres://app:$PASSWORD@db/shop',
    'http://[::1]:8080/x answered',
    'http://host:8080,host:8081/x',
  ]);
});

describe('a token in place of a user', () => {
  testRows(['https://«a1b2c3d4e5f6g7h8i9»@sentry.example.com/1'], { kind: 'token' });
  testRows(['https://longusernamewithout@example.com/1']);
});

describe('hooks', () => {
  testRows(
    [
      'https://discord.com/api/webhooks/«123456789a»/«aB3dE5fG7hJ9kL2m»',
      'https://hooks.zapier.com/hooks/catch/«12345a»/«abc12d»/',
      'https://api.telegram.org/bot«123456:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw»/sendMessage',
      'https://shop.example/join/«q7Xm2Pw9Tb4N»',
    ],
    { kind: 'token' },
  );
  testRows([
    'https://example.com/webhooks/v2/orders',
    'https://shop.example/join/summer',
    'https://shop.example/q7Xm2Pw9Tb4N',
  ]);
});

describe('logins without a scheme', () => {
  testRows(
    [
      'ann:«Zebra7x»@db.internal',
      'ann/«Zebra7x»@db:1521/shop',
      'sqlplus ann/«Zebra7x»@shop',
      'ann/«Zebra7x»@PROD_DB',
      'connect ann:«Zebra7x»@10.0.3.17:5432 failed',
    ],
    { kind: 'password' },
  );
  testRows([
    'celery@db.internal',
    'at 12:30@noon',
    'a/b@1.2.3',
    'host:5432',
    'shop/orders:latest',
    'shop:sha256:abc@registry',
    'home/ann@shop',
    'tag:latest@registry.internal',
  ]);
});

describe('URL-encoded text', () => {
  testRows([
    'password%3D«Zebra7x»%26x%3D1',
    'user=ann&password=«Zebra7x»&x=1',
    '%7B%22token%22%3A%22«Zebra7xQ9»%22%7D',
    'postgres%3A%2F%2Fapp%3A«Zebra7x»%40db',
  ]);
  testRows(['page%3D3%26x%3D1', 'name=ann&page=3', 'city%3DLisbon']);
});
