/** Access to the broker and to the workers behind it. */
import { defineSection, option } from '../option.ts';
import { dayMs, duration, secondMs } from '../values/duration.ts';
import { oneOf } from '../values/leaf.ts';

export const source = defineSection(
  {
    control: option(oneOf(['off', 'on']), {
      about:
        'off: writes nothing to the broker. on: asks workers every 30 s to send events, and asks for the tasks they ' +
        'execute when a task may be lost, overdue or vanished. This needs the right to publish to the remote control ' +
        'of Celery.',
      default: 'off',
    }),
  },
  {},
);

export const workers = defineSection(
  {
    silent_after: option(duration(5 * secondMs, dayMs), {
      about:
        'Workers send a heartbeat every 2 s, and a busy worker may miss some. A worker is lost after this time and ' +
        'at least three missing heartbeats; after about 12 s if its heartbeats were steady while it executed tasks and ' +
        'other events arrive; after half as long again if it never reported an executing task, as a solo pool.',
      default: '30s',
    }),
    grace: option(duration(0, dayMs), {
      about:
        'Longest time from the shutdown of a worker until it is killed, `terminationGracePeriodSeconds` in Kubernetes. ' +
        'Tasks that it still executes then are lost. A worker sends no heartbeat in that time.',
      default: '30s',
    }),
  },
  {},
);
