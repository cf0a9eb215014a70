/** Searches output for a canary: as it is, in parts, and in common encodings. */

/** This many consecutive characters of a canary count as a leak, because half of a secret reveals most of it. */
const partChars = 8;

/** Texts that reveal the canary, each with the name of its form. */
export function formsOf(value: string): ReadonlyMap<string, string> {
  const forms = new Map<string, string>();
  for (let at = 0; at + partChars <= value.length; at += 1) forms.set(value.slice(at, at + partChars), 'as it is');
  const bytes = Buffer.from(value);
  forms.set(encodeURIComponent(value), 'URL-encoded');
  forms.set(JSON.stringify(value).slice(1, -1), 'in JSON');
  forms.set(bytes.toString('hex'), 'in hex');
  forms.set(bytes.toString('hex').toUpperCase(), 'in hex');
  forms.set([...value].reverse().join(''), 'backwards');
  for (let offset = 0; offset < 3; offset += 1) {
    // The part of the Base64 text that does not depend on the bytes before and after the value.
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const stable = encoded.slice(offset === 0 ? 0 : offset + 1, encoded.length - 2);
    forms.set(stable, 'in base64');
    forms.set(stable.replaceAll('+', '-').replaceAll('/', '_'), 'in base64');
  }
  // A form that does not change the value is the value itself.
  for (const [form, name] of [...forms]) if (name !== 'as it is' && value.includes(form)) forms.delete(form);
  return forms;
}

/** The form in which the text contains the canary, or undefined. */
export function formIn(text: string, forms: ReadonlyMap<string, string>): string | undefined {
  for (const [form, name] of forms) if (text.includes(form)) return name;
  return undefined;
}
