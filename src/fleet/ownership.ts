/**
 * Which events are mine. In a sidecar: those of the workers beside it, and of hosts whose own sidecar died and that it
 * looks after for as long; standing alone: all.
 *
 * Exports: Ownership, createOwnership, hostOf, hostIn, adoptedMax.
 */

export interface Ownership {
  /** Of a Celery node name, `name@host`: is what it says ours? Asked for every message, so it must cost nothing. */
  accepts(hostname: string): boolean;
  /** Takes a host in. Answers the one that had to go for it, the first of more than `adoptedMax`. */
  adopt(host: string): string | undefined;
  letGo(host: string): void;
  /** Lets go of the adopted hosts that nothing was accepted from since the last call of this, and names them. */
  letGoSilent(): readonly string[];
  /** In the order in which they were adopted. */
  adopted(): readonly string[];
}

/** A whole fleet that falls to one survivor has room; beyond it the oldest goes. */
export const adoptedMax = 1_000;

export function createOwnership(
  options: { readonly mode: 'standalone' } | { readonly mode: 'sidecar'; readonly host: string },
): Ownership {
  const adopted = new Set<string>();
  const heard = new Set<string>();
  const own = options.mode === 'sidecar' ? options.host : undefined;
  const letGo = (host: string): void => {
    adopted.delete(host);
    heard.delete(host);
  };

  return {
    accepts(hostname) {
      if (own === undefined) return true;
      const host = hostPartOf(hostname);
      if (host === own) return true;
      if (!adopted.has(host)) return false;
      heard.add(host);
      return true;
    },
    adopt(host) {
      adopted.add(host);
      heard.add(host);
      if (adopted.size <= adoptedMax) return undefined;
      const [oldest] = adopted;
      if (oldest !== undefined) letGo(oldest);
      return oldest;
    },
    letGo,
    letGoSilent() {
      const silent = [...adopted].filter((host) => !heard.has(host));
      for (const host of silent) letGo(host);
      heard.clear();
      return silent;
    },
    adopted: () => [...adopted],
  };
}

/** What follows the first "@", and the whole name where there is none: as Celery itself splits it. */
function hostPartOf(hostname: string): string {
  return hostname.slice(hostname.indexOf('@') + 1);
}

/** The longest name that every reader of events takes as it is. */
const hostnameCharsMax = 256;

const quote = 0x22;
const backslash = 0x5c;
const closingBrace = 0x7d;

/**
 * The sender's node name (`headers.hostname`) in a raw kombu envelope, read from its end without parsing it: what foreign
 * hosts say can be let go of before it costs anything. undefined means "parse it": there is no such name, or it or a key on
 * the way is written with escapes, or it has characters that a name should not have.
 *
 * JSON has one reading from the end as from the front: outside of a string a quote ends one, and the string begins at the
 * nearest quote before it that is not escaped. So for text that is JSON the answer is the parser's, whatever the order of
 * the keys, the spaces and what the body pretends to be; a key that is there twice counts where it is last. Text that is
 * not JSON may get an answer too.
 */
export function hostOf(payload: string): string | undefined {
  return hostAsWritten(payload) ?? hostFromEnd(payload);
}

const bodyStart = '{"body": "';
const headersStart = '", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"hostname": "';

/**
 * The envelope exactly as kombu writes it for JSON, by searches that cost next to nothing. Without a backslash behind the
 * name no later key can be this one in disguise, and without another "headers" none can be this one again.
 */
function hostAsWritten(payload: string): string | undefined {
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
 * The same of the bytes that came off the socket, from `from` to `to`, before they are made a text: of a message that is let go
 * of, making the text would be most of the cost. undefined means "make the text and ask `hostOf`".
 */
export function hostIn(bytes: Buffer, from: number, to: number): string | undefined {
  if (!startsWith(bytes, bodyStartBytes, from)) return undefined;
  const bodyEnd = bytes.indexOf(quote, from + bodyStartBytes.length);
  if (bodyEnd < 0 || bytes[bodyEnd - 1] === backslash) return undefined;
  const start = bodyEnd + headersStartBytes.length;
  if (start > to || !startsWith(bytes, headersStartBytes, bodyEnd)) return undefined;
  let end = 0;
  for (let at = start; at < to; at += 1) {
    const code = bytes[at] as number;
    if (code === backslash) return undefined;
    if (code !== quote) continue;
    if (end === 0) end = at;
    else if (bytes[at - 1] === letterS && startsWith(bytes, headersKey, at - headersKey.length)) return undefined;
  }
  if (end === 0 || end === start || end - start > hostnameCharsMax || bytes[end + 1] !== closingBrace) return undefined;
  for (let at = start; at < end; at += 1) {
    const code = bytes[at] as number;
    if (code < 0x20 || code > 0x7e) return undefined;
  }
  return bytes.toString('latin1', start, end);
}

const bodyStartBytes = Buffer.from(bodyStart);
const headersStartBytes = Buffer.from(headersStart);
const headersKey = Buffer.from('headers');
const letterS = 0x73;

function startsWith(bytes: Buffer, what: Buffer, at: number): boolean {
  for (let index = 0; index < what.length; index += 1) if (bytes[at + index] !== what[index]) return false;
  return true;
}

function hostFromEnd(payload: string): string | undefined {
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
