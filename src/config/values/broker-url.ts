/**
 * A broker URL as Celery reads it: the same schemes, defaults and percent-encoding, so that an operator can paste the
 * one the workers have. Pure; no reason it gives ever quotes a part that could hold a password.
 */
import { Secret } from './secret.ts';

export interface BrokerTls {
  /** False accepts any certificate, as `ssl_cert_reqs=none` asks. */
  readonly isVerified: boolean;
  /** False leaves the host name in the certificate unchecked, as `ssl_check_hostname=false` asks. */
  readonly checksHostname: boolean;
  /** Paths of PEM files. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

interface RedisLogin {
  readonly db: number;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
}

export type BrokerUrl =
  | (RedisLogin & {
      readonly kind: 'redis';
      readonly host: string;
      readonly port: number;
      readonly tls: BrokerTls | undefined;
    })
  | (RedisLogin & { readonly kind: 'redis-socket'; readonly path: string })
  | (RedisLogin & {
      readonly kind: 'redis-sentinel';
      readonly nodes: readonly { readonly host: string; readonly port: number }[];
      /** From `?master_name=`; undefined when the URL does not say it. */
      readonly masterName: string | undefined;
      readonly tls: BrokerTls | undefined;
    })
  | {
      readonly kind: 'amqp';
      readonly host: string;
      readonly port: number;
      readonly vhost: string;
      readonly username: string;
      readonly password: Secret;
      readonly tls: BrokerTls | undefined;
    };

export type ParsedBrokerUrl =
  | { readonly ok: true; readonly broker: BrokerUrl }
  | { readonly ok: false; readonly reason: string };

const charsMax = 4_096;
const dbMax = 65_535;
const schemes = 'redis://, rediss://, redis+socket://, unix://, sentinel://, amqp:// or amqps://';

/** What `url` points to, or what was expected instead. Unknown query parameters are Celery's affair and are ignored. */
export function parseBrokerUrl(url: string): ParsedBrokerUrl {
  const text = url.trim();
  if (text === '') return refused(`expected a broker URL (${schemes}), got an empty text`);
  if (text.length > charsMax) return refused(`expected a URL of at most ${charsMax} characters, got ${text.length}`);
  // Sentinel is the one case in which Celery means several servers at once.
  const urls = text.split(';').map((part) => part.trim());
  const parsed = urls.map(partsOf);
  const bad = parsed.find((parts) => typeof parts === 'string');
  if (bad !== undefined) return refused(bad as string);
  const [first, ...others] = parsed as Parts[];
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

function redis(parts: Parts, tls: BrokerTls | undefined): ParsedBrokerUrl {
  const db = dbOf(parts.path);
  if (db === undefined) return refused(dbExpected);
  const { username, password } = parts;
  const host = parts.host === '' ? 'localhost' : parts.host;
  return { ok: true, broker: { kind: 'redis', host, port: parts.port ?? 6_379, db, username, password, tls } };
}

function redisSocket(parts: Parts): ParsedBrokerUrl {
  const { path, query, username } = parts;
  if (parts.host !== '' || path === '' || path === '/') {
    return refused(
      'expected the path of a socket after three slashes, like redis+socket:///run/redis.sock?virtual_host=0',
    );
  }
  const db = dbOf(query.get('virtual_host') ?? query.get('db') ?? '');
  if (db === undefined) return refused('virtual_host: expected the number of a Redis database, like ?virtual_host=0');
  const inQuery = query.get('password');
  const password = parts.password ?? (inQuery === undefined ? undefined : new Secret(inQuery));
  return { ok: true, broker: { kind: 'redis-socket', path: decoded(path), db, username, password } };
}

function sentinel(first: Parts, others: readonly Parts[]): ParsedBrokerUrl {
  const odd = others.find(({ scheme }) => scheme !== 'sentinel');
  if (odd !== undefined)
    return refused(`expected sentinel:// in every part between ";", got the scheme "${odd.scheme}"`);
  const nodes = [first, ...others].map(({ host, port }) => ({ host, port: port ?? 26_379 }));
  if (nodes.some(({ host }) => host === '')) return refused('expected a host in every sentinel:// part');
  const db = dbOf(first.path);
  if (db === undefined) return refused(dbExpected);
  const { username, password } = first;
  const masterName = first.query.get('master_name');
  return withTls(first, false, (tls) => ({
    ok: true,
    broker: { kind: 'redis-sentinel', nodes, db, username, password, masterName, tls },
  }));
}

function amqp(parts: Parts, tls: BrokerTls | undefined, port: number): ParsedBrokerUrl {
  // A vhost may hold nearly anything, but an "@" here is nearly always the end of a password that was cut at a slash.
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
      password: parts.password ?? new Secret('guest'),
      tls,
    },
  };
}

const dbExpected =
  'expected the number of a Redis database after the host, like redis://host:6379/0; a "/", "?" or "#" in a password is written %2F, %3F, %23';
const encodingExpected = 'expected a "/", "?" or "#" in a user name or password to be written %2F, %3F, %23';

function dbOf(path: string): number | undefined {
  const text = path.replace(/^\/+|\/+$/g, '');
  if (text === '') return 0;
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const db = Number(text);
  return db <= dbMax ? db : undefined;
}

function withTls(
  { query }: Parts,
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

interface Parts {
  readonly scheme: string;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  /** '' when the URL names none. */
  readonly host: string;
  readonly port: number | undefined;
  /** Still encoded, with its leading slash. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

/**
 * Split as Python does: the last "@" ends the login, the first ":" in it begins the password. Node's own URL class
 * refuses some of what Celery accepts (a login without a host, a raw "@"). A text is the reason why it cannot be read.
 */
function partsOf(url: string): Parts | string {
  const match = /^([a-z][a-z0-9+.-]{0,31}):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/i.exec(url);
  if (match === null) return `expected a broker URL (${schemes})`;
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
    password: password === '' ? undefined : new Secret(password),
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

function refused(reason: string): ParsedBrokerUrl {
  return { ok: false, reason };
}

/** Python leaves a "%" that begins no byte as it is, and so must we: people do write raw ones into passwords. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));
}
