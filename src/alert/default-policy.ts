/** The policy without configuration. The schema of the configuration takes its defaults from here. */
import { matchesEverything } from './matcher.ts';
import type { NoiseProfile, Policy } from './policy.ts';
import { defaultThresholds } from './signals/registry.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Everything but the thresholds, which depend on the profile, and the route. */
export const policyDefaults = {
  profile: 'balanced',
  timezone: 'UTC',
  learningMs: hour,
  waitMs: 20 * second,
  remindersMs: [4 * hour, 24 * hour],
  resolve: { afterMs: 10 * minute, reopenQuietlyWithinMs: hour, show: 'thread' },
  tasks: [],
  queues: [],
  mutes: [],
  silences: [],
  schedules: [],
  budgets: { default: { burst: 5, perHour: 20 }, byChannel: {} },
  digest: { at: 9 * 60, days: [1, 2, 3, 4, 5], skipEmpty: true },
  inhibit: [
    // These signals report absence, which proves nothing while events are missing.
    { source: ['self.blind'], target: ['worker', 'stuck', 'latency', 'schedule'], equal: [] },
    { source: ['worker'], target: ['stuck', 'latency'], equal: ['pool'] },
    // A scheduled run waits in the same queue as all other tasks.
    { source: ['stuck', 'latency'], target: ['schedule'], equal: ['queue'] },
  ],
  deploys: { workerGraceMs: 3 * minute, from: ['hosts', 'http'] },
  degradedPerHour: 10,
} as const satisfies Omit<Policy, 'thresholds' | 'owners' | 'hash'>;

/** `channel` receives every incident. */
export function defaultPolicy(channel: string, profile: NoiseProfile = policyDefaults.profile): Policy {
  return {
    ...policyDefaults,
    profile,
    thresholds: defaultThresholds(profile),
    owners: [{ match: matchesEverything, channel, mentions: {}, mute: undefined, also: [] }],
    hash: 'default',
  };
}
