/** A token that lies in a file and may be replaced there while we run, as secrets mounted into a pod are. */
import { readFileSync } from 'node:fs';
import type { Millis } from '../event/ids.ts';

export interface FileToken {
  /** The token by now. */
  current(): string;
  /** Looks at once, whatever was read a moment ago; true when there is another token than before. */
  renew(): boolean;
}

/** A few bytes from the page cache; often enough that nobody waits for a rotated token. */
const lookEveryMs = 5_000;

/** Begins with `token`. A file that cannot be read, or is empty for a moment, changes nothing. */
export function createFileToken(
  path: string,
  token: string,
  clock: { readonly now: () => Millis },
  read: (path: string) => string = (file) => readFileSync(file, 'utf8'),
): FileToken {
  let lookedAt = clock.now();

  function renew(): boolean {
    lookedAt = clock.now();
    let next = '';
    try {
      next = read(path).trim();
    } catch {
      // While it is replaced there may be no file; the next look will find it.
    }
    if (next === '' || next === token) return false;
    token = next;
    return true;
  }

  return {
    current() {
      if (clock.now() - lookedAt >= lookEveryMs) renew();
      return token;
    },
    renew,
  };
}
