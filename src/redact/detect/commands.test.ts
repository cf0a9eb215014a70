import { describe } from 'node:test';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import type { TextScan } from '../values/text-scan.ts';
import { commandWords, hideCommandSecret } from './commands.ts';

/** ¦ is the start of the command's first word. */
const command = (scan: TextScan, from: number) => {
  const name = /^\w+/.exec(scan.text.slice(from))?.[0] ?? '';
  return commandWords.has(name) ? hideCommandSecret(scan, from, name) : -1;
};

describe('commands whose secret has a fixed place', () => {
  testDetector(
    [
      '¦AUTH «s3cret!»',
      '¦AUTH default «s3cret!»',
      "['¦AUTH', '«s3cret!»']",
      '¦auth «Zebra7xQ9»',
      '¦requirepass «mango»',
      '¦masterauth «mango»',
      '¦PASS «s3cret!»',
      '¦IDENTIFY «mango»',
      '¦IDENTIFY ann «mango»',
      'a1 ¦LOGIN "ann" "«s3cret!»"',
      '¦login «abcdefghijk1»',
      '¦net user ann «Zebra7x» /add',
      'rabbitmqctl ¦add_user ann «mango»',
      "['rabbitmqctl', '¦change_password', 'ann', '«mango»']",
      '¦htpasswd -cb users ann «mango»',
      "¦echo '«mango7»' | docker login --password-stdin",
      '¦echo ann:«mango7» | chpasswd',
      "¦printf '%s' '«mango7»' | docker login",
      '¦WIFI:S:home;T:WPA;P:«mango7»;;',
      '¦machine git.example.com login ann password «mango7»',
    ],
    command,
    { kind: 'password' },
  );
});

describe('the same words without a secret', () => {
  testDetector(
    [
      '¦AUTH failed',
      '¦auth required',
      '¦PASS tests/test_login.py::test_1',
      '¦PASS all',
      '¦LOGIN ann failed',
      '¦login failed',
      '¦net user ann',
      '¦echo done | tee log',
      '¦echo $PASSWORD | docker login',
      '¦machine learning login page',
    ],
    command,
  );
});

describe('settings', () => {
  testDetector(
    [
      "¦SET PASSWORD = '«mango»'",
      "¦SET PASSWORD FOR ann = PASSWORD('«mango»')",
      '¦set password «mango»',
      'redis-cli ¦config requirepass «mango7»',
      'aws configure ¦set aws_secret_access_key «mango»',
      'vault kv ¦put secret/db:password «mango»',
      "['setx', '¦set', 'API_TOKEN', '«mango»']",
    ],
    command,
  );
  testDetector(
    [
      '¦set password for ann',
      '¦set password to x',
      '¦config password mango',
      '¦set city Lisbon',
      '¦set key mango',
      '¦set x',
    ],
    command,
  );
});
