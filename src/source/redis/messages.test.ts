import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RedisMessages } from './messages.ts';

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const patternMessage = (payload: string, head = '*'): string =>
  `${head}4\r\n${bulk('pmessage')}${bulk('/0.celeryev/*')}${bulk('/0.celeryev/task.multi')}${bulk(payload)}`;
const plainMessage = (payload: string): string => `*3\r\n${bulk('message')}${bulk('/0.celeryev')}${bulk(payload)}`;

interface Read {
  readonly messages: string[];
  readonly others: string;
}

function read(chunks: readonly Buffer[], accepts?: (bytes: Buffer, from: number, to: number) => boolean): Read {
  const messages: string[] = [];
  const reader = new RedisMessages({
    isChannelWanted: true,
    message: (channel, payload) => messages.push(`${channel} ${payload}`),
    accepts,
  });
  // The buffer is reused, so the frames must be copies.
  const others = chunks.map((chunk) => {
    const taken: Buffer[] = [];
    for (let at = 0; at < chunk.length; ) {
      const count = chunk.copy(reader.free(), 0, at);
      taken.push(...reader.take(count));
      at += count;
    }
    reader.free().fill(0);
    return Buffer.concat(taken);
  });
  return { messages, others: Buffer.concat(others).toString() };
}

const answers = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':1\r\n',
  '$-1\r\n',
  bulk('*4\r\n$8\r\npmessage\r\n'),
  `*3\r\n${bulk('psubscribe')}${bulk('/0.celeryev/*')}:1\r\n`,
  `%2\r\n${bulk('server')}${bulk('redis')}+modules\r\n*1\r\n%1\r\n+name\r\n*0\r\n`,
  `|1\r\n+ttl\r\n:3600\r\n*2\r\n:1\r\n#t\r\n`,
  `*2\r\n${bulk('pong')}${bulk('')}`,
];
const stream = Buffer.from(
  answers
    .map((answer, index) => `${answer}${patternMessage(`één ${index} \r\n`)}${plainMessage('')}`)
    .concat(patternMessage('three', '>'))
    .join(''),
);
const want: Read = {
  messages: answers
    .flatMap((_, index) => [`/0.celeryev/task.multi één ${index} \r\n`, '/0.celeryev '])
    .concat('/0.celeryev/task.multi three'),
  others: answers.join(''),
};

test('messages are read from a connection, and the replies to commands stay complete and in order', () => {
  assert.deepEqual(read([stream]), want);
});

test('the result does not depend on where the socket cuts the stream', () => {
  for (let at = 1; at < stream.length; at += 1) {
    assert.deepEqual(read([stream.subarray(0, at), stream.subarray(at)]), want, `cut at ${at}`);
  }
  const bytes = Array.from(stream, (_, at) => stream.subarray(at, at + 1));
  assert.deepEqual(read(bytes), want);
});

test('a message far longer than one read of the socket is assembled, and the next one is read', () => {
  const long = 'x'.repeat(3_000_000);
  const all = Buffer.from(patternMessage(long) + patternMessage('next'));
  const chunks = Array.from({ length: Math.ceil(all.length / 65_536) }, (_, at) =>
    all.subarray(at * 65_536, (at + 1) * 65_536),
  );
  const { messages } = read(chunks);
  assert.deepEqual(
    messages.map((text) => text.length),
    [`/0.celeryev/task.multi ${long}`.length, '/0.celeryev/task.multi next'.length],
  );
});

test('no reply of a server causes an error, and every frame that is no message is passed on', () => {
  const piece = fc.constantFrom(
    '$',
    '*',
    '|',
    '%',
    '-1',
    '3',
    'x',
    '\r\n',
    '4\r\n$8\r\npmessage\r\n',
    patternMessage('a'),
  );
  fc.assert(
    fc.property(fc.array(fc.array(piece)), (chunks) => {
      read(chunks.map((pieces) => Buffer.from(pieces.join(''))));
    }),
    { numRuns: 1_000 },
  );
  assert.equal(read([Buffer.from('HTTP/1.1 400 Bad Request\r\n$x\r\n')]).others, 'HTTP/1.1 400 Bad Request\r\n$x\r\n');
});

test('a payload that is refused by its bytes is not delivered, and affects no other', () => {
  const refuse = (bytes: Buffer, from: number, to: number): boolean => bytes.toString('utf8', from, to) !== 'b';
  const { messages, others } = read(
    [Buffer.from(['a', 'b', 'c'].map((text) => patternMessage(text)).join('+OK\r\n'))],
    refuse,
  );
  assert.deepEqual(messages, ['/0.celeryev/task.multi a', '/0.celeryev/task.multi c']);
  assert.equal(others, '+OK\r\n+OK\r\n');
});
