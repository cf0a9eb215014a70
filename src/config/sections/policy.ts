/** The noise policy: which tasks are critical, what makes an incident, and which runs are expected. */
import { option } from '../option.ts';
import { alertsSample } from '../policy/sample.ts';
import { alerts, critical, schedules } from '../policy/schema.ts';

export const noisePolicy = {
  critical: option(critical, {
    about:
      'Tasks that are reported at their first failure, without a delay. "*" matches any characters, "?" matches one.',
    default: [],
    isReloadable: true,
  }),
  alerts: option(alerts, {
    about:
      'The noise policy: what makes an incident, who is notified where, and what is suppressed. docs/noise.md explains ' +
      'every option; `taskvigil why --task … --exception …` shows the decision about a given failure. Every change takes ' +
      'effect without a restart.',
    default: {},
    shown: alertsSample,
    isReloadable: true,
  }),
  schedules: option(schedules, {
    about:
      'Expected runs; a run that does not start is an incident. The beat of Celery reads crontabs in the timezone of its ' +
      'application, which is UTC by default.',
    default: [],
    sample: `
- { task: reports.tasks.hourly, every: 1h, offset: 5m }
- { name: nightly, task: reports.tasks.nightly, crontab: "30 2 * * mon-fri", timezone: Europe/Berlin }`,
    isReloadable: true,
  }),
};
