/**
 * Reads the messages of a subscription from the bytes of a Redis connection and leaves the replies to commands to the driver.
 * The driver's own parser builds an array of buffers and emits two events for each message, some 6 µs, which is more than
 * the whole budget for a message of another host.
 *
 * RESP: `*4 $8 pmessage $n pattern $n channel $n payload` or `*3 $7 message $n channel $n payload`, each followed by CR LF;
 * `>` in place of `*` where the connection speaks RESP3.
 */

export interface RedisMessagesOptions {
  /** False passes '' as the channel, because creating its text is a third of the whole cost. */
  readonly isChannelWanted: boolean;
  readonly message: (channel: string, payload: string) => void;
  /** Filter on the bytes of each payload. A refused payload never becomes text, and `message` is not called. */
  readonly accepts?: ((bytes: Buffer, from: number, to: number) => boolean) | undefined;
}

/** Bytes that a busy fleet sends between two reads of a socket. */
const roomBytes = 256 * 1024;
/** For a longer message the buffer grows as its bytes arrive, because a length alone is no proof of them. */
const wantedBytesMax = 16 * 1024 * 1024;

const newline = 10;
/** The frame is not complete. */
const unfinished = -1;
const notMessage = -2;

/** The kind of the message with the constant bytes before it. */
const pattern = Buffer.from('4\r\n$8\r\npmessage\r\n');
const plain = Buffer.from('3\r\n$7\r\nmessage\r\n');

export class RedisMessages {
  readonly #options: RedisMessagesOptions;
  /** Received bytes up to `#filled`. The buffer is reused, because new pages of memory cost more than copying. */
  #room: Buffer = Buffer.allocUnsafeSlow(roomBytes);
  #filled = 0;
  /** Bytes that the first frame needs, if it is incomplete and its length is known. */
  #wantedBytes = 0;
  #lineEnd = 0;

  constructor(options: RedisMessagesOptions) {
    this.#options = options;
  }

  /** The free part of the buffer, for the next bytes of the socket. */
  free(): Buffer {
    const needed = Math.max(this.#filled + roomBytes / 2, Math.min(this.#wantedBytes, wantedBytesMax));
    if (needed > this.#room.length) this.#moveTo(Buffer.allocUnsafeSlow(2 * needed), 0);
    return this.#room.subarray(this.#filled);
  }

  /** Reads all complete frames, after `count` bytes were written to `free()`. Returns copies of the frames that are no messages. */
  take(count: number): Buffer[] {
    const others: Buffer[] = [];
    this.#filled += count;
    if (this.#filled < this.#wantedBytes) return others;
    this.#wantedBytes = 0;
    const bytes = this.#room.subarray(0, this.#filled);
    let at = 0;
    while (at < bytes.length) {
      let end = this.#readMessage(bytes, at);
      if (end === notMessage) {
        end = frameEnd(bytes, at);
        if (end !== unfinished) others.push(Buffer.from(bytes.subarray(at, end)));
      }
      if (end === unfinished) break;
      at = end;
    }
    this.#keep(at);
    return others;
  }

  /** Moves unread bytes to the front and releases the memory of a long message. */
  #keep(from: number): void {
    const isLarge =
      this.#room.length > roomBytes && this.#filled - from < roomBytes / 2 && this.#wantedBytes < roomBytes;
    this.#moveTo(isLarge ? Buffer.allocUnsafeSlow(roomBytes) : this.#room, from);
  }

  #moveTo(room: Buffer, from: number): void {
    this.#room.copy(room, 0, from, this.#filled);
    this.#room = room;
    this.#filled -= from;
  }

  #readMessage(bytes: Buffer, at: number): number {
    const isPattern = startsWith(bytes, pattern, at + 1);
    if (!isPattern && !startsWith(bytes, plain, at + 1)) return notMessage;
    let channelFrom = at + 1 + (isPattern ? pattern : plain).length;
    if (isPattern) {
      const patternBytes = this.#readLength(bytes, channelFrom);
      if (patternBytes === unfinished) return unfinished;
      channelFrom = this.#lineEnd + patternBytes + 2;
    }
    const channelBytes = this.#readLength(bytes, channelFrom);
    if (channelBytes === unfinished) return unfinished;
    channelFrom = this.#lineEnd;
    const payloadBytes = this.#readLength(bytes, channelFrom + channelBytes + 2);
    if (payloadBytes === unfinished) return unfinished;
    const payloadFrom = this.#lineEnd;
    const end = payloadFrom + payloadBytes + 2;
    if (end > bytes.length) {
      // A long frame arrives in many pieces; `take` waits until it is complete.
      this.#wantedBytes = end - at;
      return unfinished;
    }
    const { isChannelWanted, message, accepts } = this.#options;
    if (accepts !== undefined && !accepts(bytes, payloadFrom, end - 2)) return end;
    const channel = isChannelWanted ? bytes.toString('utf8', channelFrom, channelFrom + channelBytes) : '';
    message(channel, bytes.toString('utf8', payloadFrom, payloadFrom + payloadBytes));
    return end;
  }

  /** The number in `$123` at `at`. Stores the start of the next line in `#lineEnd`. */
  #readLength(bytes: Buffer, at: number): number {
    let length = 0;
    for (let index = at + 1; index < bytes.length; index += 1) {
      const code = bytes[index] as number;
      if (code === newline) {
        this.#lineEnd = index + 1;
        return length;
      }
      if (code >= 48 && code <= 57) length = length * 10 + code - 48;
    }
    return unfinished;
  }
}

function startsWith(bytes: Buffer, expected: Buffer, at: number): boolean {
  const { length } = expected;
  if (at + length > bytes.length) return false;
  for (let index = 0; index < length; index += 1) if (bytes[at + index] !== expected[index]) return false;
  return true;
}

/** End of any frame of RESP2 or RESP3, or `unfinished`. */
function frameEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (let open = 1; open > 0; open -= 1) {
    const line = bytes.indexOf(newline, at);
    if (line < 0) return unfinished;
    const count = Number.parseInt(bytes.toString('latin1', at + 1, line), 10);
    // Without a number, or with -1 for null, the frame is this one line.
    const isLine = !(count >= 0);
    switch (isLine ? '' : String.fromCharCode(bytes[at] as number)) {
      case '$':
      case '!':
      case '=':
        at = line + 1 + count + 2;
        break;
      case '*':
      case '~':
      case '>':
        open += count;
        at = line + 1;
        break;
      case '%':
        open += 2 * count;
        at = line + 1;
        break;
      case '|':
        // Attributes precede the reply that they describe.
        open += 2 * count + 1;
        at = line + 1;
        break;
      default:
        at = line + 1;
    }
    if (at > bytes.length) return unfinished;
  }
  return at;
}
