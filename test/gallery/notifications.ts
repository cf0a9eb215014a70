/** One notification of each kind, with the data of a web shop. The gallery draws them, and tests check each. */

import type { Incident } from '../../src/alert/incident.ts';
import { keyText } from '../../src/alert/key.ts';
import type { Notification } from '../../src/alert/outbox/notification.ts';
import type { Redacted } from '../../src/event/untrusted.ts';
import {
  bulletinNotificationOf,
  bulletinOf,
  incidentOf,
  keyOf,
  notificationOf,
  openedAt,
  subjectOf,
} from '../fakes/incident.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const levels = { withinMs: 0, of: undefined } as const;

export interface Picture {
  readonly name: string;
  readonly notification: Notification;
  /** Lines, reminders and links of the message. */
  readonly thread: readonly Notification[];
}

const newFailure = incidentOf({
  trend: 'rising',
  deploy: { version: 'v231', at: openedAt - 40 * second, pools: [] },
  mentions: ['S0PAYTEAM'],
  count: 38,
  keys: [keyOf({ total: 38, figures: { count: 21, limit: 3, withinMs: 10 * minute, baseline: undefined, of: 212 } })],
});

const critical = incidentOf({
  id: '1b9c44e0aa',
  severity: 'critical',
  mentions: ['U0ONCALL'],
  count: 1,
  lastAt: openedAt,
  keys: [
    keyOf({
      signal: 'failures.critical',
      total: 1,
      figures: { count: 1, limit: 1, withinMs: 10 * minute, baseline: undefined, of: undefined },
    }),
  ],
  subject: subjectOf({
    tasks: ['payouts.tasks.send_payout'],
    queues: ['payouts'],
    pools: ['celery@payouts'],
    hosts: ['celery@payouts-6f7c9d8b5-x2vkq'],
    title: "IntegrityError: duplicate key value violates unique constraint 'payout_idempotency_key'",
  }),
});

const surge = incidentOf({
  id: '52aa01',
  trend: 'rising',
  count: 214,
  keys: [
    keyOf({
      signal: 'failures.surge',
      total: 214,
      figures: { count: 96, limit: 14, withinMs: 10 * minute, baseline: 2.4, of: undefined },
    }),
  ],
  subject: subjectOf({
    tasks: ['webhooks.tasks.deliver'],
    queues: ['webhooks'],
    pools: ['celery@web'],
    class: 'transient',
    title: 'ReadTimeout: HTTPSConnectionPool: Read timed out. (read timeout=[number])',
    hosts: ['celery@web-1', 'celery@web-2', 'celery@web-3', 'celery@web-4', 'celery@web-5'],
  }),
});

const herd = incidentOf({
  id: 'c0ffee91d2',
  severity: 'high',
  trend: 'rising',
  count: 143,
  keys: [
    keyOf({ total: 60, figures: { count: 60, limit: 3, withinMs: 10 * minute, baseline: undefined, of: 180 } }),
    keyOf({ key: keyText({ kind: 'cause', fingerprint: 'b' }) }),
    keyOf({ key: keyText({ kind: 'cause', fingerprint: 'c' }) }),
    keyOf({ key: keyText({ kind: 'cause', fingerprint: 'd' }) }),
    keyOf({
      key: keyText({ kind: 'queue', queue: 'default' }),
      signal: 'latency',
      total: undefined,
      figures: { ...levels, count: 6 * minute, limit: 2 * minute, baseline: 3 * second },
    }),
    keyOf({
      key: keyText({ kind: 'task', task: 'orders.tasks.sync_order' }),
      signal: 'failures.ratio',
      total: undefined,
      figures: { count: 31, limit: 9, withinMs: 5 * minute, baseline: 0.5, of: 44 },
    }),
  ],
  subject: subjectOf({
    tasks: [
      'billing.tasks.charge',
      'mail.tasks.send_receipt',
      'orders.tasks.sync_order',
      'search.tasks.reindex',
      'stock.tasks.reserve',
    ],
    exceptions: ['OperationalError'],
    queues: ['default', 'mail', 'payments', 'search'],
    pools: ['celery@pay', 'celery@mail', 'celery@web'],
    hosts: ['celery@pay-1', 'celery@pay-2', 'celery@mail-1', 'celery@web-1'],
    class: 'transient',
    title: 'OperationalError: could not connect to server: Connection refused',
  }),
});

const workerShort = incidentOf({
  id: '90aa7f',
  severity: 'high',
  count: 0,
  keys: [
    keyOf({
      key: keyText({ kind: 'pool', pool: 'celery@worker-mail' }),
      signal: 'worker.short',
      total: undefined,
      figures: { ...levels, count: 2, limit: 4, baseline: undefined, of: 4 },
    }),
  ],
  subject: subjectOf({
    tasks: [],
    queues: ['mail'],
    pools: ['celery@worker-mail'],
    hosts: ['celery@worker-mail-2', 'celery@worker-mail-3'],
    title: '2 of 4 workers missing',
    fingerprint: undefined,
    class: undefined,
    cause: undefined,
    example: undefined,
  }),
});

const outage = incidentOf({
  ...workerShort,
  id: '90aa80',
  keys: [
    keyOf({
      key: keyText({ kind: 'pool', condition: 'lost', pool: 'celery@worker-mail' }),
      signal: 'lost',
      total: 4,
      parts: { SIGKILL: 3, SIGABRT: 1 },
      title: 'WorkerLost: its process was killed by SIGABRT',
    }),
    keyOf({
      key: keyText({ kind: 'pool', pool: 'celery@worker-mail' }),
      signal: 'worker.short',
      total: undefined,
      gravity: 1,
      figures: { ...levels, count: 0, limit: 4, baseline: undefined },
      title: 'no worker left: 4 of 4 workers missing',
    }),
  ],
});

const timeout = incidentOf({
  id: '7133e0',
  severity: 'high',
  keys: [
    keyOf({
      key: keyText({ kind: 'self', condition: 'visibility-timeout' }),
      signal: 'redelivery.timeout',
      total: 97,
      figures: { ...levels, count: 3, limit: 2, baseline: undefined },
    }),
  ],
  subject: subjectOf({
    tasks: ['reports.tasks.build'],
    title: 'the broker delivered messages again after 30 s, before their first run had ended',
    class: 'resource',
    cause: undefined,
    taskIds: ['3c1f6d1e-8a52-4f0e-9d55-0c7a2b9e4f10', '3c1f6d1e-8a52-4f0e-9d55-0c7a2b9e4f11'],
  }),
});

const crashLoop = incidentOf({
  id: '4410ce',
  severity: 'high',
  trend: 'rising',
  count: 0,
  keys: [
    keyOf({
      key: keyText({ kind: 'pool', condition: 'crash-loop', pool: 'celery@reports' }),
      signal: 'worker.crash-loop',
      total: undefined,
      figures: { count: 5, limit: 3, withinMs: 15 * minute, baseline: undefined, of: undefined },
    }),
    keyOf({
      key: keyText({ kind: 'pool', condition: 'lost', pool: 'celery@reports' }),
      signal: 'lost',
      total: 9,
      figures: { count: 9, limit: 2, withinMs: 10 * minute, baseline: undefined, of: undefined },
    }),
  ],
  deploy: { version: '2026.11.24-3', at: openedAt - 3 * minute, pools: ['celery@reports'] },
  subject: subjectOf({
    tasks: ['reports.tasks.build_report'],
    queues: ['reports'],
    pools: ['celery@reports'],
    hosts: ['celery@reports-7d9f6c5b8-q4wxz', 'celery@reports-7d9f6c5b8-m2k8j'],
    title: '5 workers died in 15 min',
    fingerprint: undefined,
    class: 'resource',
    cause: 'worker-lost',
  }),
});

const lost = incidentOf({
  id: '77f1ab',
  severity: 'high',
  count: 4,
  keys: [
    keyOf({
      key: keyText({ kind: 'pool', condition: 'lost', pool: 'celery@reports' }),
      signal: 'lost',
      total: 4,
      figures: { count: 4, limit: 2, withinMs: 10 * minute, baseline: undefined, of: undefined },
    }),
  ],
  subject: subjectOf({
    tasks: ['reports.tasks.build_report', 'reports.tasks.export'],
    queues: ['reports'],
    pools: ['celery@reports'],
    hosts: ['celery@reports-1'],
    title: 'WorkerLostError: Worker exited prematurely: signal 9 (SIGKILL)',
    class: 'resource',
    cause: 'worker-lost',
  }),
});

const poison = incidentOf({
  id: 'bad5eed',
  severity: 'high',
  count: 5,
  keys: [
    keyOf({
      key: keyText({ kind: 'task', condition: 'redelivery', task: 'images.tasks.resize' }),
      signal: 'redelivery',
      total: 1,
      figures: { ...levels, count: 1, limit: 1, baseline: undefined },
    }),
  ],
  subject: subjectOf({
    tasks: ['images.tasks.resize'],
    queues: ['images'],
    pools: ['celery@images'],
    hosts: ['celery@images-1', 'celery@images-2'],
    title: 'one message, started 5 times, never finished',
    class: 'resource',
    cause: 'poison-loop',
  }),
});

const stuck = incidentOf({
  id: '5707c4',
  severity: 'high',
  count: 0,
  keys: [
    keyOf({
      key: keyText({ kind: 'task', condition: 'stuck', task: 'reports.tasks.nightly' }),
      signal: 'stuck',
      total: undefined,
      figures: { ...levels, count: 2, limit: 12 * minute, baseline: undefined },
    }),
  ],
  subject: subjectOf({
    tasks: ['reports.tasks.nightly'],
    queues: ['reports'],
    pools: ['celery@reports'],
    hosts: ['celery@reports-1'],
    title: '2 attempts running too long, the longest for 31 min',
    fingerprint: undefined,
    class: undefined,
    cause: undefined,
  }),
});

const latency = incidentOf({
  id: '1a7e9c',
  trend: 'rising',
  count: 0,
  keys: [
    keyOf({
      key: keyText({ kind: 'queue', queue: 'payments' }),
      signal: 'latency',
      total: undefined,
      figures: { ...levels, count: 6 * minute + 20 * second, limit: 2 * minute, baseline: undefined, of: 1_240 },
    }),
  ],
  subject: subjectOf({
    tasks: ['billing.tasks.charge'],
    hosts: [],
    title: 'tasks wait 380 s in payments',
    fingerprint: undefined,
    class: undefined,
    cause: undefined,
    example: undefined,
  }),
});

const missed = incidentOf({
  id: '5ced01',
  severity: 'high',
  count: 1,
  lastAt: openedAt,
  keys: [
    keyOf({
      key: keyText({ kind: 'schedule', schedule: 'nightly-settlement' }),
      signal: 'schedule.missed',
      total: 1,
      figures: { count: 1, limit: 1, withinMs: 24 * hour, baseline: undefined, of: undefined },
    }),
  ],
  subject: subjectOf({
    tasks: ['billing.tasks.settle'],
    hosts: [],
    pools: [],
    title: 'nightly-settlement: run due 12 min ago is missing',
    fingerprint: undefined,
    class: undefined,
    cause: undefined,
    example: undefined,
  }),
});

const blind = incidentOf({
  id: 'b11d00',
  severity: 'high',
  count: 0,
  keys: [
    keyOf({
      key: keyText({ kind: 'self' }),
      signal: 'self.blind',
      total: undefined,
      figures: { ...levels, count: 48 * second, limit: 20 * second, baseline: undefined },
    }),
  ],
  subject: subjectOf({
    tasks: [],
    queues: [],
    pools: [],
    hosts: [],
    title: 'no events for 48 s, although workers were online',
    fingerprint: undefined,
    class: undefined,
    cause: undefined,
    example: undefined,
  }),
});

const regression = incidentOf({
  id: '0ddba11',
  severity: 'high',
  regressionOf: '7d3f9a1c2b',
  count: 2,
  keys: [
    keyOf({
      signal: 'failures.regressed',
      total: 2,
      figures: { count: 2, limit: 2, withinMs: 10 * minute, baseline: undefined, of: 96 },
    }),
  ],
  deploy: { version: 'v232', at: openedAt - 6 * minute, pools: [] },
});

const escalated = incidentOf({
  id: 'e5ca1a7e',
  trend: 'rising',
  count: 61,
  keys: [
    keyOf({
      signal: 'failures.escalated',
      total: 61,
      figures: { count: 44, limit: 18, withinMs: 10 * minute, baseline: 3.1, of: undefined },
    }),
  ],
});

const ratio = incidentOf({
  id: '4a7105',
  severity: 'high',
  count: 31,
  keys: [
    keyOf({
      key: keyText({ kind: 'task', task: 'orders.tasks.sync_order' }),
      signal: 'failures.ratio',
      total: 31,
      figures: { count: 31, limit: 9, withinMs: 5 * minute, baseline: 0.5, of: 44 },
    }),
  ],
  subject: subjectOf({
    tasks: ['orders.tasks.sync_order'],
    exceptions: ['KeyError', 'ValidationError', 'HTTPError'],
    title: 'KeyError: [text] and 2 other kinds',
  }),
});

const storm = incidentOf({
  id: '5704a1',
  trend: 'rising',
  count: 83,
  keys: [
    keyOf({
      key: keyText({ kind: 'retry', task: 'mail.tasks.send_receipt', exception: 'SMTPServerDisconnected' }),
      signal: 'retries.storm',
      total: 83,
      figures: { count: 41, limit: 15, withinMs: 90 * second, baseline: undefined, of: 52 },
    }),
  ],
  subject: subjectOf({
    tasks: ['mail.tasks.send_receipt'],
    queues: ['mail'],
    class: 'transient',
    title: 'SMTPServerDisconnected: Connection unexpectedly closed',
  }),
});

const twice = incidentOf({
  id: '7013ce',
  severity: 'high',
  count: 2,
  lastAt: openedAt,
  keys: [
    keyOf({
      key: keyText({ kind: 'task', condition: 'run-twice', task: 'billing.tasks.charge' }),
      signal: 'run-twice',
      total: 1,
      figures: { ...levels, count: 1, limit: 1, baseline: undefined },
    }),
  ],
  subject: subjectOf({ title: 'one message was executed 2 times' }),
});

const acked = { by: 'U0JO', at: openedAt + 5 * minute };
const resolved: Partial<Incident> = {
  phase: { name: 'resolved', at: openedAt + 36 * minute, by: undefined },
  lastAt: openedAt + 26 * minute,
  trend: 'falling',
};
const ref = 'C0ALERTS01/1.000001';

export const pictures: readonly Picture[] = [
  { name: 'new failure', notification: notificationOf(newFailure), thread: [] },
  { name: 'critical', notification: notificationOf(critical), thread: [] },
  { name: 'surge', notification: notificationOf(surge), thread: [] },
  {
    name: 'outage',
    notification: notificationOf(outage),
    thread: [
      notificationOf(outage, {
        action: 'line',
        ref,
        line: { at: openedAt + minute, what: 'worse', text: 'no worker left: 4 of 4 workers missing', isLoud: true },
      }),
    ],
  },
  { name: 'visibility timeout', notification: notificationOf(timeout), thread: [] },
  {
    name: 'herd',
    notification: notificationOf(herd),
    thread: [
      notificationOf(herd, {
        action: 'line',
        ref,
        line: {
          at: openedAt + minute,
          what: 'joined',
          text: 'OperationalError: could not connect to server in mail.tasks.send_receipt',
        },
      }),
      notificationOf(herd, {
        action: 'line',
        ref,
        line: { at: openedAt + 2 * minute, what: 'joined', text: 'tasks wait 360 s in default' },
      }),
      notificationOf(herd, {
        action: 'line',
        ref,
        line: { at: openedAt + 6 * minute, what: 'grew', text: '143 so far' },
      }),
    ],
  },
  { name: 'failure rate', notification: notificationOf(ratio), thread: [] },
  { name: 'retry storm', notification: notificationOf(storm), thread: [] },
  { name: 'workers missing', notification: notificationOf(workerShort), thread: [] },
  { name: 'crash loop', notification: notificationOf(crashLoop), thread: [] },
  { name: 'attempts lost', notification: notificationOf(lost), thread: [] },
  { name: 'poison message', notification: notificationOf(poison), thread: [] },
  { name: 'executed twice', notification: notificationOf(twice), thread: [] },
  { name: 'stuck', notification: notificationOf(stuck), thread: [] },
  { name: 'queue wait', notification: notificationOf(latency), thread: [] },
  { name: 'scheduled run missed', notification: notificationOf(missed), thread: [] },
  { name: 'no events', notification: notificationOf(blind), thread: [] },
  { name: 'regression', notification: notificationOf(regression), thread: [] },
  { name: 'escalated', notification: notificationOf(escalated), thread: [] },
  {
    name: 'acknowledged',
    notification: notificationOf({ ...newFailure, ack: acked }, { action: 'edit', ref }),
    thread: [notificationOf(newFailure, { action: 'line', ref, line: { at: acked.at, what: 'acked', text: 'U0JO' } })],
  },
  {
    name: 'snoozed',
    notification: notificationOf({ ...surge, ack: acked, snoozedUntil: openedAt + 4 * hour }, { action: 'edit', ref }),
    thread: [
      notificationOf(
        { ...surge, snoozedUntil: openedAt + 4 * hour },
        { action: 'line', ref, line: { at: acked.at, what: 'snoozed', text: 'U0JO' } },
      ),
    ],
  },
  {
    name: 'resolved',
    notification: notificationOf({ ...newFailure, ...resolved }, { action: 'edit', ref }),
    thread: [
      notificationOf(
        { ...newFailure, ...resolved },
        { action: 'line', ref, line: { at: openedAt + 36 * minute, what: 'resolved', text: 'after 26 min' } },
      ),
    ],
  },
  {
    name: 'resolved by a person',
    notification: notificationOf(
      {
        ...workerShort,
        ...resolved,
        phase: { name: 'resolved', at: openedAt + 36 * minute, by: 'U0JO' },
      },
      { action: 'edit', ref },
    ),
    thread: [],
  },
  {
    name: 'reopened',
    notification: notificationOf({ ...newFailure, reopens: 2, ack: acked }, { action: 'edit', ref }),
    thread: [
      notificationOf(
        { ...newFailure, reopens: 2 },
        {
          action: 'line',
          ref,
          line: { at: openedAt + 50 * minute, what: 'reopened', text: 'again, for the 3rd time' },
        },
      ),
      notificationOf(newFailure, { action: 'reminder', ref, at: openedAt + 4 * hour }),
    ],
  },
  { name: 'link in another channel', notification: notificationOf(critical, { action: 'link', ref }), thread: [] },
  {
    name: 'storm',
    notification: bulletinNotificationOf(
      bulletinOf({
        lines: [
          'stock.tasks.reserve: KeyError: [text]: 4 times',
          'search.tasks.reindex: ConnectionError: connection refused: 11 times',
          'mail: tasks wait 540 s in mail',
          'webhooks.tasks.deliver: ReadTimeout: Read timed out: 61 times',
        ],
        more: 3,
      }),
    ),
    thread: [],
  },
  {
    name: 'digest',
    notification: bulletinNotificationOf(
      bulletinOf({
        id: 'digest-2026-11-24',
        kind: 'digest',
        title: 'Since yesterday 09:00: 3 still open, 5 new causes below the threshold, 41 failures ignored',
        lines: [
          'Still open: surge · webhooks.tasks.deliver (214), snoozed until 14:02',
          'New, once each: KeyError in stock.tasks.reserve · Timeout in mail.tasks.send · 3 more',
          'Ignored by policy: ReadTimeout in webhooks.tasks.deliver, 41 times',
          'Recovered by retries: OperationalError 3 times, 12 attempts in total',
        ],
      }),
    ),
    thread: [],
  },
  {
    name: 'after mute hours',
    notification: bulletinNotificationOf(
      bulletinOf({
        id: 'summary-nights',
        kind: 'summary',
        title: 'Still open after mute hours',
        lines: [
          'webhooks.tasks.deliver: ReadTimeout: Read timed out: 214 times',
          'celery@mail: 2 of 4 workers missing',
        ],
      }),
    ),
    thread: [],
  },
  {
    name: 'self-health',
    notification: bulletinNotificationOf(
      bulletinOf({
        id: 'self-store',
        kind: 'self',
        title: 'Store unreachable: at most 10 messages per hour from each instance until it is back',
        lines: ['Redis has not answered since 10:02', '4 instances continue independently'],
      }),
    ),
    thread: [],
  },
];

/** Texts of tasks that try to mention, to link or to break the markup. */
export const hostile: readonly Redacted[] = [
  '<!channel>',
  '<!here|x>',
  '<@U123>',
  '<https://evil.example|ok>',
  '```',
  '&lt;!everyone&gt;',
  '<!subteam^S1>',
] as unknown as Redacted[];
