/** Texts as tasks carry them, made up from a seed; each as JSON, which both sides of the comparison can read. */

export interface RedactionText {
  readonly json: string;
  /** The same as Celery writes it. */
  readonly repr: string;
}

/** The paths under which `textsOf` puts secrets, in the words of fast-redact. */
export const secretPaths: readonly string[] = [
  'password',
  'api_key',
  'user.password',
  'user.token',
  'headers.Authorization',
  'items[*].secret',
  'config.db.password',
];

/** The names that people list first. Ours knows some hundreds, in thirty languages, in any spelling, and values by shape. */
export const secretNames: readonly string[] = [
  ...['password', 'passwd', 'pwd', 'secret', 'token', 'access_token', 'refresh_token', 'id_token', 'api_key', 'apikey'],
  ...['client_secret', 'private_key', 'secret_key', 'Authorization', 'authorization', 'Cookie', 'cookie', 'session'],
  ...[
    'sessionid',
    'csrf_token',
    'credit_card',
    'card_number',
    'cvv',
    'pin',
    'otp',
    'ssn',
    'email',
    'phone',
    'iban',
    'credentials',
  ],
];

const cities = ['Lisbon', 'Oslo', 'Kyoto', 'Quito', 'Accra', 'Turin', 'Perth', 'Osaka'];
const actions = ['order.created', 'invoice.sent', 'stock.moved', 'mail.queued', 'report.built'];

export function textsOf(count: number, seed: number): RedactionText[] {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const number = (below: number): number => Math.floor(random() * below);
  const word = (length: number): string =>
    Array.from({ length }, () => 'abcdefghijkmnopqrstuvwxyz0123456789ABCDEFGH'[number(43)]).join('');
  return Array.from({ length: count }, (_, index) => {
    const value: Record<string, unknown> = {
      event: pick(actions),
      id: `${word(8)}-${word(4)}-${word(4)}`,
      amount: `${number(10_000)}.${10 + number(89)}`,
      city: pick(cities),
      created_at: `2026-0${1 + number(9)}-1${number(9)}T0${number(9)}:1${number(9)}:00Z`,
      url: `https://api.${pick(cities).toLowerCase()}.example/v1/orders/${number(100_000)}?page=${number(40)}&sort=-created_at`,
      items: Array.from({ length: 1 + number(5) }, () => ({
        sku: `SKU-${number(100_000)}`,
        quantity: number(9),
        title: `${pick(cities)} ${word(6)} in ${pick(cities)}`,
        ...(random() < 0.1 ? { secret: word(20) } : {}),
      })),
    };
    if (index % 4 === 0) value['password'] = word(12);
    if (index % 5 === 0) value['user'] = { name: pick(cities), password: word(12), token: word(32) };
    if (index % 6 === 0) value['headers'] = { Authorization: `Bearer ${word(40)}`, Accept: 'application/json' };
    if (index % 7 === 0) value['config'] = { db: { host: 'db.internal', password: word(16) }, retries: 3 };
    if (index % 9 === 0) value['note'] = Array.from({ length: 40 }, () => word(2 + number(8))).join(' ');
    return { json: JSON.stringify(value), repr: reprOf(value) };
  });
}

/** As Python's repr: single quotes, `True`, spaces. */
function reprOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(reprOf).join(', ')}]`;
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, inner]) => `'${key}': ${reprOf(inner)}`)
      .join(', ')}}`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** The reader that a redactor of objects needs before it: dicts, lists, texts without escapes, numbers. */
export function readRepr(text: string): object {
  let at = 0;
  const value = (): unknown => {
    const sign = text[at];
    if (sign === '{') return entries();
    if (sign === '[') return items();
    if (sign === "'") return quoted();
    const word = /[^,\]}]+/y;
    word.lastIndex = at;
    const bare = word.exec(text)?.[0] ?? '';
    at += bare.length;
    return Number(bare);
  };
  const quoted = (): string => {
    const end = text.indexOf("'", at + 1);
    const inside = text.slice(at + 1, end);
    at = end + 1;
    return inside;
  };
  const items = (): unknown[] => {
    const list: unknown[] = [];
    at += 1;
    while (text[at] !== ']') {
      list.push(value());
      if (text[at] === ',') at += 2;
    }
    at += 1;
    return list;
  };
  const entries = (): Record<string, unknown> => {
    const object: Record<string, unknown> = {};
    at += 1;
    while (text[at] !== '}') {
      const key = quoted();
      at += 2;
      object[key] = value();
      if (text[at] === ',') at += 2;
    }
    at += 1;
    return object;
  };
  return value() as object;
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Texts that make a careless reader slow, by name, at any length. */
export const hostileTexts: Readonly<Record<string, (length: number) => string>> = Object.fromEntries(
  Object.entries({
    quotes: "'",
    doubleQuotes: '"\\"',
    braces: '{',
    nested: "{'a': ",
    brackets: '[(',
    sensitiveKeys: "'password': ",
    sensitiveBare: 'password=',
    sensitiveList: "'password', ",
    ats: 'a@',
    dots: 'a.',
    mails: 'a@a.',
    digits: '4',
    spacedDigits: '4 ',
    dashedDigits: '4-',
    jwts: 'eyJ',
    jwtParts: 'eyJhbGci.',
    pems: '-----BEGIN PRIVATE KEY-----',
    pemHeads: '-----BEGIN A ',
    urls: 'http://',
    urlsInUrls: 'http://a?u=http://',
    colons: 'a:',
    hex: 'f',
    slashes: '/a',
    addresses: '1.',
    backslashes: '\\',
    escapedQuotes: "\\'",
    blanks: ' ',
    lines: '\n',
    equals: '=',
    tags: '<a ',
    closedTags: '<password>',
    bearers: 'Bearer ',
    plus: '+1 ',
    parameters: '?token=',
    percents: '%3Dtoken%3D',
    options: ' --password',
    shortOptions: ' -u a -p',
    sentences: 'the password is not ',
    codes: 'code 1234 ',
    foreign: 'пароль ',
    foreignPhrases: 'mot de passe : ',
    tables: 'password,a\n',
    tabs: 'password\t',
    sql: "INTO t (password) VALUES ('a'), (",
    updates: 'SET password=?, ',
    parametersSql: '[parameters: (',
    calls: 'Token(',
    logins: 'login with a:b',
    underscores: 'a_b_',
    longWords: 'aB1',
    frames: '  File "/a.py", line 1, in a\n',
    yaml: 'password:\n  - a\n',
    cookies: 'Cookie: a=b; ',
    names: "{'name': 'password', 'value': ",
    commas: ',',
    arn: 'arn:a:secret:',
    nonBreaking: '4\u00a0',
    fullWidth: '４',
  }).map(([name, unit]) => [name, (length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)]),
);
