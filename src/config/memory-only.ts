/** Without a store the state is in the memory of the process. Written once for the log, the page and `taskvigil check`. */
export const forgottenAtRestart =
  'open incidents, silences, baselines, open tasks, and the time in which it did not run';
