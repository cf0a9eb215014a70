import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf, storyStart } from '../../../test/fakes/task-story.ts';
import { receiveDelivery, startAttempt } from './attempts.ts';
import { isOtherMessage, isReplacedBy } from './message.ts';
import { newPublication, type Publication } from './publication.ts';
import type { ReceivedRecordEvent } from './record-event.ts';

const digests = [
  { a: 1, b: 2, want: true },
  { a: 1, b: 1, want: false },
  { a: undefined, b: 1, want: false },
  { a: 1, b: undefined, want: false },
];
for (const { a, b, want } of digests) {
  test(`messages with the digests ${a} and ${b} ${want ? 'differ' : 'may be one'}`, () =>
    assert.equal(isOtherMessage({ digest: a }, { digest: b }), want));
}

interface Case {
  readonly name: string;
  readonly host?: string;
  readonly laterMs: number;
  readonly pids?: readonly [number | undefined, number | undefined];
  readonly second?: number;
  readonly sends?: number;
  readonly want: boolean;
}

/** A publication with one attempt of message 1 on host a, and a second delivery. */
function publicationOf({ host = 'a', laterMs, pids = [1, 1], second = 1, sends = 0 }: Case): Publication {
  const publication = newPublication(0, storyStart);
  for (let nth = 0; nth < sends; nth += 1) {
    publication.sends.push({ ...sendAt(storyStart + nth), retries: 0 });
  }
  const deliver = (step: string, at: number, fields: Partial<ReceivedRecordEvent>): void =>
    receiveDelivery(publication, { ...(eventOf(step, at) as ReceivedRecordEvent), ...fields });
  deliver('received', storyStart, { digest: 1, pid: pids[0] });
  startAttempt(publication, { ...eventOf('started', storyStart), pid: pids[0] });
  deliver(`received on ${host}`, storyStart + laterMs, { digest: second, pid: pids[1] });
  return publication;
}

function sendAt(at: number): Omit<Publication['sends'][number], 'retries'> {
  const { hostname } = eventOf('sent', at);
  return { at, hostname, queue: undefined, exchange: undefined, routingKey: undefined, eta: undefined };
}

const cases: readonly Case[] = [
  { name: 'another message', laterMs: 3_600_000, host: 'b', second: 2, want: true },
  { name: 'the same message in the same process within two seconds', laterMs: 1_999, want: true },
  { name: 'the same message in the same process after two seconds', laterMs: 2_000, want: false },
  { name: 'the same message in another process', laterMs: 100, pids: [1, 2], want: false },
  { name: 'the same message in an unknown process', laterMs: 100, pids: [undefined, undefined], want: false },
  { name: 'the same message on another worker', laterMs: 100, host: 'b', want: false },
  { name: 'the same message with a send for each delivery', laterMs: 60_000, sends: 2, want: true },
  { name: 'the same message with one send', laterMs: 60_000, sends: 1, want: false },
];
for (const one of cases) {
  test(`${one.name} is ${one.want ? 'a replacement' : 'a redelivery'}`, () => {
    const publication = publicationOf(one);
    const [attempt] = publication.attempts;
    assert.ok(attempt !== undefined);
    assert.equal(isReplacedBy(publication, attempt, publication.waiting.at(-1)), one.want);
  });
}
