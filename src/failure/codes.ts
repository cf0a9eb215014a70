/**
 * The codes in the message of an exception: the names that a server, the system or a protocol gives to the error.
 */

/** A longer message is data; the code stands at its beginning. */
const messageCharsMax = 2_000;

const codes: readonly RegExp[] = [
  /\b([45]\d\d) (?:Client|Server) Error\b/,
  /\b(?:Client|Server) error '([45]\d\d) /,
  /\bHTTP Error ([45]\d\d)\b/,
  /^([45]\d\d), message=/,
  /(?:<HttpError|\bHTTP|\bError code:) ([45]\d\d)\b/,
  /^\(([45]\d\d)\)\s/,
  /\bstatus(?:[ _]code)?[ =:]+([45]\d\d)\b/i,
  /\b(?:returned|answered|responded|replied)(?: with)?(?: an?)?(?: (?:status|code|error|response|HTTP))*:? ([45]\d\d)\b/i,
  // `TransportError(503, '…')`, `(550, b'…')`, `550 File not found`.
  /(?:^|\w)\(([45]\d\d), b?['"]/,
  /^([45]\d\d) [A-Z{]/,
  /\[(?:Errno|WinError) (-?\d+)\]/,
  /\[SSL: ([A-Z_]+)\]/,
  /\bKafkaError\{code=(\w+)/,
  /^Code: (\d+)\b/,
  /\bnon-zero (exit status -?\d+)/,
  /\bdied with <Signals\.(SIG\w+)/,
  /\bError (-?\d{1,3}) (?:connecting|while)\b/,
  /\bAn error occurred \((\w+)\)/,
  /\((?:[\w.]+\.)?(\w+(?:Error|Exception|Detected|Failure|Violation))\)/,
  /\b(signal \d+)/,
  /\b(exitcode -?\d+)/,
  /\[([A-Z]+-?\d+)\]/,
  /\b(ORA-\d{5})\b/,
  /\bSQLSTATE[ [:(]*([0-9A-Z]{5})\b/,
  // The error number and message of MySQL, as its drivers raise and as other libraries wrap them.
  /(?:^|\) )\((\d{4}), ['"][A-Z][^'"]* /,
  /['"]([45]\d\d) [A-Z][a-z]+/,
  /^(WRONGTYPE|OOM|NOSCRIPT|READONLY|LOADING|BUSY|MOVED|NOAUTH|NOPERM|CLUSTERDOWN|TRYAGAIN|MISCONF)\b/,
  /\bStatus(?:Code)?\.([A-Z_]+)/,
  // The names that a service gives to its errors: `error code E_STOCK`, `{"code": "card_declined"}`, `QUOTA_USED: …`.
  /\berror[ _-]?code["']?\W{1,4}([A-Za-z][\w.-]*\w|-?\d{1,6}\b)/i,
  /["']code["']: ?["']([A-Za-z][\w.-]*\w)["']/,
  /^[[(]?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:[\])]|(?=:| -|$))/,
];

/**
 * The codes in `message`: HTTP status, errno, error names of servers, signals. They distinguish failures that one line
 * raises. If the raising line `source` mentions a status, the first number that can be a status counts as one.
 */
export function codesOf(message: string, source = ''): readonly string[] {
  const text = message.slice(0, messageCharsMax);
  const found = codes.flatMap((pattern) => pattern.exec(text)?.[1] ?? []);
  const status = statusNamed(source) ? (/(?<![\w.-])[1-5]\d\d(?![\w.-]*\d)/.exec(text)?.[0] ?? []) : [];
  return [...new Set(found.concat(status))];
}

/** True if a line of code mentions an HTTP status: `{resp.status_code}`. */
export function statusNamed(source: string): boolean {
  return /\bstatus(?:_?code)?\b|\.code\b|_status\b/i.test(source);
}
