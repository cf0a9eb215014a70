import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigDraft } from '../draft/draft.ts';
import { policyTroubles } from './problems.ts';

type Values = Record<string, unknown>;
type Case = readonly [title: string, values: Values, want: readonly string[]];

function run(subject: string, cases: readonly Case[], valuesOf = (values: Values): Values => values): void {
  for (const [title, values, want] of cases) {
    test(`${subject}: ${title}`, () => {
      const troubles = policyTroubles(new ConfigDraft(valuesOf(values)));
      assert.deepEqual(
        troubles.map(({ path, message }) => `${path.join('.')}: ${message}`),
        want,
      );
    });
  }
}

const inAlerts = (alerts: Values): Values => ({ alerts });
const hours = { from: '19:00', to: '08:00', timezone: 'UTC' };
const zone = 'expected a time zone like "Europe/Berlin", here or in alerts.timezone, got nothing';
const muteName = 'expected the name of mute hours under alerts.mute, got';

run(
  'mute hours',
  [
    ['with a time zone', { mute: { nights: [hours] } }, []],
    [
      'without a time zone, each of a list',
      { mute: { nights: [{ from: '1:00' }, hours, { from: '2:00' }] } },
      [`alerts.mute.nights.0.timezone: ${zone}`, `alerts.mute.nights.2.timezone: ${zone}`],
    ],
    ['without a time zone of their own', { timezone: 'UTC', mute: { nights: [{ from: '1:00' }] } }, []],
    [
      'named always',
      { mute: { always: [hours] } },
      ['alerts.mute.always: expected another name, this one means for ever'],
    ],
    [
      'with a name that is no short name',
      { mute: { 'late nights': [hours] } },
      ['alerts.mute.late nights: expected a short name of letters, digits, "-", "_" and "."'],
    ],
    ['that a task and an owner name', { mute: { n: [hours] }, tasks: [{ mute: 'n' }], owners: [{ mute: 'n' }] }, []],
    ['a task may always be mute', { tasks: [{ mute: 'always' }] }, []],
    [
      'an owner may not always be mute',
      { owners: [{ mute: 'always' }] },
      [`alerts.owners.0.mute: ${muteName} "always"`],
    ],
    [
      'an undefined name with a similar one',
      { mute: { nights: [hours] }, tasks: [{ mute: 'nigths' }] },
      [`alerts.tasks.0.mute: ${muteName} "nigths"; did you mean nights?`],
    ],
    [
      'an undefined name without a similar one',
      { mute: { nights: [hours] }, owners: [{ mute: 'x' }] },
      [`alerts.owners.0.mute: ${muteName} "x": nights`],
    ],
    ['a name that the schema refuses', { tasks: [{ mute: 5 }, { mute: 'not a name' }] }, []],
  ],
  inAlerts,
);

const contradiction = 'contradicts critical, which lists this task';
const muted = 'contradicts its severity: a critical task cannot be muted for ever';
const critical = (task: Values): Values => ({ critical: ['pay.*'], alerts: { tasks: [task] } });

run('critical tasks', [
  ['an entry within critical without a severity', critical({ match: 'pay.a' }), []],
  ['an entry within critical that is critical', critical({ match: 'pay.a', severity: 'critical' }), []],
  [
    'an entry within critical with a lower severity',
    critical({ match: 'pay.a', severity: 'high' }),
    [`alerts.tasks.0.severity: ${contradiction}`],
  ],
  ['an entry that critical covers in part', critical({ match: ['pay.a', 'mail'], severity: 'high' }), []],
  [
    'an entry within critical that is mute',
    critical({ match: 'pay.a', mute: 'always' }),
    [`alerts.tasks.0.mute: ${muted}`],
  ],
  [
    'an entry with severity critical that is mute',
    critical({ match: 'mail', severity: 'critical', mute: 'always' }),
    [`alerts.tasks.0.mute: ${muted}`],
  ],
  ['another entry that is mute', critical({ match: 'mail', mute: 'always' }), []],
  ['critical that the schema refuses', { critical: 5, alerts: { tasks: [{ match: 'a', severity: 'high' }] } }, []],
]);

const order = (over: string, clear: string): string => `expected clear below over, got ${clear} and ${over}`;

run(
  'the order of thresholds',
  [
    ['clear below over', { defaults: { failure_rate: { over: '20%', clear: '19%' } } }, []],
    [
      'clear equal to over',
      { defaults: { failure_rate: { over: '20%', clear: '20%' } } },
      [`alerts.defaults.failure_rate.clear: ${order('20%', '20%')}`],
    ],
    [
      'over below the default of clear',
      { defaults: { failure_rate: { over: '5%' } } },
      [`alerts.defaults.failure_rate.over: ${order('5%', '10%')}`],
    ],
    [
      'clear above the default of over',
      { defaults: { failure_rate: { clear: 0.3 } } },
      [`alerts.defaults.failure_rate.clear: ${order('20%', '30%')}`],
    ],
    [
      'a task inherits clear from defaults',
      {
        defaults: { failure_rate: { over: '50%', clear: '40%' } },
        tasks: [{ match: 'a', failure_rate: { over: '30%' } }],
      },
      [`alerts.tasks.0.failure_rate.over: ${order('30%', '40%')}`],
    ],
    ['values that the schema refuses', { defaults: { failure_rate: { over: 'x', clear: 'y' } } }, []],
  ],
  inAlerts,
);

const reminder = 'expected more than the reminder before it, each counts from the opening';

run(
  'reminders',
  [
    ['in ascending order', { reminders: ['4h', '24h'] }, []],
    ['equal ones', { reminders: ['4h', '4h'] }, [`alerts.reminders.1: ${reminder}`]],
    ['in descending order', { reminders: ['1h', '4h', '2h'] }, [`alerts.reminders.2: ${reminder}`]],
    ['one that the schema refuses', { reminders: ['4h', 'x', '5h'] }, []],
  ],
  inAlerts,
);

run(
  'silences and budgets',
  [
    ['a silence of something', { silences: [{ match: { task: 'a' } }] }, []],
    [
      'a silence of everything',
      { silences: [{ match: {} }] },
      ['alerts.silences.0.match: expected what to silence, this is everything'],
    ],
    ['budgets of channels', { budget: { default: {}, '#a': {}, C0ABCDEF1: {} } }, []],
    [
      'a budget of another name',
      { budget: { everywhere: {} } },
      ['alerts.budget.everywhere: expected "default" or a channel like "#celery-alerts" (quoted) or its id'],
    ],
  ],
  inAlerts,
);

const schedules = (values: Values): Values => ({ schedules: [values] });

run('schedules', [
  ['an interval', schedules({ task: 'a', every: '1h', offset: '5m' }), []],
  ['a crontab', schedules({ task: 'a', crontab: '* * * * *', timezone: 'UTC' }), []],
  ['neither', schedules({ task: 'a' }), ['schedules.0: expected either every or crontab, got neither']],
  [
    'both',
    schedules({ task: 'a', every: '1h', crontab: '* * * * *' }),
    ['schedules.0: expected either every or crontab, got both'],
  ],
  [
    'an offset of a crontab',
    schedules({ task: 'a', crontab: '* * * * *', offset: '5m' }),
    ['schedules.0.offset: expected it with every'],
  ],
  [
    'a time zone of an interval',
    schedules({ task: 'a', every: '1h', timezone: 'UTC' }),
    ['schedules.0.timezone: expected it with crontab'],
  ],
  [
    'the same task twice without names',
    {
      schedules: [
        { task: 'a', every: '1h' },
        { task: 'a', every: '2h' },
      ],
    },
    ['schedules.1.task: expected a name of its own, another one has it already'],
  ],
  [
    'the same name twice',
    {
      schedules: [
        { name: 'n', task: 'a', every: '1h' },
        { name: 'n', task: 'b', every: '2h' },
      ],
    },
    ['schedules.1.name: expected a name of its own, another one has it already'],
  ],
  [
    'one task under two names',
    {
      schedules: [
        { name: 'm', task: 'a', every: '1h' },
        { name: 'n', task: 'a', every: '2h' },
      ],
    },
    [],
  ],
]);
