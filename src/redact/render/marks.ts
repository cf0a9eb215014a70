/** The marks that replace secrets, by their kind. */
import { createHmac } from 'node:crypto';

/**
 * `mark` is `[redacted:email]`, `mask` is stars, `last4` shows the last four characters of cards, IBANs and phone numbers,
 * `hash` gives equal values the same mark.
 */
export type Action = 'mark' | 'mask' | 'last4' | 'hash';

export interface MarkOptions {
  readonly actions: Readonly<Record<string, Action>>;
  /** Required for `hash`: without a key, trying all card numbers would reveal the value. */
  readonly hashKey: { expose(): string } | undefined;
}

export type MarkRenderer = (kind: string, value: string) => string;

export const last4Kinds: readonly string[] = ['card', 'iban', 'phone'];

/** Throws if an action is `hash` and there is no key. */
export function createMark({ actions, hashKey }: MarkOptions): MarkRenderer {
  if (Object.values(actions).includes('hash') && hashKey === undefined)
    throw new Error('redaction: expected a key for the action "hash", got none');
  return (kind, value) => {
    switch (actions[kind] ?? 'mark') {
      case 'mask':
        return '********';
      case 'last4':
        return last4Kinds.includes(kind) ? last4(kind, value) : plainMark(kind);
      case 'hash':
        return `[${kind}:${hashOf(value, hashKey?.expose() ?? '')}]`;
      default:
        return plainMark(kind);
    }
  };
}

const plainMark = (kind: string): string => `[redacted:${kind}]`;

/** Shows nothing of a short value, of which four characters would be most. */
function last4(kind: string, value: string): string {
  const characters = value.replace(/[^\p{L}\d]/gu, '');
  const charsMin = kind === 'phone' ? 9 : 12;
  return characters.length < charsMin ? plainMark(kind) : `[redacted:${kind}-${characters.slice(-4)}]`;
}

/** Ignores spaces, dashes and case, so that one card or address has one hash. */
function hashOf(value: string, key: string): string {
  const plain = value.normalize('NFKC').trim().toLowerCase();
  const spelled = /^[+\d][\d ()./-]+$/.test(plain) ? plain.replace(/[^\d+]/g, '') : plain;
  return createHmac('sha256', key).update(spelled).digest('hex').slice(0, 10);
}
