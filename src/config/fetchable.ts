/**
 * Where a secret or an address stands: there, and nowhere else, `${env:…}` and `${file:…}` are followed. With what stands
 * for a value on a machine that has no secrets.
 */
import type { Path } from './document.ts';

const fetchable: readonly (readonly [path: Path, placeholder: string])[] = [
  [['broker', 'url'], 'redis://unknown/0'],
  [['broker', 'sentinel_password'], 'unknown'],
  [['broker', 'result_backend'], 'redis://unknown/0'],
  [['brokers', '*', 'url'], 'redis://unknown/0'],
  [['brokers', '*', 'result_backend'], 'redis://unknown/0'],
  [['brokers', '*', 'sentinel_password'], 'unknown'],
  [['result_backend'], 'redis://unknown/0'],
  [['store'], 'redis://unknown/0'],
  [['otlp', 'endpoint'], 'http://unknown'],
  [['otlp', 'headers', '*'], 'unknown'],
  [['sentry', 'dsn'], 'https://unknown@unknown/1'],
  [['slack', 'token'], 'xoxb-unknown'],
  [['slack', 'app_token'], 'xapp-unknown'],
  [['slack', 'signing_secret'], '0'.repeat(32)],
  [['slack', 'api_url'], 'http://unknown'],
  [['redact', 'hash_key'], 'unknown-unknown-unknown'],
];

/** undefined: nothing is fetched there. */
export function placeholderOf(path: Path): string | undefined {
  return fetchable.find(([pattern]) => isLike(path, pattern))?.[1];
}

function isLike(path: Path, pattern: Path): boolean {
  return path.length === pattern.length && pattern.every((part, index) => part === '*' || part === path[index]);
}
