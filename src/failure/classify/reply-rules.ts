/**
 * Replies of servers by protocol. A reply code has one meaning in every driver, so each table lists the codes of its protocol
 * and not the exceptions of one library.
 */
import type { FailureClass } from '../facts.ts';
import { exceptAboutValues, named, type Rule, saying, typed, within, worded } from './rule.ts';

type Replies = Readonly<Partial<Record<FailureClass, string>>>;

/** One rule per class: the codes of a protocol, at the place where its messages have them. */
function replies(pattern: (codes: string) => RegExp, table: Replies): readonly Rule[] {
  return Object.entries(table).map(([result, codes]) =>
    saying(result as FailureClass, pattern(codes.trim().replace(/\s+/g, '|'))),
  );
}

const redis = /^(?:redis|rediscluster|valkey|kombu|aioredis|coredis|glide\w*|django_redis)\./;

const redisRules: readonly Rule[] = [
  saying(
    'resource',
    /maxmemory|max number of clients|\bERR max [\w ]*?(?:limit|bandwidth|size|storage)[\w ]* exceeded|\bquota exceeded/i,
  ),
  // A reply stands at the beginning, or behind the words of a pipeline or of a script.
  ...replies((codes) => new RegExp(`(?:^|(?:error|script\\b[^:]*|\\d): ?-?|@\\w+: ?\\d+: -?)(?:${codes})\\b`), {
    resource: 'OOM MISCONF',
    transient: `LOADING READONLY TRYAGAIN CLUSTERDOWN MASTERDOWN NOMASTERLINK BUSY UNBLOCKED NOREPLICAS NOGOODSLAVE INPROG
      IOERR MOVED ASK FAILOVER`,
    bug: `WRONGTYPE NOSCRIPT NOAUTH NOPERM NOPROTO WRONGPASS CROSSSLOT EXECABORT BUSYGROUP NOGROUP DENIED`,
  }),
  saying('transient', /Unable to acquire lock/),
  typed('resource', /^(?:redis|valkey)\..*MaxConnectionsError$/),
  worded(
    'bug',
    /RedisClusterException$/,
    /same (?:key )?slot|must (?:map|be)|not (?:supported|implemented|allowed)|missing|argument/i,
  ),
  saying('bug', /^ERR\b/),
  typed(
    'transient',
    /^(?:redis|rediscluster|valkey|aioredis|coredis)\.(?:\w+\.)*(?:ConnectionError|TimeoutError|BusyLoadingError|ReadOnlyError|TryAgainError|\w*ClusterDown\w*|MasterDownError|MasterNotFoundError|SlaveNotFoundError|MovedError|AskError|ClusterError|SlotNotCoveredError|RedisClusterException|ClusterUnreachable\w*)$/,
  ),
];

/** AMQP 0-9-1: `(404, "NOT_FOUND - …")`, `(0, 0): (320) CONNECTION_FORCED`. */
const amqp = /^(?:amqp|pika|aio_pika|aiormq|kombu|librabbitmq)\./;
const amqpRules: readonly Rule[] = [
  ...replies((codes) => new RegExp(`(?:^|: )\\((?:${codes})[),]`), {
    resource: '506',
    transient: '313 320 405 501 505 541',
    bug: '311 312 402 403 404 406 502 503 504 530 540',
  }),
  typed('resource', /^amqp\..*\.ResourceError$/),
  typed(
    'transient',
    /^(?:amqp|pika)\..*\.(?:UnexpectedFrame|UnexpectedFrameError|FrameError|InternalError|ResourceLocked)$/,
  ),
];

/** Mail: the first digit of a reply of SMTP, and the response codes of IMAP and POP. */
const mailRules: readonly Rule[] = [
  worded('transient', /^(?:aio)?smtplib\./, /^(?:\{.*?)?\(?4\d\d\b/s),
  worded('resource', /^(?:imaplib|aioimaplib|imapclient|poplib)\b/, /\[OVERQUOTA\]|\[LIMIT\]/),
  worded(
    'transient',
    /^(?:imaplib|aioimaplib|imapclient|poplib)\b/,
    /\[(?:UNAVAILABLE|THROTTLED|INUSE|IN-USE|SERVERBUG|SYS\/TEMP|LOGIN-DELAY)\]/,
  ),
  typed('transient', /^(?:imaplib\..*abort|imapclient\..*Abort\w*)$/),
];

const directoryRules: readonly Rule[] = [
  typed('resource', /^ldap\.(?:TIMELIMIT|ADMINLIMIT|SIZELIMIT)_EXCEEDED$/),
  typed('transient', /^ldap\.(?:SERVER_DOWN|BUSY|UNAVAILABLE|TIMEOUT|CONNECT_ERROR)$/),
  named(
    'transient',
    /^LDAP(?:Socket\w+|SessionTerminated\w*|ServerPoolExhausted|MaximumRetries|ResponseTimeout|Busy|Unavailable\w*)(?:Error|Result)$/,
  ),
];

/** Chromium's `net::ERR_…` and Firefox's names, as browser automation quotes them; and a browser that is gone. */
const browserRules: readonly Rule[] = [
  saying('resource', /\bnet::ERR_(?:INSUFFICIENT_RESOURCES|OUT_OF_MEMORY|FILE_NO_SPACE)\b/),
  saying(
    'transient',
    /\bnet::ERR_(?:CONNECTION_\w+|NAME_(?:NOT_RESOLVED|RESOLUTION_FAILED)|DNS_\w+|TIMED_OUT|INTERNET_DISCONNECTED|ADDRESS_UNREACHABLE|NETWORK_\w+|EMPTY_RESPONSE|SOCKET_\w+|PROXY_CONNECTION_FAILED|TUNNEL_CONNECTION_FAILED|HTTP2_\w+|QUIC_\w+|SSL_PROTOCOL_ERROR|CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED_ENCODING)\b/,
  ),
  saying('transient', /\bNS_ERROR_(?:NET_\w+|UNKNOWN_HOST|CONNECTION_REFUSED|OFFLINE|PROXY_CONNECTION_REFUSED)\b/),
  saying('transient', /\babout:neterror\?e=(?:dnsNotFound|netReset|netInterrupt|netTimeout|connectionFailure)\b/),
  worded(
    'transient',
    /^(?:selenium|playwright|pyppeteer)\b/,
    /page crash|tab crashed|chrome not reachable|not connected to DevTools|browser has (?:been closed|disconnected)|Target (?:page, context or browser |crashed|closed)|invalid session id/i,
  ),
];

/** Transactions that a database aborts in favour of others, and the error labels of MongoDB. */
const transactionRules: readonly Rule[] = [
  saying('resource', /\bNeo\.TransientError\.General\.(?:OutOfMemory|MemoryPool|TransactionMemoryLimit)\w*/),
  saying('transient', /\bNeo\.TransientError\.|\bTransientTransactionError\b|\bRetryableWriteError\b/),
  worded(
    'resource',
    /^(?:pymongo|motor|mongoengine)\b/,
    /['"]codeName['"]: ['"](?:MaxTimeMSExpired|ExceededMemoryLimit|OutOfDiskSpace|TooManyLogicalSessions)['"]/,
  ),
  worded(
    'transient',
    /^(?:pymongo|motor|mongoengine)\b/,
    /\bWrite ?Conflict\b|['"]codeName['"]: ['"](?:LockTimeout|LockBusy|NotWritablePrimary|NotPrimary\w*|PrimarySteppedDown|Interrupted\w+|HostUnreachable|HostNotFound|NetworkTimeout|SocketException|ShutdownInProgress|ExceededTimeLimit|NoSuchTransaction|StaleConfig|StaleEpoch|ReadConcernMajorityNotAvailableYet)['"]/i,
  ),
  saying('transient', /\bTransactionRetry\w*Error\b|\brestart transaction: /),
  worded('transient', /^cassandra\b/, /\bcode=(?:1000|1001|1002|1003|1100|1200)\b/),
  worded('transient', /TransactionCanceledException$/, /\bTransactionConflict\b/),
];

/** `StatusCode.UNAVAILABLE` of grpcio, `Status.UNAVAILABLE` of grpclib, `grpc_status:14`. */
const grpcRules: readonly Rule[] = [
  saying('cancelled', /\bStatus(?:Code)?\.CANCELLED\b/),
  saying('resource', /\bStatus(?:Code)?\.RESOURCE_EXHAUSTED\b/),
  saying('transient', /\bStatus(?:Code)?\.(?:UNAVAILABLE|DEADLINE_EXCEEDED|ABORTED)\b|\bgrpc_status"?: ?(?:4|10|14)\b/),
  worded('transient', /grpc|RpcError|RPCError/, /\bStatus(?:Code)?\.INTERNAL\b/),
];

/** curl: `(28, 'Operation timed out')`. */
const curl = /^(?:pycurl|curl_cffi|human_curl)\b/;
const curlRules: readonly Rule[] = replies((codes) => new RegExp(`^\\((?:${codes}), |curl: \\((?:${codes})\\)`), {
  resource: '23 27',
  transient: '5 6 7 16 18 28 35 52 55 56 92',
  bug: '1 3 51 58 60 67 77 78',
});

/** Replies of servers. An exception about a value only quotes them. */
export const replyRules: readonly Rule[] = [
  exceptAboutValues([
    within(redis, redisRules),
    within(amqp, amqpRules),
    within(curl, curlRules),
    ...mailRules,
    ...directoryRules,
    ...browserRules,
    ...transactionRules,
    ...grpcRules,
    // Celery's own messages about a result backend that does not answer.
    named('transient', /^Backend(?:GetMeta|Store)Error$/),
  ]),
];
