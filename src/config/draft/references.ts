/** Fetches values that the file refers to: `${env:…}` and `${file:…}` inside values, and files that `<key>_file` names. */
import type { Path } from '../document.ts';
import { fileKeyOf, placedOptions } from '../option.ts';
import { unresolved } from '../values/leaf.ts';
import { type ConfigDraft, type DraftInput, isMapping } from './draft.ts';
import { fetchFile, hasReference, interpolate, withoutReferences } from './interpolate.ts';
import { placeholderOf, standInFor } from './placeholders.ts';

export function resolveReferences(
  draft: ConfigDraft,
  input: DraftInput,
  value: unknown = draft.values,
  path: Path = [],
): void {
  if (typeof value === 'string') resolveText(draft, input, value, path);
  if (!isMapping(value) && !Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    resolveReferences(draft, input, inner, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function resolveText(draft: ConfigDraft, input: DraftInput, text: string, path: Path): void {
  // A value from the environment is taken literally.
  if (!hasReference(text) || draft.variableOf(path) !== undefined) return;
  if (placeholderOf(path, input.declarations) === undefined) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the syntax itself, in a message about it.
    const message = 'expected no ${env:…} or ${file:…} here: they work in addresses, tokens and headers only';
    draft.report({ path, message });
    draft.put(path, unresolved);
    return;
  }
  const result = interpolate(text, input.env, input.readFile);
  if (result.ok) {
    draft.put(path, result.text);
    return;
  }
  const standIn = standInFor(path, { path, message: result.reason }, draft, input);
  // The literal part of an address is kept, so that the rest of it is still checked.
  const rest = withoutReferences(text, 'unknown');
  draft.put(path, standIn === unresolved || rest === 'unknown' ? standIn : rest);
}

/** Reads the files that `<key>_file` options name. */
export function readNamedFiles(draft: ConfigDraft, input: DraftInput): void {
  for (const { path, option } of placedOptions(input.declarations)) {
    if (option.hasFileKey) for (const place of placesOf(draft, path)) readNamedFile(draft, input, place);
  }
}

function readNamedFile(draft: ConfigDraft, input: DraftInput, option: Path): void {
  const key = String(option.at(-1));
  const path = [...option.slice(0, -1), fileKeyOf(key)];
  const file = draft.valueAt(path);
  if (typeof file !== 'string') return;
  if (draft.valueAt(option) !== undefined) {
    draft.report({ path, message: `expected either ${key} or ${fileKeyOf(key)}, got both` });
    return;
  }
  const fetched = fetchFile(file, input.readFile);
  draft.put(option, fetched.ok ? fetched.text : standInFor(option, { path, message: fetched.reason }, draft, input));
}

/** The path with each `*` replaced by the positions in the list that is there. */
function placesOf(draft: ConfigDraft, pattern: readonly string[]): Path[] {
  const star = pattern.indexOf('*');
  if (star < 0) return [pattern];
  const list = draft.valueAt(pattern.slice(0, star));
  const count = Array.isArray(list) ? list.length : 0;
  return Array.from({ length: count }, (_, index) => [...pattern.slice(0, star), index, ...pattern.slice(star + 1)]);
}
