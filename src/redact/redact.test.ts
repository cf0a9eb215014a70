import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultRedactOptions } from '../../test/fakes/redact-options.ts';
import type { Field } from './field.ts';
import { createRedactor } from './redact.ts';

const redactor = createRedactor({
  ...defaultRedactOptions,
  modes: { ...defaultRedactOptions.modes, result: 'redact' },
});

type Case = readonly [field: Field, text: string, gone: readonly string[], kept: readonly string[]];

const cases: Readonly<Record<string, readonly Case[]>> = {
  'keys in every spelling': [
    ['kwargs', "{'dbPassword': 'q9Vx-mango', 'page': 3}", ['q9Vx-mango'], ["'page': 3"]],
    ['kwargs', "{'contraseña': 'lunes77!', 'nombre': 'ana'}", ['lunes77!'], ['ana']],
    ['kwargs', "{'пароль': 'zima2020', 'город': 'Омск'}", ['zima2020'], ['Омск']],
    ['kwargs', "{'パスワード': 'haru-2931', 'x': 1}", ['haru-2931'], []],
    [
      'kwargs',
      "{'hashed_password': 'ff00aa99ee', 'password_old': 'Ruben8', 'X-Api-Key': 'k-1'}",
      ['ff00aa99ee', 'Ruben8', 'k-1'],
      [],
    ],
    ['kwargs', "{'awssecretaccesskey': 'abcd/efgh+1', 'githubtoken': 'tt99tt'}", ['abcd/efgh+1', 'tt99tt'], []],
    ['kwargs', "{'otp': 493201, 'pin_code': '0042', 'order': 493202}", ['493201', '0042'], ['493202']],
    ['kwargs', "{'secret': {'current': 'aa11bb', 'version': 'v7'}}", ['aa11bb'], ['v7']],
    ['kwargs', "{'credentials': {'username': 'reportbot', 'password': 'n0pe-n0pe'}}", ['n0pe-n0pe'], ['reportbot']],
    ['kwargs', "{'tokens': ['aaaa1', 'bbbb2'], 'ids': ['cccc3']}", ['aaaa1', 'bbbb2'], ['cccc3']],
    ['kwargs', "{'auth': ('robot', 'Sw0rdfish'), 'timeout': 3}", ['Sw0rdfish'], ['robot']],
    [
      'kwargs',
      "{'client_ip': '10.1.2.3', 'ip': '93.184.216.34', 'broker_ip': '10.9.9.9'}",
      ['10.1.2.3', '93.184.216.34'],
      ['10.9.9.9'],
    ],
    [
      'kwargs',
      "{'mobile': '07700 900123', 'tax_id': '12-3456789', 'rows': 12}",
      ['07700 900123', '12-3456789'],
      ['12'],
    ],
  ],
  'false friends stay': [
    [
      'kwargs',
      "{'password_reset_url_name': 'accounts:reset', 'token_type': 'Bearer', 'max_tokens': 4096}",
      [],
      ['accounts:reset', 'Bearer', '4096'],
    ],
    [
      'kwargs',
      "{'primary_key': 'pk7', 'cache_key': 'user:7:v2', 'author': 'Ann', 'passenger': 'Bob', 'monkey': 'm'}",
      [],
      ['pk7', 'user:7:v2', 'Ann', 'Bob'],
    ],
    [
      'kwargs',
      "{'key': 'exports/2024/a.csv', 'session': 'spring-term', 'auth': 'oauth2', 'zip_code': '90210'}",
      [],
      ['exports/2024/a.csv', 'spring-term', 'oauth2', '90210'],
    ],
    [
      'kwargs',
      "{'password': None, 'token': '', 'has_password': True, 'secret_name': 'db/prod'}",
      [],
      ['None', 'True', 'db/prod'],
    ],
    [
      'kwargs',
      "{'idempotency_key': 'a81bc81b-dead-4e5d-abff-90865d1e13b1', 'sha': '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'}",
      [],
      ['a81bc81b-dead-4e5d-abff-90865d1e13b1', '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'],
    ],
    [
      'args',
      "('celery@worker-3.internal', 'git@github.com:org/repo.git', '@acme/tool@1.2.3')",
      [],
      ['celery@worker-3.internal', 'git@github.com:org/repo.git', '@acme/tool@1.2.3'],
    ],
    [
      'args',
      "('2026-01-02T03:04:05+00:00', 1799208934399, '192.168.0.1', 'v1.2.3')",
      [],
      ['2026-01-02T03:04:05+00:00', '1799208934399', '192.168.0.1'],
    ],
    ['exception', "ValidationError({'password': ['This field is required.']})", [], ['This field is required.']],
    ['exception', 'jwt.exceptions.InvalidTokenError: Signature has expired', [], ['Signature has expired']],
    ['exception', "SyntaxError: unexpected token 'foo' at line 3", [], ['foo', 'line 3']],
    ['exception', "KeyError('password')", [], ["KeyError('password')"]],
    [
      'exception',
      'OperationalError: password authentication failed for user "app"',
      [],
      ['authentication failed for user "app"'],
    ],
    [
      'exception',
      "ConnectionError('redis://cache.internal:6379/0 refused')",
      [],
      ['redis://cache.internal:6379/0 refused'],
    ],
  ],
  'texts inside texts': [
    ['args', `('{"user": "ann", "api_key": "zz-19-yy"}',)`, ['zz-19-yy'], ['ann']],
    ['args', `('{\\"user\\": \\"ann\\", \\"password\\": \\"p\\\\\\"q77\\"}',)`, ['q77'], ['ann']],
    ['args', "('user=ann&client_secret=s%21x99&page=2',)", ['s%21x99'], ['ann', 'page=2']],
    [
      'args',
      '(\'<login><user>ann</user><wsse:Password Type="text">Zx9!k</wsse:Password></login>\',)',
      ['Zx9!k'],
      ['ann'],
    ],
    [
      'args',
      '(\'<add key="SmtpPassword" value="mm-88" /><add key="Host" value="smtp.internal" />\',)',
      ['mm-88'],
      ['smtp.internal'],
    ],
    [
      'kwargs',
      "{'env': [{'name': 'DB_PASSWORD', 'value': 'tulip#9'}, {'name': 'MODE', 'value': 'fast'}]}",
      ['tulip#9'],
      ['fast'],
    ],
    ['kwargs', "{'env': [{'value': 'tulip#9', 'name': 'DB_PASSWORD'}]}", ['tulip#9'], ['DB_PASSWORD']],
    [
      'kwargs',
      "{'headers': [['Accept', 'text/html'], ['Cookie', 'theme=dark; sessionid=ab12cd34']]}",
      ['ab12cd34'],
      ['text/html'],
    ],
    [
      'kwargs',
      "{'raw': 'POST /x HTTP/1.1\\r\\nAuthorization: Basic YW5uOnNlY3JldA==\\r\\nHost: a.internal'}",
      ['YW5uOnNlY3JldA=='],
      ['a.internal'],
    ],
    ['kwargs', "{'conn': 'Server=db.internal;User Id=app;Password=Hg7;kk;Encrypt=yes'}", ['Hg7'], ['db.internal']],
    ['kwargs', "{'ini': '[db]\npassword = two words\nhost = db.internal\n'}", ['two words'], ['db.internal']],
    ['kwargs', "{'q': <QueryDict: {'password': ['Blue#1'], 'page': ['2']}>}", ['Blue#1'], ["['2']"]],
    ['args', "(Settings(token=SecretValue('aa-bb-11'), region='eu-1'),)", ['aa-bb-11'], ['eu-1']],
  ],
  'command lines': [
    ['args', "(['mysql', '-h', 'db.internal', '-pHunter9', 'shop'],)", ['Hunter9'], ['db.internal', 'shop']],
    [
      'args',
      "('curl -u robot:Pa55phrase https://api.internal/v1',)",
      ['Pa55phrase'],
      ['robot', 'https://api.internal/v1'],
    ],
    ['args', "('deploy --api-token qqq-123 --region eu-west-1',)", ['qqq-123'], ['eu-west-1']],
    ['args', "(['tool', '--password', 'abc def', '--verbose'],)", ['abc def'], ['--verbose']],
    [
      'exception',
      "CalledProcessError: Command 'sshpass -p Oak-Tree1 ssh host' returned 255",
      ['Oak-Tree1'],
      ['returned 255'],
    ],
    ['log', 'PGPASSWORD=maple77 psql -h db.internal', ['maple77'], ['db.internal']],
  ],
  URLs: [
    ['args', "('postgres://app:p@ss/w0rd@db.internal:5432/shop',)", ['p@ss/w0rd'], ['db.internal', 'shop']],
    ['args', "('redis://:only-pw@cache.internal/0',)", ['only-pw'], ['cache.internal/0']],
    ['args', "('https://x.example/cb?code=4a0AeX9bQ21&state=done&page=4',)", ['4a0AeX9bQ21'], ['page=4']],
    [
      'args',
      "('https://hooks.chat.example/services/T0AB12CD3/B0EF45GH6/kJ8mN2pQ4rS6tU8v',)",
      ['kJ8mN2pQ4rS6tU8v'],
      ['hooks.chat.example'],
    ],
    [
      'args',
      "('https://s3.example/b/k.csv?X-Amz-Signature=9f86d081884c7d659a2feaa0c55ad015&n=1',)",
      ['9f86d081884c7d659a2feaa0c55ad015'],
      ['k.csv'],
    ],
    ['kwargs', "{'u': 'amqp://svc:long-secret-without-an-end...'}", ['long-secret-without-an-end'], ['amqp://svc']],
  ],
  'shapes without a name': [
    [
      'log',
      'used ghp_abcdefghijklmnopqrstuvwxyz0123456789 and done',
      ['ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
      ['and done'],
    ],
    ['log', 'got acme_live_9aK2mQ7xP4zR8tL1 from vault', ['9aK2mQ7xP4zR8tL1'], ['from vault']],
    ['log', 'hash pbkdf2_sha256$600000$abcSALT$Zm9vYmFyYmF6cXV4 stored', ['Zm9vYmFyYmF6cXV4'], ['stored']],
    ['log', 'hash $2b$12$KIXQ4s0bVbqO8x1F2tM0euZ0mC4yYJ1 stored', ['KIXQ4s0bVbqO8x1F2tM0euZ0mC4yYJ1'], ['stored']],
    ['args', "('4111 1111 1111 1111', '4111 1111 1111 1112')", ['4111 1111 1111 1111'], ['4111 1111 1111 1112']],
    [
      'args',
      "('GB82 WEST 1234 5698 7654 32', 'GB83 WEST 1234 5698 7654 32')",
      ['GB82 WEST 1234 5698 7654 32'],
      ['GB83 WEST 1234 5698 7654 32'],
    ],
    [
      'args',
      "('call +49 (0) 30 1234567 now', 'o.brien+x@mail.example.org')",
      ['1234567', 'o.brien+x@mail.example.org'],
      ['now'],
    ],
    [
      'args',
      "('-----BEGIN RSA PRIVATE KEY-----\\nMIIabc/def+123\\nZZZ...', 'other')",
      ['MIIabc/def+123', 'ZZZ'],
      ['other'],
    ],
  ],
  sentences: [
    ['exception', "AuthError('wrong password: letmein for user bob')", ['letmein'], ['bob']],
    ['exception', 'AuthError("login with password \'Tr4il!\' failed")', ['Tr4il!'], ['failed']],
    ['exception', 'SmsError: your verification code is 493201, valid 5 minutes', ['493201'], ['valid 5 minutes']],
    [
      'exception',
      "ApiError('Invalid API key provided: zx81-Qw99-plm2')",
      ['zx81-Qw99-plm2'],
      ['Invalid API key provided'],
    ],
    ['exception', 'DETAIL:  Key (api_token)=(u7-u8-u9) already exists.', ['u7-u8-u9'], ['already exists']],
    [
      'exception',
      "1 validation error for Login\nuser.password\n  String should match [type=string_type, input_value='Gr8-pw', input_type=str]",
      ['Gr8-pw'],
      ['string_type'],
    ],
  ],
  'what Celery cuts and leaves unescaped': [
    ['kwargs', "{'dir': 'C:\\x\\', 'password': 'p-77-q', 'n': 'ok'}", ['p-77-q'], ["'n': 'ok'"]],
    ['kwargs', "{'password': 'ab\\', 'n': 'ok'}", ["'ab"], ["'n': 'ok'"]],
    ['kwargs', "{'secret_key': b'it's-raw', 'n': 'ok'}", ['s-raw'], ["'n': 'ok'"]],
    ['kwargs', "{'password': 'it\\'s, 'quoted', you see', 'n': 'ok'}", ['quoted', 'you see'], ["'n': 'ok'"]],
    ['kwargs', "{'n': 'ok', 'token': 'abcdef...', ...}", ['abcdef'], ["'n': 'ok'"]],
    ['kwargs', "{'n': 'ok', 'token': 'abcde", ['abcde'], ["'n': 'ok'"]],
  ],
  'records, settings and headers': [
    ['kwargs', "{'Set-Cookie': 'app_session=eyJpdiI6Ik; Path=/; HttpOnly', 'a': 'keep1'}", ['eyJpdiI6Ik'], ['keep1']],
    [
      'kwargs',
      "{'config': 'smtp:\n  host: mail.internal\n  password: \"Zebra 9\"\n  port: 25'}",
      ['Zebra 9'],
      ['mail.internal', '25'],
    ],
    [
      'kwargs',
      "{'card': {'brand': 'visa', 'last4': '4242', 'number': '4242424242424242', 'exp_month': 12}}",
      ['4242424242424242'],
      ['visa', '12'],
    ],
    [
      'kwargs',
      "{'hasło': 'lato1', 'şifre': 'yaz22', 'wachtwoord': 'fiets1', 'mot_de_passe': 'été-7'}",
      ['lato1', 'yaz22', 'fiets1', 'été-7'],
      [],
    ],
    ['kwargs', "{'d': OrderedDict([('api_secret', 'Zebra78'), ('n', 'keepme')])}", ['Zebra78'], ['keepme']],
    [
      'args',
      '(\'------b1\\r\\nContent-Disposition: form-data; name="password"\\r\\n\\r\\nKiwi99\\r\\n------b1--\',)',
      ['Kiwi99'],
      ['b1--'],
    ],
    ['args', "('helm upgrade x --set db.password=Kiwi9 --set replicas=3',)", ['Kiwi9'], ['replicas=3']],
    [
      'log',
      'Digest username="ann", response="6629fae49393a05397450978507c4ef1"',
      ['6629fae49393a05397450978507c4ef1'],
      ['ann'],
    ],
    ['log', 'user logged in with passcode 482913 from office', ['482913'], ['from office']],
    ['log', 'export STRIPE_KEY=abcd1234efgh; run', ['abcd1234efgh'], ['run']],
  ],
};

for (const [title, rows] of Object.entries(cases)) {
  describe(title, () => {
    for (const [field, text, gone, kept] of rows) {
      test(text.slice(0, 70), () => {
        const out = redactor.redactText(field, text);
        for (const secret of gone) assert.ok(!out.includes(secret), `${secret} stayed in ${out}`);
        for (const plain of kept) assert.ok(out.includes(plain), `${plain} went from ${out}`);
      });
    }
  });
}
