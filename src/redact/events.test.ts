import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { defaultRedactOptions } from '../../test/fakes/redact-options.ts';
import type { Hostname, Millis, TaskId } from '../event/ids.ts';
import type { TaskFailed, TaskSent } from '../event/task-event.ts';
import { Untrusted } from '../event/untrusted.ts';
import type { Field } from './field.ts';
import type { RedactOptions } from './options.ts';
import { createRedactor } from './redact.ts';

const failed = '[dropped: redaction failed]';
const about = { hostname: 'w1@a' as Hostname, pid: 1, at: 1 as Millis, receivedAt: 1 as Millis };

function sent(id: string, kwargs: string, args = '()'): TaskSent<Untrusted> {
  return {
    ...about,
    type: 'task-sent',
    id: id as TaskId,
    name: new Untrusted('shop.tasks.pay'),
    args: new Untrusted(args),
    kwargs: new Untrusted(kwargs),
    retries: 0,
    rootId: undefined,
    parentId: undefined,
    eta: undefined,
    expires: undefined,
    queue: undefined,
    exchange: undefined,
    routingKey: undefined,
  };
}

function failing(id: string, exception: string, traceback = exception): TaskFailed<Untrusted> {
  return {
    ...about,
    type: 'task-failed',
    id: id as TaskId,
    exception: new Untrusted(exception),
    traceback: new Untrusted(traceback),
  };
}

function redactorWith(options: Partial<RedactOptions> = {}) {
  const notes: string[] = [];
  const redactor = createRedactor({
    ...defaultRedactOptions,
    ...options,
    onRedacted: (field, kind, count) => notes.push(`${field} ${kind} ${count}`),
    onFailed: (field, reason) => notes.push(`${field} failed ${reason}`),
  });
  return { redactor, notes };
}

describe('echoes', () => {
  test('a value that the arguments named goes from the exception and the traceback of the same task', () => {
    const { redactor } = redactorWith();
    redactor.redact(sent('t1', "{'password': 'Quince-88!'}"));
    const out = inspect(redactor.redact(failing('t1', "DriverError('denied with Quince-88! by host')")));
    assert.ok(!out.includes('Quince-88'), out);
    assert.ok(out.includes('by host'));
  });

  test('the tail that Celery cut from the argument goes too', () => {
    const { redactor } = redactorWith();
    redactor.redact(sent('t1', "{'token': 'quince88plum...', ...}"));
    const out = inspect(redactor.redact(failing('t1', "DriverError('denied quince88plumCHERRY77 by host')")));
    assert.ok(!out.includes('CHERRY77'), out);
  });

  test('what one text of a failure names goes from the other', () => {
    const { redactor } = redactorWith();
    const out = inspect(
      redactor.redact(failing('t1', "AuthError(password='Quince-88!')", 'shop.AuthError: no Quince-88! here')),
    );
    assert.ok(!out.includes('Quince-88'), out);
  });

  test('another task keeps the same word', () => {
    const { redactor } = redactorWith();
    redactor.redact(sent('t1', "{'password': 'Quince-88!'}"));
    assert.ok(
      inspect(redactor.redact(failing('t2', "DriverError('denied Quince-88! by host')"))).includes('Quince-88!'),
    );
  });

  test('the end of the task wipes what was remembered', () => {
    const { redactor } = redactorWith();
    redactor.redact(sent('t1', "{'password': 'Quince-88!'}"));
    redactor.redact(failing('t1', 'DriverError()'));
    assert.ok(
      inspect(redactor.redact(failing('t1', "DriverError('denied Quince-88! by host')"))).includes('Quince-88!'),
    );
  });

  test('a field that is dropped still reveals the secrets of the others to redaction', () => {
    const { redactor } = redactorWith({ modes: { ...defaultRedactOptions.modes, kwargs: 'drop' } });
    const first = redactor.redact(sent('t1', "{'password': 'Quince-88!'}"));
    assert.equal('kwargs' in first ? first.kwargs : 'absent', undefined);
    assert.ok(
      !inspect(redactor.redact(failing('t1', "DriverError('denied Quince-88! by host')"))).includes('Quince-88!'),
    );
  });

  test('a value goes from its own text where it stands again without a name', () => {
    const { redactor } = redactorWith();
    assert.ok(
      !redactor.redactText('args', "({'password': 'Quince-88!'}, 'ran with Quince-88! twice')").includes('Quince'),
    );
  });
});

describe('failing safe', () => {
  test('a text that needs too much work is dropped, with the reason, and the other fields stay', () => {
    const { redactor, notes } = redactorWith();
    const event = redactor.redact(sent('t1', `{'password': ${'['.repeat(200)}'Quince-88!'`, "('plain', 5)"));
    assert.ok('kwargs' in event && event.type === 'task-sent');
    assert.equal(event.kwargs, failed);
    assert.equal(event.args, "('plain', 5)");
    assert.deepEqual(notes, ['kwargs failed budget']);
  });

  test('any other failure drops the text too', () => {
    const reasons: string[] = [];
    const redactor = createRedactor({
      ...defaultRedactOptions,
      onRedacted: () => assert.fail('broken counter'),
      onFailed: (field, reason) => reasons.push(`${field} ${reason}`),
    });
    assert.equal(redactor.redactText('kwargs', "{'password': 'Quince-88!'}"), failed);
    assert.deepEqual(reasons, ['kwargs error']);
  });

  test('a longer text than allowed is cut before a secret that the cut went through', () => {
    const charsMax = { args: 40, kwargs: 40, result: 40, exception: 40, traceback: 400, name: 40, log: 40 };
    const { redactor } = redactorWith({ charsMax });
    const out = redactor.redactText('log', `${'word '.repeat(6)} ghp_abcdefghijklmnopqrstuvwxyz0123456789`);
    assert.ok(!out.includes('ghp_'), out);
    assert.ok(out.startsWith('word word'));
  });

  test('a long traceback loses its middle and keeps its first frame and its last exception', () => {
    const charsMax = { args: 40, kwargs: 40, result: 40, exception: 40, traceback: 1_000, name: 40, log: 40 };
    const { redactor } = redactorWith({ charsMax });
    const frames = '  File "/app/x.py", line 7, in go\n    go()\n'.repeat(100);
    const out = redactor.redactText(
      'traceback',
      `Traceback (most recent call last):\n${frames}shop.Failed: at the end\n`,
    );
    assert.ok(out.startsWith('Traceback (most recent call last):\n  File "/app/x.py", line 7, in go\n'));
    assert.ok(out.endsWith('shop.Failed: at the end\n'));
    assert.ok(out.length < 1_000);
  });

  test('control characters, hidden characters and broken surrogates do not pass', () => {
    const { redactor } = redactorWith();
    assert.equal(redactor.redactText('log', 'a\u0000b\u001b[31mc\u202ed\u200be\ud800f\n\tg'), 'a�b�[31mc�d�e�f\n\tg');
  });
});

describe('tracebacks', () => {
  const skeleton = [
    'Traceback (most recent call last):',
    '  File "/app/shop/tasks.py", line 12, in pay',
    '    connect(host, password=password)',
    '            ^^^^^^^^^^^^^^^^^^^^^^^',
    'shop.AuthError: refused',
    '',
    'The above exception was the direct cause of the following exception:',
    '',
    '  + Exception Group Traceback (most recent call last):',
    '  |   File "/app/shop/tasks.py", line 14, in pay',
    '  |     raise ExceptionGroup("two", errors)',
    '  | ExceptionGroup: two (2 sub-exceptions)',
    '  +-+---------------- 1 ----------------',
    '    | ValueError: no',
    '    +---------------- 2 ----------------',
    "    | KeyError: 'token'",
    '    +------------------------------------',
  ].join('\n');

  test('one without secrets stays byte for byte', () => {
    assert.equal(redactorWith().redactor.redactText('traceback', skeleton), skeleton);
  });

  test('literals in source lines and messages go, frames stay', () => {
    const text = skeleton
      .replace('password=password', "password='Quince-88!'")
      .replace('refused', 'refused, token=plum-99-x');
    const out = redactorWith().redactor.redactText('traceback', text);
    assert.ok(!out.includes('Quince') && !out.includes('plum-99-x'), out);
    assert.equal(out.split('\n').length, text.split('\n').length);
    assert.ok(out.includes('  |   File "/app/shop/tasks.py", line 14, in pay\n'));
  });

  test('a line of a message that only begins like a frame is read', () => {
    const out = redactorWith().redactor.redactText(
      'traceback',
      'shop.E: see\n  File "x", line 3, in y password=plum-99-x\n',
    );
    assert.ok(!out.includes('plum-99-x'), out);
  });
});

describe('options', () => {
  test('own names are added and taken away, by their words', () => {
    const { redactor } = redactorWith({ sensitiveKeys: ['patientRef'], safeKeys: ['pin'] });
    const out = redactor.redactText('kwargs', "{'patient_ref': 'plum-1', 'pin': '4711'}");
    assert.ok(!out.includes('plum-1') && out.includes('4711'), out);
  });

  test('what was hidden is counted by field and kind', () => {
    const { redactor, notes } = redactorWith();
    redactor.redactText('kwargs', "{'password': 'plum-1', 'api_key': 'plum-2'}");
    assert.deepEqual(notes, ['kwargs password 1', 'kwargs token 1']);
  });

  test('shape shows keys and no value', () => {
    const { redactor } = redactorWith({ modes: { ...defaultRedactOptions.modes, kwargs: 'shape' } });
    const out = redactor.redactText('kwargs', "{'city': 'Lisbon', 'n': 4711}");
    assert.ok(out.includes("'city'") && !out.includes('Lisbon') && !out.includes('4711'), out);
  });

  test('worker events and task names pass', () => {
    const { redactor } = redactorWith();
    const event = {
      ...about,
      type: 'worker-online',
      heartbeatMs: 2000,
      active: 0,
      processed: 0,
      clock: undefined,
      software: 'py-celery 5',
    } as const;
    assert.equal(redactor.redact(event), event);
    assert.equal(redactor.redactText('name', 'accounts.tasks.reset_password'), 'accounts.tasks.reset_password');
  });
});

const canary = fc.stringMatching(/^[A-Z][a-z0-9]{3}[A-Z0-9]{4}[a-z]{2}[0-9][A-Z]$/);
const sensitiveKey = fc.constantFrom(
  'password',
  'apiKey',
  'X-Auth-Token',
  'db_passwd',
  'client-secret',
  'kennwort',
  'access_token',
  'STRIPE_SECRET_KEY',
);
const plainKey = fc.constantFrom('order', 'page', 'tenant', 'template', 'city', 'batch');
const plainValue = fc.stringMatching(/^[a-z]{4,9}-[0-9]{1,5}$/);

/** A secret entry, a plain one or a nest of both, as text with the values that must go and stay. */
interface Piece {
  readonly text: string;
  readonly gone: readonly string[];
  readonly kept: readonly string[];
}

const secretEntry = fc.tuple(sensitiveKey, canary, fc.nat(5)).map(([key, value, form]): Piece => {
  const forms = [
    `'${key}': '${value}'`,
    `'${key}': b'${value}'`,
    `'h': [('${key}', '${value}')]`,
    `'j': '{"${key}": "${value}"}'`,
    `'f': 'x=1&${key}=${value}&y=2'`,
    `'c': 'run --${key} ${value} --fast'`,
  ];
  return { text: forms[form] as string, gone: [value], kept: [] };
});
const plainEntry = fc
  .tuple(plainKey, plainValue)
  .map(([key, value]): Piece => ({ text: `'${key}': '${value}'`, gone: [], kept: [value] }));
const awkwardEntry = fc.constant<Piece>({ text: "'dir': 'C:\\tmp\\'", gone: [], kept: [] });
const { dict } = fc.letrec<{ dict: Piece; entry: Piece }>((tie) => ({
  entry: fc.oneof(
    { depthSize: 'small' },
    secretEntry,
    plainEntry,
    awkwardEntry,
    tie('dict').map((inner) => ({ ...inner, text: `'inner': ${inner.text}` })),
  ),
  dict: fc.array(tie('entry'), { minLength: 1, maxLength: 4 }).map((pieces) => ({
    text: `{${pieces.map(({ text }) => text).join(', ')}}`,
    gone: pieces.flatMap(({ gone }) => gone),
    kept: pieces.flatMap(({ kept }) => kept),
  })),
}));

describe('for any arguments', () => {
  test('no secret stays and no plain value goes', () => {
    const { redactor } = redactorWith();
    fc.assert(
      fc.property(dict, ({ text, gone, kept }) => {
        const out = redactor.redactText('kwargs', text);
        for (const value of gone) assert.ok(!out.includes(value), `${value} stayed in ${out}`);
        for (const value of kept) assert.ok(out.includes(value), `${value} went from ${out}`);
        assert.equal(redactor.redactText('kwargs', text), out);
      }),
      { numRuns: 1_000 },
    );
  });

  test('no secret comes back in the failure of its task', () => {
    const { redactor } = redactorWith();
    fc.assert(
      fc.property(dict, ({ text, gone }) => {
        redactor.redact(sent('t', text));
        const out = inspect(redactor.redact(failing('t', `DriverError('refused ${gone.join(' and ')} twice')`)));
        for (const value of gone) assert.ok(!out.includes(value), `${value} stayed in ${out}`);
      }),
      { numRuns: 300 },
    );
  });

  test('any text at all gives a text, in every field', () => {
    const { redactor } = redactorWith();
    const fields: readonly Field[] = ['args', 'exception', 'traceback', 'log'];
    const signs = fc.constantFrom(...`'"\\{}[]()<>:=,@-+%$&?/ \n`, 'password', 'eyJ', '://', 'a', '4', 'é', '\ud83d');
    fc.assert(
      fc.property(fc.array(signs, { maxLength: 80 }), fc.constantFrom(...fields), (parts, field) => {
        assert.notEqual(redactor.redactText(field, parts.join('')), failed);
      }),
      { numRuns: 2_000 },
    );
  });
});
