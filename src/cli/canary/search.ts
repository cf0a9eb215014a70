/** Looks for a canary in what left: as it is, in parts, and in the encodings that texts travel in. */

/** So many signs of a canary in a row are a leak: half of one is no secret any more. */
const partChars = 8;

/** Texts any of which shows the canary, each with the name of the form. */
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
    // What is the same wherever the text starts in a group of three bytes.
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const stable = encoded.slice(offset === 0 ? 0 : offset + 1, encoded.length - 2);
    forms.set(stable, 'in base64');
    forms.set(stable.replaceAll('+', '-').replaceAll('/', '_'), 'in base64');
  }
  // A canary as it is shows in all forms that change nothing.
  for (const [form, name] of [...forms]) if (name !== 'as it is' && value.includes(form)) forms.delete(form);
  return forms;
}

/** The form in which the canary is in the text, or undefined. */
export function formIn(text: string, forms: ReadonlyMap<string, string>): string | undefined {
  for (const [form, name] of forms) if (text.includes(form)) return name;
  return undefined;
}
