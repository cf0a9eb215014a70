/** The house rules that a compiler does not check, read from the sources as text. Each message states what to do instead. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  codeOf,
  cyclesIn,
  exportsOf,
  functionsOf,
  importedPath,
  longestChain,
  readSources,
  type SourceFile,
} from './sources.ts';

const fileLinesMax = 300;
const functionLinesMax = 80;
const filesPerFolderMax = 17;
/** Value imports. Within one room; and through all of them, where the wiring alone is eight files. */
const chainMax = 8;
const programChainMax = 20;

const pureFiles = ['runtime/bounded-map', 'runtime/saved-fields'];

/**
 * Rooms that each room may import; a room may always import itself. `runtime/bounded-map` is pure and open to every room.
 * A new line here is a decision, and gets a page in docs/decisions/.
 */
const mayImport: Readonly<
  Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] }>
> = {
  event: { folders: [], packages: [] },
  source: { folders: ['event', 'runtime', 'report'], packages: ['ioredis', 'amqplib', '@msgpack/msgpack', 'yaml'] },
  redact: { folders: ['event'], packages: [] },
  lifecycle: { folders: ['event'], packages: [] },
  failure: { folders: ['event', 'lifecycle'], packages: [] },
  schedule: { folders: ['event'], packages: [] },
  // alert/ knows lifecycle/ by type only: the cause of a failure. Mute hours and digests use the wall-clock time of schedule/.
  alert: { folders: ['event', 'failure', 'lifecycle', 'schedule'], packages: [] },
  store: { folders: ['event', 'alert', 'runtime', 'report'], packages: ['ioredis'] },
  // fleet/ knows source/ by type only: the gap that a change of owner leaves.
  fleet: { folders: ['event', 'source', 'store', 'runtime', 'report'], packages: [] },
  notify: { folders: ['event', 'lifecycle', 'failure', 'alert', 'store', 'runtime', 'report'], packages: [] },
  sink: {
    folders: ['event', 'lifecycle', 'failure', 'alert', 'store', 'notify', 'runtime', 'report'],
    packages: [/^@opentelemetry\//.source, '@sentry/node', '@slack/web-api', 'ws'],
  },
  status: { folders: ['event', 'lifecycle', 'failure', 'alert', 'runtime', 'report'], packages: ['prom-client'] },
  config: {
    folders: ['event', 'alert', 'failure', 'lifecycle', 'schedule', 'redact', 'source', 'runtime', 'report'],
    packages: ['re2js', 'yaml', 'zod'],
  },
  runtime: { folders: ['event', 'report'], packages: [] },
};
const pureRooms = ['event', 'redact', 'lifecycle', 'schedule', 'failure', 'alert'];

const sources = readSources();
const byPath = new Map(sources.map((source) => [source.path, source]));

/** All offenders at once, one per line, so that one run shows everything there is to mend. */
function assertNone(offenders: readonly string[], instead: string): void {
  assert.equal(offenders.length, 0, `${instead}:\n  ${offenders.join('\n  ')}`);
}

function edges({ withTypes }: { readonly withTypes: boolean }): Map<string, string[]> {
  return new Map(
    sources.map((source) => [
      source.path,
      source.imports
        .filter(({ isType }) => withTypes || !isType)
        .flatMap(({ from }) => importedPath(source, from) ?? [])
        .filter((path) => byPath.has(path)),
    ]),
  );
}

function matching(pattern: RegExp, isExempt: (source: SourceFile) => boolean): string[] {
  return sources
    .filter((source) => !isExempt(source))
    .flatMap(({ path, text }) =>
      codeOf(text)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
    );
}

for (const [room, allowed] of Object.entries(mayImport)) {
  test(`${room}/ imports only what the table allows`, () => {
    const offenders = sources
      .filter((source) => source.room === room)
      .flatMap((source) =>
        source.imports.flatMap(({ from }) => {
          if (from.startsWith('node:')) return [];
          const path = importedPath(source, from);
          if (path === undefined)
            return allowed.packages.some((name) => new RegExp(`^${name}`).test(from))
              ? []
              : [`${source.path}: ${from}`];
          const to = path.includes('/') ? (path.split('/')[0] as string) : path.replace('.ts', '');
          const isAllowed = to === room || allowed.folders.includes(to) || pureFiles.includes(path.replace('.ts', ''));
          return isAllowed ? [] : [`${source.path}: ${path}`];
        }),
      );
    assertNone(offenders, 'pass it in from daemon/, or change the table and write the reason in docs/decisions/');
  });
}

test('every room of src/ is in the table of imports, or is allowed to import everything', () => {
  const composing = ['', 'cli', 'daemon'];
  const rooms = new Set(sources.map(({ room }) => room));
  assertNone(
    [...rooms].filter((room) => !composing.includes(room) && !(room in mayImport)),
    'add the room to the table',
  );
});

test('the rooms in the middle have no clock, no randomness and no input or output', () => {
  const impure =
    /\bDate\.now\(|new Date\(\)|Math\.random|\bset(?:Timeout|Interval|Immediate)\(|\bprocess\.|'node:(?:fs|net|http|https|child_process)/;
  assertNone(
    matching(impure, ({ room }) => !pureRooms.includes(room)),
    'take time and randomness as parameters',
  );
});

test('only runtime/clock.ts reads the clock and sets timers', () => {
  const timers = /\bDate\.now\(|\bset(?:Timeout|Interval)\(|\bAbortSignal\.timeout\(/;
  // The script of the status page runs in a browser.
  const isExempt = ({ path }: SourceFile) => path === 'runtime/clock.ts' || path === 'status/page/assets.ts';
  assertNone(matching(timers, isExempt), 'take a Clock');
});

test('only main.ts touches the process, and no file the console', () => {
  assertNone(
    matching(/\bconsole\./, () => false),
    'report() it',
  );
  assertNone(
    matching(/\bprocess\.(?!versions)/, ({ path }) => path === 'main.ts'),
    'let main.ts pass it in',
  );
});

test('only redact/ reads untrusted text', () => {
  assertNone(
    matching(/\.reveal\(/, ({ room, path }) => room === 'redact' || path === 'event/untrusted.ts'),
    'ask for Redacted instead',
  );
});

test('only redact/ declares a text redacted', () => {
  assertNone(
    matching(/\bas Redacted\b/, ({ room, path }) => room === 'redact' || path === 'event/untrusted.ts'),
    'build the text from redacted parts, see event/untrusted.ts',
  );
});

test('no import cycle, type-only imports included', () => {
  const cycles = cyclesIn(edges({ withTypes: true })).map((cycle) => cycle.join(' → '));
  assertNone(cycles, 'move the shared type to the stage that produces it');
});

const rooms = [...new Set(sources.map(({ room }) => room))];

for (const room of rooms) {
  test(`a chain of imports within ${room === '' ? 'src/' : `${room}/`} has at most ${chainMax} files`, () => {
    const inside = edges({ withTypes: false });
    for (const [path, targets] of inside)
      inside.set(
        path,
        targets.filter((to) => byPath.get(to)?.room === room),
      );
    for (const path of [...inside.keys()]) if (byPath.get(path)?.room !== room) inside.delete(path);
    const chain = longestChain(inside);
    assert.ok(chain.length <= chainMax, `${chain.length} files, pass a part in instead: ${chain.join(' → ')}`);
  });
}

test(`the longest chain of imports, from main.ts through all rooms, has at most ${programChainMax} files`, () => {
  const chain = longestChain(edges({ withTypes: false }));
  assert.ok(chain.length <= programChainMax, `${chain.length} files: ${chain.join(' → ')}`);
});

test('the sub-folders of a room import one way', () => {
  const pairs = new Set<string>();
  for (const source of sources) {
    for (const { from } of source.imports) {
      const target = byPath.get(importedPath(source, from) ?? '');
      if (target === undefined || target.room !== source.room || target.folder === source.folder) continue;
      pairs.add(`${source.folder} → ${target.folder}`);
    }
  }
  const isSubFolder = (folder: string) => folder.includes('/');
  const twoWay = [...pairs].filter((pair) => {
    const [a, b] = pair.split(' → ') as [string, string];
    return isSubFolder(a) && isSubFolder(b) && a < b && pairs.has(`${b} → ${a}`);
  });
  assertNone(twoWay, 'move what both need into the lower of the two');
});

test(`a folder has at most ${filesPerFolderMax} files, two levels below src/`, () => {
  const counts = Map.groupBy(sources, ({ folder }) => folder);
  const full = [...counts].filter(([, files]) => files.length > filesPerFolderMax);
  assertNone(
    full.map(([folder, files]) => `${folder}: ${files.length}`),
    'make a sub-folder that imports one way',
  );
  const misplaced = sources.filter(({ path }) => !/^(?:[a-z0-9-]+\/){0,2}[a-z0-9-]+\.ts$/.test(path));
  assertNone(
    misplaced.map(({ path }) => path),
    'kebab-case, at most two folders deep',
  );
});

test('every file is named for its subject', () => {
  const vague = /(?:^|\/)(?:utils?|helpers?|common|types|interfaces|index|misc|data|info)\.ts$/;
  assertNone(
    sources.map(({ path }) => path).filter((path) => vague.test(path)),
    'put it with the stage that needs it',
  );
});

test(`no source file has more than ${fileLinesMax} lines`, () => {
  const long = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
  assertNone(
    long.filter(({ lines }) => lines > fileLinesMax).map(({ path, lines }) => `${path}: ${lines}`),
    'split it by subject',
  );
});

test(`no function has more than ${functionLinesMax} lines`, () => {
  const long = sources.flatMap(({ path, text }) =>
    functionsOf(text)
      .filter(({ lines }) => lines > functionLinesMax)
      .map(({ name, line, lines }) => `${path}:${line}: ${lines} lines: ${name}`),
  );
  assertNone(long, 'split it: the parent reads like a table of contents');
});

test('an exported type name has one meaning', () => {
  const places = Map.groupBy(
    sources.flatMap(({ path, text }) =>
      exportsOf(text)
        .filter(({ name }) => /^[A-Z]/.test(name))
        .map(({ name }) => ({ name, path })),
    ),
    ({ name }) => name,
  );
  const twice = [...places].filter(([, found]) => found.length > 1);
  assertNone(
    twice.map(([name, found]) => `${name}: ${found.map(({ path }) => path).join(', ')}`),
    'name each after what it is',
  );
});

test('an exported value is imported by a source file', () => {
  const imported = new Map<string, Set<string>>();
  const whole = new Set<string>();
  for (const source of sources) {
    for (const { from, names } of source.imports) {
      const path = importedPath(source, from);
      if (path === undefined) continue;
      if (names.length === 0) whole.add(path);
      const known = imported.get(path) ?? new Set();
      for (const name of names) known.add(name);
      imported.set(path, known);
    }
  }
  const unused = sources
    .filter(({ path }) => !whole.has(path) && !isEntryPoint(path))
    .flatMap(({ path, text }) =>
      exportsOf(text)
        .filter(({ name, isType }) => !isType && !imported.get(path)?.has(name))
        .map(({ name }) => `${path}: ${name}`),
    );
  assertNone(unused, 'use it, stop exporting it, or remove it');
});

/** The virtual clock is what tests and replay run on; main.ts is the process. */
function isEntryPoint(path: string): boolean {
  return path === 'main.ts' || path === 'runtime/clock.ts';
}

test('every dependency is imported', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const packages = new Set(sources.flatMap(({ imports }) => imports.map(({ from }) => from)));
  const isImported = (name: string) => [...packages].some((one) => one === name || one.startsWith(`${name}/`));
  assertNone(
    Object.keys(manifest.dependencies).filter((name) => !isImported(name)),
    'remove it from package.json',
  );
});

test('every file with decisions has a test beside it', () => {
  const src = new URL('../src/', import.meta.url).pathname;
  const untested = sources.filter(
    ({ path, text }) =>
      decisionsIn(text) > decisionsMaxUntested &&
      path !== 'main.ts' &&
      !existsSync(`${src}${path.replace(/\.ts$/, '.test.ts')}`),
  );
  assertNone(
    untested.map(({ path, text }) => `${path}: ${decisionsIn(text)} decisions`),
    'add a table test beside the file, with both sides of each boundary',
  );
});

const decisionsMaxUntested = 5;

/** Branches: `if`, `case`, `?:` and the short-circuits. */
function decisionsIn(text: string): number {
  return [...codeOf(text).matchAll(/\bif \(|\bcase |\s\? |\s(?:&&|\|\|) /g)].length;
}

test('tests have at least 1.2 lines for each line of source', () => {
  const root = new URL('../', import.meta.url).pathname;
  const linesOf = (path: string): number => readFileSync(`${root}${path}`, 'utf8').split('\n').length - 1;
  const sum = (paths: readonly string[]): number => paths.reduce((total, path) => total + linesOf(path), 0);
  const tests = globSync('src/**/*.test.ts', { cwd: root }).concat(
    globSync('test/**/*.{ts,py,sh}', { cwd: root }),
    globSync('test/scenarios/*.txt', { cwd: root }),
  );
  const source = sources.reduce((total, { text }) => total + text.split('\n').length - 1, 0);
  const ratio = sum(tests) / source;
  assert.ok(ratio >= 1.2, `${ratio.toFixed(2)}: write tests beside the files that have none`);
});
