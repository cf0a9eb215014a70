/** Entries of a list of which the first that matches governs: those that never have their turn. */

import type { Matcher } from '../../alert/policy.ts';
import { coversSome } from '../../event/glob.ts';
import type { Path } from '../document.ts';
import { type ConfigDraft, type ConfigTrouble, isMapping } from '../draft/draft.ts';
import { matcherOf } from './policy.ts';
import { matcher } from './schema.ts';

export type Entry = Readonly<Record<string, unknown>>;

/** An entry that an earlier one leaves nothing to. */
export function unreachable(
  draft: ConfigDraft,
  list: string,
  matcherFrom: (entry: Entry) => Matcher | undefined,
): ConfigTrouble[] {
  const before: { readonly matcher: Matcher; readonly index: number }[] = [];
  return entriesOf(draft, ['alerts', list]).flatMap(({ entry, index }): ConfigTrouble[] => {
    const own = matcherFrom(entry);
    if (own === undefined) return [];
    const first = before.find((one) => covers(one.matcher, own));
    before.push({ matcher: own, index });
    if (first === undefined) return [];
    const message = `never applies: alerts.${list}[${first.index}] comes before it and matches everything it matches`;
    return [{ path: ['alerts', list, index, ...(entry['match'] === undefined ? [] : ['match'])], message }];
  });
}

/** Does `wide` match everything that `narrow` does? A list that is empty matches everything. */
function covers(wide: Matcher, narrow: Matcher): boolean {
  return (Object.keys(wide) as (keyof Matcher)[]).every((key) => {
    const globs: readonly string[] = wide[key];
    // A family stands for all of its signals.
    const all = key === 'signals' ? globs.flatMap((glob) => [glob, `${glob}.*`]) : globs;
    return globs.length === 0 || (narrow[key].length > 0 && narrow[key].every((glob) => coversSome(all, glob)));
  });
}

export function writtenMatcher(match: unknown): Matcher | undefined {
  const parsed = matcher.safeParse(match ?? {});
  return parsed.success ? matcherOf(parsed.data) : undefined;
}

export function taskMatcherOf({ match }: Entry): Matcher | undefined {
  return match === undefined ? undefined : writtenMatcher({ task: match });
}

export function queueMatcherOf({ match }: Entry): Matcher | undefined {
  return match === undefined ? undefined : writtenMatcher({ queue: match });
}

/** The mappings of a list, with their places in it. */
export function entriesOf(draft: ConfigDraft, path: Path): { readonly entry: Entry; readonly index: number }[] {
  const list = draft.valueAt(path);
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => (isMapping(entry) ? [{ entry: entry as Entry, index }] : []));
}
