/** Runs `taskvigil redact` and `taskvigil fingerprint` as processes, with their input and output. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function taskvigil(args: readonly string[], input: string): Promise<Ran> {
  const child = spawn(process.execPath, [main, ...args], { stdio: 'pipe' });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  // A program that refuses its arguments does not wait for its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

const ndjson = (...lines: unknown[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const parsed = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

const traceback = [
  'Traceback (most recent call last):',
  '  File "/app/depot/orders.py", line 41, in ship',
  '    return carrier.book(order)',
  '  File "/app/depot/carrier.py", line 7, in book',
  '    raise CarrierClosed("closed until " + day)',
  'depot.errors.CarrierClosed: closed until Monday',
  '',
].join('\n');

test('redact: copies text without its secrets, including the last line without a newline', async () => {
  const { code, out, err } = await taskvigil(['redact'], 'order 17 shipped\npassword=hunter2hunter2\nlast line');
  assert.equal(out, 'order 17 shipped\npassword=[redacted:password]\nlast line');
  assert.equal(err, '');
  assert.equal(code, 0);
});

test('redact --explain: lists each redacted value by place and rule, without the value', async () => {
  const { err } = await taskvigil(['redact', '--explain'], 'password=hunter2hunter2\n');
  assert.equal(err, '1:10: password, 14 characters, by its name "password"\nredacted: 1 password\n');
});

test('redact --ndjson: redacts by the kind of the field, and reports a bad line by its number', async () => {
  const input = [
    '{"id":1,"field":"kwargs","text":"{\'api_key\': \'k-93jd8s7dhf\', \'n\': 1}"}',
    'not json, secret hunter2',
    '{"id":3,"field":"nonsense","text":"x"}',
    '{"id":"d","field":"result","text":"(\'a\\u2028b\', 2)"}',
  ].join('\n');
  const { code, out, err } = await taskvigil(['redact', '--ndjson'], input);
  const [first, last, ...none] = parsed(out) as { id: unknown; text: string }[];
  assert.deepEqual(none, []);
  assert.equal(first?.id, 1);
  assert.match(first?.text ?? '', /^\{'api_key': '\[redacted:\w+\]', 'n': 1\}$/);
  assert.equal(last?.id, 'd');
  assert.match(err, /^line 2: expected one JSON object\nline 3: expected "field" as one of args, /);
  assert.doesNotMatch(err, /hunter2/);
  assert.equal(code, 1);
});

test('fingerprint --ndjson: one bug is one group wherever it ran, another task or bug is another', async () => {
  const event = (uuid: string, name: string, text: string): unknown => ({
    id: uuid,
    event: {
      type: 'task-failed',
      uuid,
      name,
      args: '()',
      kwargs: '{}',
      timestamp: 1.7e9,
      exception: 'E()',
      traceback: text,
    },
  });
  const moved = traceback
    .replaceAll('/app/', '/srv/releases/9/')
    .replace('line 41', 'line 77')
    .replace('Monday', 'Friday');
  const { code, out } = await taskvigil(
    ['fingerprint', '--ndjson'],
    ndjson(
      event('a', 'depot.ship', traceback),
      event('b', 'depot.ship', moved),
      event('c', 'depot.ship', traceback.replace('CarrierClosed: closed until Monday', 'CarrierGone: gone')),
    ),
  );
  const [a, b, c] = parsed(out) as { id: string; group: string; class: string; title: string }[];
  assert.equal(a?.title, 'CarrierClosed: closed until Monday');
  assert.equal(a?.class, 'bug');
  assert.equal(b?.group, a?.group);
  assert.notEqual(c?.group, a?.group);
  assert.equal(code, 0);
});

test('fingerprint --ndjson: answers an event without a failure with the reason', async () => {
  const { code, out, err } = await taskvigil(
    ['fingerprint', '--ndjson'],
    ndjson({ id: 1, event: { type: 'task-succeeded', uuid: 'a', timestamp: 1.7e9 } }, { id: 2 }),
  );
  assert.deepEqual(
    parsed(out).map((line) => (line as { readonly reason: string }).reason),
    ['succeeded', 'no-event'],
  );
  assert.equal(err, '');
  assert.equal(code, 0);
});

test('fingerprint --ndjson: a bad line affects only itself', async () => {
  const right = JSON.stringify({ id: 'a', event: { type: 'task-failed', uuid: 'a', timestamp: 1.7e9, traceback } });
  const endless = `{"id":"${'x'.repeat(17 * 1024 * 1024)}"}`;
  const { code, out, err } = await taskvigil(['fingerprint', '--ndjson'], `${right}\n${endless}\n[]\nno\n${right}`);
  assert.equal(parsed(out).length, 2);
  assert.match(err, /^line 2: expected at most \d+ characters\nline 3: expected a JSON object\nline 4: expected one/);
  assert.equal(code, 1);
});

test('fingerprint --ndjson: a failure that a rule ignores has no group', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'taskvigil-')), 'c.yaml');
  writeFileSync(
    file,
    'broker: redis://a\ngrouping: { rules: [{ name: a, match: { exception: "*Closed" }, ignore: true }] }\n',
  );
  const line = { id: 'a', event: { type: 'task-failed', uuid: 'a', timestamp: 1.7e9, traceback } };
  const { out } = await taskvigil(['fingerprint', '--ndjson', '-c', file], ndjson(line));
  assert.deepEqual(parsed(out), [{ id: 'a', group: null, class: null, title: null, ignored: true }]);
  const explained = await taskvigil(['fingerprint', 'explain', '-c', file], traceback);
  assert.match(explained.out, /^group {3}none: the rule "a" ignores it$/m);
  assert.match(explained.out, /^ {2}\* depot\.carrier:\d+ book/m);
});

test('fingerprint --ndjson --parse: expands repeated frames, and answers null without a traceback', async () => {
  const deep = traceback.replace(
    '    return carrier.book(order)\n',
    '    return carrier.book(order)\n  [Previous line repeated 2 more times]\n',
  );
  const { out } = await taskvigil(
    ['fingerprint', '--ndjson', '--parse'],
    ndjson({ id: 1, text: deep }, { id: 2, text: '' }),
  );
  const [first, second] = parsed(out) as { parse: { type: string; value: string; frames: unknown[][] } | null }[];
  assert.equal(first?.parse?.type, 'depot.errors.CarrierClosed');
  assert.deepEqual(
    first?.parse?.frames.map(([, line, name]) => [line, name]),
    [
      [41, 'ship'],
      [41, 'ship'],
      [41, 'ship'],
      [7, 'book'],
    ],
  );
  assert.equal(second?.parse, null);
});

test('fingerprint explain: shows the group of a traceback and its parts', async () => {
  const { code, out } = await taskvigil(['fingerprint', 'explain', '--task', 'depot.ship'], traceback);
  assert.match(
    out,
    /^title {3}CarrierClosed: closed until Monday\ngroup {3}[a-z2-7]{20}\nclass {3}bug: no rule explains the failure, so it needs a person\n/,
  );
  assert.match(out, /depot\.carrier:book/);
  assert.equal(code, 0);
  const nothing = await taskvigil(['fingerprint', 'explain'], '');
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /expected a Python traceback/);
});
