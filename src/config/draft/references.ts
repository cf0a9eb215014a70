/** Fetches values that the file refers to: `${env:…}` and `${file:…}` inside values, and files that `<key>_file` names. */
import type { Path } from '../document.ts';
import { fileKeyOf, placedOptions } from '../option.ts';
import { unresolved } from '../values/leaf.ts';
import { type ConfigDraft, type DraftInput, isMapping } from './draft.ts';
import { fetchFile, hasReference, interpolate, withoutReferences } from './interpolate.ts';
import { type MissingValue, placeholderOf, standInFor } from './placeholders.ts';

/** Resolves the references in every text of the draft. */
export function resolveReferences(draft: ConfigDraft, input: DraftInput): void {
  for (const { text, path } of textsIn(draft.values, [])) {
    // A value from the environment is taken literally.
    if (hasReference(text) && draft.variableOf(path) === undefined) {
      draft.put(path, resolvedText({ draft, input, text, path }));
    }
  }
}

interface PlacedText {
  readonly text: string;
  readonly path: Path;
}

function textsIn(value: unknown, path: Path): PlacedText[] {
  if (typeof value === 'string') return [{ text: value, path }];
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => textsIn(item, [...path, index]));
  return isMapping(value) ? Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, key])) : [];
}

function resolvedText({ draft, input, text, path }: PlacedText & Omit<MissingValue, 'trouble'>): unknown {
  if (placeholderOf(path, input.declarations) === undefined) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the syntax itself, in a message about it.
    const message = 'expected no ${env:…} or ${file:…} here: they work in addresses, tokens and headers only';
    draft.report({ path, message });
    return unresolved;
  }
  const result = interpolate(text, input.env, input.readFile);
  if (result.ok) return result.text;
  const standIn = standInFor({ path, trouble: { path, message: result.reason }, draft, input });
  // The literal part of an address is kept, so that the rest of it is still checked.
  const rest = withoutReferences(text, 'unknown');
  return standIn === unresolved || rest === 'unknown' ? standIn : rest;
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
  draft.put(
    option,
    fetched.ok ? fetched.text : standInFor({ path: option, trouble: { path, message: fetched.reason }, draft, input }),
  );
}

/** The path with each `*` replaced by the positions in the list that is there. */
function placesOf(draft: ConfigDraft, pattern: readonly string[]): Path[] {
  const star = pattern.indexOf('*');
  if (star < 0) return [pattern];
  const list = draft.valueAt(pattern.slice(0, star));
  const count = Array.isArray(list) ? list.length : 0;
  return Array.from({ length: count }, (_, index) => [...pattern.slice(0, star), index, ...pattern.slice(star + 1)]);
}
