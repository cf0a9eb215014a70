/** What stands in a secret's place, by its kind. */
import { createHmac } from 'node:crypto';

/** `mark`: `[redacted:email]`. `mask`: stars. `last4`: of cards, IBANs and phones. `hash`: the same value, the same sign. */
export type Action = 'mark' | 'mask' | 'last4' | 'hash';

export interface MarkOptions {
  readonly actions: Readonly<Record<string, Action>>;
  /** Needed for `hash`; without a key anybody could try all cards. */
  readonly hashKey: { expose(): string } | undefined;
}

export type MarkRenderer = (kind: string, value: string) => string;

export const last4Kinds: readonly string[] = ['card', 'iban', 'phone'];

/** Throws when a hash is asked for without a key. */
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

/** Nothing of a value so short that four signs would be most of it. */
function last4(kind: string, value: string): string {
  const signs = value.replace(/[^\p{L}\d]/gu, '');
  return signs.length < 12 && kind !== 'phone'
    ? plainMark(kind)
    : signs.length < 9
      ? plainMark(kind)
      : `[redacted:${kind}-${signs.slice(-4)}]`;
}

/** Spaces, dashes and case are spelling: the same card and the same address have the same sign. */
function hashOf(value: string, key: string): string {
  const plain = value.normalize('NFKC').trim().toLowerCase();
  const spelled = /^[+\d][\d ()./-]+$/.test(plain) ? plain.replace(/[^\d+]/g, '') : plain;
  return createHmac('sha256', key).update(spelled).digest('hex').slice(0, 10);
}
