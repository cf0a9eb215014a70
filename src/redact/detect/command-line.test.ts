import { describe } from 'node:test';
import { testRows } from '../../../test/fakes/hidden.ts';

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
