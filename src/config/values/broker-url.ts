/**
 * Broker URLs as Celery reads them: the same schemes, defaults and percent-encoding, so that an operator can paste the
 * URL of the workers. No message quotes a part that could hold a password.
 */

import type { BrokerTls, BrokerUrl } from '../../source/broker-url.ts';
import { kindOf, leaf } from './leaf.ts';
import { Secret } from './secret.ts';
import { decoded, encodingExpected, splitUrl, type UrlParts } from './url-parts.ts';

type ParsedBrokerUrl =
  | { readonly ok: true; readonly broker: BrokerUrl }
  | { readonly ok: false; readonly reason: string };

const charsMax = 4_096;
const dbMax = 65_535;
const schemes = 'redis://, rediss://, redis+socket://, unix://, sentinel://, amqp:// or amqps://';

/** The address in `url`, or what was expected instead. Unknown query parameters concern only Celery and are ignored. */
function parseBrokerUrl(url: string): ParsedBrokerUrl {
  const text = url.trim();
  if (text === '') return refused(`expected a broker URL (${schemes}), got an empty text`);
  if (text.length > charsMax) return refused(`expected a URL of at most ${charsMax} characters, got ${text.length}`);
  // Sentinel is the only scheme for which Celery accepts several servers in one URL.
  const urls = text.split(';').map((part) => part.trim());
  const parsed = urls.map((one) => splitUrl(one, `expected a broker URL (${schemes})`));
  const bad = parsed.find((parts) => typeof parts === 'string');
  if (bad !== undefined) return refused(bad as string);
  const [first, ...others] = parsed as UrlParts[];
  if (first === undefined) return refused(`expected a broker URL (${schemes})`);
  if (others.length > 0 && first.scheme !== 'sentinel') {
    return refused('expected one broker URL, got several joined with ";": list them under "brokers" to watch them all');
  }
  switch (first.scheme) {
    case 'redis':
      return redis(first, undefined);
    case 'rediss':
      return withTls(first, true, (tls) => redis(first, tls));
    case 'redis+socket':
    case 'unix':
      return redisSocket(first);
    case 'sentinel':
      return sentinel(first, others);
    case 'amqp':
    case 'pyamqp':
    case 'librabbitmq':
      return withTls(first, false, (tls) => amqp(first, tls, 5_672));
    case 'amqps':
      return withTls(first, true, (tls) => amqp(first, tls, 5_671));
    default:
      return refused(`expected ${schemes}, got the scheme "${first.scheme}"`);
  }
}

function redis(parts: UrlParts, tls: BrokerTls | undefined): ParsedBrokerUrl {
  const db = dbOf(parts.path);
  if (db === undefined) return refused(dbExpected);
  const { username } = parts;
  const password = secretOf(parts.password);
  const host = parts.host === '' ? 'localhost' : parts.host;
  return { ok: true, broker: { kind: 'redis', host, port: parts.port ?? 6_379, db, username, password, tls } };
}

function redisSocket(parts: UrlParts): ParsedBrokerUrl {
  const { path, query, username } = parts;
  if (parts.host !== '' || path === '' || path === '/') {
    return refused(
      'expected the path of a socket after three slashes, like redis+socket:///run/redis.sock?virtual_host=0',
    );
  }
  const db = dbOf(query.get('virtual_host') ?? query.get('db') ?? '');
  if (db === undefined) return refused('virtual_host: expected the number of a Redis database, like ?virtual_host=0');
  const password = secretOf(parts.password ?? query.get('password'));
  return { ok: true, broker: { kind: 'redis-socket', path: decoded(path), db, username, password } };
}

function sentinel(first: UrlParts, others: readonly UrlParts[]): ParsedBrokerUrl {
  const odd = others.find(({ scheme }) => scheme !== 'sentinel');
  if (odd !== undefined)
    return refused(`expected sentinel:// in every part between ";", got the scheme "${odd.scheme}"`);
  const nodes = [first, ...others].map(({ host, port }) => ({ host, port: port ?? 26_379 }));
  if (nodes.some(({ host }) => host === '')) return refused('expected a host in every sentinel:// part');
  const db = dbOf(first.path);
  if (db === undefined) return refused(dbExpected);
  const { username } = first;
  const password = secretOf(first.password);
  const masterName = first.query.get('master_name');
  return withTls(first, false, (tls) => ({
    ok: true,
    broker: { kind: 'redis-sentinel', nodes, db, username, password, masterName, tls },
  }));
}

function amqp(parts: UrlParts, tls: BrokerTls | undefined, port: number): ParsedBrokerUrl {
  // A vhost may contain an "@", but one here is nearly always the end of a password that was cut at a slash.
  if (parts.path.includes('@')) return refused(encodingExpected);
  const vhost = decoded(parts.path.slice(1));
  return {
    ok: true,
    broker: {
      kind: 'amqp',
      host: parts.host === '' ? 'localhost' : parts.host,
      port: parts.port ?? port,
      vhost: vhost === '' ? '/' : vhost,
      username: parts.username ?? 'guest',
      password: new Secret(parts.password ?? 'guest'),
      tls,
    },
  };
}

const dbExpected =
  'expected the number of a Redis database after the host, like redis://host:6379/0; a "/", "?" or "#" in a password is written %2F, %3F, %23';

function dbOf(path: string): number | undefined {
  const text = path.replace(/^\/+|\/+$/g, '');
  if (text === '') return 0;
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const db = Number(text);
  return db <= dbMax ? db : undefined;
}

function withTls(
  { query }: UrlParts,
  isAlwaysOn: boolean,
  then: (tls: BrokerTls | undefined) => ParsedBrokerUrl,
): ParsedBrokerUrl {
  const isAsked = [...query.keys()].some((key) => key.startsWith('ssl_'));
  if (!isAlwaysOn && !isAsked) return then(undefined);
  const required = (query.get('ssl_cert_reqs') ?? 'required').toLowerCase().replace(/^(ssl\.)?cert_/, '');
  if (!['required', 'optional', 'none'].includes(required)) {
    return refused('ssl_cert_reqs: expected required, optional or none');
  }
  return then({
    isVerified: required !== 'none',
    checksHostname: query.get('ssl_check_hostname')?.toLowerCase() !== 'false',
    caFile: query.get('ssl_ca_certs'),
    certFile: query.get('ssl_certfile'),
    keyFile: query.get('ssl_keyfile'),
  });
}

function refused(reason: string): ParsedBrokerUrl {
  return { ok: false, reason };
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined ? undefined : new Secret(text);
}

/** The URL of a broker or a result backend. */
export function brokerUrl() {
  return leaf((raw) => {
    if (typeof raw !== 'string') return { ok: false, reason: `expected a broker URL, got ${kindOf(raw)}` };
    const parsed = parseBrokerUrl(raw);
    return parsed.ok ? { ok: true, value: parsed.broker } : parsed;
  });
}

/** The URL of the store. Its client receives the URL itself, so only schemes that this client supports are accepted. */
export function storeUrl() {
  const expected = 'expected redis://host:6379/1 or rediss://host:6379/1';
  return leaf<Secret>((raw) => {
    if (typeof raw !== 'string') return { ok: false, reason: `${expected}, got ${kindOf(raw)}` };
    const parsed = parseBrokerUrl(raw);
    if (!parsed.ok) return parsed;
    if (parsed.broker.kind !== 'redis') return { ok: false, reason: `${expected}, got another kind of broker` };
    return { ok: true, value: new Secret(raw.trim()) };
  });
}
