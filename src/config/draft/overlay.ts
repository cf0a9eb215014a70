/** Lays the environment over the values of the file. */
import { unresolved } from '../values/leaf.ts';
import type { ConfigDraft, DraftInput } from './draft.ts';
import { alternativesOf, conventionalVariables, fileVariableOf, ownVariables, type Variable } from './environment.ts';
import { fetchFile } from './interpolate.ts';
import { standInFor } from './placeholders.ts';

export function overlayEnvironment(draft: ConfigDraft, input: DraftInput): void {
  for (const variable of ownVariables(input.declarations)) override(draft, input, variable);
  for (const variable of conventionalVariables(input.declarations)) fillIn(draft, input, variable);
}

/** A `TASKVIGIL_…` variable replaces the value of the file, and the file that the configuration names for it. */
function override(draft: ConfigDraft, input: DraftInput, variable: Variable): void {
  const fetched = fetchVariable(draft, input, variable);
  if (fetched === undefined) return;
  const { path, option, name } = variable;
  if (option.replacedBy !== undefined && draft.values[option.replacedBy] !== undefined) {
    const message = `expected either this variable or "${option.replacedBy}" in the file, got both`;
    draft.report({ path: [], message, variable: name });
    return;
  }
  for (const other of alternativesOf(variable)) draft.remove(other);
  draft.put(path, fetched.value, fetched.origin);
}

/** A conventional variable is used only for an option that is not written in any way. */
function fillIn(draft: ConfigDraft, input: DraftInput, variable: Variable): void {
  const { path, option, name } = variable;
  if ([path, ...alternativesOf(variable)].some((one) => draft.isWritten(one))) return;
  // The environment may be that of the worker: its Slack token or its release is no request to post or to export.
  if (draft.values[path[0] ?? ''] === undefined && option.enablesSection !== true) {
    if (input.env[name] && option.ignoredNote !== undefined)
      draft.warnings.push(`${name} is set, ${option.ignoredNote}`);
    return;
  }
  const fetched = fetchVariable(draft, input, variable);
  if (fetched !== undefined) draft.put(path, fetched.value, fetched.origin);
}

interface FetchedValue {
  readonly value: unknown;
  /** The variable, or the variable that names the file. */
  readonly origin: string;
}

/** The value of the variable, or of the file that `<name>_FILE` names; undefined when neither is set. */
function fetchVariable(draft: ConfigDraft, input: DraftInput, variable: Variable): FetchedValue | undefined {
  const { env, readFile } = input;
  const { name, path } = variable;
  const value = env[name] === '' ? undefined : env[name];
  const twin = fileVariableOf(variable);
  const file = twin === undefined || env[twin] === '' ? undefined : env[twin];
  if (twin === undefined || file === undefined) return value === undefined ? undefined : { value, origin: name };
  if (value !== undefined) {
    draft.report({ path: [], message: `expected either ${name} or ${twin}, got both`, variable: twin });
    return { value: unresolved, origin: twin };
  }
  const fetched = fetchFile(file, readFile);
  if (fetched.ok) return { value: fetched.text, origin: twin };
  const trouble = { path, message: fetched.reason, variable: twin };
  return { value: standInFor({ path, trouble, draft, input }), origin: twin };
}
