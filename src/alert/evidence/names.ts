/** Bounded sets of names that evidence collects for a subject. */
import { namesMax } from '../signal.ts';

/** Adds a name while there is room; the first names are kept. */
export function addName<Name extends string>(names: Set<Name>, name: Name | undefined): void {
  if (name !== undefined && names.size < namesMax) names.add(name);
}
