// Makes every npm script work on a fresh clone: installs what package-lock.json pins unless that has been done, and fills the
// compile cache, so that the first start is as small and quick as all others. Plain JavaScript without imports of ours, because
// it is what runs before anything is installed, on whatever Node is there.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const marker = `${root}node_modules/.package-lock.json`;
const lock = `${root}package-lock.json`;

const isInstalled =
  existsSync(marker) &&
  existsSync(`${root}node_modules/node/bin`) &&
  statSync(marker).mtimeMs >= statSync(lock).mtimeMs;

if (!isInstalled) {
  process.stderr.write('taskvigil: installing dependencies (once) …\n');
  // Standard output belongs to the command that follows, so npm talks to standard error.
  // `npm ci` refuses a lockfile in which a mirror left out a binary for some other platform; this takes the same versions.
  const npm = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    process.stderr.write('taskvigil: npm install failed, see above\n');
    process.exit(npm.status ?? 1);
  }
}

if (!existsSync(`${root}node_modules/.cache/taskvigil`)) {
  // The cache is an optimisation, so a failure is not reported.
  spawnSync(`${root}node_modules/.bin/node`, [`${root}src/taskvigil.mjs`, 'version'], { stdio: 'ignore' });
}
