/**
 * Notices a sidecar whose host name is that of no worker: it is connected, receives events of other hosts only, and would be
 * silent for ever. A worker that starts late is not unusual, so the first minute does not count.
 */
import type { Millis } from '../event/ids.ts';
import type { Notice } from '../report.ts';

const foreignOnlyMs = 60_000;

export class ForeignWatch {
  #hasOwn = false;
  #foreignSince: Millis | undefined;
  #isReported = false;

  /** Returns true once: when only events of other hosts have been received for a minute. */
  note(notice: Notice, now: Millis): boolean {
    if (notice.kind === 'events-received') this.#hasOwn = true;
    if (isForeign(notice)) this.#foreignSince ??= now;
    if (this.#isReported || !this.isForeignOnly(now)) return false;
    this.#isReported = true;
    return true;
  }

  isForeignOnly(now: Millis): boolean {
    return !this.#hasOwn && this.#foreignSince !== undefined && now - this.#foreignSince >= foreignOnlyMs;
  }
}

function isForeign(notice: Notice): boolean {
  return notice.kind === 'foreign-messages' || (notice.kind === 'message-rejected' && notice.reason === 'foreign-host');
}
