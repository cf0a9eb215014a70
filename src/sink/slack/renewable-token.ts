/**
 * A token that may be replaced in its file while we run. The configuration follows its files within seconds; a call that
 * was refused for the old token cannot wait for that, and looks by itself.
 */
import { readFileSync } from 'node:fs';

export interface ConfiguredToken {
  readonly token: string;
  /** undefined: it is in no file. */
  readonly file: string | undefined;
}

export interface RenewableToken {
  current(): string;
  /** Looks into the file; true when there is another token than the current one. */
  renew(): boolean;
}

/** `configured` is asked each time; a token that it says anew counts more than what was found in the file before. */
export function createRenewableToken(
  configured: () => ConfiguredToken,
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): RenewableToken {
  let found: { readonly inPlaceOf: string; readonly token: string } | undefined;

  function current(): string {
    const { token } = configured();
    return found?.inPlaceOf === token ? found.token : token;
  }

  return {
    current,
    renew() {
      const { token, file } = configured();
      if (file === undefined) return false;
      let text = '';
      try {
        text = read(file).trim();
      } catch {
        // While it is replaced there may be no file; the next refusal will look again.
      }
      if (text === '' || text === current()) return false;
      found = { inPlaceOf: token, token: text };
      return true;
    },
  };
}
