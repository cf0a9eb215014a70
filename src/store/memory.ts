/**
 * The store of a sidecar that is alone: nothing is shared and nothing outlives the process.
 *
 * Exports: createMemoryStore.
 */

import type { AlertState } from '../alert/alert-state.ts';
import type { GroupKey } from '../alert/rule.ts';
import type { Millis } from '../event/ids.ts';
import { type AlertStore, groupsMax } from './store.ts';

/**
 * `now` is the clock that changes are given. At `groupsMax` a new group takes the place of one that was still below its
 * threshold; when all have incidents the update is rejected.
 */
export function createMemoryStore({ now }: { readonly now: () => Millis }): AlertStore {
  const states = new Map<GroupKey, AlertState>();

  return {
    // Nothing can come between reading and writing, because nothing here waits.
    async update(key, change) {
      const { next, answer } = change(states.get(key), now());
      if (next === undefined) states.delete(key);
      else {
        if (!states.has(key)) makeRoom(states);
        states.set(key, next);
      }
      return answer;
    },

    async due(limit) {
      const until = now();
      return [...states.values()]
        .filter(({ dueAt }) => dueAt <= until)
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit)
        .map(({ key }) => key);
    },

    async incidents(limit) {
      return [...states.values()].filter(({ incident }) => incident !== undefined).slice(0, limit);
    },

    async stop() {},
  };
}

function makeRoom(states: Map<GroupKey, AlertState>): void {
  if (states.size < groupsMax) return;
  for (const [key, { incident }] of states) {
    if (incident !== undefined) continue;
    states.delete(key);
    return;
  }
  throw new Error(`expected at most ${groupsMax} incidents, got one more`);
}
