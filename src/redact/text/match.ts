/** A secret place in a text, `to` excluded. */
export interface Match {
  readonly from: number;
  readonly to: number;
  /** What it is, in one word: `password`, `email`. */
  readonly kind: string;
}
