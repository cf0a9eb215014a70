/** Inputs of decisions beside the events, transitions and failures of the pipeline. A recording contains them. */
import type { AlertCommand } from '../alert/incidents/command.ts';

export type AlertInput =
  /** All signals are evaluated now. */
  | { readonly kind: 'look' }
  | { readonly kind: 'depth'; readonly queue: string; readonly length: number }
  | { readonly kind: 'command'; readonly command: AlertCommand };
