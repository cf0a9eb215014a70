/** Entries of the lists of the noise policy. `declarations.ts` declares the lists. */
import type { z } from 'zod';
import { severities } from '../../alert/policy.ts';
import { signalNames } from '../../alert/signals/registry.ts';
import { dayMs, duration, secondMs } from '../values/duration.ts';
import { count, flag, oneOf, someOf, text, texts } from '../values/leaf.ts';
import { channel, channelExpected, mention, mentionExpected, name, nameExpected } from '../values/names.ts';
import { section } from '../values/section.ts';
import { crontab, days, globs, timeOfDay, timezone, until } from './leaf.ts';
import { thresholdShape } from './thresholds.ts';

const taskGlobs = () => globs('a glob like "mail.tasks.*"');
const exceptionGlobs = () =>
  globs('the name of an exception class without its module, like "ReadTimeout"', /^[\w*?]{1,128}$/);

export const matcher = section({
  task: taskGlobs().optional(),
  exception: exceptionGlobs().optional(),
  queue: globs('a glob like "mail*"').optional(),
  pool: globs('a glob like "*-reports"').optional(),
  signal: someOf(signalNames).optional(),
  class: someOf(['bug', 'transient', 'resource', 'cancelled']).optional(),
});

const mentions = () => texts(mentionExpected, mention).optional();

const taskShape = {
  match: taskGlobs(),
  severity: oneOf(severities).optional(),
  mute: text('"always" or the name of mute hours', name).optional(),
  ignore: exceptionGlobs().optional(),
  idempotent: flag().default(true),
  queue: text('the name of a queue', /^[^\s]{1,200}$/).optional(),
};
export const task = section({ ...taskShape, ...thresholdShape('tasks') } as typeof taskShape);

const queueShape = { match: globs('a glob like "mail*"') };
export const queue = section({ ...queueShape, ...thresholdShape('queues') } as typeof queueShape);

export const owner = section({
  match: matcher.prefault({}),
  channel: text(channelExpected, channel),
  mention: section({ critical: mentions(), high: mentions(), normal: mentions() }).optional(),
  mute: text('the name of mute hours', name).optional(),
  also: texts(channelExpected, channel).default([]),
});

const everyDay = [0, 1, 2, 3, 4, 5, 6];

export const muteHours = section({
  days: days().default(everyDay),
  from: timeOfDay(),
  to: timeOfDay(),
  timezone: timezone().optional(),
  let_through: someOf(severities, 0).default(['critical']),
  at_end: oneOf(['summary', 'digest']).default('summary'),
});

export const silence = section({
  match: matcher,
  until: until().optional(),
  reason: text('why, for those who will wonder'),
  by: text('who'),
});

export const budget = section({ burst: count(1, 1_000).optional(), per_hour: count(1, 3_600).optional() });

export const inhibitRule = section({
  source: someOf(signalNames),
  target: someOf(signalNames),
  equal: someOf(['task', 'queue', 'pool']).default([]),
});

export const schedule = section({
  name: text(nameExpected, name).optional(),
  task: text('the name of a task', /^[^\s*?]{1,256}$/),
  every: duration(secondMs, 366 * dayMs).optional(),
  offset: duration(0, 366 * dayMs).optional(),
  crontab: crontab().optional(),
  timezone: timezone().optional(),
});

export type WrittenMatcher = z.output<typeof matcher>;
