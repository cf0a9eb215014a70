/**
 * Who sent a message: `headers.hostname` of its kombu envelope, read without parsing it. What foreign hosts say can so be let go
 * of before it costs anything.
 *
 * JSON has one reading from the end as from the front: outside of a string a quote ends one, and the string begins at the
 * nearest quote before it that is not escaped. So for text that is JSON the answer is the parser's, whatever the order of
 * the keys, the spaces and what the body pretends to be; a key that is there twice counts where it is last. Text that is
 * not JSON may get an answer too.
 *
 * Exports: senderOf, createSenderReader.
 */

/** The longest name that every reader of events takes as it is. */
const hostnameCharsMax = 256;

const quote = 0x22;
const backslash = 0x5c;
const closingBrace = 0x7d;

/** undefined means "parse it": there is no such name, or it or a key on the way has escapes, or characters no name should have. */
export function senderOf(payload: string): string | undefined {
  return senderAsWritten(payload) ?? senderFromEnd(payload);
}

const bodyStart = '{"body": "';
const nameStart = '"headers": {"hostname": "';
const headersStart = `", "content-encoding": "utf-8", "content-type": "application/json", ${nameStart}`;

/**
 * The envelope exactly as kombu writes it for JSON, by searches that cost next to nothing. Without a backslash behind the
 * name no later key can be this one in disguise, and without another "headers" none can be this one again.
 */
function senderAsWritten(payload: string): string | undefined {
  if (!payload.startsWith(bodyStart)) return undefined;
  const bodyEnd = payload.indexOf('"', bodyStart.length);
  const start = bodyEnd + headersStart.length;
  // A slice and a comparison are half the price of startsWith for a text of this length.
  if (bodyEnd < 0 || payload.slice(bodyEnd, start) !== headersStart) return undefined;
  if (payload.charCodeAt(bodyEnd - 1) === backslash) return undefined;
  const end = payload.indexOf('"', start);
  if (end < 0 || payload.charCodeAt(end + 1) !== closingBrace) return undefined;
  if (payload.includes('\\', start) || payload.includes('headers"', end)) return undefined;
  return plainName(payload, start, end);
}

/**
 * Reads the sender off the bytes of a payload, from `from` to `to`, as they lie in what came off a socket: of a message that is
 * let go of, making the text would be most of the cost, and looking at its body the rest. All that workers send ends in one of
 * a few ways but for the message's own tag, so those ends are learnt from texts that were read in full.
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

/** Each kind of message that a worker sends has its own. */
const tailsMax = 8;
const tailCharsMax = 512;
const tagEnd = '"}}';
/** kombu's `delivery_tag` is a UUID, and the last thing in its envelope. */
const tagBytes = 36 + tagEnd.length;
const tagEndBytes = Buffer.from(tagEnd);
const nameStartBytes = Buffer.from(nameStart);

/** What stands between the sender's name and the tag, if every text that ends so has its sender there. */
function tailOf(text: string, sender: string): string | undefined {
  const start = text.lastIndexOf(nameStart) + nameStart.length;
  const tail = text.slice(start + sender.length, -tagBytes);
  if (!text.startsWith(`${sender}"}`, start) || !tail.endsWith(': "') || tail.length > tailCharsMax) return undefined;
  return tail.includes('\\') || tail.includes('headers"') || depthBefore(`${tail}${tagEnd}`) !== 2 ? undefined : tail;
}

/** How deep in brackets that must be which `text` is the end of, a string without escapes being open where it begins. */
function depthBefore(text: string): number {
  const outside = text.replace(/^[^"]*"|"[^"]*"/g, '');
  return outside.replace(/[^}\]]/g, '').length - outside.replace(/[^{[]/g, '').length;
}

/** For a few bytes; a native comparison costs as much as thirty of them. */
function isThere(bytes: Buffer, at: number, what: Buffer): boolean {
  const { length } = what;
  for (let index = 0; index < length; index += 1) if (bytes[at + index] !== what[index]) return false;
  return true;
}

function isTail(bytes: Buffer, at: number, tail: Buffer): boolean {
  if (bytes[at] !== quote || bytes[at + 1] !== closingBrace) return false;
  return bytes.compare(tail, 0, tail.length, at, at + tail.length) === 0;
}

function isTag(bytes: Buffer, at: number): boolean {
  const end = at + tagBytes - tagEndBytes.length;
  if (!isThere(bytes, end, tagEndBytes)) return false;
  for (let index = at; index < end; index += 1) {
    const code = bytes[index];
    if (code === quote || code === backslash) return false;
  }
  return true;
}

/** The name that ends at `end`. */
function nameBefore(bytes: Buffer, from: number, end: number): string | undefined {
  let start = end;
  for (; bytes[start - 1] !== quote; start -= 1) {
    const code = bytes[start - 1] as number;
    if (start <= from || code < 0x20 || code > 0x7e || code === backslash) return undefined;
  }
  const before = start - nameStartBytes.length;
  if (start === end || end - start > hostnameCharsMax || before <= from) return undefined;
  if (!isThere(bytes, before, nameStartBytes) || bytes[before - 1] === backslash) return undefined;
  return bytes.toString('latin1', start, end);
}

function senderFromEnd(payload: string): string | undefined {
  let depth = 0;
  // The last string that was passed, and whether a colon was: then the next string is a key, and the last its value.
  let start = -1;
  let end = -1;
  let isKeyNext = false;
  /** What `hostname` is in the object at depth 2 that we are in: the place of a string, -1 for anything else. */
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
        // The value of the key that comes next is this object and not the string that was passed in it.
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

/** The place of the quote that begins the string which ends at `closing`, or -1. */
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
