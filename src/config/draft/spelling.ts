/** Gives every value that may be written in two ways its long form, so that the schema needs only one. */
import type { Declaration, Declarations, Section } from '../option.ts';
import { type ConfigDraft, isMapping } from './draft.ts';

export function spellOut(draft: ConfigDraft, declarations: Declarations): void {
  for (const [key, node] of Object.entries(declarations)) {
    if (isFilledIn(node)) draft.values[key] ??= {};
    else if (isSwitch(node) && draft.values[key] === null) delete draft.values[key];
    expandShorthand(draft, key, node);
  }
  spellMuteHours(draft);
}

/** Sections that are always present, and mappings that are empty by default. */
function isFilledIn(node: Declaration): boolean {
  return node.kind === 'section' ? node.isAlwaysPresent : isMapping(node.default);
}

/** Optional sections and addresses: off when there is nothing behind the key. */
function isSwitch(node: Declaration): boolean {
  return node.kind === 'section' || node.placeholder !== undefined;
}

function expandShorthand(draft: ConfigDraft, key: string, node: Declaration): void {
  const value = draft.values[key];
  if (node.kind === 'section') {
    if (value !== undefined) draft.values[key] = expanded(value, node);
  } else if (node.items !== undefined && Array.isArray(value)) {
    const { items } = node;
    draft.values[key] = value.map((item: unknown) => expanded(item, items));
  }
}

/** `redis://…` → `{ url: redis://… }` */
function expanded(value: unknown, { shorthand }: Section): unknown {
  return typeof value === 'string' && shorthand !== undefined ? { [shorthand]: value } : value;
}

/** A name of mute hours may have one entry or a list of them. */
function spellMuteHours(draft: ConfigDraft): void {
  const mutes = draft.valueAt(['alerts', 'mute']);
  if (!isMapping(mutes)) return;
  for (const [name, hours] of Object.entries(mutes)) if (isMapping(hours)) mutes[name] = [hours];
}
