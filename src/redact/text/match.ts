/** Place of a secret in a text, `to` excluded. */
export interface Match {
  readonly from: number;
  readonly to: number;
  /** Kind of the secret, in one word: `password`, `email`. */
  readonly kind: string;
}

/** More secrets than this in one text are an attack, or the text is not meant for people. */
export const matchesMax = 20_000;

/** Source lines are code: an unquoted word after `password=` is a variable there, and only literals are secret. */
export type ScanContext = 'text' | 'source';
