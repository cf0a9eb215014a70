/** True for brackets, spaces and short numbers only: `()`, `{}`, `(1001, 2)`. A long run of digits may be a card. */
export function isHarmless(text: string): boolean {
  if (text.length > 64) return false;
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) {
      digits += 1;
      if (digits > 8) return false;
    } else if (code === 44) digits = 0;
    else if (code !== 32 && code !== 40 && code !== 41 && code !== 91 && code !== 93 && code !== 123 && code !== 125)
      return false;
  }
  return true;
}
