/** Failures that wait to be counted: by group, because a group is counted with one update, and bounded over all. */
import type { Evidence } from '../alert/decide.ts';
import type { GroupKey, Rule } from '../alert/rule.ts';

export interface HeldGroup {
  readonly key: GroupKey;
  readonly rule: Rule;
  readonly evidence: readonly Evidence[];
}

export class HeldEvidence {
  readonly #itemsMax: number;
  readonly #groups = new Map<GroupKey, { readonly rule: Rule; readonly evidence: Evidence[] }>();
  #count = 0;
  #dropped = 0;

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  get count(): number {
    return this.#count;
  }

  /** Holds one more, or counts it as dropped. */
  offer(key: GroupKey, rule: Rule, evidence: Evidence): void {
    if (this.#count >= this.#itemsMax) this.#dropped += 1;
    else this.#hold({ key, rule, evidence: [evidence] });
  }

  keys(): GroupKey[] {
    return [...this.#groups.keys()];
  }

  take(key: GroupKey): HeldGroup | undefined {
    const group = this.#groups.get(key);
    if (group === undefined) return undefined;
    this.#groups.delete(key);
    this.#count -= group.evidence.length;
    return { key, ...group };
  }

  /** Takes back what could not be counted, even beyond the limit: it had its place before. */
  putBack(group: HeldGroup): void {
    this.#hold(group);
  }

  /** How many were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #hold({ key, rule, evidence }: HeldGroup): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { rule, evidence: [...evidence] });
    else group.evidence.push(...evidence);
    this.#count += evidence.length;
  }
}
