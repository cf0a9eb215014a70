/** How often the properties run: the same cases in every normal run, so that a failure is due to a change of the code. */

interface Runs {
  readonly numRuns: number;
  readonly seed?: number;
}

/** `ANY_ORDER_RUNS=2000` searches that many new cases for each property. */
export function runsOf(numRuns: number): Runs {
  const wanted = process.env['ANY_ORDER_RUNS'];
  return wanted === undefined ? { numRuns, seed: 1 } : { numRuns: Number(wanted) };
}
