/** Splits a URL into its parts the way Python and Celery do. */

export const encodingExpected = 'expected a "/", "?" or "#" in a user name or password to be written %2F, %3F, %23';

/** Parts of a URL; user name, password, host and query are decoded. */
export interface UrlParts {
  readonly scheme: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** '' when the URL has none. */
  readonly host: string;
  readonly port: number | undefined;
  /** Not decoded, with its leading slash. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

/**
 * Splits as Python's `urlparse` does: the last "@" ends the login, and the first ":" in it starts the password. Node's
 * URL class refuses URLs that Celery accepts (a login without a host, a raw "@"). Returns the reason, as a text, if the
 * URL cannot be split.
 */
export function splitUrl(url: string, expected: string): UrlParts | string {
  const match = /^([a-z][a-z0-9+.-]{0,31}):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/i.exec(url);
  if (match === null) return expected;
  const [, scheme = '', authority = '', path = '', query = '', fragment] = match;
  if (fragment !== undefined) return encodingExpected;
  const at = authority.lastIndexOf('@');
  const login = at < 0 ? '' : authority.slice(0, at);
  const colon = login.indexOf(':');
  const username = decoded(colon < 0 ? login : login.slice(0, colon));
  const password = colon < 0 ? '' : decoded(login.slice(colon + 1));
  const address = /^(\[[0-9a-f:.]+\]|[^:[\]]*)(?::(\d*))?$/i.exec(authority.slice(at + 1));
  if (address === null) {
    return 'expected host:port after the login, with a number as the port; a "/", "?" or "#" in a password is written %2F, %3F, %23';
  }
  const port = address[2] === undefined || address[2] === '' ? undefined : Number(address[2]);
  if (port !== undefined && (port < 1 || port > 65_535)) return 'expected a port between 1 and 65535';
  return {
    scheme: scheme.toLowerCase(),
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
    host: decoded((address[1] ?? '').replace(/^\[|\]$/g, '')),
    port,
    path,
    query: queryOf(query),
  };
}

function queryOf(query: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    if (equals > 0) values.set(decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1)));
  }
  return values;
}

/** Decodes as Python's `unquote`: a "%" that starts no byte stays, because operators write raw ones into passwords. */
export function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
}
