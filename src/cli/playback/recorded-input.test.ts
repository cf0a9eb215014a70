import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inputOf, isWitness } from './recorded-input.ts';

const matcher = { tasks: [], exceptions: [], queues: [], pools: [], signals: [], classes: [] };

const valid: Readonly<Record<string, object>> = {
  sweep: { kind: 'sweep', now: 1 },
  settle: { kind: 'settle', now: 1 },
  gap: { kind: 'gap', gap: { from: 1, to: 2, source: 'celery', cause: 'disconnect' } },
  listening: { kind: 'listening', isListening: true },
  testimony: { kind: 'testimony', witness: 'broker', id: 'task-1', answer: {}, now: 1 },
  depth: { kind: 'depth', queue: 'mail', length: 3 },
  'command ack': { kind: 'command', command: { what: 'ack', incident: 'i', by: 'U1' } },
  'command resolve': { kind: 'command', command: { what: 'resolve', incident: 'i', by: 'U1' } },
  'command archive': { kind: 'command', command: { what: 'archive', incident: 'i', by: 'U1' } },
  'command snooze': { kind: 'command', command: { what: 'snooze', incident: 'i', by: 'U1', until: 5 } },
  'command silence': { kind: 'command', command: { what: 'silence', silence: { id: 's', by: 'U1', match: matcher } } },
  'command unsilence': { kind: 'command', command: { what: 'unsilence', id: 's' } },
  'command mark': { kind: 'command', command: { what: 'mark', state: 'archived', match: matcher } },
  'command deploy': { kind: 'command', command: { what: 'deploy', deploy: { version: 'v2', at: 1, pools: ['*'] } } },
};

describe('inputs that a daemon records', () => {
  for (const [name, input] of Object.entries(valid))
    test(name, () => assert.equal(inputOf(input as never, 'f:1'), input, 'returned unchanged'));
});

/** `input` with one field, at any depth, replaced. */
function broken(input: object, path: readonly string[], value: unknown): object {
  const [first, ...rest] = path as [string, ...string[]];
  const fields = input as Record<string, unknown>;
  return { ...fields, [first]: rest.length === 0 ? value : broken(fields[first] as object, rest, value) };
}

describe('inputs that no daemon records', () => {
  const cases: readonly (readonly [name: string, path: string, value: unknown])[] = [
    ['sweep', 'kind', 'sweeping'],
    ['sweep', 'now', 'soon'],
    ['sweep', 'now', Number.NaN],
    ['settle', 'now', undefined],
    ['gap', 'gap', []],
    ['gap', 'gap.from', '1'],
    ['gap', 'gap.to', null],
    ['listening', 'isListening', 'yes'],
    ['testimony', 'witness', 'producer'],
    ['testimony', 'id', 7],
    ['testimony', 'answer', 'no'],
    ['depth', 'queue', 1],
    ['depth', 'length', '3'],
    ['command ack', 'command', 'ack'],
    ['command ack', 'command.what', 'acknowledge'],
    ['command ack', 'command.incident', undefined],
    ['command ack', 'command.by', 1],
    ['command snooze', 'command.until', 'tomorrow'],
    ['command silence', 'command.silence', 's'],
    ['command silence', 'command.silence.id', 1],
    ['command silence', 'command.silence.match', {}],
    ['command silence', 'command.silence.match.tasks', 'mail'],
    ['command silence', 'command.silence.match.tasks', [1]],
    ['command unsilence', 'command.id', undefined],
    ['command mark', 'command.state', 'open'],
    ['command mark', 'command.match', undefined],
    ['command deploy', 'command.deploy', 'v2'],
    ['command deploy', 'command.deploy.at', '1'],
    ['command deploy', 'command.deploy.pools', '*'],
  ];
  for (const [name, path, value] of cases)
    test(`${name} with ${path} = ${JSON.stringify(value) ?? 'nothing'}`, () => {
      const input = broken(valid[name] as object, path.split('.'), value);
      assert.throws(() => inputOf(input as never, 'events.ndjson:9'), {
        message: 'events.ndjson:9: expected an input of a recording',
      });
    });
});

test('the three witnesses are known by name', () => {
  for (const name of ['result-backend', 'broker', 'workers']) assert.ok(isWitness(name));
  for (const name of ['', 'events', 1, undefined]) assert.ok(!isWitness(name));
});
