/** Entries that never apply, in lists whose first match applies. */

import type { Matcher } from '../../alert/policy.ts';
import { coversSome } from '../../event/glob.ts';
import type { Path } from '../document.ts';
import { type ConfigDraft, type ConfigTrouble, isMapping } from '../draft/draft.ts';
import { matcherOf } from './policy.ts';
import { matcher } from './schema.ts';

type WrittenEntry = Readonly<Record<string, unknown>>;

/** Reports each entry for which an earlier one matches everything that it matches. */
export function unreachable(
  draft: ConfigDraft,
  list: string,
  matcherFrom: (entry: WrittenEntry) => Matcher | undefined,
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

/** True if `wide` matches everything that `narrow` matches. An empty list matches everything. */
function covers(wide: Matcher, narrow: Matcher): boolean {
  return (Object.keys(wide) as (keyof Matcher)[]).every((key) => {
    const globs: readonly string[] = wide[key];
    // The name of a family matches all of its signals.
    const all = key === 'signals' ? globs.flatMap((glob) => [glob, `${glob}.*`]) : globs;
    return globs.length === 0 || (narrow[key].length > 0 && narrow[key].every((glob) => coversSome(all, glob)));
  });
}

/** The matcher of an entry; undefined if the schema refuses it. */
export function writtenMatcher(match: unknown): Matcher | undefined {
  const parsed = matcher.safeParse(match ?? {});
  return parsed.success ? matcherOf(parsed.data) : undefined;
}

export function taskMatcherOf({ match }: WrittenEntry): Matcher | undefined {
  return match === undefined ? undefined : writtenMatcher({ task: match });
}

export function queueMatcherOf({ match }: WrittenEntry): Matcher | undefined {
  return match === undefined ? undefined : writtenMatcher({ queue: match });
}

/** The mappings of a list, with their positions. */
export function entriesOf(draft: ConfigDraft, path: Path): { readonly entry: WrittenEntry; readonly index: number }[] {
  const list = draft.valueAt(path);
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => (isMapping(entry) ? [{ entry: entry as WrittenEntry, index }] : []));
}
