/**
 * Classes by the name of an exception and the words of its message, library by library. The first rule that matches wins,
 * so specific rules stand before general ones.
 */
import { database } from './class-codes.ts';
import { limitRules } from './limit-rules.ts';
import { replyRules } from './reply-rules.ts';
import { exceptAboutValues, named, type Rule, saying, typed, worded } from './rule.ts';

const search = /^(?:elasticsearch|elastic_transport|opensearchpy)\b/;

const stoppedBy =
  /\b(?:cancell?ed|aborted|interrupted|terminated|revoked|stopped) (?:by|on request of) (?:the |an? )?(?:user|operator|client|caller)\b/i;

/** Stops on request of a person, of the application, or of a worker that shuts down. */
const stopRules: readonly Rule[] = [
  named(
    'cancelled',
    /^(?:TaskRevokedError|Terminated|KeyboardInterrupt|GreenletExit|WorkerShutdown|WorkerTerminate|QueryCanceledByUser|CancelledRun)$/,
  ),
  // Libraries name what they run. A cancelled order is a matter of the application.
  named(
    'cancelled',
    /^(?:(?:Operation|Task|Job|Run|Request|Future|Execution|Workflow|Activity|Stream|Call|Rpc|Scope)?Cancell?ed)(?:Error|Exception)?$/,
  ),
  typed('cancelled', /^celery\..*\.Ignore$/),
  worded('cancelled', /^SystemExit$/, /^0?$/),
  saying('cancelled', /\bdied with <Signals\.SIG(?:TERM|INT|QUIT|HUP)\b|\bnon-zero exit status (?:130|143|-2|-15)\b/),
  exceptAboutValues([saying('cancelled', stoppedBy)]),
];

/** Rules that win over a code in the message: an exceeded limit is one whatever number the message contains. */
export const rulesBeforeCodes: readonly Rule[] = [
  ...replyRules,
  ...stopRules,
  saying('cancelled', /canceling statement due to user request/),
  worded('cancelled', /^sqlite3\./, /^interrupted$/),

  named('resource', /^(?:SoftTimeLimitExceeded|TimeLimitExceeded|\w*MemoryError|OutOfMemory\w*|ResourceExhausted)$/),
  named('resource', /^(?:ExecutionTimeout|BrokenProcessPool|TerminatedWorkerError|BrokenPool|DecompressionBombError)$/),
  typed('resource', /^subprocess\.TimeoutExpired$/),
  saying('resource', /\bdied with <Signals\.SIGKILL\b|\bnon-zero exit status (?:137|-9)\b/),
  named('resource', /^(?:TooManyConnections\w*|DiskFull\w*|InsufficientResources|ConfigurationLimitExceeded\w*)$/),
  worded('resource', /^RuntimeError$/, /out of memory|can't start new thread/),
  saying('resource', /canceling statement due to statement timeout|maximum statement execution time exceeded/),
  saying('transient', /canceling statement due to (?:lock timeout|conflict with recovery)/),
  worded('resource', search, /circuit_breaking_exception/),
  worded('resource', /^ftplib\./, /^(?:452|552)\b/),
  // Messages translated by the database server: only the exception class and a few words per language identify them.
  worded('cancelled', /QueryCanceled/, /Benutzer|utilisateur|usuario|usuário|utente|пользовател|用户|ユーザ/i),
  worded('transient', /QueryCanceled/, /\block\b|Sperr|verrou|bloque|bloccaggio|блокиров|锁|ロック/i),
  named('resource', /^QueryCanceled(?:Error)?$/),
  worded(
    'resource',
    database,
    /remaining connection slots|too many clients|too many connections|QueuePool limit|No space left on device|(?:disk|table '.*') is full|disk I\/O error|out of (?:shared )?memory|max_user_connections|zu viele|trop de|demasiad|demais|troppe|слишком много|太多|多すぎ/i,
  ),
  worded('resource', /clickhouse/, /^Code: (?:159|160|241|243|396)\b/),

  saying('bug', /CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLCertVerificationError|WRONG_VERSION_NUMBER/),
  // The request is wrong, or the response is complete and unreadable.
  named('bug', /^(?:ContentTypeError|ProbableAuthenticationError|ProbableAccessDeniedError|\w*AuthenticationError)$/),
  worded(
    'bug',
    /^(?:requests|httpx|aiohttp|urllib3)\./,
    /^(?:No connection adapters|Invalid URL|Request URL is missing)/,
  ),
  // A database alias that is missing in the settings; the exception has the name of PostgreSQL's error 08003.
  typed('bug', /^django\.utils\.connection\./),
  typed('transient', /^google\.(?:api_core|cloud).*\.Aborted$/),
  named(
    'transient',
    /(?:^|\w)(?:RateLimit|Ratelimit|Throttl|TooManyRequests|SlowDown|FloodWait)\w*$|^RetryAfter(?:Error)?$/,
  ),
  ...limitRules,
];

/** AWS error names, where other services have numbers. */
const aws =
  /\b(?:An error occurred \(|S3 operation failed; code: )(?:SlowDown|\w*Throttl\w*|RequestLimitExceeded|ProvisionedThroughputExceeded\w*|TooManyRequests\w*|RequestTimeout\w*|PriorRequestNotComplete|TransactionConflict\w*|TransactionInProgress\w*|\w*Unavailable\w*|Internal(?:Error|Failure|Server\w*|Service\w*)|BandwidthLimitExceeded|EC2ThrottledException|LimitExceededException|5\d\d)\b/;

/** Messages of drivers and of the operating system about a database that is unreachable or closed the connection. */
const databaseAway =
  /connection refused|could not connect|can't connect|cannot connect|unable to connect|failed to connect|connection (?:was |already |is |has been )?(?:closed|lost|reset)|(?:connection|cursor) already closed|server closed the connection|closed the connection unexpectedly|terminating connection|gone away|lost connection|connection reset|timed out|timeout expired|deadlock|could not serialize|could not obtain lock|lock wait timeout|lock timeout|starting up|shutting down|could not translate host name|name or service not known|name resolution|EOF detected|SYSCALL error|in recovery mode|conflict with recovery|read-only transaction|network is unreachable|no route to host|broken pipe|couldn't get a connection|communication (?:error|link)|unable to complete network request/i;

export const rulesAfterCodes: readonly Rule[] = [
  saying('transient', aws),
  saying('bug', /\bAn error occurred \(\w+\)|^S3 operation failed;/),
  worded(
    'transient',
    /grpc|RpcError|RPCError|Inactive/,
    /StatusCode\.(?:UNAVAILABLE|DEADLINE_EXCEEDED|ABORTED|INTERNAL)/,
  ),
  worded(
    'transient',
    /^azure\./,
    /\((?:ServerBusy|OperationTimedOut|InternalError)\)|'(?:Service Unavailable|Too Many Requests|Internal Server Error|Bad Gateway|Gateway Timeout)'/,
  ),
  typed('transient', /^azure\..*\.(?:ServiceRequest|ServiceResponse|IncompleteRead)\w*$/),
  typed('transient', /^google\.(?:api_core|auth|cloud).*\.(?:RetryError|TransportError|ServerError)$/),
  worded(
    'transient',
    /SlackApiError$/,
    /'error': '(?:ratelimited|service_unavailable|internal_error|fatal_error|request_timeout)'/,
  ),
  typed('transient', /^stripe\.(?:\w+\.)*APIError$/),

  named(
    'transient',
    /^(?:DeadlockDetected\w*|SerializationFailure|SerializationError|LockNotAvailable\w*|AdminShutdown\w*|CrashShutdown\w*|CannotConnectNow\w*|ConnectionDoesNotExist\w*|ConnectionFailure\w*|ReadOnlySqlTransaction\w*|ReadOnlySQLTransaction\w*|IdleInTransactionSessionTimeout\w*|SqlclientUnableToEstablishSqlconnection)$/,
  ),
  worded(
    'transient',
    database,
    /\(psycopg2?\.errors\.(?:DeadlockDetected|SerializationFailure|LockNotAvailable|AdminShutdown)\)/,
  ),
  worded('bug', database, /duplicate|no such|does not exist|doesn't exist|violates/i),
  worded('transient', database, databaseAway),
  worded('transient', /^asyncpg\..*InterfaceError$/, /closed/),
  worded('transient', /\bsqlite3\.|^sqlalchemy\.|^django\.db\.|^peewee\./, /database (?:table |schema )?is locked/),
  // psycopg's OperationalError without a SQLSTATE class concerns the connection, in any language of the message.
  worded(
    'bug',
    /OperationalError$/,
    /authenti|passw|mot de passe|contraseña|senha|парол|подлинности|认证|認証|pg_hba|existiert nicht|n'existe pas|no existe|não existe|non esiste|не существует|不存在|存在しません|invalid|missing "="|ungültig|no such/i,
  ),
  typed('transient', /^psycopg2?\.OperationalError$/),
  worded(
    'transient',
    database,
    /Verbindung|connexion|conexi[óo]n|conexão|connessione|соединени|подключ|连接|連接|接続/i,
  ),

  typed(
    'transient',
    /^(?:requests|urllib3|httpx|httpcore|aiohttp|botocore|boto3|websockets|websocket)\b.*\.(?:ConnectionError|Connect\w*Timeout\w*|Read\w*Timeout\w*|WriteTimeout|PoolTimeout|\w*Timeout|TimeoutError|TimeoutException|MaxRetryError|NewConnectionError|ProtocolError|ChunkedEncodingError|ContentDecodingError|RetryError|ResponseError|IncompleteRead\w*|NameResolutionError|ProxyError|SSLError|ConnectError|ReadError|WriteError|CloseError|NetworkError|TransportError|RemoteProtocolError|EndpointConnectionError|ResponseStreamingError|ConnectionClosedError|ConnectionClosed\w*|HTTPClientError|ClientConnector\w*|ClientConnectionError|ClientConnectionResetError|ClientOSError|ClientPayloadError|ServerDisconnectedError|ServerConnectionError|ServerTimeoutError|SocketTimeout|ConnectionTimeoutError|WebSocketConnectionClosedException|WebSocketTimeoutException)$/,
  ),
  named(
    'transient',
    /^(?:gaierror|herror|ConnectionResetError|ConnectionRefusedError|ConnectionAbortedError|BrokenPipeError|RemoteDisconnected|IncompleteReadError|InterruptedError|ContentTooShortError|SSLEOFError|SSLZeroReturnError)$/,
  ),
  typed('transient', /^(?:ConnectionError|TimeoutError|socket\.timeout|(?:asyncio|concurrent)\b.*\.TimeoutError)$/),
  // An EOFError without a message comes from a connection; those of file readers have a message.
  worded('transient', /^EOFError$/, /^$/),
  worded(
    'transient',
    /^(?:OSError|IOError|urllib\.error\.URLError|ssl\.SSL\w*)$/,
    /timed out|EOF occurred|Tunnel connection failed: 5/,
  ),
  typed('transient', /^http\.client\.(?:RemoteDisconnected|IncompleteRead|BadStatusLine)$/),
  typed(
    'transient',
    /^smtplib\.(?:SMTPServerDisconnected|SMTPConnectError)$|^aiosmtplib\..*(?:Connect|Disconnected|Timeout)\w*$/,
  ),
  typed('transient', /^ftplib\.error_temp$|^dns\.resolver\.(?:NoNameservers|LifetimeTimeout)$|^zmq\.error\.Again$/),
  worded('transient', /^paramiko\./, /banner|not active|dropped|timeout|timed out|EOF|closed|Unable to connect/i),

  named(
    'transient',
    /^(?:AutoReconnect|ServerSelectionTimeoutError|NotPrimaryError|NotMasterError|NetworkTimeout|WaitQueueTimeoutError)$/,
  ),
  typed(
    'transient',
    /^(?:kombu|amqp|pika|aio_pika|aiormq)\b.*\.(?:OperationalError|ConnectionError|ConnectionForced|RecoverableConnectionError|RecoverableChannelError|AMQPConnectionError|AMQPHeartbeatTimeout|ConnectionClosed\w*|StreamLostError|IncompatibleProtocolError|NackError)$/,
  ),
  worded('bug', /KafkaException$/, /code=(?:UNKNOWN_|TOPIC_|MSG_|INVALID_|_UNKNOWN)/),
  worded(
    'transient',
    /KafkaException$/,
    /_TRANSPORT|_ALL_BROKERS_DOWN|_TIMED_OUT|_MSG_TIMED_OUT|_RESOLVE|NOT_LEADER|LEADER_NOT|NOT_COORDINATOR/,
  ),
  named(
    'transient',
    /^(?:KafkaTimeoutError|NoBrokersAvailable|NotLeader\w*|LeaderNotAvailable\w*|NotCoordinator\w*|NodeNotReady\w*)$/,
  ),
  typed('transient', /^celery\..*\.BackendStoreError$/),
  worded('transient', /^hdfs\./, /state standby/),
  typed('transient', /^ccxt\..*\.(?:NetworkError|DDoSProtection|ExchangeNotAvailable|RequestTimeout)$/),
  typed('transient', /^firebase_admin\..*\.(?:QuotaExceededError|UnavailableError)$/),

  // Common names in any library or project; last, because the rules above are more specific.
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
