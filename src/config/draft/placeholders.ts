/** Values that may be fetched with `${env:…}` and `${file:…}`, and what stands for a value that cannot be fetched. */
import type { Path } from '../document.ts';
import { type Declarations, placedOptions } from '../option.ts';
import { unresolved } from '../values/leaf.ts';
import type { ConfigDraft, ConfigTrouble, DraftInput } from './draft.ts';

/** undefined: nothing may be fetched at `path`. */
export function placeholderOf(path: Path, declarations: Declarations): string | undefined {
  const placed = placedOptions(declarations).find(
    ({ path: declared, option }) =>
      option.placeholder !== undefined && matches(path, option.isMapping === true ? [...declared, '*'] : declared),
  );
  return placed?.option.placeholder;
}

function matches(path: Path, pattern: readonly string[]): boolean {
  return path.length === pattern.length && pattern.every((part, index) => part === '*' || part === path[index]);
}

export interface MissingValue {
  /** Path of the value, which `trouble.path` is not if another key names the source of the value. */
  readonly path: Path;
  readonly trouble: ConfigTrouble;
  readonly draft: ConfigDraft;
  readonly input: DraftInput;
}

/** Reports `trouble` for a value that could not be fetched. Without secrets it is a warning, and a placeholder is used. */
export function standInFor({ path, trouble, draft, input }: MissingValue): unknown {
  const placeholder = placeholderOf(path, input.declarations);
  if (input.withoutSecrets !== true || placeholder === undefined) {
    draft.report(trouble);
    return unresolved;
  }
  draft.warnings.push(`${trouble.path.join('.')}: ${trouble.message}: taken as given`);
  return placeholder;
}
