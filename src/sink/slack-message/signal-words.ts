/** The wording of each signal, as the signal declares it. */
import type { SignalWords } from '../../alert/detection/words.ts';
import type { SignalName } from '../../alert/signal.ts';
import { definitionOf } from '../../alert/signals/registry.ts';

export function wordsOf(signal: SignalName): SignalWords {
  return definitionOf(signal)?.words ?? wordsOfUnknown(signal);
}

/** A newer replica may open an incident for a signal that this version does not declare. */
function wordsOfUnknown(signal: SignalName): SignalWords {
  return {
    headline: signal,
    short: signal,
    about: 'tasks',
    meaning: undefined,
    counts: undefined,
    isException: false,
  };
}
