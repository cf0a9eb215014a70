/** Matchers of the policy, of silences and of marks against the subject of a signal. */
import { matchesSome } from '../event/glob.ts';
import type { Matcher } from './policy.ts';
import type { SignalName, Subject } from './signal.ts';

export const matchesEverything: Matcher = {
  tasks: [],
  exceptions: [],
  queues: [],
  pools: [],
  signals: [],
  classes: [],
};

/** True if every list that is not empty matches a name of the subject. An unknown name matches no list. */
export function matches(matcher: Matcher, subject: Subject, signal: SignalName): boolean {
  return (
    meets(matcher.tasks, subject.tasks) &&
    meets(matcher.exceptions, subject.exceptions) &&
    meets(matcher.queues, subject.queues) &&
    meets(matcher.pools, subject.pools) &&
    meets(matcher.signals, [signal, familyOf(signal)]) &&
    (matcher.classes.length === 0 || (subject.class !== undefined && matcher.classes.includes(subject.class)))
  );
}

function meets(globs: readonly string[], names: readonly string[]): boolean {
  return globs.length === 0 || names.some((name) => matchesSome(globs, name));
}

/** `failures.new` → `failures`. */
export function familyOf(name: SignalName): string {
  return name.split('.')[0] ?? name;
}
