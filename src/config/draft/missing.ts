/** Lets a configuration be accepted without its secrets where it is better to start without a feature than not to start. */
import { type IfMissing, placedOptions } from '../option.ts';
import { unresolved } from '../values/leaf.ts';
import { type ConfigDraft, type DraftInput, isMapping } from './draft.ts';
import { standInFor } from './placeholders.ts';

/** Workers get the address of the broker from a variable, which a build machine does not have. */
export function assumeBroker(draft: ConfigDraft, input: DraftInput): void {
  const { broker, brokers } = draft.values;
  if (input.withoutSecrets !== true || broker !== undefined || brokers !== undefined) return;
  const path = ['broker', 'url'];
  draft.put(path, standInFor({ path, trouble: { path: ['broker'], message: 'got nothing' }, draft, input }));
}

/** In sidecar mode a missing secret switches its feature off, because a sidecar must not keep its worker from starting. */
export function switchOffWithoutSecrets(draft: ConfigDraft, input: DraftInput): void {
  if (draft.mode !== 'sidecar') return;
  const secrets = placedOptions(input.declarations).flatMap(({ path: [section = '', key = ''], option }) =>
    option.ifMissing === undefined
      ? []
      : [{ section, key, ifMissing: option.ifMissing, isRequired: option.isRequired }],
  );
  // The buttons of a section first: a section that is switched off afterwards takes them along.
  const ordered = secrets.toSorted((a, b) => Number(a.isRequired ?? false) - Number(b.isRequired ?? false));
  for (const secret of ordered) switchOff(draft, secret);
}

interface DispensableSecret {
  readonly section: string;
  readonly key: string;
  readonly ifMissing: IfMissing;
  /** The section needs the secret, so that leaving it out counts as missing too. */
  readonly isRequired: true | undefined;
}

function switchOff(draft: ConfigDraft, { section, key, ifMissing, isRequired }: DispensableSecret): void {
  const written = draft.values[section];
  if (!isMapping(written)) return;
  const value = written[key];
  const isAbsent = isRequired === true && (value === undefined || value === null);
  if (value !== unresolved && !isAbsent) return;
  const troubles = draft.takeTroubles(
    ({ path }) => path[0] === section && (path[1] === key || path[1] === `${key}_file`),
  );
  const reason = troubles.map(({ message }) => message).join('; ') || `expected a ${key}, got nothing`;
  draft.warnings.push(`${section}.${key}: ${reason}: ${ifMissing.consequence}`);
  if (ifMissing.switchesOff === 'section') {
    delete draft.values[section];
    return;
  }
  delete written[key];
  Object.assign(written, ifMissing.switchesOff);
}
