import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';

describe('a secret name before its value', () => {
  testRows([
    'host=db user=ann password=«Zebra7x» dbname=shop',
    'api_key: «Zebra7xQ9»',
    'password = «Zebra7x»',
    '"password": "«Zebra7x»"',
    "{'user': 'ann', 'password': '«Zebra7x»', 'page': 3}",
    '{"token":"«k9XmP2vQ7»","page":3}',
    'DB_PASSWORD=«Zebra7x»\nDB_HOST=db',
    'secret => «Zebra7xQ9»',
    "{'otp': «493201», 'order': 493202}",
    "password='«it''s7x»'",
    'Password: «Zebra7x», User: ann',
    "Config(host='db', password='«Zebra7x»')",
    'export API_TOKEN="«Zebra7xQ9»"',
    "{'auth': {'user': 'ann', 'password': '«Zebra7x»'}}",
    "{'passwords': ['«Zebra7x»', '«Lion8yq»']}",
  ]);
});

describe('names that only contain such a word', () => {
  testRows([
    "{'token_type': 'Bearer', 'max_tokens': 4096}",
    "{'primary_key': 'pk7', 'cache_key': 'user:7:v2'}",
    "{'author': 'Ann', 'passenger': 'Bob', 'monkey': 'm'}",
    'password_length=12',
    'token_count: 42',
    "{'has_password': True, 'secret': None}",
    'key=orders/2026/a.csv',
    'password=',
    'password=None',
    "{'password': ''}",
    "{'password': '********'}",
  ]);
});

describe('values on the lines below', () => {
  testRows(['password:\n  - «Zebra7x»\n  - «Lion8yq»\nname: x', 'user: ann\npassword: «Zebra7x»\npage: 3']);
});
