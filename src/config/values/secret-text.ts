import { kindOf, leaf } from './leaf.ts';
import { Secret } from './secret.ts';

/** A text that is never repeated in a message, and prints as a placeholder afterwards. */
export function secret(expected: string, pattern: RegExp) {
  return leaf<Secret>((raw) => {
    if (typeof raw === 'string' && pattern.test(raw)) return { ok: true, value: new Secret(raw) };
    return { ok: false, reason: `expected ${expected}, got ${kindOf(raw)}` };
  });
}
