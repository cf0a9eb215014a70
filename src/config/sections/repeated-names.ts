import type { Path } from '../document.ts';
import { type ConfigDraft, type ConfigTrouble, isMapping } from '../draft/draft.ts';
import { unresolved } from '../values/leaf.ts';

/** Items of the list at `path` whose `name` an earlier item has. A broker without a name gets `celery-<position>`. */
export function repeatedNames(draft: ConfigDraft, path: Path): ConfigTrouble[] {
  const list = draft.valueAt(path);
  if (!Array.isArray(list)) return [];
  const taken = new Set<unknown>();
  return list.flatMap((item: unknown, index): ConfigTrouble[] => {
    const name = isMapping(item) ? (item['name'] ?? `celery-${index + 1}`) : undefined;
    if (name === undefined || name === unresolved) return [];
    if (!taken.has(name)) {
      taken.add(name);
      return [];
    }
    const message = 'expected a name of its own, another one has it already';
    return [{ path: [...path, index, 'name'], message }];
  });
}
