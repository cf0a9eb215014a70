/**
 * Cost of parsing a failure, of its fingerprint and of its class, in this process and on its one core. Every text is
 * another one, so that no cache helps.
 */
import { shortName } from '../../src/event/python/class-name.ts';
import { parseRaised } from '../../src/event/python/raised-exception.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import { classOf } from '../../src/failure/classify/class.ts';
import { fingerprintsOf } from '../../src/failure/fingerprint.ts';
import { noPolicy } from '../../src/failure/grouping-policy.ts';
import { median } from './cpu.ts';

export interface GroupingFigures {
  /** Median of the rounds. */
  readonly failuresPerSecond: number;
  readonly cpuUsPerFailure: number;
  /** Of that, the reading of the traceback. */
  readonly readingUs: number;
  /** CPU against that of `JSON.parse` of the same texts as JSON, in the same round. */
  readonly timesJsonParse: number;
  readonly charsPerFailure: number;
  /** Groups that came out, which is how many shapes there are. */
  readonly groups: number;
}

const celery = (base: string): string =>
  `  File "${base}/celery/app/trace.py", line 453, in trace_task\n    R = retval = fun(*args, **kwargs)\n                 ^^^^^^^^^^^^^^^^^^^^\n` +
  `  File "${base}/celery/app/trace.py", line 736, in __protected_call__\n    return self.run(*args, **kwargs)\n           ^^^^^^^^^^^^^^^^^^^^^^^^^\n`;
const header = 'Traceback (most recent call last):\n';
const site = '/usr/local/lib/python3.12/site-packages';

const frame = (file: string, line: number, name: string, source: string): string =>
  `  File "${file}", line ${line}, in ${name}\n    ${source}\n`;

/** Shapes of failures as workers send them, with data that differs each time. */
const shapes: readonly ((n: number) => string)[] = [
  (n) =>
    `${header}${celery(site)}${frame('/app/depot/booking.py', 40 + (n % 9), 'book', 'return price(rooms[room])')}KeyError: 'B${n}'\n`,
  (n) =>
    `${header}${celery(site)}${frame('/app/depot/mail.py', 12, 'send', 'raise MailError(f"{address} bounced")')}depot.mail.MailError: user${n}@example.org bounced\n`,
  (n) =>
    `${header}${frame(`${site}/urllib3/connection.py`, 198, '_new_conn', 'sock = connection.create_connection(')}ConnectionRefusedError: [Errno 111] Connection refused\n\n` +
    `The above exception was the direct cause of the following exception:\n\n${header}${frame(`${site}/urllib3/connectionpool.py`, 787, 'urlopen', 'response = self._make_request(')}` +
    `urllib3.exceptions.NewConnectionError: <urllib3.connection.HTTPConnection object at 0x7f${n.toString(16)}>: Failed to establish a new connection: [Errno 111] Connection refused\n\n` +
    `During handling of the above exception, another exception occurred:\n\n${header}${celery(site)}${frame('/app/depot/carrier.py', 88, 'rates', 'return get(f"/rates/{zone}")')}` +
    `${frame('/app/depot/http.py', 14, 'get', 'return session.get(base + path)')}${frame(`${site}/requests/adapters.py`, 700, 'send', 'raise ConnectionError(e, request=request)')}` +
    `requests.exceptions.ConnectionError: HTTPConnectionPool(host='10.0.0.${n % 250}', port=8080): Max retries exceeded with url: /rates/${n}\n`,
  (n) =>
    `${header}${celery(site)}${frame('/app/depot/carrier.py', 90, 'label', 'answer.raise_for_status()')}${frame(`${site}/requests/models.py`, 1024, 'raise_for_status', 'raise HTTPError(http_error_msg, response=self)')}` +
    `requests.exceptions.HTTPError: 503 Server Error: Service Unavailable for url: http://carrier/label/${n}\n`,
  (n) =>
    `${header}${celery(site)}${frame('/app/depot/tree.py', 7, 'walk', 'return sum(walk(child) for child in node["children"])').repeat(3)}  [Previous line repeated ${n % 90} more times]\n` +
    `${frame('/app/depot/tree.py', 5, 'walk', 'return node["weight"] * 2')}TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'\n`,
  (n) =>
    `  + Exception Group Traceback (most recent call last):\n  |   File "/app/depot/fan.py", line 3, in fan_out\n  |     raise ExceptionGroup("parts", errors)\n  | ExceptionGroup: parts (2 sub-exceptions)\n` +
    `  +-+---------------- 1 ----------------\n    | Traceback (most recent call last):\n    |   File "/app/depot/fan.py", line 9, in one\n    |     return int(text)\n    | ValueError: invalid literal for int() with base 10: 'x${n}'\n` +
    `    +---------------- 2 ----------------\n    | Traceback (most recent call last):\n    |   File "/app/depot/fan.py", line 9, in one\n    |     return int(text)\n    | ValueError: invalid literal for int() with base 10: 'y${n}'\n    +------------------------------------\n`,
  (n) =>
    `${header}${celery(site)}${frame('/app/depot/store.py', 31, 'load', 'return session.execute(query, {"id": id}).one()')}` +
    Array.from({ length: 12 }, (_, at) =>
      frame(`${site}/sqlalchemy/engine/base.py`, 1800 + at, `step_${at}`, 'return self._next(context)'),
    ).join('') +
    `sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\n[SQL: select * from orders where id = %(id)s]\n[parameters: {'id': ${n}}]\n`,
];

export function measureGrouping(rounds: number): GroupingFigures {
  const count = 7_000;
  run(texts(count, 0));
  const all = Array.from({ length: rounds }, (_, round) => run(texts(count, (round + 1) * count)));
  const of = (pick: (figures: Round) => number): number => median(all.map(pick));
  const cpuUsPerFailure = of(({ us }) => us);
  return {
    failuresPerSecond: Math.round(1e6 / cpuUsPerFailure),
    cpuUsPerFailure,
    readingUs: of(({ readingUs }) => readingUs),
    timesJsonParse: of(({ us, jsonUs }) => us / jsonUs),
    charsPerFailure: of(({ chars }) => chars),
    groups: of(({ groups }) => groups),
  };
}

function texts(count: number, from: number): string[] {
  return Array.from({ length: count }, (_, at) => (shapes[at % shapes.length] as (n: number) => string)(from + at));
}

interface Round {
  readonly us: number;
  readonly readingUs: number;
  readonly jsonUs: number;
  readonly chars: number;
  readonly groups: number;
}

function run(all: readonly string[]): Round {
  const groups = new Set<string>();
  let classes = 0;
  const us = cpuUs(() => {
    for (const text of all) {
      const exception = parseRaised(text as Redacted);
      const facts = { taskName: 'depot.task', cause: 'app-error', signal: undefined, type: undefined } as const;
      const whole = { ...facts, message: '', exception };
      groups.add(fingerprintsOf(whole)[0]);
      classes += classOf(whole, noPolicy).class.length;
    }
  });
  const readingUs = cpuUs(() => {
    for (const text of all) classes += shortName(parseRaised(text as Redacted)?.type ?? '').length;
  });
  const json = all.map((text) => JSON.stringify({ traceback: text }));
  const jsonUs = cpuUs(() => {
    for (const text of json) classes += (JSON.parse(text) as { traceback: string }).traceback.length;
  });
  if (classes === 0) throw new Error('nothing was read');
  const chars = all.reduce((sum, text) => sum + text.length, 0) / all.length;
  const each = (total: number): number => total / all.length;
  return { us: each(us), readingUs: each(readingUs), jsonUs: each(jsonUs), chars, groups: groups.size };
}

function cpuUs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
