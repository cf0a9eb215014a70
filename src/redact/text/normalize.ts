/**
 * Signs that look like plain ones, made plain, each in its place: full-width letters and digits, digits of other scripts,
 * spaces and dashes of typographers, curly quotes. What is read is the level text; what is shown is the text as it came.
 */

const uneven =
  /[\u00a0\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u2000-\u200a\u2010-\u2015\u2018-\u201f\u202f\u2212\u3000\u300c-\u300f\uff01-\uff5e]/;
const allUneven = new RegExp(uneven.source, 'g');

const beyondLatin = /[^\x00-\x9f]/;

export function leveled(text: string): string {
  return beyondLatin.test(text) && uneven.test(text) ? text.replace(allUneven, plainSign) : text;
}

function plainSign(sign: string): string {
  const code = sign.charCodeAt(0);
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0);
  if (code >= 0x300c) return '"';
  if (code === 0xa0 || code === 0x3000 || code === 0x202f || (code >= 0x2000 && code <= 0x200a)) return ' ';
  if (code === 0x2212 || (code >= 0x2010 && code <= 0x2015)) return '-';
  if (code >= 0x201c) return '"';
  if (code >= 0x2018) return "'";
  const zero = code >= 0x966 ? 0x966 : code >= 0x6f0 ? 0x6f0 : 0x660;
  return String.fromCharCode(48 + code - zero);
}
