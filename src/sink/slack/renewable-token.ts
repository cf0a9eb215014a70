/**
 * A token whose file may be replaced while taskvigil runs. The configuration follows its files within seconds. A call
 * that Slack refused for the old token cannot wait for that and reads the file itself.
 */
import { readFileSync } from 'node:fs';

export interface ConfiguredToken {
  readonly token: string;
  /** undefined: the token is not configured as a file. */
  readonly file: string | undefined;
}

export interface RenewableToken {
  current(): string;
  /** Reads the file. Returns true if it contains another token than the current one. */
  renew(): boolean;
}

/** `configured` is read on each use. A new token of the configuration replaces one that `renew` read from the file. */
export function createRenewableToken(
  configured: () => ConfiguredToken,
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): RenewableToken {
  let renewed: { readonly inPlaceOf: string; readonly token: string } | undefined;

  function current(): string {
    const { token } = configured();
    return renewed?.inPlaceOf === token ? renewed.token : token;
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
        // The file can be missing while it is replaced. The next refusal reads it again.
      }
      if (text === '' || text === current()) return false;
      renewed = { inPlaceOf: token, token: text };
      return true;
    },
  };
}
