/** Regular expressions of the operator, compiled by RE2: its time grows linearly with the length of the text. */
import { RE2JS } from 're2js';
import { kindOf, leaf } from './leaf.ts';

/** A pattern with more matches than this in one text matches nearly everything. */
const placesMax = 5_000;

export interface CompiledPattern {
  readonly source: string;
  readonly find: (text: string) => Iterable<readonly [from: number, to: number]>;
}

/** Throws the reason of the engine. A pattern that matches the empty text, such as `a*`, would match everywhere. */
function compilePattern(source: string): CompiledPattern {
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

/** The syntax of RE2: no look-around and no back-references. */
export function pattern() {
  return leaf<CompiledPattern>((raw) => {
    if (typeof raw !== 'string' || raw === '' || raw.length > 1_024)
      return { ok: false, reason: `expected a regular expression of at most 1024 characters, got ${kindOf(raw)}` };
    try {
      return { ok: true, value: compilePattern(raw) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'not readable';
      return { ok: false, reason: `expected a regular expression in the syntax of RE2: ${reason}` };
    }
  });
}
