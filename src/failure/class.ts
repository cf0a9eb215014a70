/**
 * What kind of remedy a failure needs. The exception that came out is asked first, then what it was raised from; an
 * error that merely happened while a network error was being handled is a bug of the handler.
 */
import { shortName } from '../event/exception.ts';
import type { ParsedException } from '../event/python-traceback.ts';
import type { Cause } from '../lifecycle/transition.ts';
import type { FailureClass } from './failure.ts';
import { chainOf, type FailureFacts } from './fingerprint.ts';

/** The class of a failure; what nothing else explains needs a person: `bug`. */
export function classOf(facts: FailureFacts): FailureClass {
  const { cause, signal, type, message, exception } = facts;
  if (cause === 'worker-lost') return classOfLost(signal, message);
  const fixed = classOfCause[cause];
  if (fixed !== undefined) return fixed;
  if (exception === undefined || exception.type === '') {
    return (type === undefined ? undefined : classOfOne(type, message)) ?? 'bug';
  }
  return classOfChain(exception) ?? 'bug';
}

const classOfCause: Readonly<Partial<Record<Cause, FailureClass>>> = {
  'soft-time-limit': 'resource',
  'hard-time-limit': 'resource',
  // Nobody took it in time: more workers, or fewer tasks.
  expired: 'resource',
  unregistered: 'bug',
  unencodable: 'bug',
  rejected: 'bug',
  revoked: 'cancelled',
  terminated: 'cancelled',
  cancelled: 'cancelled',
};

/** SIGKILL is the kernel short of memory, and so is, most of the time, a worker that fell silent. */
function classOfLost(signal: string | undefined, message: string): FailureClass {
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGQUIT') return 'cancelled';
  if (signal === 'SIGKILL') return 'resource';
  return signal === undefined && !message.includes('exitcode') ? 'resource' : 'bug';
}

function classOfChain(exception: ParsedException): FailureClass | undefined {
  for (const link of chainOf(exception)) {
    const found = classOfOne(link.type, link.value) ?? classOfMembers(link);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A group is as bad as its worst member: one bug among timeouts is a bug. */
function classOfMembers({ exceptions }: ParsedException): FailureClass | undefined {
  if (exceptions === undefined) return undefined;
  const classes = new Set(exceptions.map((member) => classOfChain(member) ?? 'bug'));
  return (['bug', 'resource', 'transient', 'cancelled'] as const).find((one) => classes.has(one));
}

function classOfOne(type: string, message: string): FailureClass | undefined {
  const name = shortName(type);
  const text = message.slice(0, 2_000);
  return rules.find((rule) => rule.matches(type, name, text))?.class;
}

interface Rule {
  readonly class: FailureClass;
  readonly matches: (type: string, name: string, message: string) => boolean;
}

const named = (result: FailureClass, pattern: RegExp): Rule => ({
  class: result,
  matches: (_, name) => pattern.test(name),
});
const typed = (result: FailureClass, pattern: RegExp): Rule => ({
  class: result,
  matches: (type) => pattern.test(type),
});
const says = (result: FailureClass, type: RegExp, pattern: RegExp): Rule => ({
  class: result,
  matches: (whole, _, message) => type.test(whole) && pattern.test(message),
});

const anyType = /./;
const database =
  /^(?:psycopg2?|sqlalchemy|django\.db|pymysql|MySQLdb|_mysql_exceptions|mysql|asyncpg|sqlite3|oracledb|cx_Oracle|pyodbc)\./;
const redis = /^(?:redis|valkey|kombu|aioredis)\./;

/** First match wins: codes before families of classes, for a family holds both kinds. */
const rules: readonly Rule[] = [
  named('cancelled', /^(?:CancelledError|TaskRevokedError|Terminated|KeyboardInterrupt|QueryCanceledByUser)$/),
  says('cancelled', anyType, /canceling statement due to user request/),

  named('resource', /^(?:SoftTimeLimitExceeded|TimeLimitExceeded|\w*MemoryError|ResourceExhausted|ExecutionTimeout)$/),
  typed('resource', /^subprocess\.TimeoutExpired$/),
  named(
    'resource',
    /^(?:TooManyConnections|TooManyConnectionsError|DiskFull|DiskFullError|InsufficientResources|OutOfMemory|ConfigurationLimitExceeded)$/,
  ),
  says('resource', anyType, /\[Errno (?:11|12|23|24|28|122)\]/),
  says('resource', /^RuntimeError$/, /out of memory|can't start new thread/),
  says('resource', anyType, /canceling statement due to statement timeout|maximum statement execution time exceeded/),
  says(
    'resource',
    database,
    /remaining connection slots|too many clients|too many connections|QueuePool limit|No space left on device|disk is full|out of (?:shared )?memory|max_user_connections/i,
  ),
  says('resource', redis, /^(?:OOM|MISCONF) |maxmemory|max number of clients/),
  says('resource', anyType, /StatusCode\.RESOURCE_EXHAUSTED/),

  // What the other side answered decides, not that it answered by an exception.
  says('transient', anyType, /\b(?:408|425|429|5\d\d) (?:Client|Server) Error\b/),
  says('transient', anyType, /\b(?:Client|Server) error '(?:408|425|429|5\d\d)\b/),
  says('transient', anyType, /\bHTTP Error (?:408|425|429|5\d\d)\b/),
  says('transient', anyType, /^(?:408|425|429|5\d\d), message=/),
  says('transient', anyType, /too many 5\d\d error responses/),
  says(
    'transient',
    /(?:HTTP|Http|API|Api|Status|Response|Transport|Server|Rest|Github)\w*(?:Error|Exception)$/,
    /(?:<HttpError |\bHTTP |\bError code: |\bstatus(?:[ _]code)?[ =:]+|^\(?)(?:408|425|429|5\d\d)\b/i,
  ),
  typed(
    'transient',
    /(?:^|\.)(?:ServiceUnavailable|TooManyRequests|BadGateway|GatewayTimeout|InternalServerError|RateLimitError|RateLimitExceeded)$/,
  ),
  says(
    'bug',
    /HTTP|ClientResponseError|ApiError|ClientError/,
    /\b4\d\d (?:Client Error)|Client error '4\d\d|HTTP Error 4\d\d|^4\d\d, message=/,
  ),
  says(
    'transient',
    anyType,
    /\bAn error occurred \((?:SlowDown|Throttl\w*|RequestLimitExceeded|ProvisionedThroughputExceeded\w*|TooManyRequests\w*|RequestTimeout\w*|PriorRequestNotComplete|ServiceUnavailable\w*|InternalError|InternalFailure|InternalServer\w*|5\d\d)\)/,
  ),
  says('bug', anyType, /\bAn error occurred \(\w+\)/),
  says('bug', anyType, /CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLCertVerificationError/),

  says('transient', redis, /^(?:LOADING|READONLY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|BUSY)\b/),
  says('bug', redis, /^(?:WRONGTYPE|NOSCRIPT|NOAUTH|NOPERM|WRONGPASS|ERR)\b/),
  typed(
    'transient',
    /^(?:redis|valkey|aioredis)\.(?:exceptions\.)?(?:ConnectionError|TimeoutError|BusyLoadingError|ReadOnlyError|TryAgainError|ClusterDownError|MasterDownError|MaxConnectionsError)$/,
  ),

  // An alias that the settings lack, named like PostgreSQL's error 08003.
  typed('bug', /^django\.utils\.connection\./),
  named(
    'transient',
    /^(?:DeadlockDetected\w*|SerializationFailure|SerializationError|LockNotAvailable\w*|AdminShutdown\w*|CrashShutdown\w*|CannotConnectNow\w*|ConnectionDoesNotExist\w*|ConnectionFailure\w*|IdleInTransactionSessionTimeout)$/,
  ),
  says(
    'transient',
    database,
    /\(psycopg2?\.errors\.(?:DeadlockDetected|SerializationFailure|LockNotAvailable|AdminShutdown)\)/,
  ),
  says(
    'transient',
    database,
    /connection refused|could not connect|connection (?:was |already |is )?closed|server closed the connection|closed the connection unexpectedly|terminating connection|gone away|lost connection|connection reset|connection timed out|timeout expired|deadlock|could not serialize|lock wait timeout|starting up|shutting down|could not translate host name|name or service not known|SSL connection has been closed|EOF detected|in recovery mode|conflict with recovery|lock timeout|network is unreachable|no route to host|broken pipe/i,
  ),
  says('transient', /\bsqlite3\.|^sqlalchemy\.|^django\.db\./, /database (?:table )?is locked/),

  typed(
    'transient',
    /^(?:requests|urllib3|httpx|httpcore|aiohttp|botocore|boto3|websockets)\b.*\.(?:ConnectionError|ConnectTimeout\w*|ReadTimeout\w*|WriteTimeout|PoolTimeout|Timeout|TimeoutError|TimeoutException|MaxRetryError|NewConnectionError|ProtocolError|ChunkedEncodingError|RetryError|IncompleteRead|NameResolutionError|ProxyError|ConnectError|ReadError|WriteError|CloseError|NetworkError|TransportError|RemoteProtocolError|EndpointConnectionError|ConnectionClosedError|ConnectionClosed\w*|HTTPClientError|ClientConnector\w*|ClientConnectionError|ClientOSError|ClientPayloadError|ServerDisconnectedError|ServerConnectionError|ServerTimeoutError|SocketTimeout|ConnectionTimeoutError)$/,
  ),
  named(
    'transient',
    /^(?:gaierror|herror|ConnectionResetError|ConnectionRefusedError|ConnectionAbortedError|BrokenPipeError|RemoteDisconnected|IncompleteReadError)$/,
  ),
  typed('transient', /^(?:ConnectionError|TimeoutError|socket\.timeout|(?:asyncio|concurrent)\b.*\.TimeoutError)$/),
  says(
    'transient',
    /^(?:OSError|urllib\.error\.URLError|ssl\.SSL\w*)$/,
    /\[Errno (?:-\d+|32|100|101|103|104|110|111|112|113)\]|timed out|EOF occurred/,
  ),
  typed('transient', /^http\.client\.(?:RemoteDisconnected|IncompleteRead|BadStatusLine)$/),
  typed('transient', /^smtplib\.(?:SMTPServerDisconnected|SMTPConnectError)$/),
  says('transient', /^smtplib\./, /^(?:\{.*)?\(4\d\d, /),
  named(
    'transient',
    /^(?:AutoReconnect|ServerSelectionTimeoutError|NotPrimaryError|NotMasterError|NetworkTimeout|WaitQueueTimeoutError)$/,
  ),
  typed(
    'transient',
    /^(?:kombu|amqp|pika|aio_pika|aiormq)\b.*\.(?:OperationalError|ConnectionError|ConnectionForced|RecoverableConnectionError|AMQPConnectionError|AMQPHeartbeatTimeout|ConnectionClosed\w*|StreamLostError|IncompatibleProtocolError)$/,
  ),
  named(
    'transient',
    /^(?:AMQPConnectionError|AMQPHeartbeatTimeout|StreamLostError|KafkaConnectionError|KafkaTimeoutError|NoBrokersAvailable|ServiceUnavailableError|DeadlineExceeded|ServiceUnavailable)$/,
  ),
  says('transient', /grpc|RpcError|RPCError|Inactive/, /StatusCode\.(?:UNAVAILABLE|DEADLINE_EXCEEDED|ABORTED)/),
  // What any client library calls the same two things; after the rules that know better.
  named(
    'transient',
    /^(?:API|Network|Socket|Server|Service|Broker|Cluster|NoValid|Redis)?Connections?(?:Error|Lost|Loss|Reset|Refused|Closed|Failed|Failure|Interrupted)(?:Error|Exception)?$/,
  ),
  named(
    'transient',
    /^(?:API|Network|Socket|Server|Gateway|Request|Connection|Connect|Read|Write|Operation)?(?:Timeout|TimedOut)(?:Error|Exception)?$/,
  ),
];
