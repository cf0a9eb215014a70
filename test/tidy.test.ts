/** The house rules that a compiler does not check, read from the sources as text. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const src = new URL('../src/', import.meta.url).pathname;

/** Who may import whom. A new line here is a decision, and gets a page in docs/decisions/. */
const mayImport: Readonly<
  Record<string, { readonly folders: readonly string[]; readonly packages: readonly string[] }>
> = {
  event: { folders: [], packages: [] },
  source: { folders: ['event', 'runtime', 'report'], packages: ['ioredis', 'amqplib', '@msgpack/msgpack', 'yaml'] },
  redact: { folders: ['event'], packages: [] },
  lifecycle: { folders: ['event'], packages: [] },
  failure: { folders: ['event', 'lifecycle'], packages: [] },
  schedule: { folders: ['event'], packages: [] },
  // The cause of a failure is a word of lifecycle/; alert/ knows it by type only. Mute hours and digests go by the clock on
  // the wall, as schedules do.
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
const rooms = ['event', 'redact', 'lifecycle', 'schedule', 'failure', 'alert'];

interface Source {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly { readonly from: string; readonly isType: boolean }[];
}

const sources: readonly Source[] = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => {
    const text = readFileSync(join(src, path), 'utf8');
    const imports = [
      ...text.matchAll(/^(import|export)\s+(type\s+)?[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm),
    ].map((match) => ({
      from: match[3] ?? match[4] ?? '',
      isType: match[2] !== undefined || isAllTypes(match[0]),
    }));
    return { path, folder: path.includes('/') ? (path.split('/')[0] as string) : '', text, imports };
  });

function isAllTypes(statement: string): boolean {
  const list = /\{([^}]*)\}/.exec(statement)?.[1];
  return list?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type ')) ?? false;
}

function targetOf(source: Source, from: string): string {
  return normalize(join(dirname(source.path), from));
}

for (const [folder, allowed] of Object.entries(mayImport)) {
  test(`${folder}/ imports only what the table allows`, () => {
    for (const source of sources.filter((one) => one.folder === folder)) {
      for (const { from } of source.imports) {
        if (from.startsWith('node:')) continue;
        if (from.startsWith('.')) {
          const target = targetOf(source, from);
          const to = target.includes('/') ? (target.split('/')[0] as string) : target.replace('.ts', '');
          const isAllowed = to === folder || allowed.folders.includes(to);
          assert.ok(
            isAllowed,
            `${source.path} imports ${target}: pass it in from daemon/daemon.ts, or change the table with a reason`,
          );
        } else {
          const isAllowed = allowed.packages.some((name) => new RegExp(`^${name}`).test(from));
          assert.ok(isAllowed, `${source.path} imports ${from}: packages belong to the outer walls`);
        }
      }
    }
  });
}

test('the rooms in the middle have no clock, no chance, no outside', () => {
  const impure =
    /\bDate\.now\(|new Date\(\)|Math\.random|\bset(?:Timeout|Interval|Immediate)\(|\bprocess\.|'node:(?:fs|net|http|https|child_process)/;
  for (const { path, folder, text } of sources) {
    if (rooms.includes(folder)) assert.doesNotMatch(code(text), impure, `${path}: take time and chance as parameters`);
  }
});

test('only runtime/clock.ts reads the clock and sets timers', () => {
  for (const { path, text } of sources) {
    if (path === 'runtime/clock.ts') continue;
    assert.doesNotMatch(code(text), /\bDate\.now\(|\bsetTimeout\(/, `${path}: take a Clock`);
  }
});

test('only main.ts touches the process, and nobody the console', () => {
  for (const { path, text } of sources) {
    assert.doesNotMatch(code(text), /\bconsole\./, `${path}: report() it`);
    if (path !== 'main.ts')
      assert.doesNotMatch(code(text), /\bprocess\.(?!versions)/, `${path}: let main.ts pass it in`);
  }
});

test('only redact/ opens the box', () => {
  for (const { path, folder, text } of sources) {
    if (folder === 'redact' || path === 'event/untrusted.ts') continue;
    assert.doesNotMatch(code(text), /\.reveal\(/, `${path}: ask for Redacted instead`);
  }
});

test('nothing imports in a circle', () => {
  const edges = new Map(
    sources.map((source) => [
      source.path,
      source.imports
        .filter(({ from, isType }) => from.startsWith('.') && !isType)
        .map(({ from }) => targetOf(source, from)),
    ]),
  );
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(path), `a circle: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`);
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of sources) visit(path, []);
});

test('every file is named for what it is about', () => {
  for (const { path } of sources) {
    assert.doesNotMatch(
      path,
      /(?:^|\/)(?:utils?|helpers?|common|types|interfaces|index|misc)\.ts$/,
      `${path}: put it with the stage that needs it`,
    );
    assert.match(path, /^(?:[a-z0-9-]+\/){0,2}[a-z0-9-]+\.ts$/, `${path}: kebab-case, at most two folders deep`);
  }
});

/** Without comments, so that prose may say what code may not. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
