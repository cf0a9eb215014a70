/** File values and environment → a draft that the schema can check. The order of the steps is the order of precedence. */
import { ConfigDraft, type DraftInput } from './draft.ts';
import { assumeBroker, switchOffWithoutSecrets } from './missing.ts';
import { overlayEnvironment } from './overlay.ts';
import { readNamedFiles, resolveReferences } from './references.ts';
import { spellOut } from './spelling.ts';

export function prepareDraft(values: Record<string, unknown>, input: DraftInput): ConfigDraft {
  const draft = new ConfigDraft(values);
  spellOut(draft, input.declarations);
  overlayEnvironment(draft, input);
  resolveReferences(draft, input);
  readNamedFiles(draft, input);
  assumeBroker(draft, input);
  switchOffWithoutSecrets(draft, input);
  return draft;
}
