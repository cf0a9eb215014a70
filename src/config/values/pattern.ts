/** A pattern of the operator's, compiled on an engine whose time grows with the length of the text and nothing else. */
import { RE2JS } from 're2js';

/** More of them in one text are no find. */
const placesMax = 5_000;

export interface CompiledPattern {
  readonly source: string;
  readonly find: (text: string) => Iterable<readonly [from: number, to: number]>;
}

/** Throws the engine's reason. A pattern that matches nothing at all, `a*`, is refused: it would match everywhere. */
export function compilePattern(source: string): CompiledPattern {
  const pattern = RE2JS.compile(source);
  if (pattern.matcher('').matches()) throw new Error('matches the empty text');
  return {
    source,
    *find(text) {
      const matcher = pattern.matcher(text);
      let count = 0;
      while (matcher.find()) {
        count += 1;
        if (count > placesMax) throw new RangeError('places');
        if (matcher.end() > matcher.start()) yield [matcher.start(), matcher.end()];
      }
    },
  };
}
