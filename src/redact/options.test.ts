/** The options of the operator: treatments by task, paths, patterns, marks, and the self-test at start. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { defaultRedactOptions } from '../../test/fakes/redact-options.ts';
import { matchesGlob } from '../event/glob.ts';
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import { type Redacted, Untrusted } from '../event/untrusted.ts';
import type { RedactOptions } from './options.ts';
import { createRedactor } from './redact.ts';
import { isOnPath, leavesOf, pathGlobOf } from './render/value-paths.ts';
import { failedCanaries } from './self-test.ts';

const hashKey = { expose: () => 'a key of sixteen signs' };
const redactorWith = (options: Partial<RedactOptions>) => createRedactor({ ...defaultRedactOptions, ...options });
const modes = defaultRedactOptions.modes;

describe('marks', () => {
  const text =
    "('ann@mail.example.org', '4242 4242 4242 4242', '+49 151 1234567', '-', {'password': 'x7-plum', 'iban': 'DE89370400440532013000'})";

  test('a hash is the same for the same value in any spelling, and another with another key', () => {
    const hashed = redactorWith({ actions: { email: 'hash' }, hashKey }).redactText(
      'args',
      "('ann@mail.example.org', 'ANN@mail.example.org', 'bob@mail.example.org')",
    );
    const [ann, again, bob] = hashed.match(/\[email:[0-9a-f]{10}\]/g) ?? [];
    assert.equal(ann, again);
    assert.notEqual(ann, bob);
    const other = redactorWith({ actions: { email: 'hash' }, hashKey: { expose: () => 'another key of signs' } });
    assert.notEqual(other.redactText('args', "('ann@mail.example.org',)"), `('${ann}',)`);
  });

  test('a hash without a key is refused at the start', () => {
    assert.throws(() => redactorWith({ actions: { card: 'hash' } }), /expected a key for the action "hash"/);
  });

  test('the last four of cards, IBANs and phones, stars, and the mark for the rest', () => {
    const out = redactorWith({
      actions: { card: 'last4', iban: 'last4', phone: 'last4', password: 'mask' },
    }).redactText('args', text);
    assert.equal(
      out,
      "('[redacted:email]', '[redacted:card-4242]', '[redacted:phone-4567]', '-', {'password': '********', 'iban': '[redacted:iban-3000]'})",
    );
  });

  test('four of a short value would be most of it', () => {
    assert.equal(
      redactorWith({ actions: { phone: 'last4' } }).redactText('kwargs', "{'phone': '555-1234'}"),
      "{'phone': '[redacted:phone]'}",
    );
  });
});

describe('paths', () => {
  test('every leaf has the names and numbers on its way', () => {
    const text = "({'zip': 12345, 'tags': ['a', 'b']}, User(name='ann', pos=(1, 2)), 'x')";
    assert.deepEqual(
      leavesOf('args', text).map(({ path, from, to }) => `${path.join('.')}=${text.slice(from, to)}`),
      [
        'args.0.zip=12345',
        'args.0.tags.0=a',
        'args.0.tags.1=b',
        'args.1.name=ann',
        'args.1.pos.0=1',
        'args.1.pos.1=2',
        'args.2=x',
      ],
    );
  });

  const globs = [
    { glob: 'kwargs.user.*.zip', path: 'kwargs.user.home.zip', want: true },
    { glob: 'kwargs.user.*.zip', path: 'kwargs.user.zip', want: false },
    { glob: 'kwargs.user', path: 'kwargs.user.home.zip', want: true },
    { glob: 'kwargs.**.zip', path: 'kwargs.a.b.c.zip', want: true },
    { glob: '*.0.zipCode', path: 'args.0.zip_code', want: true },
    { glob: 'args.1', path: 'args.0', want: false },
  ];
  for (const { glob, path, want } of globs)
    test(`${glob} ${want ? 'has' : 'has not'} ${path}`, () =>
      assert.equal(isOnPath(path.split('.'), pathGlobOf(glob)), want));

  test('what a path names goes, also from the exception of the task', () => {
    const redactor = redactorWith({ sensitivePaths: ['kwargs.patient.*.ref'] });
    const out = redactor.redactText('kwargs', "{'patient': {'a': {'ref': 'plum-1744', 'n': 3}}, 'ref': 'kept'}");
    assert.equal(out, "{'patient': {'a': {'ref': '[redacted:secret]', 'n': 3}}, 'ref': 'kept'}");
  });

  test('allow shows what is listed, without its secrets, and the shape of the rest', () => {
    const redactor = redactorWith({ modes: { ...modes, kwargs: 'allow' }, allowedPaths: ['kwargs.order'] });
    assert.equal(
      redactor.redactText('kwargs', "{'order': {'id': 7, 'to': 'ann@mail.example.org'}, 'note': 'for ann', 'n': 4711}"),
      "{'order': {'id': 7, 'to': '[redacted:email]'}, 'note': <7>, 'n': <number>}",
    );
  });
});

describe('patterns', () => {
  const patient = {
    name: 'patient',
    find: (text: string) =>
      [...text.matchAll(/PAT-\d+/g)].map((match): [number, number] => [match.index, match.index + match[0].length]),
  };

  test('what they find is marked with their name, in any field', () => {
    const redactor = redactorWith({ patterns: [patient] });
    assert.equal(redactor.redactText('exception', 'Refused: PAT-17 for x'), 'Refused: [redacted:patient] for x');
  });

  test('a text too long for them is cut, never let through', () => {
    const redactor = redactorWith({ patterns: [patient] });
    const out = redactor.redactText('traceback', `${'x line\n'.repeat(20_000)}PAT-17\n`);
    assert.ok(out.length < 70_000);
    assert.ok(!out.includes('PAT-17'));
  });
});

describe('treatments by task', () => {
  const about = { hostname: 'w@a' as Hostname, pid: 1, at: 1 as Millis, receivedAt: 1 as Millis };
  const received = (id: string, name: string) =>
    ({
      ...about,
      type: 'task-received',
      id: id as TaskId,
      name: new Untrusted(name),
      args: new Untrusted("('plum',)"),
      kwargs: new Untrusted("{'city': 'Lisbon'}"),
      retries: 0,
      rootId: undefined,
      parentId: undefined,
      eta: undefined,
      expires: undefined,
    }) as const;
  const failed = (id: string) =>
    ({
      ...about,
      type: 'task-failed',
      id: id as TaskId,
      exception: new Untrusted("E('figs')"),
      traceback: undefined,
    }) as const;
  const profiles = [
    { tasks: ['payroll.*'], modes: { args: 'drop', kwargs: 'shape', exception: 'drop' } },
    { tasks: ['payroll.*', 'mail.*'], modes: { kwargs: 'drop' } },
  ] as const;

  test('the first that matches counts; a failure is treated as its task, which only the first event named', () => {
    const redactor = redactorWith({ profiles });
    const shown = inspect([redactor.redact(received('t1', 'payroll.run')), redactor.redact(failed('t1'))]);
    assert.ok(!shown.includes('plum') && !shown.includes('Lisbon') && !shown.includes('figs'), shown);
    assert.ok(shown.includes("'city'"), shown);
    const other = inspect([redactor.redact(received('t2', 'shop.run')), redactor.redact(failed('t2'))]);
    assert.ok(other.includes('plum') && other.includes('Lisbon') && other.includes('figs'), other);
  });

  test('a task without a known name gets the strictest treatment', () => {
    assert.ok(!inspect(redactorWith({ profiles }).redact(failed('t9'))).includes('figs'));
    assert.ok(inspect(redactorWith({}).redact(failed('t9'))).includes('figs'));
  });

  const names = [
    ['payroll.*', 'payroll.run', true],
    ['*.run', 'payroll.run', true],
    ['p?yroll.run', 'payroll.run', true],
    ['payroll', 'payroll.run', false],
    ['*a*b*c', 'xxaxxbxx', false],
    ['*', '', true],
  ] as const;
  for (const [glob, name, want] of names)
    test(`${glob} ${want ? 'is' : 'is not'} ${name}`, () => assert.equal(matchesGlob(glob, name), want));
});

describe('shape', () => {
  test('shows no digit of a short number either', () => {
    assert.equal(
      redactorWith({ modes: { ...modes, args: 'shape' } }).redactText('args', '(4711, 2)'),
      '(<number>, <number>)',
    );
  });
});

describe('the test at the start', () => {
  test('passes with the defaults, with fields dropped or shaped, with own safe keys', () => {
    assert.deepEqual(failedCanaries(defaultRedactOptions), []);
    assert.deepEqual(
      failedCanaries({ ...defaultRedactOptions, modes: { ...modes, args: 'drop', kwargs: 'shape' } }),
      [],
    );
    assert.deepEqual(failedCanaries({ ...defaultRedactOptions, safeKeys: ['password', 'token'] }), []);
  });

  test('names what was not hidden, and not what it was', () => {
    const failed = failedCanaries(defaultRedactOptions, () => ({
      redact: () => assert.fail('not asked for events'),
      redactText: (_, text) => text as Redacted,
    }));
    assert.ok(failed.includes('canary 3 in kwargs under "password" was not hidden'), failed.join('\n'));
    assert.doesNotMatch(failed.join('\n'), /canary-4Kx|ghp_|4111/);
  });
});
