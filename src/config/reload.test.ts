import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Notice } from '../report.ts';
import { createVirtualClock } from '../runtime/clock.ts';
import type { Config } from './config.ts';
import { createConfigReader } from './reader.ts';
import { createReloader } from './reload.ts';

const base = 'broker: redis://a\nslack: { token_file: TOKEN, channel: "#a" }\n';

/** A folder of real files, a reloader that watches them, and a virtual clock. */
function watched(context: TestContext, text = base) {
  const folder = mkdtempSync(join(tmpdir(), 'reload-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, content: string): void =>
    writeFileSync(path(name), content.replaceAll('TOKEN', path('token')));
  write('token', 'xoxb-1\n');
  write('tv.yaml', text);
  const clock = createVirtualClock(Date.parse('2026-11-25T12:00:00Z'));
  const notices: Notice[] = [];
  const applied: Config[] = [];
  let failing: Error | undefined;
  const reader = createConfigReader({
    file: path('tv.yaml'),
    env: {},
    hostname: 'host',
    readFile: (name) => readFileSync(name, 'utf8'),
    now: () => clock.now(),
  });
  const { loaded, stamp } = reader.read();
  if (!loaded.ok) assert.fail('expected a valid configuration at the start');
  const reloader = createReloader({
    reader,
    running: loaded.config,
    stamp,
    clock,
    report: (notice) => notices.push(notice),
    apply: (next) => {
      if (failing !== undefined) throw failing;
      applied.push(next);
    },
  });
  reloader.start();
  context.after(() => reloader.stop());
  return {
    folder,
    path,
    write,
    applied,
    reloader,
    pass: (ms: number) => clock.advanceTo(clock.now() + ms),
    failWith: (error: Error) => {
      failing = error;
    },
    /** Notices since the last call, in short. */
    reported: () => notices.splice(0).map(short),
    notices,
  };
}

function short(notice: Notice): string {
  switch (notice.kind) {
    case 'reloaded':
      return notice.isChanged ? 'changed' : 'unchanged';
    case 'reload-refused':
      return `refused: ${notice.problems.join('; ')}`;
    case 'restart-needed':
      return `restart: ${notice.options.join(', ')}`;
    default:
      return notice.kind;
  }
}

test('a changed file is applied once it has been unchanged for a second', (context) => {
  const { write, applied, pass, reported } = watched(context);
  pass(60_000);
  assert.deepEqual([applied.length, reported()], [0, []]);
  write('tv.yaml', `${base}critical: [pay.*]\n`);
  pass(5_999);
  assert.equal(applied.length, 0);
  pass(1);
  assert.deepEqual([applied.map(({ critical }) => critical), reported()], [[['pay.*']], ['changed']]);
  pass(60_000);
  assert.deepEqual([applied.length, reported()], [1, []]);
});

test('a file that is still being written is not read yet', (context) => {
  const { write, applied, pass, reported } = watched(context);
  write('tv.yaml', 'broker: redis://a\n');
  pass(5_500);
  write('tv.yaml', `${base}critical: [pa`);
  pass(1_000);
  write('tv.yaml', `${base}critical: [pay.*]\n`);
  pass(10_000);
  assert.deepEqual([applied.length, reported()], [1, ['changed']]);
});

test('a file that changes back is not reloaded', (context) => {
  const { write, applied, pass, reported } = watched(context);
  write('tv.yaml', '');
  pass(5_500);
  write('tv.yaml', base);
  pass(20_000);
  assert.deepEqual([applied.length, reported()], [0, []]);
});

test('a wrong file is reported once with all its problems, and the previous configuration stays', (context) => {
  const { write, applied, pass, reported, path } = watched(context);
  write('tv.yaml', `${base}critcal: [a]\nmode: x\n`);
  pass(60_000);
  assert.deepEqual(reported(), [
    `refused: ${path('tv.yaml')}:3:1: critcal: unknown key; did you mean critical?; ${path('tv.yaml')}:4:7: mode: expected "sidecar" or "standalone", got "x"`,
  ]);
  assert.equal(applied.length, 0);
  write('tv.yaml', `${base}critical: [a]\n`);
  pass(60_000);
  assert.deepEqual([applied.length, reported()], [1, ['changed']]);
});

test('an empty or a missing file changes nothing', (context) => {
  const { write, applied, pass, reported, path } = watched(context);
  write('tv.yaml', '\n');
  pass(60_000);
  rmSync(path('tv.yaml'));
  pass(60_000);
  assert.deepEqual(reported(), [
    `refused: ${path('tv.yaml')}: expected the configuration, this file is empty`,
    `refused: ${path('tv.yaml')}: expected a readable file, got ENOENT`,
  ]);
  assert.equal(applied.length, 0);
});

test('a file that the configuration names is watched like the configuration', (context) => {
  const { write, applied, pass, reported } = watched(context);
  write('token', 'xoxb-2\n');
  pass(10_000);
  assert.deepEqual([applied[0]?.slack?.token.expose(), reported()], ['xoxb-2', ['changed']]);
});

test('a ConfigMap that is swapped by a link is reloaded', (context) => {
  const { folder, path, write, applied, pass, reported, reloader } = watched(context);
  const version = (name: string, text: string): void => {
    mkdirSync(path(name));
    writeFileSync(join(folder, name, 'tv.yaml'), text.replaceAll('TOKEN', path('token')));
    symlinkSync(name, path('..data_tmp'));
    renameSync(path('..data_tmp'), path('..data'));
  };
  version('..2026_1', base);
  rmSync(path('tv.yaml'));
  symlinkSync('..data/tv.yaml', path('tv.yaml'));
  write('token', 'xoxb-1\n');
  reloader.reload();
  assert.deepEqual(reported(), ['unchanged']);
  version('..2026_2', `${base}critical: [b]\n`);
  pass(10_000);
  assert.deepEqual([applied.map(({ critical }) => critical), reported()], [[['b']], ['changed']]);
});

test('a signal reloads at once, and is reported even if nothing has changed', (context) => {
  const { write, applied, reported, reloader } = watched(context);
  reloader.reload();
  assert.deepEqual([applied.length, reported()], [0, ['unchanged']]);
  write('tv.yaml', `${base}alerts: { wait: 5s }\n`);
  reloader.reload();
  assert.deepEqual([applied[0]?.alerts.wait, reported()], [5_000, ['changed']]);
});

test('options that need a restart keep their values, and are named at each reload', (context) => {
  const { write, applied, reported, reloader, notices } = watched(context);
  write(
    'tv.yaml',
    'broker: redis://:new@a\nops: { listen: ":1" }\ncritical: [c]\nslack: { token_file: TOKEN, channel: "#b", api_url: "http://x" }\n',
  );
  reloader.reload();
  const [next] = applied;
  assert.deepEqual(
    [next?.critical, next?.slack?.channel, next?.slack?.apiUrl, next?.ops.listen.port],
    [['c'], '#b', undefined, 9_464],
  );
  assert.equal(next?.brokers[0]?.url.password, undefined);
  assert.deepEqual(notices.at(-1), { ...notices.at(-1), kind: 'reloaded', waiting: 3 });
  assert.deepEqual(reported(), ['restart: broker, ops, slack.api_url', 'changed']);
  reloader.reload();
  assert.deepEqual(reported(), ['restart: broker, ops, slack.api_url', 'unchanged']);
  write('tv.yaml', 'broker: redis://a\n');
  reloader.reload();
  assert.deepEqual([reported(), applied.at(-1)?.slack?.channel], [['restart: slack', 'changed'], '#b']);
});

test('a secret of the buttons may rotate, their transport may not change', (context) => {
  const text = (slack: string): string => `broker: redis://a\nslack: { token_file: TOKEN, channel: "#a", ${slack} }\n`;
  const { write, applied, reported, reloader } = watched(context, text('actions: socket, app_token: xapp-1'));
  write('tv.yaml', text('actions: socket, app_token: xapp-2'));
  reloader.reload();
  assert.deepEqual(reported(), ['changed']);
  write('tv.yaml', text('actions: http, signing_secret: 0123456789abcdef'));
  reloader.reload();
  assert.deepEqual(reported(), ['restart: slack.actions', 'unchanged']);
  const actions = applied.at(-1)?.slack?.actions;
  assert.equal(actions?.over === 'socket' && actions.appToken.expose(), 'xapp-2');
});

test('an exception while a configuration is applied is a bug, and the previous one stays', (context) => {
  const { write, reported, reloader, failWith } = watched(context);
  failWith(new Error('no'));
  write('tv.yaml', `${base}critical: [d]\n`);
  reloader.reload();
  assert.deepEqual(reported(), ['bug', 'refused: it could not be applied']);
});

test('a stopped reloader does not poll', (context) => {
  const { write, applied, pass, reloader } = watched(context);
  write('tv.yaml', `${base}critical: [e]\n`);
  pass(5_500);
  reloader.stop();
  pass(60_000);
  assert.equal(applied.length, 0);
});

test('a warning about the new file is reported', (context) => {
  const { write, reported, reloader } = watched(context);
  write('tv.yaml', `${base}alerts: { silences: [{ match: { task: a }, until: 2026-01-01, reason: r, by: jo }] }\n`);
  reloader.reload();
  assert.deepEqual(reported(), ['config-warning', 'changed']);
});
