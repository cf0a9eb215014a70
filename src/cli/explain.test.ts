import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRedactOptions } from '../../test/fakes/redact-options.ts';
import { type FailurePolicy, type GroupingRule, noPolicy } from '../failure/grouping-policy.ts';
import { explainCommand } from './explain.ts';

const traceback = `Traceback (most recent call last):
  File "/usr/lib/python3.12/site-packages/requests/api.py", line 9, in get
    raise ConnectionError(e)
requests.exceptions.ConnectionError: refused

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/depot/booking.py", line 4, in book
    raise Taken(room) from error
depot.errors.Taken: room 12
`;

interface Explained {
  readonly code: number;
  readonly out: string;
  readonly complaints: readonly string[];
}

async function explain(text: string, failures: FailurePolicy = noPolicy, taskName?: string): Promise<Explained> {
  const written: string[] = [];
  const complaints: string[] = [];
  const code = await explainCommand(
    {
      input: (async function* () {
        yield new TextEncoder().encode(text);
      })(),
      write: async (some) => void written.push(some),
      complain: (line) => complaints.push(line),
    },
    { redact: defaultRedactOptions, failures },
    taskName,
  );
  return { code, out: written.join(''), complaints };
}

function policyWith(rule: Partial<GroupingRule>): FailurePolicy {
  const match = { tasks: [], exceptions: ['*Taken'], messages: [], frames: [] };
  return {
    rules: [{ name: 'taken', match, parts: undefined, isIgnored: false, class: undefined, ...rule }],
    classes: [],
  };
}

test('a traceback is explained by title, group, class, cause, parts and chain', async () => {
  const { code, out } = await explain(traceback, noPolicy, 'depot.booking.book');
  assert.equal(code, 0);
  assert.match(out, /^title {3}Taken: room 12$/m);
  assert.match(out, /^group {3}[a-z2-7]{20}$/m);
  assert.match(out, /^cause {3}app-error$/m);
  assert.match(out, /^parts {3}of the group; equal parts make one group$/m);
  assert.match(out, /^ +depot\.booking:book$/m);
});

test('the chain shows each exception, and marks the frames of the project', async () => {
  const { out } = await explain(traceback, noPolicy, 'depot.booking.book');
  assert.match(out, /^ {2}depot\.errors\.Taken: room 12$/m);
  assert.match(out, /^ {2}\* depot\.booking:4 book {2}raise Taken\(room\) from error$/m);
  assert.match(out, /^ {2}caused by$/m);
  assert.match(out, /^ {6}requests\.api:9 get {2}raise ConnectionError\(e\)$/m);
});

test('an exception that occurred while another was handled is labelled so', async () => {
  const text = traceback.replace(
    'The above exception was the direct cause of the following exception',
    'During handling of the above exception, another exception occurred',
  );
  assert.match((await explain(text)).out, /^ {2}while handling$/m);
});

const reasons: readonly {
  readonly name: string;
  readonly text: string;
  readonly failures?: FailurePolicy;
  readonly want: RegExp;
}[] = [
  {
    name: 'a rule',
    text: traceback,
    failures: policyWith({ class: 'cancelled' }),
    want: /^class {3}cancelled: set by the rule$/m,
  },
  {
    name: 'the configured classes',
    text: traceback,
    failures: { rules: [], classes: [{ exception: '*Taken', class: 'resource' }] },
    want: /^class {3}resource: set for depot\.errors\.Taken by "classes" in the configuration$/m,
  },
  {
    name: 'the cause',
    text: JSON.stringify({ type: 'task-revoked', uuid: 'a', timestamp: 1.7e9, expired: true, terminated: false }),
    want: /^class {3}resource: follows from the cause of the end$/m,
  },
  {
    name: 'the name of an exception in the chain',
    text: traceback,
    want: /^class {3}transient: follows from the name or the message of requests\.exceptions\.ConnectionError$/m,
  },
  {
    name: 'a code in the message',
    text: traceback.replace('room 12', 'HTTP 503'),
    want: /^class {3}transient: follows from a code in the message of depot\.errors\.Taken$/m,
  },
  {
    name: 'no rule',
    text: traceback.replace('requests.exceptions.ConnectionError: refused', 'depot.Broken: x'),
    want: /^class {3}bug: no rule explains the failure, so it needs a person$/m,
  },
];
for (const { name, text, failures, want } of reasons) {
  test(`the class is explained by ${name}`, async () => assert.match((await explain(text, failures)).out, want));
}

test('a rule that matches is named, with its parts', async () => {
  const { out } = await explain(traceback, policyWith({ parts: ['{exception}', 'rooms'] }));
  assert.match(out, /^rule {4}taken$/m);
  assert.match(out, /^ {2}Taken\n {2}rooms$/m);
});

test('an ignored failure is explained with the rule that ignores it', async () => {
  const { code, out } = await explain(traceback, policyWith({ isIgnored: true }));
  assert.equal(code, 0);
  assert.match(out, /^group {3}none: the rule "taken" ignores it$/m);
  assert.match(out, /^title {3}Taken: room 12$/m);
});

const event = { type: 'task-failed', uuid: 'a', timestamp: 1.7e9, name: 'depot.ship', exception: "KeyError('a')" };
for (const [name, text] of [
  ['alone', JSON.stringify(event)],
  ['as the field of a line', JSON.stringify({ id: 1, event })],
] as const) {
  test(`an event ${name} is explained`, async () => {
    assert.match((await explain(text)).out, /^title {3}KeyError: a$/m);
  });
}

test('an empty part of the group is shown as nothing', async () => {
  const { out } = await explain(JSON.stringify({ ...event, name: undefined }));
  assert.match(out, /^ {2}\(nothing\)$/m);
});

const refused: readonly { readonly name: string; readonly text: string; readonly want: RegExp }[] = [
  { name: 'no input', text: ' \n', want: /^expected a Python traceback, or an event as JSON, on the input$/ },
  {
    name: 'an event without a failure',
    text: '{"type":"task-sent","uuid":"a","timestamp":1}',
    want: /reports a failure/,
  },
];
for (const { name, text, want } of refused) {
  test(`${name} ends with exit code 1 and a reason`, async () => {
    const { code, out, complaints } = await explain(text);
    assert.equal(code, 1);
    assert.equal(out, '');
    assert.match(complaints[0] ?? '', want);
  });
}

test('text that starts like JSON and is none is read as a traceback', async () => {
  const { code } = await explain(`{\n${traceback}`);
  assert.equal(code, 0);
});
