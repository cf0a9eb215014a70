import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Untrusted } from '../../event/untrusted.ts';
import { decodeResult } from './result.ts';

const receivedAt = Date.UTC(2026, 0, 1, 12);
const base = {
  task_id: 'a-1',
  status: 'FAILURE',
  result: null,
  traceback: null,
  date_done: '2026-01-01T11:59:58+00:00',
};
const read = (more: object) => decodeResult({ ...base, ...more }, receivedAt);

/** The text of an exception; undefined if there is none. */
function opened(box: Untrusted | undefined): string | undefined {
  return box?.reveal();
}

const exceptions = [
  { name: 'a message', result: { exc_type: 'OvenError', exc_message: ['cold'] }, want: "OvenError('cold')" },
  { name: 'several arguments', result: { exc_type: 'E', exc_message: ['a', 2, null] }, want: "E('a', 2, None)" },
  { name: 'an older form', result: { exc_type: 'E', exc_message: 'it broke' }, want: "E('it broke')" },
  {
    name: 'a wrapper around an exception that cannot be pickled',
    result: { exc_type: 'UnpickleableExceptionWrapper', exc_message: ['shop', 'Odd', ['x'], "Odd('x')"] },
    want: "Odd('x')",
  },
  { name: 'no exception', result: 'something', want: undefined },
];
for (const { name, result, want } of exceptions) {
  test(`a failure with ${name} reads like its event`, () => {
    const decoded = read({ result });
    assert.equal(decoded.ok && opened(decoded.event.exception), want);
  });
}

test('returned values and arguments are not read', () => {
  const decoded = read({
    status: 'SUCCESS',
    result: { password: 'canary' },
    args: ['canary'],
    kwargs: { a: 'canary' },
  });
  assert.ok(decoded.ok);
  const texts = Object.values(decoded.event).map((value) => (value instanceof Untrusted ? value.reveal() : value));
  assert.doesNotMatch(JSON.stringify(texts), /canary/);
});

const times = [
  { name: 'with an offset', date_done: '2026-01-01T13:59:58+02:00', want: receivedAt - 2_000 },
  { name: 'without one, which is UTC', date_done: '2026-01-01T11:59:58.5', want: receivedAt - 1_500 },
  { name: 'with microseconds', date_done: '2026-01-01T11:59:58.500250+00:00', want: receivedAt - 1_499.75 },
  { name: 'that is missing', date_done: null, want: receivedAt },
  { name: 'that is not plausible', date_done: '9999-01-01T00:00:00Z', want: receivedAt },
];
for (const { name, date_done, want } of times) {
  test(`a time ${name}`, () => {
    const decoded = read({ date_done });
    assert.equal(decoded.ok && decoded.event.at, want);
  });
}

const rejected = [
  {
    name: 'a state of the application',
    fields: { ...base, status: 'PROGRESS' },
    want: 'not-a-lifecycle-event',
  },
  { name: 'a result without an id', fields: { status: 'SUCCESS' }, want: 'no-task-id' },
  { name: 'a result with a list as its id', fields: { status: 'SUCCESS', task_id: [] }, want: 'unreadable-task-id' },
  { name: 'a text', fields: 'SUCCESS', want: 'not-an-object' },
  { name: 'a list', fields: [], want: 'not-an-object' },
];
for (const { name, fields, want } of rejected) {
  test(`${name} is rejected as ${want}`, () => {
    assert.deepEqual(decodeResult(fields, receivedAt), { ok: false, reason: want });
  });
}

test('the group and the worker are read if the backend stores them', () => {
  const decoded = read({ group_id: 'g-1', worker: 'w@a', retries: 2 });
  assert.ok(decoded.ok);
  const { groupId, hostname, retries } = decoded.event;
  assert.deepEqual([groupId, hostname, retries], ['g-1', 'w@a', 2]);
});
