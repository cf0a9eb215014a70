/**
 * Reads the sender of a message, `headers.hostname` of its kombu envelope, without parsing it, so that a sidecar drops the
 * messages of other hosts at almost no cost.
 *
 * JSON can be read from its end: a quote outside of a string ends a string, which begins at the nearest unescaped quote
 * before it. For valid JSON the result therefore equals the parser's, in any order of keys, with any spaces and any body; of
 * a repeated key the last one counts. Invalid JSON may give a result too.
 */

/** The longest name that event/ids.ts keeps in full. */
const hostnameCharsMax = 256;

const quote = 0x22;
const backslash = 0x5c;
const closingBrace = 0x7d;

/**
 * The sender, or undefined if only a parser can decide: there is no such name, the name or a key before it contains escapes,
 * or the name contains characters that no node name has.
 */
export function senderOf(payload: string): string | undefined {
  return senderAsWritten(payload) ?? senderFromEnd(payload);
}

const bodyStart = '{"body": "';
const nameStart = '"headers": {"hostname": "';
const headersStart = `", "content-encoding": "utf-8", "content-type": "application/json", ${nameStart}`;

/**
 * Fast path for the envelope exactly as kombu writes it for JSON. Without a backslash after the name no later key can be an
 * escaped form of this one, and without another "headers" none can repeat it.
 */
function senderAsWritten(payload: string): string | undefined {
  if (!payload.startsWith(bodyStart)) return undefined;
  const bodyEnd = payload.indexOf('"', bodyStart.length);
  const start = bodyEnd + headersStart.length;
  // A slice and a comparison cost half as much as startsWith for a text of this length.
  if (bodyEnd < 0 || payload.slice(bodyEnd, start) !== headersStart) return undefined;
  if (payload.charCodeAt(bodyEnd - 1) === backslash) return undefined;
  const end = payload.indexOf('"', start);
  if (end < 0 || payload.charCodeAt(end + 1) !== closingBrace) return undefined;
  if (payload.includes('\\', start) || payload.includes('headers"', end)) return undefined;
  return plainName(payload, start, end);
}

/**
 * Creates a reader of the sender from the bytes of a payload in a socket's buffer, from `from` to `to`. For a dropped message,
 * creating its text would be most of the cost, and scanning its body the rest. Messages of one kind end alike except for
 * their delivery tag, so the reader learns these endings from messages that it reads in full.
 */
export function createSenderReader(): (bytes: Buffer, from: number, to: number) => string | undefined {
  const tails: Buffer[] = [];
  return (bytes, from, to) => {
    for (const tail of tails) {
      const end = to - tagBytes - tail.length;
      if (end > from && isTail(bytes, end, tail) && isTag(bytes, to - tagBytes)) return nameBefore(bytes, from, end);
    }
    const text = bytes.toString('latin1', from, to);
    const sender = senderOf(text);
    const tail = sender === undefined ? undefined : tailOf(text, sender);
    if (tail !== undefined) tails.unshift(Buffer.from(tail));
    if (tails.length > tailsMax) tails.pop();
    return sender;
  };
}

/** Each kind of message that a worker sends has one. */
const tailsMax = 8;
const tailCharsMax = 512;
const tagEnd = '"}}';
/** kombu's `delivery_tag`, a UUID, is the last value in the envelope. */
const tagBytes = 36 + tagEnd.length;
const tagEndBytes = Buffer.from(tagEnd);
const nameStartBytes = Buffer.from(nameStart);

/** The text between the sender's name and the tag, if every payload with this ending has its sender before it. */
function tailOf(text: string, sender: string): string | undefined {
  const start = text.lastIndexOf(nameStart) + nameStart.length;
  const tail = text.slice(start + sender.length, -tagBytes);
  if (!text.startsWith(`${sender}"}`, start) || !tail.endsWith(': "') || tail.length > tailCharsMax) return undefined;
  return tail.includes('\\') || tail.includes('headers"') || depthBefore(`${tail}${tagEnd}`) !== 2 ? undefined : tail;
}

/** Depth in brackets at which `text` starts, if it ends a payload and starts inside a string without escapes. */
function depthBefore(text: string): number {
  const outside = text.replace(/^[^"]*"|"[^"]*"/g, '');
  return outside.replace(/[^}\]]/g, '').length - outside.replace(/[^{[]/g, '').length;
}

/** For short texts: a native comparison costs as much as thirty bytes in this loop. */
function hasBytesAt(bytes: Buffer, at: number, expected: Buffer): boolean {
  const { length } = expected;
  for (let index = 0; index < length; index += 1) if (bytes[at + index] !== expected[index]) return false;
  return true;
}

function isTail(bytes: Buffer, at: number, tail: Buffer): boolean {
  if (bytes[at] !== quote || bytes[at + 1] !== closingBrace) return false;
  return bytes.compare(tail, 0, tail.length, at, at + tail.length) === 0;
}

function isTag(bytes: Buffer, at: number): boolean {
  const end = at + tagBytes - tagEndBytes.length;
  if (!hasBytesAt(bytes, end, tagEndBytes)) return false;
  for (let index = at; index < end; index += 1) {
    const code = bytes[index];
    if (code === quote || code === backslash) return false;
  }
  return true;
}

/** The name that ends at `end`, or undefined if the bytes before it are not as kombu writes them. */
function nameBefore(bytes: Buffer, from: number, end: number): string | undefined {
  let start = end;
  for (; bytes[start - 1] !== quote; start -= 1) {
    const code = bytes[start - 1] as number;
    if (start <= from || code < 0x20 || code > 0x7e || code === backslash) return undefined;
  }
  const before = start - nameStartBytes.length;
  if (start === end || end - start > hostnameCharsMax || before <= from) return undefined;
  if (!hasBytesAt(bytes, before, nameStartBytes) || bytes[before - 1] === backslash) return undefined;
  return bytes.toString('latin1', start, end);
}

function senderFromEnd(payload: string): string | undefined {
  let depth = 0;
  // The latest string, as offsets, and whether a colon precedes it: then the next string is its key.
  let start = -1;
  let end = -1;
  let isKeyNext = false;
  // Value of `hostname` in the present object at depth 2: offsets of a string, or -1 for another type.
  let nameStart = -1;
  let nameEnd = -1;
  let hasName = false;

  for (let at = payload.length - 1; at >= 0; at -= 1) {
    switch (payload.charCodeAt(at)) {
      case quote: {
        const closing = at;
        at = openingQuote(payload, at);
        if (at < 0) return undefined;
        if (!isKeyNext) {
          start = at + 1;
          end = closing;
          break;
        }
        isKeyNext = false;
        if (depth === 2 && !hasName) {
          if (isText(payload, 'hostname', at + 1, closing)) {
            hasName = true;
            nameStart = start;
            nameEnd = end;
          } else if (isEscaped(payload, at + 1, closing)) return undefined;
        } else if (depth === 1) {
          if (isText(payload, 'headers', at + 1, closing)) return plainName(payload, nameStart, nameEnd);
          if (isEscaped(payload, at + 1, closing)) return undefined;
          hasName = false;
          nameStart = -1;
        }
        start = -1;
        break;
      }
      case 0x3a: // colon
        isKeyNext = true;
        break;
      case closingBrace:
      case 0x5d: // closing bracket
        depth += 1;
        start = -1;
        break;
      case 0x7b: // opening brace
      case 0x5b: // opening bracket
        depth -= 1;
        // The value of the next key is this object and not the latest string inside it.
        start = -1;
        break;
      case 0x2c: // comma
        start = -1;
        break;
      default: // spaces, numbers and the like
        break;
    }
  }
  return undefined;
}

/** Offset of the quote that opens the string which ends at `closing`, or -1. */
function openingQuote(payload: string, closing: number): number {
  let at = closing - 1;
  for (; at > 0; at -= 1) {
    if (payload.charCodeAt(at) !== quote) continue;
    if (payload.charCodeAt(at - 1) !== backslash) return at;
    let before = at - 2;
    while (before >= 0 && payload.charCodeAt(before) === backslash) before -= 1;
    if ((at - before) % 2 === 1) return at;
    at = before + 1;
  }
  return at === 0 && payload.charCodeAt(0) === quote ? 0 : -1;
}

function isText(payload: string, text: string, start: number, end: number): boolean {
  return end - start === text.length && payload.startsWith(text, start);
}

function isEscaped(payload: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (payload.charCodeAt(at) === backslash) return true;
  return false;
}

function plainName(payload: string, start: number, end: number): string | undefined {
  if (start < 0 || end <= start || end - start > hostnameCharsMax) return undefined;
  for (let at = start; at < end; at += 1) {
    const code = payload.charCodeAt(at);
    if (code < 0x20 || code > 0x7e || code === backslash) return undefined;
  }
  return payload.slice(start, end);
}
