import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfigReader } from './reader.ts';

const text = 'broker: { url_file: /url }\n';

/** A reader over files in memory; a file without content does not exist. */
function readerOf(files: Record<string, string | undefined>, file: string | undefined = '/tv.yaml') {
  const readFile = (path: string): string => {
    const content = files[path];
    if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return content;
  };
  return createConfigReader({ file, env: {}, hostname: 'host', readFile, now: () => 0 });
}

test('a configuration is read with the files that it names', () => {
  const { loaded } = readerOf({ '/tv.yaml': text, '/url': 'redis://a\n' }).read();
  assert.equal(loaded.ok && loaded.config.brokers[0]?.url.kind, 'redis');
  assert.equal(loaded.ok && loaded.config.instanceId, 'host');
});

const changes: readonly (readonly [title: string, file: string, content: string | undefined, isChanged: boolean])[] = [
  ['the same content', '/url', 'redis://a\n', false],
  ['another content of the file', '/tv.yaml', `${text}critical: []\n`, true],
  ['another content of a named file', '/url', 'redis://b\n', true],
  ['a named file that disappears', '/url', undefined, true],
  ['a file that the configuration does not name', '/other', 'x', false],
];
for (const [title, file, content, isChanged] of changes) {
  test(`the stamp ${isChanged ? 'changes' : 'stays'} with ${title}`, () => {
    const files: Record<string, string | undefined> = { '/tv.yaml': text, '/url': 'redis://a\n' };
    const reader = readerOf(files);
    const { stamp } = reader.read();
    files[file] = content;
    assert.equal(reader.stamp() !== stamp, isChanged);
  });
}

test('a file that cannot be read is a problem', () => {
  const { loaded } = readerOf({}).read();
  assert.deepEqual(loaded.ok ? [] : loaded.problems, [
    { where: '/tv.yaml', path: '', message: 'expected a readable file, got ENOENT' },
  ]);
});

test('an empty file is refused once a configuration has been read from it', () => {
  const files: Record<string, string | undefined> = { '/tv.yaml': 'broker: redis://a\n' };
  const reader = readerOf(files);
  assert.equal(reader.read().loaded.ok, true);
  files['/tv.yaml'] = ' \n';
  const { loaded } = reader.read();
  assert.deepEqual(loaded.ok ? '' : loaded.problems[0]?.message, 'expected the configuration, this file is empty');
});

test('an empty file that never had content is a configuration without options', () => {
  const { loaded } = readerOf({ '/tv.yaml': '' }).read();
  assert.match(loaded.ok ? '' : (loaded.problems[0]?.message ?? ''), /^expected the URL of Celery’s broker/);
});

test('without a file the environment is the configuration', () => {
  const { loaded } = createConfigReader({
    file: undefined,
    env: { CELERY_BROKER_URL: 'redis://a' },
    hostname: 'host',
    readFile: () => assert.fail('expected no file to be read'),
    now: () => 0,
  }).read();
  assert.equal(loaded.ok, true);
});
