/** A progress bar on one line of a terminal: the share of some files that has been read. */

const width = 30;
const everyMs = 200;

export interface ProgressBar {
  add(bytes: number): void;
  /** Clears the line. */
  end(): void;
}

/** `write` is a terminal's; `now` in milliseconds. */
export function createProgressBar(total: number, write: (text: string) => void, now: () => number): ProgressBar {
  let done = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    add(bytes) {
      done += bytes;
      if (now() - shownAt < everyMs) return;
      shownAt = now();
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const full = Math.round(share * width);
      write(`\r[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${Math.round(share * 100)} %`);
    },
    end: () => write(`\r${' '.repeat(width + 8)}\r`),
  };
}
