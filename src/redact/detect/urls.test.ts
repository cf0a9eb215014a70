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
