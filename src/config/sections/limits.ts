/** Bounds in items and in time. */
import { configured, defineSection, option, type Written } from '../option.ts';
import { dayMs, duration, minuteMs, secondMs } from '../values/duration.ts';
import { count } from '../values/leaf.ts';

export const limits = defineSection(
  {
    open_tasks: option(count(100, 10_000_000), {
      about:
        'Tasks without an outcome that are kept in memory, about 2 KB each. Beyond this number the oldest task is ' +
        'evicted and counted.',
      default: 100_000,
    }),
    settle: option(duration(0, 30 * secondMs), {
      about: 'Events arrive late and out of order. The events of a task are collected for this long before they count.',
      default: '1500ms',
    }),
    remember: option(duration(secondMs, dayMs), {
      about: 'An ended task is kept for this long, for events that arrive late.',
      default: '10m',
    }),
    workers: option(count(10, 1_000_000), {
      about: 'Node names that are kept. Autoscaling creates new ones all the time.',
      default: 10_000,
    }),
    vanished_after: option(duration(minuteMs, 7 * dayMs), {
      about: 'A task that was sent and not received for this long is looked up in the broker: it may have vanished.',
      default: '15m',
    }),
    overdue_after: option(duration(minuteMs, 7 * dayMs), {
      about: 'A task that runs for this long, and three times as long as the longest run before it, may be overdue.',
      default: '30m',
    }),
  },
  {},
);

export function limitsConfig(written: Written<typeof limits.options>) {
  return configured(limits.options, written);
}
