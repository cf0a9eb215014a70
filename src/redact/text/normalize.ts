/**
 * Replaces characters that look like plain ones, each by one character, so that places stay the same: full-width letters and
 * digits, digits of other scripts, typographic spaces, dashes and quotes. The scanner reads the normalized text; sinks show
 * the original one.
 */

const lookAlike =
  /[\u00a0\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u2000-\u200a\u2010-\u2015\u2018-\u201f\u202f\u2212\u3000\u300c-\u300f\uff01-\uff5e]/;
const allLookAlikes = new RegExp(lookAlike.source, 'g');

/** Cheap test that most texts fail. */
const beyondLatin = /[^\x00-\x9f]/;

export function normalizeCharacters(text: string): string {
  return beyondLatin.test(text) && lookAlike.test(text) ? text.replace(allLookAlikes, plainCharacter) : text;
}

function plainCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0);
  if (code >= 0x300c) return '"';
  if (code === 0xa0 || code === 0x3000 || code === 0x202f || (code >= 0x2000 && code <= 0x200a)) return ' ';
  if (code === 0x2212 || (code >= 0x2010 && code <= 0x2015)) return '-';
  if (code >= 0x201c) return '"';
  if (code >= 0x2018) return "'";
  const zero = code >= 0x966 ? 0x966 : code >= 0x6f0 ? 0x6f0 : 0x660;
  return String.fromCharCode(48 + code - zero);
}
