/** Exceptions as libraries raise them, by class: one line for each, `exception class | message`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParsedException } from '../../event/python/parsed-exception.ts';
import type { Redacted } from '../../event/untrusted.ts';
import type { FailureClass } from '../facts.ts';
import { classOf } from './class.ts';

const families: Readonly<Record<FailureClass, string>> = {
  transient: String.raw`
    celery.exceptions.MaxRetriesExceededError | Can't retry x[1] args:() kwargs:{}
    requests.exceptions.SSLError | HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: / (Caused by SSLError(SSLEOFError(8, 'EOF occurred in violation of protocol (_ssl.c:1129)')))
    requests.exceptions.ProxyError | HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: / (Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 503 Service Unavailable')))
    requests.exceptions.ReadTimeout | HTTPConnectionPool(host='x', port=80): Read timed out. (read timeout=5)
    requests.exceptions.ChunkedEncodingError | ('Connection broken: IncompleteRead(0 bytes read)', IncompleteRead(0 bytes read))
    requests.exceptions.ContentDecodingError | ('Received response with content-encoding: gzip, but failed to decode it.', error('Error -3 while decompressing data: incorrect header check'))
    urllib3.exceptions.ReadTimeoutError | HTTPSConnectionPool(host='x', port=443): Read timed out.
    urllib3.exceptions.IncompleteRead | IncompleteRead(10 bytes read, 20 more expected)
    httpx.HTTPStatusError | Server error '502 Bad Gateway' for url 'http://x'
    httpx.HTTPStatusError | Client error '429 Too Many Requests' for url 'http://x'
    httpx.RemoteProtocolError | Server disconnected without sending a response.
    httpcore.ReadTimeout |
    aiohttp.client_exceptions.ServerDisconnectedError | Server disconnected
    aiohttp.client_exceptions.ClientConnectorDNSError | Cannot connect to host x:443 ssl:default [Name or service not known]
    aiohttp.client_exceptions.ClientResponseError | 503, message='Service Unavailable', url='http://x'
    aiohttp.client_exceptions.ClientPayloadError | Response payload is not completed
    botocore.exceptions.ClientError | An error occurred (ThrottlingException) when calling the X operation (reached max retries: 4): Rate exceeded
    botocore.exceptions.ClientError | An error occurred (503) when calling the HeadObject operation (reached max retries: 4): Service Unavailable
    botocore.errorfactory.ProvisionedThroughputExceededException | An error occurred (ProvisionedThroughputExceededException) when calling the PutItem operation: x
    botocore.errorfactory.TransactionConflictException | An error occurred (TransactionConflictException) when calling the X operation: x
    botocore.exceptions.EndpointConnectionError | Could not connect to the endpoint URL: "http://x"
    botocore.exceptions.ConnectTimeoutError | Connect timeout on endpoint URL: "http://x"
    botocore.exceptions.ReadTimeoutError | Read timeout on endpoint URL: "http://x"
    botocore.exceptions.ConnectionClosedError | Connection was closed before we received a valid response from endpoint URL: "x".
    botocore.exceptions.ResponseStreamingError | An error occurred while reading from response stream: x
    boto3.exceptions.S3UploadFailedError | Failed to upload x to y: An error occurred (SlowDown) when calling the PutObject operation: Please reduce your request rate.
    google.api_core.exceptions.ServiceUnavailable | 503 The service is currently unavailable.
    google.api_core.exceptions.TooManyRequests | 429 POST https://x: quota
    google.api_core.exceptions.InternalServerError | 500 Internal error
    google.api_core.exceptions.DeadlineExceeded | 504 Deadline Exceeded
    google.api_core.exceptions.GatewayTimeout | 504 GET https://x
    google.api_core.exceptions.BadGateway | 502 GET https://x
    google.api_core.exceptions.Aborted | 409 aborted
    google.api_core.exceptions.RetryError | Timeout of 60.0s exceeded, last exception: 503 x
    google.auth.exceptions.TransportError | HTTPSConnectionPool(host='oauth2.googleapis.com', port=443): Max retries exceeded
    googleapiclient.errors.HttpError | <HttpError 503 when requesting https://x returned "Backend Error". Details: "x">
    azure.core.exceptions.ServiceRequestError | Cannot connect to host x:443 ssl:default
    azure.core.exceptions.ServiceResponseError | ('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))
    azure.core.exceptions.HttpResponseError | Operation returned an invalid status 'Service Unavailable'\nContent: x
    azure.core.exceptions.HttpResponseError | (ServerBusy) The server is busy.
    grpc._channel._InactiveRpcError | <_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNAVAILABLE\n\tdetails = "failed to connect to all addresses"\n>
    grpc.aio._call.AioRpcError | <AioRpcError of RPC that terminated with:\n\tstatus = StatusCode.DEADLINE_EXCEEDED\n\tdetails = "Deadline Exceeded"
    psycopg2.OperationalError | connection to server at "10.0.0.1", port 5432 failed: Connection refused
    psycopg2.OperationalError | could not connect to server: Verbindungsaufbau abgelehnt
    psycopg2.OperationalError | connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  the database system is starting up
    psycopg2.OperationalError | Verbindung zum Server auf »10.0.0.1«, Port 5432 fehlgeschlagen: Verbindungsaufbau abgelehnt
    psycopg2.OperationalError | la connexion au serveur sur « db », port 5432 a échoué : Connexion refusée
    psycopg2.OperationalError | server closed the connection unexpectedly
    psycopg2.OperationalError | SSL SYSCALL error: EOF detected
    psycopg2.InterfaceError | connection already closed
    psycopg2.InterfaceError | cursor already closed
    psycopg2.OperationalError | could not translate host name "db" to address: Temporary failure in name resolution
    psycopg2.errors.DeadlockDetected | deadlock detected
    psycopg2.errors.SerializationFailure | could not serialize access due to concurrent update
    psycopg2.errors.LockNotAvailable | could not obtain lock on row in relation "x"
    psycopg2.errors.AdminShutdown | terminating connection due to administrator command
    psycopg2.errors.QueryCanceled | canceling statement due to lock timeout
    psycopg2.errors.QueryCanceled | canceling statement due to conflict with recovery
    psycopg2.errors.IdleInTransactionSessionTimeout | terminating connection due to idle-in-transaction timeout
    psycopg2.errors.ReadOnlySqlTransaction | cannot execute INSERT in a read-only transaction
    psycopg.OperationalError | consuming input failed: server closed the connection unexpectedly
    psycopg.errors.ConnectionTimeout | connection timeout expired
    psycopg_pool.PoolTimeout | couldn't get a connection after 30.00 sec
    asyncpg.exceptions.ConnectionDoesNotExistError | connection was closed in the middle of operation
    asyncpg.exceptions.CannotConnectNowError | the database system is starting up
    asyncpg.exceptions.DeadlockDetectedError | deadlock detected
    asyncpg.exceptions._base.InterfaceError | connection is closed
    pymysql.err.OperationalError | (2003, "Can't connect to MySQL server on 'db' ([Errno 111] Connection refused)")
    pymysql.err.OperationalError | (2006, 'MySQL server has gone away')
    pymysql.err.OperationalError | (2013, 'Lost connection to MySQL server during query')
    pymysql.err.OperationalError | (1205, 'Lock wait timeout exceeded; try restarting transaction')
    pymysql.err.OperationalError | (1213, 'Deadlock found when trying to get lock; try restarting transaction')
    pymysql.err.OperationalError | (1290, 'The MySQL server is running with the --read-only option so it cannot execute this statement')
    pymysql.err.InternalError | (1205, 'x')
    MySQLdb.OperationalError | (2002, "Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)")
    MySQLdb.OperationalError | (2006, '')
    mysql.connector.errors.OperationalError | 2055: Lost connection to MySQL server at 'db:3306', system error: 104 Connection reset by peer
    mysql.connector.errors.DatabaseError | 2003 (HY000): Can't connect to MySQL server on 'db:3306' (111)
    mysql.connector.errors.InternalError | 1213 (40001): Deadlock found when trying to get lock; try restarting transaction
    oracledb.exceptions.OperationalError | DPY-6005: cannot connect to database (CONNECTION_ID=x). [Errno 111] Connection refused
    oracledb.exceptions.OperationalError | ORA-12541: Cannot connect. No listener at host x port 1521.
    cx_Oracle.DatabaseError | ORA-03113: end-of-file on communication channel
    cx_Oracle.DatabaseError | ORA-00060: deadlock detected while waiting for resource
    cx_Oracle.OperationalError | ORA-12170: TNS:Connect timeout occurred
    pyodbc.OperationalError | ('08001', '[08001] [Microsoft][ODBC Driver 17 for SQL Server]TCP Provider: Error code 0x2749 (10057) (SQLDriverConnect)')
    pyodbc.OperationalError | ('HYT00', '[HYT00] [Microsoft][ODBC Driver 17 for SQL Server]Login timeout expired (0) (SQLDriverConnect)')
    pyodbc.Error | ('40001', '[40001] [Microsoft][ODBC Driver 17 for SQL Server][SQL Server]Transaction (Process ID 52) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. (1205)')
    pyodbc.OperationalError | ('08S01', '[08S01] [Microsoft][ODBC Driver 17 for SQL Server]TCP Provider: Error code 0x68 (104) (SQLExecDirectW)')
    pymssql.exceptions.OperationalError | (20009, b'DB-Lib error message 20009, severity 9:\nUnable to connect: Adaptive Server is unavailable or does not exist (x)\n')
    pymssql._pymssql.OperationalError | (1205, b'Transaction (Process ID 5) was deadlocked on lock resources')
    sqlite3.OperationalError | database is locked
    sqlite3.OperationalError | database table is locked: x
    sqlalchemy.exc.OperationalError | (psycopg2.OperationalError) connection to server at "x", port 5432 failed: Connection refused
    sqlalchemy.exc.OperationalError | (pymysql.err.OperationalError) (2006, "MySQL server has gone away (BrokenPipeError(32, 'Broken pipe'))")
    sqlalchemy.exc.OperationalError | (pymysql.err.OperationalError) (1213, 'Deadlock found when trying to get lock; try restarting transaction')
    sqlalchemy.exc.OperationalError | (sqlite3.OperationalError) database is locked
    sqlalchemy.exc.DBAPIError | (psycopg2.errors.SerializationFailure) could not serialize access
    sqlalchemy.exc.InterfaceError | (psycopg2.InterfaceError) connection already closed
    django.db.utils.OperationalError | (2013, 'Lost connection to MySQL server during query')
    django.db.utils.OperationalError | server closed the connection unexpectedly
    django.db.utils.InterfaceError | connection already closed
    django.db.utils.OperationalError | deadlock detected
    redis.exceptions.ConnectionError | Error 111 connecting to localhost:6379. Connection refused.
    redis.exceptions.ConnectionError | Connection closed by server.
    redis.exceptions.TimeoutError | Timeout reading from socket
    redis.exceptions.BusyLoadingError | Redis is loading the dataset in memory
    redis.exceptions.ReadOnlyError | You can't write against a read only replica.
    redis.exceptions.LockError | Unable to acquire lock within the time specified
    redis.exceptions.ClusterDownError | CLUSTERDOWN The cluster is down
    redis.sentinel.MasterNotFoundError | No master found for 'mymaster'
    pymongo.errors.ServerSelectionTimeoutError | localhost:27017: [Errno 111] Connection refused
    pymongo.errors.AutoReconnect | connection closed
    pymongo.errors.NotPrimaryError | not primary
    pymongo.errors.NetworkTimeout | timed out
    pymongo.errors.WTimeoutError | waiting for replication timed out
    elasticsearch.exceptions.ConnectionError | ConnectionError(<urllib3.connection.HTTPConnection object>: Failed to establish a new connection)
    elasticsearch.exceptions.ConnectionTimeout | ConnectionTimeout caused by - ReadTimeoutError
    elasticsearch.exceptions.TransportError | TransportError(503, 'search_phase_execution_exception', None)
    elasticsearch.exceptions.TransportError | TransportError(429, 'es_rejected_execution_exception')
    elastic_transport.ConnectionError | Connection error caused by: NewConnectionError(x)
    elastic_transport.ConnectionTimeout | Connection timed out
    elasticsearch.ApiError | ApiError(503, 'no_shard_available_action_exception')
    opensearchpy.exceptions.ConnectionTimeout | ConnectionTimeout caused by x
    opensearchpy.exceptions.TransportError | TransportError(502, '<html>')
    kafka.errors.NoBrokersAvailable | NoBrokersAvailable
    kafka.errors.KafkaTimeoutError | KafkaTimeoutError: Failed to update metadata after 60.0 secs.
    kafka.errors.KafkaConnectionError | KafkaConnectionError: Connection at x failed
    kafka.errors.NotLeaderForPartitionError | [Error 6] NotLeaderForPartitionError
    kafka.errors.LeaderNotAvailableError | [Error 5] LeaderNotAvailableError
    confluent_kafka.KafkaException | KafkaError{code=_ALL_BROKERS_DOWN,val=-187,str="2/2 brokers are down"}
    confluent_kafka.KafkaException | KafkaError{code=_TRANSPORT,val=-195,str="Failed to get metadata: Local: Broker transport failure"}
    pika.exceptions.AMQPConnectionError |
    pika.exceptions.StreamLostError | Stream connection lost: ConnectionResetError(104, 'Connection reset by peer')
    pika.exceptions.ConnectionClosedByBroker | (320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'")
    kombu.exceptions.OperationalError | [Errno 111] Connection refused
    kombu.exceptions.OperationalError | Error 111 connecting to redis:6379. Connection refused.
    amqp.exceptions.ConnectionForced | (0, 0): (320) CONNECTION_FORCED - broker forced connection closure
    amqp.exceptions.RecoverableConnectionError | connection already closed
    smtplib.SMTPServerDisconnected | Connection unexpectedly closed
    smtplib.SMTPConnectError | (421, b'Service not available')
    smtplib.SMTPDataError | (451, b'4.3.0 Temporary lookup failure')
    smtplib.SMTPRecipientsRefused | {'x@y': (450, b'4.2.0 Greylisted')}
    smtplib.SMTPSenderRefused | (452, b'4.3.1 Insufficient system storage', 'x')
    aiosmtplib.errors.SMTPConnectTimeoutError | Timed out connecting to x
    paramiko.ssh_exception.NoValidConnectionsError | [Errno None] Unable to connect to port 22 on 10.0.0.1
    paramiko.ssh_exception.SSHException | Error reading SSH protocol banner
    paramiko.ssh_exception.SSHException | Server connection dropped
    paramiko.ssh_exception.SSHException | SSH session not active
    paramiko.ssh_exception.SSHException | Timeout opening channel.
    ftplib.error_temp | 421 Timeout.
    ftplib.error_temp | 450 Requested file action not taken
    EOFError |
    ssl.SSLEOFError | EOF occurred in violation of protocol (_ssl.c:1129)
    ssl.SSLZeroReturnError | TLS/SSL connection has been closed (EOF) (_ssl.c:1129)
    ssl.SSLError | ('The read operation timed out',)
    TimeoutError | timed out
    TimeoutError | [Errno 110] Connection timed out
    TimeoutError |
    socket.timeout | The read operation timed out
    concurrent.futures._base.TimeoutError |
    concurrent.futures.TimeoutError |
    asyncio.exceptions.TimeoutError |
    asyncio.exceptions.IncompleteReadError | 0 bytes read on a total of 4 expected bytes
    socket.gaierror | [Errno -3] Temporary failure in name resolution
    socket.gaierror | [Errno -2] Name or service not known
    dns.resolver.NoNameservers | All nameservers failed to answer the query x. IN A: Server Do53:1.1.1.1@53 answered SERVFAIL
    dns.resolver.LifetimeTimeout | The resolution lifetime expired after 5.4 seconds
    dns.exception.Timeout | The DNS operation timed out.
    OSError | [Errno 113] No route to host
    OSError | [Errno 101] Network is unreachable
    OSError | [Errno 5] Input/output error
    OSError | [Errno 116] Stale file handle
    OSError | [Errno 16] Device or resource busy
    OSError | [WinError 10060] A connection attempt failed
    ConnectionRefusedError | [WinError 10061] No connection could be made
    BrokenPipeError | [Errno 32] Broken pipe
    ConnectionResetError | [Errno 104] Connection reset by peer
    InterruptedError | [Errno 4] Interrupted system call
    urllib.error.URLError | <urlopen error [Errno 111] Connection refused>
    urllib.error.URLError | <urlopen error timed out>
    urllib.error.HTTPError | HTTP Error 503: Service Unavailable
    urllib.error.ContentTooShortError | <urlopen error retrieval incomplete: got only 1 out of 2 bytes>
    http.client.RemoteDisconnected | Remote end closed connection without response
    http.client.IncompleteRead | IncompleteRead(0 bytes read)
    http.client.BadStatusLine | ''
    stripe.error.APIConnectionError | Unexpected error communicating with Stripe.
    stripe.error.RateLimitError | Request rate limit exceeded
    stripe.error.APIError | Request req_1: An unknown error occurred
    twilio.base.exceptions.TwilioRestException | HTTP 503 error: Unable to create record: Service Unavailable
    twilio.base.exceptions.TwilioRestException | HTTP 429 error: Unable to create record: Too Many Requests
    openai.RateLimitError | Error code: 429 - {'error': {'message': 'Rate limit reached'}}
    openai.APIConnectionError | Connection error.
    openai.APITimeoutError | Request timed out.
    openai.InternalServerError | Error code: 500 - {}
    slack_sdk.errors.SlackApiError | The request to the Slack API failed.\nThe server responded with: {'ok': False, 'error': 'ratelimited'}
    github.GithubException.GithubException | 502 {"message": "Server Error"}
    github.GithubException.RateLimitExceededException | 403 {"message": "API rate limit exceeded"}
    gitlab.exceptions.GitlabHttpError | 503: GitLab is not responding
    kubernetes.client.exceptions.ApiException | (500)\nReason: Internal Server Error
    docker.errors.APIError | 500 Server Error for http+docker://localhost/v1.41/containers/create: Internal Server Error
    tweepy.errors.TooManyRequests | 429 Too Many Requests
    tweepy.errors.TwitterServerError | 503 Service Unavailable
    sendgrid.python_http_client.exceptions.ServiceUnavailableError | HTTP Error 503: Service Unavailable
    ldap.SERVER_DOWN | {'result': -1, 'desc': "Can't contact LDAP server"}
    ldap3.core.exceptions.LDAPSocketOpenError | socket connection error while opening: [Errno 111] Connection refused
    cassandra.cluster.NoHostAvailable | ('Unable to connect to any servers', {'127.0.0.1:9042': ConnectionRefusedError(111, 'x')})
    cassandra.OperationTimedOut | errors={}, last_host=x
    cassandra.WriteTimeout | Error from server: code=1100 [Coordinator node timed out waiting for replica nodes' responses]
    clickhouse_driver.errors.NetworkError | Code: 210. Connection refused (localhost:9000)
    clickhouse_driver.errors.SocketTimeoutError | Code: 209. None
    snowflake.connector.errors.OperationalError | 250001 (08001): Failed to connect to DB: x.snowflakecomputing.com:443
    zmq.error.Again | Resource temporarily unavailable
    nats.errors.TimeoutError | nats: timeout
    nats.errors.NoServersError | nats: no servers available for connection
    websockets.exceptions.ConnectionClosedError | no close frame received or sent
    websocket._exceptions.WebSocketConnectionClosedException | Connection to remote host was lost.
    websocket._exceptions.WebSocketTimeoutException | timed out
    selenium.common.exceptions.TimeoutException | Message: \n
    playwright._impl._errors.TimeoutError | Timeout 30000ms exceeded.
    filelock._error.Timeout | The file lock '/x' could not be acquired.
    consul.base.Timeout | x
    hvac.exceptions.InternalServerError | internal error
    hvac.exceptions.VaultDown | Vault is sealed
    zeep.exceptions.TransportError | Server returned HTTP status 503 (no content available)
    suds.transport.TransportError | HTTP Error 502: Bad Gateway
    tenacity.RetryError | RetryError[<Future at 0x7f state=finished raised ConnectionError>]
    celery.exceptions.TimeoutError | The operation timed out.
    celery.exceptions.BackendStoreError | failed to store result on the backend
    celery.exceptions.ChordError | Dependency x raised ConnectionError('y')
    shop.errors.GatewayTimeout | no answer
    shop.errors.ServiceUnavailable | try later
    shop.errors.UpstreamError | upstream answered 503
    shop.errors.RateLimited | slow down
    shop.errors.TemporaryFailure | x
    RuntimeError | HTTP 503 from partner
    Exception | Request failed with status code 502
    Exception | API returned 503 Service Unavailable
    ibm_db_dbi.OperationalError | [IBM][CLI Driver] SQL30081N  A communication error has been detected. SQLSTATE=08001
    fdb.fbcore.DatabaseError | Error while connecting to database: SQLCODE: -902 - Unable to complete network request to host
    sshtunnel.BaseSSHTunnelForwarderError | Could not establish session to SSH gateway
    minio.error.ServerError | server failed with HTTP status code 503
    minio.error.S3Error | S3 operation failed; code: SlowDown, message: x
    swiftclient.exceptions.ClientException | Object PUT failed: http://x 503 Service Unavailable
    hdfs.util.HdfsError | Operation category READ is not supported in state standby
    pylibmc.ConnectionError | x
    influxdb_client.rest.ApiException | (503)\nReason: Service Unavailable
    hazelcast.errors.TargetDisconnectedError | x
    apns2.errors.ServiceUnavailable |
    firebase_admin.exceptions.UnavailableError | x
    firebase_admin._messaging_utils.QuotaExceededError | x
    ccxt.base.errors.NetworkError | binance GET https://x
    ccxt.base.errors.DDoSProtection | x
    ccxt.base.errors.RequestTimeout | x
    ccxt.base.errors.ExchangeNotAvailable | x
  `,
  resource: String.raw`
    google.api_core.exceptions.ResourceExhausted | 429 Quota exceeded
    grpc._channel._InactiveRpcError | <_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.RESOURCE_EXHAUSTED\n\tdetails = "quota"
    psycopg2.OperationalError | connection to server at "db", port 5432 failed: FATAL:  sorry, too many clients already
    psycopg2.OperationalError | FATAL:  remaining connection slots are reserved for non-replication superuser connections
    psycopg2.errors.QueryCanceled | canceling statement due to statement timeout
    psycopg2.errors.QueryCanceled | storniere Anfrage wegen Zeitüberschreitung der Anfrage
    psycopg2.errors.DiskFull | could not extend file "base/1/2": No space left on device
    psycopg2.errors.OutOfMemory | out of memory
    asyncpg.exceptions.TooManyConnectionsError | sorry, too many clients already
    pymysql.err.OperationalError | (1040, 'Too many connections')
    pymysql.err.OperationalError | (1203, "User x already has more than 'max_user_connections' active connections")
    pymysql.err.OperationalError | (1114, "The table 'x' is full")
    pymysql.err.OperationalError | (3024, 'Query execution was interrupted, maximum statement execution time exceeded')
    mysql.connector.errors.OperationalError | 1040 (08004): Too many connections
    cx_Oracle.DatabaseError | ORA-01653: unable to extend table X.Y by 128 in tablespace USERS
    cx_Oracle.DatabaseError | ORA-00018: maximum number of sessions exceeded
    oracledb.exceptions.DatabaseError | ORA-04031: unable to allocate 4096 bytes of shared memory
    sqlite3.OperationalError | database or disk is full
    sqlite3.OperationalError | disk I/O error
    sqlalchemy.exc.TimeoutError | QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00 (Background on this error at: https://sqlalche.me/e/20/3o7r)
    sqlalchemy.exc.OperationalError | (psycopg2.errors.QueryCanceled) canceling statement due to statement timeout
    redis.exceptions.OutOfMemoryError | command not allowed when used memory > 'maxmemory'.
    redis.exceptions.ResponseError | MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.
    redis.exceptions.ConnectionError | max number of clients reached
    redis.exceptions.MaxConnectionsError | Too many connections
    pymongo.errors.ExecutionTimeout | operation exceeded time limit
    opensearchpy.exceptions.TransportError | TransportError(429, 'circuit_breaking_exception', '[parent] Data too large')
    ftplib.error_temp | 452 Requested action not taken. Insufficient storage space in system.
    concurrent.futures.process.BrokenProcessPool | A process in the process pool was terminated abruptly while the future was running or pending.
    OSError | [Errno 28] No space left on device
    OSError | [Errno 24] Too many open files: '/x'
    OSError | [Errno 12] Cannot allocate memory
    OSError | [Errno 122] Disk quota exceeded
    OSError | [Errno 27] File too large
    BlockingIOError | [Errno 11] Resource temporarily unavailable
    OSError | [WinError 112] There is not enough space on the disk
    MemoryError |
    numpy.core._exceptions._ArrayMemoryError | Unable to allocate 7.45 GiB for an array with shape (1000000000,)
    RuntimeError | CUDA out of memory. Tried to allocate 20.00 MiB
    torch.cuda.OutOfMemoryError | CUDA out of memory.
    RuntimeError | can't start new thread
    clickhouse_driver.errors.ServerException | Code: 241.\nDB::Exception: Memory limit (total) exceeded
    celery.exceptions.SoftTimeLimitExceeded | SoftTimeLimitExceeded()
    billiard.exceptions.TimeLimitExceeded | TimeLimitExceeded(300,)
    subprocess.TimeoutExpired | Command '['x']' timed out after 5 seconds
    subprocess.CalledProcessError | Command '['x']' died with <Signals.SIGKILL: 9>.
    subprocess.CalledProcessError | Command '['x']' returned non-zero exit status 137.
    PIL.Image.DecompressionBombError | Image size (x pixels) exceeds limit
  `,
  cancelled: String.raw`
    grpc._channel._InactiveRpcError | <_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.CANCELLED\n\tdetails = "x"
    psycopg2.errors.QueryCanceled | canceling statement due to user request
    pymysql.err.OperationalError | (1317, 'Query execution was interrupted')
    oracledb.exceptions.DatabaseError | ORA-01013: user requested cancel of current operation
    sqlite3.OperationalError | interrupted
    concurrent.futures._base.CancelledError |
    asyncio.exceptions.CancelledError |
    subprocess.CalledProcessError | Command '['x']' died with <Signals.SIGTERM: 15>.
    KeyboardInterrupt |
    SystemExit |
  `,
  bug: String.raw`
    EOFError | Compressed file ended before the end-of-stream marker was reached
    EOFError | Ran out of input
    requests.exceptions.SSLError | HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: / (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)')))
    requests.exceptions.MissingSchema | Invalid URL 'x': No scheme supplied. Perhaps you meant https://x?
    requests.exceptions.InvalidURL | bad
    requests.exceptions.InvalidSchema | No connection adapters were found for 'ftp://x'
    requests.exceptions.TooManyRedirects | Exceeded 30 redirects.
    requests.exceptions.JSONDecodeError | Expecting value: line 1 column 1 (char 0)
    requests.exceptions.InvalidHeader | Header value must be str
    urllib3.exceptions.LocationParseError | Failed to parse: x
    httpx.HTTPStatusError | Client error '403 Forbidden' for url 'http://x'
    httpx.LocalProtocolError | Illegal header value b'x'
    httpx.UnsupportedProtocol | Request URL is missing an 'http://' or 'https://' protocol.
    httpx.DecodingError | x
    httpx.InvalidURL | x
    httpx.TooManyRedirects | x
    aiohttp.client_exceptions.ClientConnectorCertificateError | Cannot connect to host x:443 ssl:True [SSLCertVerificationError: (1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")]
    aiohttp.client_exceptions.ContentTypeError | 200, message='Attempt to decode JSON with unexpected mimetype: text/html', url='x'
    aiohttp.client_exceptions.ClientResponseError | 404, message='Not Found', url='http://x'
    aiohttp.client_exceptions.InvalidURL | x
    botocore.exceptions.ClientError | An error occurred (404) when calling the HeadObject operation: Not Found
    botocore.exceptions.ClientError | An error occurred (AccessDeniedException) when calling the X operation: no
    botocore.exceptions.ClientError | An error occurred (ExpiredToken) when calling the PutObject operation: The provided token has expired.
    botocore.errorfactory.NoSuchKey | An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.
    botocore.errorfactory.ConditionalCheckFailedException | An error occurred (ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed
    botocore.exceptions.NoCredentialsError | Unable to locate credentials
    botocore.exceptions.ParamValidationError | Parameter validation failed:
    boto3.exceptions.S3UploadFailedError | Failed to upload x to y: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied
    google.api_core.exceptions.NotFound | 404 GET https://x: No such object
    google.api_core.exceptions.Forbidden | 403 no
    google.api_core.exceptions.BadRequest | 400 no
    google.auth.exceptions.DefaultCredentialsError | Could not automatically determine credentials.
    google.auth.exceptions.RefreshError | ('invalid_grant: Bad Request', {'error': 'invalid_grant'})
    googleapiclient.errors.HttpError | <HttpError 403 when requesting https://x returned "Forbidden". Details: "x">
    azure.core.exceptions.ResourceNotFoundError | The specified blob does not exist.
    azure.core.exceptions.ClientAuthenticationError | Server failed to authenticate the request.
    grpc._channel._InactiveRpcError | <_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.INVALID_ARGUMENT\n\tdetails = "bad"
    grpc._channel._InactiveRpcError | <_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNAUTHENTICATED\n\tdetails = "bad"
    psycopg2.OperationalError | connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  password authentication failed for user "x"
    psycopg2.OperationalError | connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  database "x" does not exist
    psycopg2.errors.UniqueViolation | duplicate key value violates unique constraint "x"
    psycopg2.errors.UndefinedTable | relation "x" does not exist
    psycopg2.errors.InFailedSqlTransaction | current transaction is aborted, commands ignored until end of transaction block
    psycopg2.errors.InsufficientPrivilege | permission denied for table x
    asyncpg.exceptions.UniqueViolationError | duplicate key value violates unique constraint "x"
    asyncpg.exceptions.InvalidPasswordError | password authentication failed for user "x"
    pymysql.err.OperationalError | (1045, "Access denied for user 'x'@'y' (using password: YES)")
    pymysql.err.OperationalError | (1054, "Unknown column 'x' in 'field list'")
    pymysql.err.OperationalError | (1049, "Unknown database 'x'")
    pymysql.err.IntegrityError | (1062, "Duplicate entry '1' for key 'PRIMARY'")
    mysql.connector.errors.ProgrammingError | 1146 (42S02): Table 'x.y' doesn't exist
    mysql.connector.errors.ProgrammingError | 1045 (28000): Access denied for user 'x'@'y' (using password: YES)
    oracledb.exceptions.DatabaseError | ORA-00942: table or view does not exist
    oracledb.exceptions.IntegrityError | ORA-00001: unique constraint (X.Y) violated
    oracledb.exceptions.DatabaseError | ORA-01017: invalid username/password; logon denied
    pyodbc.ProgrammingError | ('42S02', "[42S02] [Microsoft][ODBC Driver 17 for SQL Server][SQL Server]Invalid object name 'x'. (208) (SQLExecDirectW)")
    pyodbc.InterfaceError | ('28000', "[28000] [Microsoft][ODBC Driver 17 for SQL Server][SQL Server]Login failed for user 'x'. (18456)")
    pymssql._pymssql.ProgrammingError | (208, b"Invalid object name 'x'.DB-Lib error message 20018")
    sqlite3.OperationalError | no such table: x
    sqlite3.OperationalError | near "selec": syntax error
    sqlite3.OperationalError | unable to open database file
    sqlite3.DatabaseError | database disk image is malformed
    sqlite3.OperationalError | attempt to write a readonly database
    sqlite3.ProgrammingError | SQLite objects created in a thread can only be used in that same thread.
    sqlite3.IntegrityError | UNIQUE constraint failed: x.y
    sqlalchemy.exc.OperationalError | (sqlite3.OperationalError) no such table: x
    sqlalchemy.exc.ProgrammingError | (psycopg2.errors.UndefinedColumn) column "x" does not exist
    sqlalchemy.exc.IntegrityError | (psycopg2.errors.UniqueViolation) duplicate key value violates unique constraint "x"
    sqlalchemy.exc.DataError | (psycopg2.errors.StringDataRightTruncation) value too long for type character varying(10)
    sqlalchemy.exc.NoResultFound | No row was found when one was required
    sqlalchemy.exc.PendingRollbackError | This Session's transaction has been rolled back due to a previous exception during flush.
    sqlalchemy.orm.exc.StaleDataError | UPDATE statement on table 'x' expected to update 1 row(s); 0 were matched.
    sqlalchemy.orm.exc.DetachedInstanceError | Instance <X at 0x7f> is not bound to a Session
    django.db.utils.ProgrammingError | relation "x" does not exist
    django.db.utils.IntegrityError | null value in column "x" violates not-null constraint
    django.db.utils.OperationalError | no such column: x
    django.core.exceptions.ObjectDoesNotExist | x
    shop.models.Order.DoesNotExist | Order matching query does not exist.
    django.db.transaction.TransactionManagementError | An error occurred in the current transaction.
    django.db.utils.NotSupportedError | x
    redis.exceptions.ResponseError | WRONGTYPE Operation against a key holding the wrong kind of value
    redis.exceptions.AuthenticationError | WRONGPASS invalid username-password pair
    redis.exceptions.NoScriptError | No matching script. Please use EVAL.
    redis.exceptions.DataError | Invalid input of type: 'dict'.
    redis.exceptions.LockNotOwnedError | Cannot release a lock that's no longer owned
    pymongo.errors.DuplicateKeyError | E11000 duplicate key error collection: x
    pymongo.errors.OperationFailure | Authentication failed.
    pymongo.errors.DocumentTooLarge | BSON document too large
    pymongo.errors.InvalidURI | x
    elasticsearch.exceptions.NotFoundError | NotFoundError(404, 'index_not_found_exception', 'no such index [x]')
    elasticsearch.exceptions.RequestError | RequestError(400, 'mapper_parsing_exception', 'x')
    elasticsearch.BadRequestError | BadRequestError(400, 'parsing_exception', 'x')
    elasticsearch.helpers.errors.BulkIndexError | ('5 document(s) failed to index.', [...])
    opensearchpy.exceptions.AuthorizationException | AuthorizationException(403, 'security_exception')
    kafka.errors.MessageSizeTooLargeError | [Error 10] MessageSizeTooLargeError
    confluent_kafka.KafkaException | KafkaError{code=UNKNOWN_TOPIC_OR_PART,val=3,str="Broker: Unknown topic or partition"}
    pika.exceptions.ChannelClosedByBroker | (404, "NOT_FOUND - no queue 'x' in vhost '/'")
    pika.exceptions.ProbableAuthenticationError | ConnectionClosedByBroker: (403) 'ACCESS_REFUSED - Login was refused'
    pika.exceptions.UnroutableError | 1 unroutable message(s) returned
    kombu.exceptions.EncodeError | Object of type X is not JSON serializable
    kombu.exceptions.ContentDisallowed | Refusing to deserialize untrusted content of type pickle
    amqp.exceptions.NotFound | Queue.declare: (404) NOT_FOUND - no queue 'x' in vhost '/'
    amqp.exceptions.AccessRefused | (0, 0): (403) ACCESS_REFUSED
    amqp.exceptions.PreconditionFailed | Queue.declare: (406) PRECONDITION_FAILED - inequivalent arg
    smtplib.SMTPRecipientsRefused | {'x@y': (550, b'5.1.1 User unknown')}
    smtplib.SMTPAuthenticationError | (535, b'5.7.8 Authentication failed')
    smtplib.SMTPSenderRefused | (553, b'Sender rejected', 'x')
    smtplib.SMTPNotSupportedError | STARTTLS extension not supported by server.
    smtplib.SMTPHeloError | (501, b'x')
    paramiko.ssh_exception.AuthenticationException | Authentication failed.
    paramiko.ssh_exception.BadHostKeyException | Host key for server 'x' does not match
    paramiko.ssh_exception.PasswordRequiredException | private key file is encrypted
    ftplib.error_perm | 550 File not found
    ftplib.error_perm | 530 Login incorrect.
    ssl.SSLCertVerificationError | [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)
    ssl.SSLError | [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1129)
    ssl.SSLError | [SSL: TLSV1_ALERT_UNKNOWN_CA] tlsv1 alert unknown ca
    asyncio.exceptions.InvalidStateError | invalid state
    dns.resolver.NXDOMAIN | The DNS query name does not exist: x.
    dns.resolver.NoAnswer | The DNS response does not contain an answer to the question
    FileNotFoundError | [Errno 2] No such file or directory: '/x'
    PermissionError | [Errno 13] Permission denied: '/x'
    IsADirectoryError | [Errno 21] Is a directory: '/x'
    NotADirectoryError | [Errno 20] Not a directory: '/x'
    FileExistsError | [Errno 17] File exists: '/x'
    OSError | [Errno 22] Invalid argument
    OSError | [Errno 36] File name too long: 'x'
    OSError | [Errno 30] Read-only file system: '/x'
    OSError | [Errno 98] Address already in use
    OSError | [Errno 9] Bad file descriptor
    OSError | [Errno 18] Invalid cross-device link
    ProcessLookupError | [Errno 3] No such process
    ChildProcessError | [Errno 10] No child processes
    RecursionError | maximum recursion depth exceeded
    OverflowError | (34, 'Numerical result out of range')
    RuntimeError | dictionary changed size during iteration
    RuntimeError | Event loop is closed
    urllib.error.URLError | <urlopen error unknown url type: foo>
    urllib.error.URLError | <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed>
    urllib.error.HTTPError | HTTP Error 404: Not Found
    http.client.InvalidURL | nonnumeric port: 'x'
    http.client.CannotSendRequest | Request-sent
    stripe.error.InvalidRequestError | Request req_1: No such customer: 'cus_1'
    stripe.error.CardError | Request req_1: Your card was declined.
    stripe.error.AuthenticationError | Invalid API Key provided
    stripe.InvalidRequestError | No such price
    stripe.error.IdempotencyError | Keys for idempotent requests can only be used with the same parameters
    twilio.base.exceptions.TwilioRestException | HTTP 400 error: Unable to create record: The 'To' number x is not a valid phone number.
    openai.BadRequestError | Error code: 400 - {}
    openai.AuthenticationError | Error code: 401 - {}
    slack_sdk.errors.SlackApiError | The request to the Slack API failed.\nThe server responded with: {'ok': False, 'error': 'channel_not_found'}
    github.GithubException.UnknownObjectException | 404 {"message": "Not Found"}
    kubernetes.client.exceptions.ApiException | (404)\nReason: Not Found
    kubernetes.client.exceptions.ApiException | (409)\nReason: Conflict
    python_http_client.exceptions.UnauthorizedError | HTTP Error 401: Unauthorized
    ldap.INVALID_CREDENTIALS | {'desc': 'Invalid credentials'}
    cassandra.InvalidRequest | Error from server: code=2200 [Invalid query]
    clickhouse_driver.errors.ServerException | Code: 60.\nDB::Exception: Table x doesn't exist.
    snowflake.connector.errors.ProgrammingError | 002003 (02000): SQL compilation error: Object does not exist
    selenium.common.exceptions.NoSuchElementException | Message: no such element
    hvac.exceptions.Forbidden | permission denied
    zeep.exceptions.Fault | Invalid value
    zeep.exceptions.ValidationError | Missing element x
    tenacity.RetryError | RetryError[<Future at 0x7f state=finished raised KeyError>]
    tenacity.RetryError | RetryError[<Future at 0x7f state=finished returned NoneType>]
    celery.exceptions.NotRegistered | 'x'
    celery.exceptions.ChordError | Dependency x raised ValueError('y')
    celery.exceptions.ImproperlyConfigured | x
    subprocess.CalledProcessError | Command '['x']' returned non-zero exit status 1.
    SystemExit | 1
    ValueError | x
    KeyError | 'timeout'
    ValueError | connection refused is not a valid state
    TypeError | 'NoneType' object is not subscriptable
    AttributeError | 'ConnectionError' object has no attribute 'response'
    jinja2.exceptions.UndefinedError | 'x' is undefined
    pydantic_core._pydantic_core.ValidationError | 1 validation error for X
    jsonschema.exceptions.ValidationError | 'x' is not of type 'number'
    zipfile.BadZipFile | File is not a zip file
    PIL.UnidentifiedImageError | cannot identify image file
    xml.etree.ElementTree.ParseError | no element found: line 1, column 0
    ImportError | cannot import name 'x' from 'y'
    ModuleNotFoundError | No module named 'x'
    shop.errors.PaymentDeclined | card was declined
    shop.errors.UpstreamError | upstream answered 404
    shop.errors.ConnectionSettingsError | x
    shop.errors.TimeoutNotConfigured | x
    shop.errors.InvalidStatus | status 500 is not a valid order status
    RuntimeError | HTTP 400 from partner
    ValueError | row 503: amount missing
    RuntimeError | expected status code 200
    minio.error.S3Error | S3 operation failed; code: NoSuchKey, message: The specified key does not exist.
    firebase_admin._messaging_utils.UnregisteredError | Requested entity was not found.
    ccxt.base.errors.InsufficientFunds | x
  `,
};

function exceptionOf(line: string): ParsedException {
  const at = line.indexOf(' |');
  const value = line
    .slice(at + 2)
    .trimStart()
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t');
  return { type: line.slice(0, at) as Redacted, value: value as Redacted, frames: [], isTruncated: false };
}

for (const [want, lines] of Object.entries(families)) {
  test(`what libraries raise that is ${want}`, () => {
    const all = lines
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    assert.ok(all.length > 5);
    for (const line of all) {
      const exception = exceptionOf(line);
      const facts = { taskName: 'depot.ship', cause: 'app-error', signal: undefined, type: exception.type } as const;
      assert.equal(classOf({ ...facts, message: exception.value, exception }).class, want, line);
    }
  });
}
