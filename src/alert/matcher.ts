/** Whether a matcher of the policy, a silence or a mark is about a subject. */
import { matchesSome } from '../event/glob.ts';
import type { Matcher } from './policy.ts';
import { familyOf, type SignalName, type Subject } from './signal.ts';

export const matchesEverything: Matcher = {
  tasks: [],
  exceptions: [],
  queues: [],
  pools: [],
  signals: [],
  classes: [],
};

/** Every list that is not empty must name something of the subject; what the subject does not know matches no list. */
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
