/**
 * Classes by the names of exceptions and the words of their messages, library by library: what a code does not tell. The
 * first rule that matches wins, so what knows more stands before what knows less.
 */
import { shortName } from '../event/python/exception.ts';
import { database } from './class-codes.ts';
import type { FailureClass } from './facts.ts';

interface Rule {
  readonly class: FailureClass;
  readonly matches: (type: string, name: string, message: string) => boolean;
}

/** By the class's own name, wherever it lives. */
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
const redis = /^(?:redis|valkey|kombu|aioredis|coredis)\./;
const search = /^(?:elasticsearch|elastic_transport|opensearchpy)\b/;

/** What needs to be known before any code in the message: a limit is a limit, whatever number it speaks of. */
export const rulesBeforeCodes: readonly Rule[] = [
  named('cancelled', /^(?:CancelledError|TaskRevokedError|Terminated|KeyboardInterrupt|QueryCanceledByUser)$/),
  says('cancelled', /^SystemExit$/, /^$/),
  says('cancelled', anyType, /canceling statement due to user request|StatusCode\.CANCELLED/),
  says('cancelled', /CalledProcessError$/, /died with <Signals\.SIG(?:TERM|INT|QUIT|HUP)\b/),
  says('cancelled', /^sqlite3\./, /^interrupted$/),

  named('resource', /^(?:SoftTimeLimitExceeded|TimeLimitExceeded|\w*MemoryError|OutOfMemory\w*|ResourceExhausted)$/),
  named('resource', /^(?:ExecutionTimeout|BrokenProcessPool|TerminatedWorkerError|BrokenPool|DecompressionBombError)$/),
  typed('resource', /^subprocess\.TimeoutExpired$/),
  says('resource', /CalledProcessError$/, /died with <Signals\.SIGKILL\b|non-zero exit status (?:137|-9)\b/),
  named('resource', /^(?:TooManyConnections\w*|DiskFull\w*|InsufficientResources|ConfigurationLimitExceeded\w*)$/),
  says('resource', /^RuntimeError$/, /out of memory|can't start new thread/),
  says('resource', anyType, /canceling statement due to statement timeout|maximum statement execution time exceeded/),
  says('transient', anyType, /canceling statement due to (?:lock timeout|conflict with recovery)/),
  says('resource', anyType, /StatusCode\.RESOURCE_EXHAUSTED/),
  says('resource', search, /circuit_breaking_exception/),
  says('resource', /^ftplib\./, /^(?:452|552)\b/),
  // Of a driver that had its server translate the message, only the class and a few words of each language are left.
  says('cancelled', /QueryCanceled/, /Benutzer|utilisateur|usuario|usuário|utente|пользовател|用户|ユーザ/i),
  says('transient', /QueryCanceled/, /\block\b|Sperr|verrou|bloque|bloccaggio|блокиров|锁|ロック/i),
  named('resource', /^QueryCanceled(?:Error)?$/),
  says(
    'resource',
    database,
    /remaining connection slots|too many clients|too many connections|QueuePool limit|No space left on device|(?:disk|table '.*') is full|disk I\/O error|out of (?:shared )?memory|max_user_connections|zu viele|trop de|demasiad|demais|troppe|слишком много|太多|多すぎ/i,
  ),
  says('resource', redis, /^(?:OOM|MISCONF) |maxmemory|max number of clients/),
  typed('resource', /^(?:redis|valkey)\..*MaxConnectionsError$/),
  says('resource', /clickhouse/, /^Code: (?:159|160|241|243|396)\b/),

  says(
    'bug',
    anyType,
    /CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLCertVerificationError|WRONG_VERSION_NUMBER/,
  ),
  // The request itself is wrong, or the answer is whole and cannot be read.
  named('bug', /^(?:ContentTypeError|ProbableAuthenticationError|ProbableAccessDeniedError|\w*AuthenticationError)$/),
  says(
    'bug',
    /^(?:requests|httpx|aiohttp|urllib3)\./,
    /^(?:No connection adapters|Invalid URL|Request URL is missing)/,
  ),
  // An alias that the settings lack, named like PostgreSQL's error 08003.
  typed('bug', /^django\.utils\.connection\./),
  typed('transient', /^google\.(?:api_core|cloud).*\.Aborted$/),
  named('transient', /(?:^|\w)(?:RateLimit|Ratelimit|Throttl|TooManyRequests|SlowDown)\w*$/),
];

/** AWS tells by a word where others have a number. */
const aws =
  /\b(?:An error occurred \(|S3 operation failed; code: )(?:SlowDown|\w*Throttl\w*|RequestLimitExceeded|ProvisionedThroughputExceeded\w*|TooManyRequests\w*|RequestTimeout\w*|PriorRequestNotComplete|TransactionConflict\w*|TransactionInProgress\w*|\w*Unavailable\w*|Internal(?:Error|Failure|Server\w*|Service\w*)|BandwidthLimitExceeded|EC2ThrottledException|LimitExceededException|5\d\d)\b/;

/** Whether the one at the other end of a database connection is away, in the drivers' words and in the system's. */
const databaseAway =
  /connection refused|could not connect|can't connect|cannot connect|unable to connect|failed to connect|connection (?:was |already |is |has been )?(?:closed|lost|reset)|(?:connection|cursor) already closed|server closed the connection|closed the connection unexpectedly|terminating connection|gone away|lost connection|connection reset|timed out|timeout expired|deadlock|could not serialize|could not obtain lock|lock wait timeout|lock timeout|starting up|shutting down|could not translate host name|name or service not known|name resolution|EOF detected|SYSCALL error|in recovery mode|conflict with recovery|read-only transaction|network is unreachable|no route to host|broken pipe|couldn't get a connection|communication (?:error|link)|unable to complete network request/i;

export const rulesAfterCodes: readonly Rule[] = [
  says('transient', anyType, aws),
  says('bug', anyType, /\bAn error occurred \(\w+\)|^S3 operation failed;/),
  says(
    'transient',
    /grpc|RpcError|RPCError|Inactive/,
    /StatusCode\.(?:UNAVAILABLE|DEADLINE_EXCEEDED|ABORTED|INTERNAL)/,
  ),
  says(
    'transient',
    /^azure\./,
    /\((?:ServerBusy|OperationTimedOut|InternalError)\)|'(?:Service Unavailable|Too Many Requests|Internal Server Error|Bad Gateway|Gateway Timeout)'/,
  ),
  typed('transient', /^azure\..*\.(?:ServiceRequest|ServiceResponse|IncompleteRead)\w*$/),
  typed('transient', /^google\.(?:api_core|auth|cloud).*\.(?:RetryError|TransportError|ServerError)$/),
  says(
    'transient',
    /SlackApiError$/,
    /'error': '(?:ratelimited|service_unavailable|internal_error|fatal_error|request_timeout)'/,
  ),
  typed('transient', /^stripe\.(?:\w+\.)*APIError$/),

  says('transient', redis, /^(?:LOADING|READONLY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|BUSY)\b|Unable to acquire lock/),
  says('bug', redis, /^(?:WRONGTYPE|NOSCRIPT|NOAUTH|NOPERM|WRONGPASS|ERR)\b/),
  typed(
    'transient',
    /^(?:redis|valkey|aioredis|coredis)\.(?:\w+\.)*(?:ConnectionError|TimeoutError|BusyLoadingError|ReadOnlyError|TryAgainError|\w*ClusterDownError|MasterDownError|MasterNotFoundError|SlaveNotFoundError)$/,
  ),

  named(
    'transient',
    /^(?:DeadlockDetected\w*|SerializationFailure|SerializationError|LockNotAvailable\w*|AdminShutdown\w*|CrashShutdown\w*|CannotConnectNow\w*|ConnectionDoesNotExist\w*|ConnectionFailure\w*|ReadOnlySqlTransaction\w*|ReadOnlySQLTransaction\w*|IdleInTransactionSessionTimeout\w*|SqlclientUnableToEstablishSqlconnection)$/,
  ),
  says(
    'transient',
    database,
    /\(psycopg2?\.errors\.(?:DeadlockDetected|SerializationFailure|LockNotAvailable|AdminShutdown)\)/,
  ),
  says('bug', database, /duplicate|no such|does not exist|doesn't exist|violates/i),
  says('transient', database, databaseAway),
  says('transient', /^asyncpg\..*InterfaceError$/, /closed/),
  says('transient', /\bsqlite3\.|^sqlalchemy\.|^django\.db\.|^peewee\./, /database (?:table |schema )?is locked/),
  // libpq's own class, without one for a SQLSTATE, is about the connection, in whatever language it says so.
  says(
    'bug',
    /OperationalError$/,
    /authenti|passw|mot de passe|contraseña|senha|парол|подлинности|认证|認証|pg_hba|existiert nicht|n'existe pas|no existe|não existe|non esiste|не существует|不存在|存在しません|invalid|missing "="|ungültig|no such/i,
  ),
  typed('transient', /^psycopg2?\.OperationalError$/),
  says('transient', database, /Verbindung|connexion|conexi[óo]n|conexão|connessione|соединени|подключ|连接|連接|接続/i),

  typed(
    'transient',
    /^(?:requests|urllib3|httpx|httpcore|aiohttp|botocore|boto3|websockets|websocket)\b.*\.(?:ConnectionError|Connect\w*Timeout\w*|Read\w*Timeout\w*|WriteTimeout|PoolTimeout|\w*Timeout|TimeoutError|TimeoutException|MaxRetryError|NewConnectionError|ProtocolError|ChunkedEncodingError|ContentDecodingError|RetryError|ResponseError|IncompleteRead\w*|NameResolutionError|ProxyError|SSLError|ConnectError|ReadError|WriteError|CloseError|NetworkError|TransportError|RemoteProtocolError|EndpointConnectionError|ResponseStreamingError|ConnectionClosedError|ConnectionClosed\w*|HTTPClientError|ClientConnector\w*|ClientConnectionError|ClientConnectionResetError|ClientOSError|ClientPayloadError|ServerDisconnectedError|ServerConnectionError|ServerTimeoutError|SocketTimeout|ConnectionTimeoutError|WebSocketConnectionClosedException|WebSocketTimeoutException)$/,
  ),
  named(
    'transient',
    /^(?:gaierror|herror|ConnectionResetError|ConnectionRefusedError|ConnectionAbortedError|BrokenPipeError|RemoteDisconnected|IncompleteReadError|InterruptedError|ContentTooShortError|SSLEOFError|SSLZeroReturnError)$/,
  ),
  typed('transient', /^(?:ConnectionError|TimeoutError|socket\.timeout|(?:asyncio|concurrent)\b.*\.TimeoutError)$/),
  // Without words it is a connection's; readers of files have some.
  says('transient', /^EOFError$/, /^$/),
  says(
    'transient',
    /^(?:OSError|IOError|urllib\.error\.URLError|ssl\.SSL\w*)$/,
    /timed out|EOF occurred|Tunnel connection failed: 5/,
  ),
  typed('transient', /^http\.client\.(?:RemoteDisconnected|IncompleteRead|BadStatusLine)$/),
  typed(
    'transient',
    /^smtplib\.(?:SMTPServerDisconnected|SMTPConnectError)$|^aiosmtplib\..*(?:Connect|Disconnected|Timeout)\w*$/,
  ),
  says('transient', /^(?:aio)?smtplib\./, /^(?:\{.*?)?\(4\d\d, /),
  typed('transient', /^ftplib\.error_temp$|^dns\.resolver\.(?:NoNameservers|LifetimeTimeout)$|^zmq\.error\.Again$/),
  says('transient', /^paramiko\./, /banner|not active|dropped|timeout|timed out|EOF|closed|Unable to connect/i),

  named(
    'transient',
    /^(?:AutoReconnect|ServerSelectionTimeoutError|NotPrimaryError|NotMasterError|NetworkTimeout|WaitQueueTimeoutError)$/,
  ),
  typed(
    'transient',
    /^(?:kombu|amqp|pika|aio_pika|aiormq)\b.*\.(?:OperationalError|ConnectionError|ConnectionForced|RecoverableConnectionError|RecoverableChannelError|AMQPConnectionError|AMQPHeartbeatTimeout|ConnectionClosed\w*|StreamLostError|IncompatibleProtocolError|NackError)$/,
  ),
  says('bug', /KafkaException$/, /code=(?:UNKNOWN_|TOPIC_|MSG_|INVALID_|_UNKNOWN)/),
  says(
    'transient',
    /KafkaException$/,
    /_TRANSPORT|_ALL_BROKERS_DOWN|_TIMED_OUT|_MSG_TIMED_OUT|_RESOLVE|NOT_LEADER|LEADER_NOT|NOT_COORDINATOR/,
  ),
  named(
    'transient',
    /^(?:KafkaTimeoutError|NoBrokersAvailable|NotLeader\w*|LeaderNotAvailable\w*|NotCoordinator\w*|NodeNotReady\w*)$/,
  ),
  typed('transient', /^celery\..*\.BackendStoreError$/),
  says('transient', /^hdfs\./, /state standby/),
  typed('transient', /^ccxt\..*\.(?:NetworkError|DDoSProtection|ExchangeNotAvailable|RequestTimeout)$/),
  typed('transient', /^firebase_admin\..*\.(?:QuotaExceededError|UnavailableError)$/),

  // What any library or project calls the same few things; after the rules that know better.
  named(
    'transient',
    /^(?:\w*[a-z])?(?:Service|Server|Host|Backend|Node|Broker|Database|Api|API|Gateway|Upstream|Provider|Network)Unavailable(?:Error|Exception)?$|^Unavailable(?:Error|Exception)?$/,
  ),
  named(
    'transient',
    /^(?:Service|Server|Host|Vault|Backend|Gateway|Partner|Upstream|Provider|SERVER)_?(?:Down|DOWN)(?:Error|Exception)?$/,
  ),
  named(
    'transient',
    /^(?:BadGateway|InternalServerError|DeadlineExceeded|NetworkError|NoHostAvailable|NoServersError|ServerBusy|Overloaded)(?:Error|Exception)?$/,
  ),
  named('transient', /^(?:Temporary|Transient|Retryable|Retriable|Recoverable)[A-Z]\w*$/),
  named(
    'transient',
    /^(?!Invalid|Bad|Missing|Unknown|Wrong|Illegal|No[A-Z])\w*?(?:Connections?|Socket\w*|Target|Session\w*|Tunnel\w*)(?:Error|Lost|Loss|Reset|Refused|Closed|Failed|Failure|Interrupted|Disconnected|OpenError|ForwarderError)(?:Error|Exception)?$|^NoValidConnectionsError$/,
  ),
  named('transient', /^(?!Invalid|Bad|Missing|Unknown|Wrong|Illegal)\w*(?:Timeout|TimedOut)(?:Error|Exception)?$/),
];

/** The class that `rules` give to an exception of this class and message. */
export function classIn(rules: readonly Rule[], type: string, message: string): FailureClass | undefined {
  const name = shortName(type);
  return rules.find((rule) => rule.matches(type, name, message))?.class;
}
