/** Text that is safe to print: whole surrogates, no control signs, nothing that turns or hides what a person sees. */

/** NUL, ESC and other controls but line end and tab, zero-width signs, and those that change the direction of writing. */
const unreadable =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ufe00-\ufe0f]/;
const allUnreadable = new RegExp(unreadable.source, 'g');

/** Letters, digits and signs of ASCII, tab and line end: what most texts are made of. */
const unusual = /[^\t\n\x20-\x7e]/;

export function readable(text: string): string {
  if (!unusual.test(text)) return text;
  const formed = text.isWellFormed() ? text : text.toWellFormed();
  if (!unreadable.test(formed)) return formed;
  return formed.replaceAll('\r\n', '\n').replace(allUnreadable, '\ufffd');
}

/**
 * At most `most` characters, and `isCut`. Of a traceback the first frames and the last exception tell most, so the middle
 * goes; everywhere else the end. The word that a cut went through goes with it: half a secret has no shape.
 */
export function cut(text: string, most: number, isTraceback: boolean): string {
  if (text.length <= most) return text;
  if (!isTraceback) {
    const head = text.slice(0, most);
    const word = /[\s,;&][^\s,;&]{0,512}$/.exec(head.slice(-513));
    return `${word === null ? head.slice(0, -512) : head.slice(0, head.length - word[0].length)}...`;
  }
  const head = text.slice(0, Math.floor(most / 4));
  const tail = text.slice(text.length - Math.floor(most / 2));
  const headLines = head.slice(0, Math.max(0, head.lastIndexOf('\n') + 1));
  // The last frame of the tail starts a line; a tail of one endless line loses its first half thousand signs.
  const newline = tail.indexOf('\n');
  const tailLines = newline >= 0 ? tail.slice(newline + 1) : tail.slice(512);
  return `${headLines}  [cut: ${text.length - headLines.length - tailLines.length} characters]\n${tailLines}`;
}
