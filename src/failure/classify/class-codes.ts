/**
 * Classes by code: an HTTP status, an errno, a SQLSTATE or an error number of a database has the same meaning in every
 * library and in every language of the message.
 */

import { shortName } from '../../event/python/class-name.ts';
import { statusNamed } from '../codes.ts';
import type { FailureClass } from '../facts.ts';
import { aboutValues } from './rule.ts';

type Codes = readonly (readonly [FailureClass, ReadonlySet<string>])[];

function setOf(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

function classIn(codes: Codes, code: string | undefined): FailureClass | undefined {
  return code === undefined ? undefined : codes.find(([, known]) => known.has(code))?.[0];
}

/** The class of the code in the message; undefined without a code that decides. `source` is the raising line. */
export function classOfCodes(type: string, message: string, source: string): FailureClass | undefined {
  return (
    classOfStatus(statusIn(type, message, source), type) ??
    classIn(
      errnos,
      /\[Errno (-?\d+)\]|\berrno[ =:]+(-?\d+)\b/i
        .exec(message)
        ?.slice(1)
        .find((code) => code !== undefined),
    ) ??
    classIn(errnoNames, aboutValues.test(shortName(type)) ? undefined : errnoName.exec(message)?.[0]) ??
    classIn(winErrors, /\[WinError (\d+)\]/.exec(message)?.[1]) ??
    classOfOracle(/\b(ORA|DPY|DPI)-(\d{4,5})\b/.exec(message)) ??
    (database.test(type) ? classOfDatabase(message) : undefined)
  );
}

export const database =
  /(?:^|\.)(?:psycopg2?|psycopg_pool|sqlalchemy|django\.db|pymysql|MySQLdb|_mysql_exceptions|mysql|asyncpg|aiomysql|aiopg|sqlite3|aiosqlite|oracledb|cx_Oracle|pyodbc|aioodbc|pymssql|_pymssql|ibm_db\w*|fdb|firebird|peewee|tortoise|snowflake|trino|pg8000|turbodbc|mariadb|ponyorm)\b/;

/** HTTP statuses in a message. Only the words around a number distinguish a status from other numbers. */
const statuses: readonly RegExp[] = [
  /\b([45]\d\d) (?:Client|Server) Error\b/,
  /\b(?:Client|Server) error '([45]\d\d)\b/,
  /\bHTTP(?:\/\d(?:\.\d)?)?(?: (?:Error|error|status|code|response))*[ :=#]*([45]\d\d)\b/,
  /\bHTTP[ _-]?(?:Status|Code)\w*\W{1,3}([45]\d\d)\b/i,
  /^([45]\d\d), message=/,
  /<HttpError ([45]\d\d)\b/,
  /\bError code: ([45]\d\d)\b/,
  /\bstatus[ _-]?code\W{1,4}([45]\d\d)\b/i,
  /\b(?:returned|answered|responded|replied)(?: with)?(?: an?)?(?: (?:status|code|error|response|HTTP))*:? ([45]\d\d)\b/i,
  /\b(?:received|got)(?: an?)?(?: (?:status|code|error|response|HTTP))+:? ([45]\d\d)\b/i,
  /\b(408) Request Time-?out|\b(429) Too Many Requests|\b(500) Internal Server Error|\b(502) Bad Gateway|\b(503) Service (?:Temporarily )?Unavailable|\b(504) Gateway Time-?out/i,
  /\btoo many (5\d\d) error responses/,
  /\b(?:error|status|response|HTTP)[ _-]?code\W{1,4}([45]\d\d)\b/i,
  /\bresponse[ :]*[([]([45]\d\d)[)\]]/i,
  // The status beside its phrase, in either order: `(503, 'Service Unavailable')`, `Bad Gateway (502)`.
  /\b(408|425|429|5\d\d)\b\W{1,6}[ub]?\W?(?:Request Time-?out|Too (?:Early|Many Requests)|Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out|Site is overloaded|Web server is down)/i,
  /\b(?:Request Time-?out|Too Many Requests|Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)\W{1,4}(?:code )?(408|425|429|5\d\d)\b/i,
];
/** Patterns that count as a status only in the messages of exceptions about requests. */
const statusesOfRequests: readonly RegExp[] = [
  /\b(?:status|code)\W{1,4}([45]\d\d)\b/i,
  /^\W?([45]\d\d)\b/,
  /\w\(([45]\d\d),/,
];
const allStatuses: readonly RegExp[] = [...statuses, ...statusesOfRequests];
const aboutRequests =
  /(?:HTTP|Http|API|Api|Status|Response|Transport|Server|Rest|Github|Gitlab|Client|Request|Gateway|Upstream|Service|Webhook|Remote|Partner|Provider|Endpoint)\w*(?:Error|Exception)$|^(?:google|github|gitlab|elasticsearch|opensearchpy|kubernetes|openai|tweepy)\./;

function statusIn(type: string, message: string, source: string): string | undefined {
  if (!/[45]\d\d/.test(message)) return undefined;
  const patterns = aboutRequests.test(type) ? allStatuses : statuses;
  for (const pattern of patterns) {
    const found = pattern
      .exec(message)
      ?.slice(1)
      .find((status) => status !== undefined);
    if (found !== undefined) return found;
  }
  return statusNamed(source) ? /(?<![\w.-])[45]\d\d(?![\w.-]*\d)/.exec(message)?.[0] : undefined;
}

/** A status of an overloaded or failing server is transient; any other 4xx is a bug if the number is certainly a status. */
function classOfStatus(status: string | undefined, type: string): FailureClass | undefined {
  if (status === undefined) return undefined;
  if (status.startsWith('5') || ['408', '425', '429'].includes(status)) return 'transient';
  return aboutRequests.test(type) ? 'bug' : undefined;
}

const errnos: Codes = [
  // EAGAIN, ENOMEM, ENFILE, EMFILE, EFBIG, ENOSPC, ENOBUFS, EDQUOT.
  ['resource', setOf('11 12 23 24 27 28 105 122')],
  // Negative numbers are errors of the name resolver. EINTR, EIO, EBUSY, EPIPE, the network errors, EHOSTDOWN, ESTALE.
  ['transient', setOf('-2 -3 -4 -5 -8 -9 -11 4 5 16 32 100 101 102 103 104 108 110 111 112 113 116')],
];

const winErrors: Codes = [
  ['resource', setOf('8 14 39 112 1450 1455')],
  ['transient', setOf('53 64 121 1231 10050 10051 10052 10053 10054 10060 10061 10064 10065 11001 11002')],
];

/** The names of error numbers, which do not depend on the platform. */
const errnoNames: Codes = [
  ['resource', setOf('ENOSPC EMFILE ENFILE ENOMEM EDQUOT ENOBUFS')],
  [
    'transient',
    setOf(
      'ECONNREFUSED ECONNRESET ECONNABORTED ETIMEDOUT ESOCKETTIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN ENETRESET EPIPE ENOTCONN ENOTFOUND ESTALE EAI_AGAIN EAI_FAIL EAI_NODATA EAI_NONAME',
    ),
  ],
];
const errnoName = /\bE(?:AI_)?[A-Z]{4,}\b/;

type Ranges = readonly (readonly [FailureClass, readonly (readonly [from: number, to: number])[]])[];

/** Errors of the server (ORA) and of its two drivers (DPY, DPI). Single numbers first, because ranges include exceptions. */
const oracleErrors: Readonly<Record<string, Ranges>> = {
  ORA: [
    ['cancelled', [[1013, 1013]]],
    // The address or the name of the service is wrong.
    [
      'bug',
      [
        [12154, 12154],
        [12157, 12158],
        [12504, 12505],
        [12533, 12533],
        [12538, 12538],
        [12557, 12557],
        [12545, 12545],
      ],
    ],
    [
      'resource',
      [
        [18, 18],
        [20, 20],
        [257, 257],
        [604, 604],
        [1536, 1536],
        [1552, 1562],
        [1555, 1555],
        [1628, 1632],
        [1650, 1659],
        [4030, 4031],
        [12516, 12516],
        [12519, 12519],
        [19809, 19815],
        [30036, 30036],
      ],
    ],
    [
      'transient',
      [
        [28, 28],
        [51, 60],
        [1012, 1012],
        [1033, 1035],
        [1089, 1092],
        [2396, 2396],
        [2399, 2399],
        [3113, 3114],
        [3135, 3137],
        [3150, 3150],
        [3156, 3156],
        [4020, 4021],
        [8176, 8177],
        [12150, 12699],
        [16000, 16000],
        [16456, 16456],
        [25400, 25409],
        [25425, 25425],
        [29770, 29772],
      ],
    ],
  ],
  DPY: [
    ['resource', [[4005, 4005]]],
    [
      'transient',
      [
        [1001, 1001],
        [4011, 4011],
        [4024, 4024],
        [6000, 6006],
      ],
    ],
  ],
  DPI: [
    ['resource', [[1001, 1001]]],
    [
      'transient',
      [
        [1010, 1010],
        [1067, 1067],
        [1080, 1080],
      ],
    ],
  ],
};

function classOfOracle(match: RegExpExecArray | null): FailureClass | undefined {
  const [, origin = '', digits = ''] = match ?? [];
  const code = Number(digits);
  return oracleErrors[origin]?.find(([, ranges]) => ranges.some(([from, to]) => code >= from && code <= to))?.[0];
}

const mysql: Codes = [
  ['cancelled', setOf('1317')],
  ['resource', setOf('1021 1037 1038 1040 1041 1114 1135 1203 1206 1226 3024')],
  [
    'transient',
    setOf(
      '1042 1043 1053 1077 1079 1152 1153 1158 1159 1160 1161 1184 1189 1205 1213 1290 1614 1792 1836 1927 2002 2003 2005 2006 2012 2013 2014 2055 3572 4031',
    ),
  ],
];

const sqlServer: Codes = [
  ['resource', setOf('701 802 1101 1105 3967 8645 9002 10928 10929')],
  [
    'transient',
    setOf(
      '20 64 233 1205 1222 4060 4221 10053 10054 10060 20002 20003 20004 20006 20009 20047 40143 40197 40501 40540 40613 49918',
    ),
  ],
];

/** SQLSTATEs of PostgreSQL, and those of ODBC that differ. */
const sqlStates: readonly (readonly [FailureClass, RegExp])[] = [
  ['resource', /^(?:53...|54...|58030)$/],
  ['transient', /^(?:08...|40...|57P0[1-5]|55P03|25006|25P03|HYT0[01]|58000)$/],
];

/** PyMySQL reports a closed connection without a text, and mixed-up packets by their numbers. */
const mysqlProtocol = /^(?:\([\w.]+\) )?\(0, (?:''|"")\)|Packet sequence number wrong/;

function classOfDatabase(message: string): FailureClass | undefined {
  if (mysqlProtocol.test(message)) return 'transient';
  const state = /(?:SQLSTATE[ [:=(]*|^\(?'|\[|\d{4,6} \()([0-9A-Z]{5})(?:['\])]|\b)/.exec(message)?.[1];
  const bySqlState = sqlStates.find(([, pattern]) => state !== undefined && pattern.test(state))?.[0];
  if (bySqlState !== undefined) return bySqlState;
  const number = /(?:^|\) )\(?(\d{2,5})(?:, b?['"]| \([0-9A-Z]{5}\)|: )/.exec(message)?.[1];
  if (number === undefined) return undefined;
  return /, b['"]|DB-Lib/.test(message) ? classIn(sqlServer, number) : classIn(mysql, number);
}
