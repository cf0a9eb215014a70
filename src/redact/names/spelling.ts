/** Reads the words of a name in whatever spelling, script or escaping it comes. */

/** The words of a name joined: equal for all spellings, so that an operator lists one of them. */
export function joinedWords(name: string): string {
  return wordsOf(name).join('');
}

/** The folded words of a name: `dbPassword`, `DB-PASSWORD`, `db.password2` and `db%5Bpassword%5D` are db, password. */
export function wordsOf(key: string): string[] {
  return foldedWord(
    plainKey(key)
      .normalize('NFC')
      // The version distinguishes one token from another: `token_v2`, `tokenv2`.
      .replace(/(?<=\p{L}{3})_?v\d{1,3}$/iu, '')
      .replace(/(\p{sc=Latin})(?=\p{L})(?!\p{sc=Latin})|(?<!\p{sc=Latin})(?<=\p{L})(?=\p{sc=Latin})/gu, '$1 ')
      .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
      .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2'),
  )
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
}

/** Latin letters by their look-alikes in other alphabets, as in `pаsswоrd` with a Cyrillic а and о. */
const lookAlikes: Readonly<Record<string, string>> = Object.fromEntries(
  [...'аaеeоoрpсcуyхxіiѕsјjһhԁdԛqԝwкkαaοoρpνvιi'.matchAll(/(.)(.)/gsu)].map(([, foreign, latin]) => [foreign, latin]),
);

/** Resolves JSON and URL escapes, removes zero-width characters and replaces look-alike letters of other alphabets. */
function plainKey(key: string): string {
  let plain = key;
  if (plain.includes('\\u'))
    plain = plain.replace(/\\{1,4}u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (plain.includes('%')) plain = decoded(plain);
  plain = plain.replaceAll('\ufffd', '').normalize('NFKC');
  if (!/[а-яα-ω]/i.test(plain) || !/[a-z]/i.test(plain)) return plain;
  return plain.replace(/\p{L}+/gu, (word) => {
    const latin = word.replace(/\P{sc=Latin}/gu, (letter) => lookAlikes[letter.toLowerCase()] ?? letter);
    return /^\p{sc=Latin}+$/u.test(latin) ? latin : word;
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A word in lower case without accents: `Contraseña` is contrasena. Cyrillic й and Japanese ド lose their marks too, which is
 * harmless because both sides of each comparison are folded.
 */
export function foldedWord(word: string): string {
  const plain = word
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  return plain.replace(/[łøđßæœıþ]/g, (letter) => unaccented[letter] ?? letter);
}

/** Letters whose mark is part of the letter, so that Unicode normalization does not remove it. */
const unaccented: Readonly<Record<string, string>> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  þ: 'th',
};
