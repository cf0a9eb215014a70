/** Makes text safe to print: no broken surrogates, control characters, zero-width or bidirectional characters. */

/** Control characters but line end and tab, zero-width characters, and those that change the direction of writing. */
const unprintable =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ufe00-\ufe0f]/;
const allUnprintable = new RegExp(unprintable.source, 'g');

/** Most texts contain only printable ASCII, tab and line end. */
const beyondAscii = /[^\t\n\x20-\x7e]/;

/** `text` with `\ufffd` in place of each unprintable character. */
export function printable(text: string): string {
  if (!beyondAscii.test(text)) return text;
  const formed = text.isWellFormed() ? text : text.toWellFormed();
  if (!unprintable.test(formed)) return formed;
  return formed.replaceAll('\r\n', '\n').replace(allUnprintable, '\ufffd');
}

/**
 * At most `charsMax` characters of `text`. A traceback loses its middle, because its first frames and its last exception
 * matter most; any other text loses its end. The word at the cut is removed too, because half a secret has no shape.
 */
export function cut(text: string, charsMax: number, isTraceback: boolean): string {
  if (text.length <= charsMax) return text;
  if (!isTraceback) {
    const head = text.slice(0, charsMax);
    const word = /[\s,;&][^\s,;&]{0,512}$/.exec(head.slice(-513));
    return `${word === null ? head.slice(0, -512) : head.slice(0, head.length - word[0].length)}...`;
  }
  const head = text.slice(0, Math.floor(charsMax / 4));
  const tail = text.slice(text.length - Math.floor(charsMax / 2));
  const headLines = head.slice(0, Math.max(0, head.lastIndexOf('\n') + 1));
  // The tail starts with a whole line. A tail without a line end loses its first 512 characters instead.
  const newline = tail.indexOf('\n');
  const tailLines = newline >= 0 ? tail.slice(newline + 1) : tail.slice(512);
  return `${headLines}  [cut: ${text.length - headLines.length - tailLines.length} characters]\n${tailLines}`;
}
