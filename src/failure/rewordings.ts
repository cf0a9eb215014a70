/**
 * One wording for messages that differ between versions of Python, libraries and platforms. The list covers messages of the
 * interpreter and of a few libraries; a project chooses its own words.
 */

/** Pattern of a message, and the common wording of all versions. */
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
  // Python 3.10 and later name a function with its class.
  [/^(?:[\w<>]+\.)+([\w<>]+\(\) (?:missing|takes|got) )/, '$1'],
  // The constructor of a named tuple.
  [/^<lambda>(\(\) (?:missing|takes|got) )/, '__new__$1'],
  [/^('\w+') is an invalid keyword argument for (\w+\(\))$/, '$2 got an unexpected keyword argument $1'],
  [/^(\w+)(?:\(\))? (?:takes|expected) at most \d+ arguments?\b.*$/, '$1 takes at most'],
  [/ and no __dict__ for setting new attributes$/, ''],
  [/^(is(?:instance|subclass)\(\) arg \d must be a) .*$/, '$1 class'],
  // A missing member of an enumeration.
  [/^type object '\w+' has no attribute '(\w+)'$/, '$1'],
  [/^(Out of range float values are not JSON compliant).*$/, '$1'],
  [/^empty range (?:for|in) randrange\(.*$/, 'empty range for randrange()'],
  [/^(?:argument out of range|(?:'\w'|\w+) format requires .*)$/, 'argument out of range'],
  [/^(You did not supply a value for binding) .*$/, '$1'],
  [/^(reduce\(\) of empty) (?:sequence|iterable) /, '$1 '],
  [/^(.* is not in the subpath of '.*') OR one path is relative.*$/, '$1'],
  [/^(?:an integer is required(?: \(got type .*\))?|'.*' object cannot be interpreted as an integer)$/, 'no integer'],
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
  // The text of a status or errno depends on the platform; its number is one of the codes.
  [/\b((?:Client|Server) Error): .*? (for url)\b/, '$1 $2'],
  [/^HTTP Error (\d{3}): .*$/, 'HTTP Error $1'],
  [/^(Error -?\d+ connecting to) .*$/, '$1'],
  [/(\[(?:Errno|WinError) -?\d+\]) [^:'"]+/, '$1'],
  // urllib3 1 and 2 name the cause with different classes; the root cause is a separate part of the group.
  [/\b(Max retries exceeded) with url: .*$/, '$1'],
];

/** The first line of a message in its common wording. */
export function unify(line: string): string {
  return rewordings.reduce((text, [pattern, wording]) => text.replace(pattern, wording), line);
}
