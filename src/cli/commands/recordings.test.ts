import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createFakeHost } from '../../../test/fakes/host.ts';
import { RecordingError } from '../../source/recording.ts';
import { CommandError } from './command.ts';
import { playRecordings } from './recordings.ts';

test('the result is returned, and bugs go to standard error', async () => {
  const host = createFakeHost();
  const result = await playRecordings(host, [], async ({ onNotice }) => {
    onNotice({ kind: 'bug', where: 'pipeline', error: new TypeError('broken') });
    onNotice({ kind: 'delivered', sink: 'traces', count: 1 });
    return 'done';
  });
  assert.equal(result, 'done');
  assert.equal(host.err(), 'bug: pipeline: TypeError: broken\n');
});

for (const { title, error, message } of [
  {
    title: 'a line that cannot be read',
    error: new RecordingError('a.ndjson:3: expected JSON'),
    message: 'a.ndjson:3: expected JSON',
  },
  {
    title: 'a missing file',
    error: Object.assign(new Error('ENOENT: a.ndjson'), { code: 'ENOENT' }),
    message: 'ENOENT: a.ndjson',
  },
]) {
  test(`${title} ends the command with exit code 1`, async () => {
    await assert.rejects(
      playRecordings(createFakeHost(), [], () => Promise.reject(error)),
      (thrown) => thrown instanceof CommandError && thrown.exitCode === 1 && thrown.message === message,
    );
  });
}

test('any other error is a bug and is thrown', async () => {
  const bug = new TypeError('broken');
  await assert.rejects(
    playRecordings(createFakeHost(), [], () => Promise.reject(bug)),
    bug,
  );
});

test('the progress bar appears only on a terminal, and is cleared at the end', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'taskvigil-')), 'a.ndjson');
  writeFileSync(file, 'x'.repeat(100));
  const play = async ({ onProgress }: { onProgress: (bytes: number) => void }) => onProgress(50);
  const plain = createFakeHost();
  await playRecordings(plain, [file], play);
  assert.equal(plain.err(), '');
  const terminal = createFakeHost();
  await playRecordings(
    { ...terminal, stderr: Object.assign(terminal.stderr, { isTTY: true }) },
    [file, '/nowhere'],
    play,
  );
  assert.match(terminal.err(), /^\r\[#{15}\.{15}\] 50 %\r +\r$/);
});
