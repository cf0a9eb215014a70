/**
 * Takes the messages of a subscription off the bytes of a Redis connection; everything else, the answers to commands, is left
 * for the driver. The driver's own reader builds an array of buffers and two rounds of events for each message, some 6 µs of
 * them, which is more than the whole of what telling a foreign host may cost.
 *
 * RESP: `*4 $8 pmessage $n pattern $n channel $n payload` or `*3 $7 message $n channel $n payload`, each followed by CR LF;
 * `>` in place of `*` where the connection speaks RESP3.
 */

export interface RedisMessagesOptions {
  /** Whether anybody asks for the channel; otherwise it is empty, because making its text is a third of the whole cost. */
  readonly isChannelWanted: boolean;
  readonly message: (channel: string, payload: string) => void;
  /** Asked of the bytes of each payload, from and to; what is refused is never made a text, and `message` not called. */
  readonly accepts?: ((bytes: Buffer, from: number, to: number) => boolean) | undefined;
}

/** What a busy fleet says in the time between two readings of a socket. */
const roomBytes = 256 * 1024;
/** A longer message is not trusted to come; room for it is made as it does. */
const wantedBytesMax = 16 * 1024 * 1024;

const newline = 10;
/** The frame is not all here. */
const unfinished = -1;
const notMessage = -2;

/** The kind of the message, with all that is constant before it. */
const pattern = Buffer.from('4\r\n$8\r\npmessage\r\n');
const plain = Buffer.from('3\r\n$7\r\nmessage\r\n');

export class RedisMessages {
  readonly #options: RedisMessagesOptions;
  /** What has come and is not read, up to `#filled`; the same memory again and again, since new pages cost more than copying. */
  #room: Buffer = Buffer.allocUnsafeSlow(roomBytes);
  #filled = 0;
  /** The first frame is longer than this. */
  #wantedBytes = 0;
  #lineEnd = 0;

  constructor(options: RedisMessagesOptions) {
    this.#options = options;
  }

  /** Where the next bytes of the socket are to go: behind what has come and is not read. */
  free(): Buffer {
    const needed = Math.max(this.#filled + roomBytes / 2, Math.min(this.#wantedBytes, wantedBytesMax));
    if (needed > this.#room.length) this.#moveTo(Buffer.allocUnsafeSlow(2 * needed), 0);
    return this.#room.subarray(this.#filled);
  }

  /** Reads what is whole, after so many bytes have come to where `free` told. Answers copies of the frames that are no messages. */
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

  /** What was not read goes to the front; the room of a long message is given back. */
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
      // A long one comes in many pieces, which are put together once.
      this.#wantedBytes = end - at;
      return unfinished;
    }
    const { isChannelWanted, message, accepts } = this.#options;
    if (accepts !== undefined && !accepts(bytes, payloadFrom, end - 2)) return end;
    const channel = isChannelWanted ? bytes.toString('utf8', channelFrom, channelFrom + channelBytes) : '';
    message(channel, bytes.toString('utf8', payloadFrom, payloadFrom + payloadBytes));
    return end;
  }

  /** The number in `$123`, at `at`; where the line after it begins is left in `#lineEnd`. */
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

function startsWith(bytes: Buffer, what: Buffer, at: number): boolean {
  const { length } = what;
  if (at + length > bytes.length) return false;
  for (let index = 0; index < length; index += 1) if (bytes[at + index] !== what[index]) return false;
  return true;
}

/** Where any frame ends, whatever is in it. */
function frameEnd(bytes: Buffer, from: number): number {
  let at = from;
  for (let open = 1; open > 0; open -= 1) {
    const line = bytes.indexOf(newline, at);
    if (line < 0) return unfinished;
    const count = Number.parseInt(bytes.toString('latin1', at + 1, line), 10);
    // No number, or -1 for nothing: a line, about which the driver may complain.
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
        // Attributes stand before the answer that they are about.
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
