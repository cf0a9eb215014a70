/**
 * The cost of a change: each row of the table in CONTRIBUTING.md is made in a copy of the repository, as new files (in the
 * folders of test/check/change-cost/, with `.txt` appended) and as edits of existing ones. The copy must compile, and the changes
 * must touch no other file below src/.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const node = `${root}node_modules/.bin/node`;

interface Edit {
  readonly path: string;
  /** Must occur once in the file. */
  readonly find: string;
  readonly replace: string;
}

interface Change {
  /** Folder below test/check/change-cost/ with the new files; undefined: none. */
  readonly folder?: string;
  readonly edits: readonly Edit[];
  /** Files below src/ that existed before and are edited. */
  readonly edited: readonly string[];
}

const changes: Readonly<Record<string, Change>> = {
  'a noise rule': {
    folder: 'signal',
    edits: [
      {
        path: 'src/alert/signals/registry.ts',
        find: "import { queueWait } from './queue-wait.ts';",
        replace: "import { oneHost } from './one-host.ts';\nimport { queueWait } from './queue-wait.ts';",
      },
      { path: 'src/alert/signals/registry.ts', find: '  queueWait,\n', replace: '  queueWait,\n  oneHost,\n' },
    ],
    edited: ['src/alert/signals/registry.ts'],
  },
  'a plain option': {
    edits: [
      {
        path: 'src/config/sections/ops.ts',
        find: "      variable: 'TASKVIGIL_OPS_LISTEN',\n    }),\n",
        replace: `      variable: 'TASKVIGIL_OPS_LISTEN',
    }),
    environment: option(oneOf(['production', 'staging']), {
      about: 'Environment of this instance, for the title of the status page.',
      default: 'production',
      variable: 'TASKVIGIL_OPS_ENVIRONMENT',
    }),
`,
      },
      {
        path: 'src/daemon/serve.ts',
        find: '      title,\n      isDemo,',
        replace: '      title: title + config.ops.environment,\n      isDemo,',
      },
    ],
    edited: ['src/config/sections/ops.ts', 'src/daemon/serve.ts'],
  },
  'a receiver of notifications': {
    folder: 'receiver',
    edits: [
      {
        path: 'src/alert/receipts.ts',
        find: "['slack', 'webhook', 'page']",
        replace: "['slack', 'webhook', 'pager', 'page']",
      },
      {
        path: 'src/daemon/receivers.ts',
        find: "import { linkOf } from '../sink/slack-message/links.ts';",
        replace:
          "import { createPagerReceiver } from '../sink/pager/receiver.ts';\nimport { linkOf } from '../sink/slack-message/links.ts';",
      },
      {
        path: 'src/daemon/receivers.ts',
        find: 'webhookReceiver(parts)]',
        replace: 'webhookReceiver(parts), createPagerReceiver(async () => {})]',
      },
    ],
    edited: ['src/alert/receipts.ts', 'src/daemon/receivers.ts'],
  },
  'a broker system': {
    folder: 'system',
    edits: [
      {
        path: 'src/daemon/systems.ts',
        find: "import { celery } from '../source/celery/system.ts';",
        replace:
          "import { celery } from '../source/celery/system.ts';\nimport { lines } from '../source/lines/system.ts';",
      },
      { path: 'src/daemon/systems.ts', find: '[celery]', replace: '[lines, celery]' },
    ],
    edited: ['src/daemon/systems.ts'],
  },
};

describe('a change touches the files that CONTRIBUTING.md names', () => {
  let copy = '';

  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'taskvigil-change-'));
    for (const folder of ['src', 'test', 'config', 'docs'])
      cpSync(`${root}${folder}`, join(copy, folder), { recursive: true });
    for (const file of ['package.json', 'tsconfig.json']) cpSync(`${root}${file}`, join(copy, file));
    symlinkSync(`${root}node_modules`, join(copy, 'node_modules'));
    for (const change of Object.values(changes)) apply(change, copy);
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  for (const [name, { folder, edits, edited }] of Object.entries(changes))
    test(`${name}: ${edited.length} edited file${edited.length === 1 ? '' : 's'}${folder === undefined ? '' : ' and its own'}`, () => {
      assert.deepEqual([...new Set(edits.map(({ path }) => path))].sort(), [...edited].sort());
    });

  test('the copy with all of them compiles', () => {
    const { status, stdout } = spawnSync(`${root}node_modules/.bin/tsc`, { cwd: copy, encoding: 'utf8' });
    assert.equal(status, 0, stdout);
  });

  test('the new signal has its option, its Slack words and its place in the checks, and opens an incident', () => {
    run(['config/generate.ts'], copy);
    assert.match(readFileSync(join(copy, 'config/taskvigil.yaml'), 'utf8'), /one_host/);
    const scenario = run(
      ['--test', '--test-reporter=tap', '--test-name-pattern=one-host', 'test/scenarios.test.ts'],
      copy,
    );
    assert.match(scenario, /^# pass 1$/m);
  });

  test('the new option is in the sample file, the JSON Schema and the table of variables', () => {
    run(['config/generate.ts'], copy);
    for (const file of ['config/taskvigil.yaml', 'config/taskvigil.schema.json'])
      assert.match(readFileSync(join(copy, file), 'utf8'), /environment/, file);
    assert.match(readFileSync(join(copy, 'docs/configuration.md'), 'utf8'), /TASKVIGIL_OPS_ENVIRONMENT/);
  });

  test('the new system observes its broker, and Celery all others', () => {
    const script = `
      const { systemOf } = await import(${JSON.stringify(join(copy, 'src/daemon/systems.ts'))});
      const nameOf = (name) => systemOf({ name }).name;
      const [started] = systemOf({ name: 'lines-1' }).decode({ payload: 'started t1 w@a', receivedAt: 5 });
      console.log(nameOf('lines-1'), nameOf('celery'), started.event.type);`;
    assert.equal(run(['--input-type=module', '-e', script], copy).trim(), 'lines celery task-started');
  });
});

function apply({ folder, edits }: Change, copy: string): void {
  const own = `${root}test/check/change-cost/${folder}/`;
  for (const path of folder === undefined ? [] : globSync('**/*.txt', { cwd: own })) {
    const target = join(copy, path.replace(/\.txt$/, ''));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(own, path), target, { errorOnExist: true, force: false });
  }
  for (const { path, find, replace } of edits) {
    const file = join(copy, path);
    const parts = readFileSync(file, 'utf8').split(find);
    assert.equal(parts.length, 2, `${path}: expected once: ${find}`);
    writeFileSync(file, parts.join(replace));
  }
}

function run(args: readonly string[], cwd: string): string {
  // Without the variable that makes a nested test runner report to this one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(node, args, { cwd, env, encoding: 'utf8' });
  assert.equal(status, 0, `${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}
