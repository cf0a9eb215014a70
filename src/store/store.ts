/**
 * What sidecars must agree on about alerts: one record per group, changed by one at a time.
 *
 * Exports: AlertStore, Change, groupsMax.
 */

import type { AlertState } from '../alert/alert-state.ts';
import type { GroupKey } from '../alert/rule.ts';
import type { Millis } from '../event/ids.ts';

/**
 * Pure, because it may run several times before it wins: the record changes when somebody else was faster. `now` is the
 * store's clock, the only one that alert state is written by, so that windows and leases do not depend on how well the
 * clocks of several machines agree. `next: undefined` removes the record; the same object as `state` writes nothing.
 */
export type Change<Answer> = (
  state: AlertState | undefined,
  now: Millis,
) => { readonly next: AlertState | undefined; readonly answer: Answer };

export interface AlertStore {
  /**
   * Applies `change` to the record of `key`, once, whoever else changes it at the same time, and gives its answer. Rejects
   * when the store cannot be reached or the contention does not end; whether the change was applied is then unknown, so
   * changes must bear being applied again.
   */
  update<Answer>(key: GroupKey, change: Change<Answer>): Promise<Answer>;
  /** Groups whose `dueAt` has come by the store's clock, the longest waiting first. */
  due(limit: number): Promise<GroupKey[]>;
  /** Groups that have an incident, for people to look at; unordered. */
  incidents(limit: number): Promise<AlertState[]>;
  /** May be called twice. Updates under way may still be applied. */
  stop(): Promise<void>;
}

/** A fleet has tens of failing groups; thousands mean fingerprints that do not group, and then the newest wait outside. */
export const groupsMax = 10_000;
