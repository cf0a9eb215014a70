/**
 * What stays the same in an exception's message from one failure to the next: its words without values, and its codes.
 */

/** Longer first lines are data, not words. */
const messageCharsMax = 500;

/**
 * The first line of `message` with its values taken out. Quoted words stay when they stand in `sources`, the failing
 * lines of the project: `KeyError: 'floor'` at `room["floor"]` names the defect, `KeyError: 'B12'` at `rooms[number]` only
 * names the data.
 */
export function templateOf(message: string, sources: string): string {
  const worded = unify(firstWords(message).slice(0, messageCharsMax));
  // Where many rows are unpacked, which of the two is met first depends on the rows.
  const unified = unpacksOne.test(sources)
    ? worded
    : worded.replace(/^(?:too many|not enough) (?=values to unpack)/, '');
  const unquoted = unified.replace(quoted, (whole: string, ...inner: (string | number | undefined)[]) => {
    const word = String(inner.slice(0, quotedGroups).find((text) => text !== undefined) ?? '');
    return /^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(word) && standsIn(word, sources) ? whole : value;
  });
  return variables
    .reduce((text, pattern) => text.replace(pattern, value), unquoted)
    .replace(records, value)
    .replace(/\s+/g, ' ')
    .replace(/[\s:;,.]+$/, '')
    .trim();
}

/** `country, rest = text.split("-")`, in the failing line. */
const unpacksOne = /^\(?[\w.[\]'"*]+(?:, ?[\w.[\]'"*]+)+,?\)? = /;

/** The first line; of a validator that lists what is wrong by field, the first field too. */
function firstWords(message: string): string {
  const [line = '', field = ''] = message.trimStart().split('\n', 2);
  const isList = /^\d+ validation errors? for /.test(line) && /^[\p{L}_][\w.[\]-]*$/u.test(field);
  return isList ? `${line}: ${field.replace(/\.\d+(?=\.|$)/g, '.*')}` : line;
}

const quoted =
  /(?<![\p{L}\p{N}])b?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")|[„“]([^„“”]*)[“”]|[«‹]([^«»‹›]*)[»›]|[「『]([^」』]*)[」』]|‘([^‘’]*)’|`([^`]*)['`]/gu;

/** One mark for values of all kinds: redaction may take for a card today what was a number yesterday. */
const value = '<…>';

const variables: readonly RegExp[] = [
  // What redaction put in the place of a value, whole or all but its end.
  /\[redacted(?::[\w-]+)?\]|\[[a-z_-]+:[0-9a-f]{8,}\]|[*•]{2,}[\p{L}\p{N}]*/gu,
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s'"<>]+/gi,
  /[\w.+-]+@[\w-]+\.[\w.-]+/g,
  /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi,
  /(?<![\p{L}\p{N}/<])\/[^\s'",;)/][^\s'",;)]*/gu,
  // A host and its port.
  /[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*:\d+\b/gu,
  // Also words with digits in them: dates, hosts, hexadecimal ids, order numbers, stock codes.
  /[\p{L}_-]*\d[\p{L}\p{N}_.-]*/gu,
  // A list of values is as long as the data.
  /[-+]?<…>(?:[.,:/ +-]*<…>)+/g,
];
/** A list of records, of which the data decides how many there are. */
const records = /\{[^{}]*\}(?:, ?\{[^{}]*\})+/g;

function standsIn(word: string, sources: string): boolean {
  const at = sources.indexOf(word);
  if (at < 0) return false;
  const around = (sources[at - 1] ?? ' ') + (sources[at + word.length] ?? ' ');
  return !/[\p{L}\p{N}_]/u.test(around);
}

/** How many ways of quoting the pattern knows. */
const quotedGroups = 7;

/** Messages of the interpreter that were reworded between its versions, in one wording. */
const rewordings: readonly (readonly [RegExp, string])[] = [
  [/^local variable ('\w+') referenced before assignment$/, 'cannot access local variable $1'],
  [/^(cannot access local variable '\w+') where it is not associated with a value$/, '$1'],
  [/^((?:too many|not enough) values to unpack) \(expected.*$/, '$1'],
  [/^(zip\(\) argument) \d+ is (?:longer|shorter) than arguments? .*$/, '$1s of other lengths'],
  [/^(\d+ validation error)s (for )/, '$1 $2'],
  [/^(string indices must be integers).*$/, '$1'],
  [/^cannot unpack non-iterable \S+ object$/, 'cannot unpack'],
  [/^(int\(\) argument must be a string).*$/, '$1'],
  [/^(expected string or bytes-like object).*$/, '$1'],
  [/^cannot use .* \((unhashable type: .*)\)$/, '$1'],
  [
    /^(?:(?:float|integer|complex) )?(?:floor )?(?:division|division or modulo|modulo|divmod\(\))(?: by zero)?$/,
    'division by zero',
  ],
  // From 3.10 on a function is named with its class.
  [/^(?:[\w<>]+\.)+(\w+\(\) (?:missing|takes|got) )/, '$1'],
  [/^free variable ('\w+') referenced before assignment in enclosing scope$/, 'cannot access free variable $1'],
  [/^(cannot access free variable '\w+') where it is not associated.*$/, '$1'],
  [/^(Can't instantiate abstract class \w+) with(?:out an implementation for)? abstract methods? .*$/, '$1'],
  [/^(\w+\(\)) (?:arg is an empty sequence|iterable argument is empty)$/, '$1 of nothing'],
  [/^(argument of type .* is not) a container or iterable$/, '$1 iterable'],
  [/^(%\w format: a )real (number is required)/, '$1$2'],
  [/^(sequence item \d+: expected str instance), .* found$/, '$1'],
  [/^(\d+ validation error)s? /, '$1 '],
  [/ \(\d+ sub-exceptions?\)$/, ''],
  [/^(.*)\. Did you mean:? '.*'\?$/, '$1'],
  [/^(.*?)\. Did you forget to import '.*'\?$/, '$1'],
  [/^(maximum recursion depth exceeded).*$/, '$1'],
  [/^(Object of type) \S+ (is not JSON serializable).*$/, '$1 $2'],
  [/^Can't (?:pickle|get) local object .*$/, "Can't pickle local object"],
  [/^(Can't pickle) .*$/, '$1'],
  [
    /^(?:can't (set|delete) attribute.*|property '\w+' of '.*' object has no (sett|delet)er)$/,
    'attribute cannot be $1$2',
  ],
  [/^attribute cannot be (?:set|sett)$/, 'read-only attribute'],
  [/^attribute cannot be delete?t?$/, 'attribute to stay'],
  [/^(float\(\) argument must be a) .*$/, '$1 string or number'],
  [/^(cannot import name '\w+' from )(?:partially initialized module )?('[\w.]+').*$/, '$1$2'],
  [/^((?:partially initialized )?module '[\w.]+' has no attribute '\w+') \(.*\)$/, '$1'],
  [/^partially initialized (module )/, '$1'],
  [/^(Exceeds the limit \(\d+)(?: digits)?(\))/, '$1$2'],
  [/^(unconverted data remains).*$/, '$1'],
  [/^day (?:is out of range for month|\d+ must be in range .*)$/, 'day is out of range for month'],
  [/^((?:year|month|day|hour|minute|second) )(?:must be in |-?\d+ is out of range).*$/, '$1is out of range'],
  [/^.{1,200} is not in list$/, 'list.index(x): x not in list'],
  [/^Error binding parameter .*(?:unsupported type\.|is not supported)$/, 'Error binding parameter: unsupported type'],
  [/\bself[- ]signed certificate\b/, 'self-signed certificate'],
  [/ \(_ssl\.c:\d+\)$/, ''],
  [/ \(reached max retries: \d+\)/, ''],
  [/ \(configured timeouts: [^)]*\)|, Timeout: [\d.]+s, Topology Description: .*$/g, ''],
  // The words of a status and of an errno are the platform's; the number stands among the codes.
  [/\b((?:Client|Server) Error): .*? (for url)\b/, '$1 $2'],
  [/^HTTP Error (\d{3}): .*$/, 'HTTP Error $1'],
  [/^(Error -?\d+ connecting to) .*$/, '$1'],
  [/(\[(?:Errno|WinError) -?\d+\]) [^:'"]+/, '$1'],
  // Two generations of urllib3 tell the same cause in other classes; the root cause is a part of its own.
  [/\b(Max retries exceeded) with url: .*$/, '$1'],
];

function unify(line: string): string {
  return rewordings.reduce((text, [pattern, wording]) => text.replace(pattern, wording), line);
}

/**
 * Exceptions of decoders and parsers, and of whoever wraps them: their messages describe the place in the data where
 * reading stopped, which differs from one broken document to the next.
 */
export const describesData =
  /(?:Decode|Encode|JSON|Syntax|Parse|Parser|Parsing|Scanner|Lexer|Token|Expat|Unpickling|Pattern)Error$|^(?:re|binascii|zlib|csv)\.[eE]rror$|^binascii\.Incomplete$/;

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
  // MySQL's number and words, as its drivers raise them and as others wrap them.
  /(?:^|\) )\((\d{4}), ['"][A-Z][^'"]* /,
  /['"]([45]\d\d) [A-Z][a-z]+/,
  /^(WRONGTYPE|OOM|NOSCRIPT|READONLY|LOADING|BUSY|MOVED|NOAUTH|NOPERM|CLUSTERDOWN|TRYAGAIN|MISCONF)\b/,
  /\bStatusCode\.([A-Z_]+)/,
];

/**
 * The codes in `message`: HTTP status, errno, error names of servers, signals. They tell failures apart at one line. Where
 * the `source` line that raises speaks of a status, the first number that can be one is it.
 */
export function codesOf(message: string, source = ''): readonly string[] {
  const text = message.slice(0, 4 * messageCharsMax);
  const found = codes.flatMap((pattern) => pattern.exec(text)?.[1] ?? []);
  const status = statusNamed(source) ? (/(?<![\w.-])[1-5]\d\d(?![\w.-]*\d)/.exec(text)?.[0] ?? []) : [];
  return [...new Set(found.concat(status))];
}

/** Whether a line of code speaks of an HTTP status: `{resp.status_code}`. */
export function statusNamed(source: string): boolean {
  return /\bstatus(?:_?code)?\b|\.code\b|_status\b/i.test(source);
}
