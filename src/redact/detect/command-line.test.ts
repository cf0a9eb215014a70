import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import { hideLongOption, hideShortOption, hideSlashOption } from './command-line.ts';

describe('commands in one text', () => {
  testRows([
    'curl -u ann:«Tr0ub4dor» https://x.example',
    'curl --user ann:«Tr0ub4dor» https://x.example',
    'mysql -h db -p«S3cret9» shop',
    'mysqldump --password=«S3cret9» shop',
    'docker login -u ann --password «Zebra7x» reg',
    'docker login -u ann -p «Zebra7x» reg.example.com',
    'PGPASSWORD=«Zebra7x» psql -h db',
    'env API_TOKEN=«Zebra7xQ9» ./deploy.sh',
    'sshpass -p «Zebra7x» ssh ann@host',
    'deploy --api-key «Zebra7xQ9» --region eu',
    'deploy --api-key=«Zebra7xQ9» --region eu',
    "redis-cli -a '«Zebra7x»' ping",
    'curl -H "Authorization: Bearer «abcdef1234567890»" https://x.example',
  ]);
});

describe('commands as a list of arguments', () => {
  testRows([
    "['psql', '--password=«Zebra7x»', '-h', 'db']",
    "['mysql', '-p«S3cret9»', 'shop']",
    "['docker', 'login', '--password', '«Zebra7x»', 'reg']",
    "['curl', '-u', 'ann:«Tr0ub4dor»', 'https://x.example']",
    '["deploy", "--token", "«Zebra7xQ9»"]',
  ]);
});

describe('options that are no secrets', () => {
  testRows([
    'ssh -p 22 host',
    'mkdir -p /var/lib/shop',
    'ps -p 4711',
    "['ssh', '-p', '2222', 'host']",
    'docker run -p 8080:80 web',
    'nmap -p 1-1024 host',
    'celery -A shop worker --concurrency 4 --pool prefork',
    'deploy --region eu --dry-run',
    'git commit -m "use another token bucket"',
    'tar -xzf backup.tar.gz',
    'grep -r password src',
  ]);
});

describe('a long option', () => {
  testDetector(
    [
      'x ¦--password «Zebra7x» y',
      'x ¦-token «Zebra7x» y',
      "['x', '¦--password', '«two words»', 'y']",
      "['x', b'¦--password', b'«Zebra7x»']",
      'x ¦--user ann:«Zebra7x» y',
      'x ¦--userpwd ann:«Zebra7x»',
      "x ¦--basic-auth 'ann:«Zebra7x»'",
      'x ¦--user=ann:«Zebra7x» y',
      'gh auth login ¦--with-token «Zebra7x»',
      "x ¦--password '«Zebra7x»' y",
    ],
    hideLongOption,
  );
  testDetector(
    [
      'x ¦--password=Zebra7x y',
      'x ¦--password --verbose',
      'x ¦--password',
      'x ¦--city Lisbon',
      'x ¦--user ann y',
      'x ¦--user 1000:1000 y',
      'x ¦--token-type bearer',
      'x ¦--password None y',
    ],
    hideLongOption,
  );
});

describe('a short option after a command that takes a secret', () => {
  testDetector(
    [
      'mysql ¦-p«S3cret9» shop',
      '7z a ¦-p«mango» x.7z',
      'sshpass ¦-p «mango» ssh h',
      "['sshpass', '¦-p', '«mango»', 'ssh']",
      'docker login ¦-p «mango» reg',
      'mongosh ¦-p «mango»',
      'tool -u ann ¦-p «mango»',
      'unzip ¦-P «mango» x.zip',
      'redis-cli ¦-a «mango» ping',
      'ldapsearch ¦-w «mango»',
      'openssl enc ¦-k «mango»',
      'useradd ¦-p «mango» ann',
      'curl ¦-u ann:«mango» x',
      'smbclient ¦-U ann%«mango» x',
    ],
    hideShortOption,
    { kind: 'password' },
  );
  testDetector(
    [
      'mysql ¦-p shop',
      'ssh ¦-p 22 h',
      'mongosh ¦-port 27017',
      'mongosh ¦-p 27017',
      'psql -U ann ¦-p 5432',
      'docker run ¦-p 8080:80 web',
      'openssl enc ¦-kmango',
      'curl ¦-u ann x',
      'curl ¦-x mango',
      'grep ¦-a mango',
      'redis-cli ping; ls ¦-a mango',
      "mysql', 'x'] ['ls', '¦-p', 'mango'",
    ],
    hideShortOption,
  );
});

describe('an option of Windows', () => {
  testDetector(
    [
      'xfreerdp ¦/p:«mango» /v:h',
      'cmdkey /add:h ¦/pass:«mango»',
      'net use x ¦/user:ann «mango»',
      "['mstsc', '¦/p:«mango»']",
    ],
    hideSlashOption,
    { kind: 'password' },
  );
  testDetector(
    ['ls ¦/p:mango', 'xfreerdp ¦/v:h', 'xfreerdp ¦/p:ab', 'cd ¦/usr/local', 'net use x ¦/user:ann /x'],
    hideSlashOption,
  );
});
