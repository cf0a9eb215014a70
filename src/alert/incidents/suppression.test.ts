import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incidentOf, openedAt, subjectOf } from '../../../test/fakes/incident.ts';
import { now } from '../../../test/fakes/signal.ts';
import { defaultPolicy } from '../default-policy.ts';
import { matchesEverything } from '../matcher.ts';
import type { MuteHours, Policy, Route, Silence } from '../policy.ts';
import { hiddenBy, ownerOf } from './suppression.ts';

const route = (channel: string, facts: Partial<Route> = {}): Route => ({
  match: matchesEverything,
  channel,
  mentions: {},
  mute: undefined,
  also: [],
  ...facts,
});
const silenceOf = (facts: Partial<Silence> = {}): Silence => ({
  id: 's1',
  match: matchesEverything,
  until: undefined,
  by: 'U1',
  reason: 'x',
  ...facts,
});
/** All day, so `now` is inside. */
const always: MuteHours = {
  name: 'days',
  days: [0, 1, 2, 3, 4, 5, 6],
  from: 0,
  to: 0,
  timezone: 'UTC',
  letThrough: ['critical'],
  atEnd: 'summary',
};
const policyOf = (facts: Partial<Policy> = {}): Policy => ({ ...defaultPolicy('#alerts'), ...facts });
const taskRule = (mute: string) => ({
  match: ['billing.*'],
  severity: undefined,
  mute,
  ignore: [],
  isIdempotent: true,
  queue: undefined,
  thresholds: {},
});

test('the first route that matches owns an incident', () => {
  const owners = [
    route('#mail', { match: { ...matchesEverything, tasks: ['mail.*'] } }),
    route('#pay', { match: { ...matchesEverything, tasks: ['billing.*'] } }),
    route('#rest'),
  ];
  const channelOf = (tasks: string[]) =>
    ownerOf(policyOf({ owners }), { subject: subjectOf({ tasks }), name: 'failures.new' })?.channel;
  assert.deepEqual(
    [channelOf(['billing.charge']), channelOf(['mail.send']), channelOf(['x'])],
    ['#pay', '#mail', '#rest'],
  );
});

test('without a matching route there is no owner', () => {
  const owners = [route('#mail', { match: { ...matchesEverything, tasks: ['mail.*'] } })];
  assert.equal(ownerOf(policyOf({ owners }), { subject: subjectOf(), name: 'failures.new' }), undefined);
});

describe('an incident is hidden by', () => {
  const cases: readonly {
    name: string;
    policy?: Partial<Policy>;
    silences?: readonly Silence[];
    want: string | undefined;
  }[] = [
    { name: 'nothing by default', want: undefined },
    { name: 'a silence in the book', silences: [silenceOf()], want: 'silenced s1' },
    { name: 'a silence in the policy', policy: { silences: [silenceOf({ id: 'file' })] }, want: 'silenced file' },
    { name: 'a silence until later', silences: [silenceOf({ until: now + 1 })], want: 'silenced s1' },
    { name: 'no silence that has ended', silences: [silenceOf({ until: now })], want: undefined },
    {
      name: 'no silence of other tasks',
      silences: [silenceOf({ match: { ...matchesEverything, tasks: ['x'] } })],
      want: undefined,
    },
    {
      name: 'mute hours of its owner',
      policy: { owners: [route('#a', { mute: 'days' })], mutes: [always] },
      want: 'muted days',
    },
    { name: 'mute hours of its task', policy: { tasks: [taskRule('days')], mutes: [always] }, want: 'muted days' },
    { name: 'a task that is always muted', policy: { tasks: [taskRule('always')] }, want: 'muted always' },
    {
      name: 'no mute hours of another name',
      policy: { owners: [route('#a', { mute: 'nights' })], mutes: [always] },
      want: undefined,
    },
    {
      name: 'no mute hours at another time',
      policy: { owners: [route('#a', { mute: 'days' })], mutes: [{ ...always, from: 22 * 60, to: 8 * 60 }] },
      want: undefined,
    },
    {
      name: 'a silence before mute hours',
      policy: { owners: [route('#a', { mute: 'days' })], mutes: [always] },
      silences: [silenceOf()],
      want: 'silenced s1',
    },
  ];
  for (const { name, policy = {}, silences = [], want } of cases) {
    test(name, () => {
      const hidden = hiddenBy(incidentOf(), policyOf(policy), silences, now);
      assert.equal(hidden && `${hidden.reason} ${hidden.by}`, want);
      if (hidden !== undefined) assert.equal(hidden.since, now);
    });
  }

  test('no mute hours that let its severity through', () => {
    const policy = policyOf({ owners: [route('#a', { mute: 'days' })], mutes: [always] });
    assert.equal(hiddenBy(incidentOf({ severity: 'critical' }), policy, [], openedAt), undefined);
  });
});
