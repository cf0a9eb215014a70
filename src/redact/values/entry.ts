import type { KeyMeaning } from '../names/key-meaning.ts';
import type { KeyPlace } from '../text/text-cursor.ts';

/** A sensitive key with its separator, and the place where its value starts. */
export interface Entry {
  readonly place: KeyPlace;
  readonly meaning: KeyMeaning;
  readonly separator: ':' | '=';
  readonly valueFrom: number;
}
