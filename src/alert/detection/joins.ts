/** Rules by which a signal joins an open incident. */

/**
 * A signal joins an open incident if one of its rules holds. All parts of a rule must hold; an absent part is not checked.
 */
export interface JoinRule {
  /** Signals or families, of the first condition of the incident. */
  readonly openedBy: readonly string[];
  /** Subjects that both must have in common. `words`: the text of the exception without its values. */
  readonly shares?: readonly ('task' | 'pool' | 'queue' | 'exception' | 'words')[];
  /** Both are of class `transient` or `resource`: one dependency that is unreachable or full fails many tasks at once. */
  readonly areBothExternal?: true;
  /** All conditions of the incident are of these signals. */
  readonly consistsOf?: readonly string[];
  /** The incident began within this time. */
  readonly begunWithinMs?: number;
  /** The incident was last active within this time. */
  readonly activeWithinMs?: number;
  /** A critical signal opens an incident of its own instead. */
  readonly unlessCritical?: true;
}

const minute = 60_000;
const openedByFailures = ['failures', 'retries'];

/** One dependency that is unreachable or full, whatever the texts of its exceptions. */
export const externalJoins: readonly JoinRule[] = [
  { openedBy: openedByFailures, shares: ['words'], activeWithinMs: 10 * minute },
  { openedBy: openedByFailures, areBothExternal: true, shares: ['exception'], begunWithinMs: 5 * minute },
];

/** Also causes of the same task. A critical failure opens an incident of its own. */
export const failureJoins: readonly JoinRule[] = [
  ...externalJoins,
  { openedBy: openedByFailures, shares: ['task'], consistsOf: ['failures.ratio'], unlessCritical: true },
  { openedBy: openedByFailures, shares: ['task'], begunWithinMs: 5 * minute, unlessCritical: true },
  { openedBy: openedByFailures, shares: ['task', 'exception'], unlessCritical: true },
];
