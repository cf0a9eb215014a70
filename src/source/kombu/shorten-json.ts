/** Shortens the JSON text of a large message, so that its small fields can be read at a bounded cost. Pure. */

export interface ShortenLimits {
  /** A longer text keeps its first third and its last two thirds of this many bytes. */
  readonly textBytesMax: number;
  /** A larger array or object inside an event becomes null. */
  readonly nestedBytesMax: number;
}

/**
 * A character takes at most 6 bytes, so that a text that was cut here still exceeds the limit of the redactor for each field,
 * and the redactor shows none of the text beside the cut.
 */
const defaultLimits: ShortenLimits = { textBytesMax: 1_572_864, nestedBytesMax: 2_097_152 };

/** A deeper array or object becomes null. */
const depthMax = 100;

const quote = 0x22;
const backslash = 0x5c;
const letterU = 0x75;
const arrayStart = 0x5b;
const arrayEnd = 0x5d;
const objectStart = 0x7b;
const objectEnd = 0x7d;

/**
 * `json`, UTF-8 text of one event or of an array of events, with long texts cut in the middle and large nested values replaced
 * by null. The time is linear. The JSON is not validated: the result of an invalid text may be valid or not.
 */
export function shortenJson(json: Uint8Array, { textBytesMax, nestedBytesMax } = defaultLimits): string {
  const copy = new PartialCopy(json);
  const open: CopyMark[] = [];
  let eventDepth = 0;
  let at = 0;
  while (at < json.length) {
    const byte = json[at];
    if (byte === quote) {
      at = copyText(copy, at, textBytesMax);
    } else if (byte === objectStart || byte === arrayStart) {
      if (open.length === 0) eventDepth = byte === arrayStart ? 1 : 0;
      const mark = copy.mark(at);
      if (open.length < depthMax) {
        open.push(mark);
        at += 1;
      } else {
        at = containerEnd(json, at);
        copy.replace(mark, at, 'null');
      }
    } else {
      at += 1;
      if (byte !== objectEnd && byte !== arrayEnd) continue;
      const mark = open.pop();
      if (mark !== undefined && open.length > eventDepth && copy.sizeSince(mark, at) > nestedBytesMax) {
        copy.replace(mark, at, 'null');
      }
    }
  }
  return copy.end();
}

/** Copies the text whose quote is at `from`, without its middle if it is too long. Returns the index after it. */
function copyText(copy: PartialCopy, from: number, bytesMax: number): number {
  const { json } = copy;
  const start = from + 1;
  const end = seek(json, start, Number.POSITIVE_INFINITY);
  if (end - start > bytesMax) {
    const head = Math.floor(bytesMax / 3);
    const headEnd = seek(json, start, start + head);
    const tailStart = seek(json, headEnd, end - (bytesMax - head));
    copy.replace(copy.mark(headEnd), tailStart, `\\n[cut: ${tailStart - headEnd} bytes]\\n`);
  }
  return end + 1;
}

/** Steps over whole characters and escapes of a text, to the first at or after `target` or to the quote that ends the text. */
function seek(json: Uint8Array, from: number, target: number): number {
  let at = from;
  while (at < json.length) {
    const byte = json[at] ?? 0;
    const isContinued = (byte & 0xc0) === 0x80;
    if (byte === quote || (at >= target && !isContinued)) return at;
    if (byte !== backslash) at += 1;
    else at += json[at + 1] === letterU ? 6 : 2;
  }
  return json.length;
}

/** The index after the array or object at `from`. */
function containerEnd(json: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) at = seek(json, at + 1, Number.POSITIVE_INFINITY);
    else if (byte === objectStart || byte === arrayStart) depth += 1;
    else if (byte === objectEnd || byte === arrayEnd) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return json.length;
}

/** A place in the source, with the state of the copy before it. */
interface CopyMark {
  readonly at: number;
  readonly pieces: number;
  readonly size: number;
  readonly from: number;
}

/** A copy of `json` with some places replaced. Memory grows with the number of replacements, not with the text. */
class PartialCopy {
  readonly json: Uint8Array;
  readonly #pieces: Uint8Array[] = [];
  /** Number of bytes in the pieces. */
  #size = 0;
  /** Start of the part of `json` that is in no piece yet. */
  #from = 0;

  constructor(json: Uint8Array) {
    this.json = json;
  }

  mark(at: number): CopyMark {
    return { at, pieces: this.#pieces.length, size: this.#size, from: this.#from };
  }

  /** Bytes of the copy from `mark` to the place `to` of the source. */
  sizeSince(mark: CopyMark, to: number): number {
    return this.#size + (to - this.#from) - mark.size - (mark.at - mark.from);
  }

  /** Replaces all between `mark` and `to` by `text`. */
  replace(mark: CopyMark, to: number, text: string): void {
    this.#pieces.length = mark.pieces;
    this.#size = mark.size;
    this.#add(this.json.subarray(mark.from, mark.at));
    this.#add(Buffer.from(text));
    this.#from = to;
  }

  end(): string {
    this.#add(this.json.subarray(this.#from));
    return Buffer.concat(this.#pieces).toString('utf8');
  }

  #add(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
  }
}
