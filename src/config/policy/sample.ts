/** The section `alerts` of the sample file, with the built-in values. */
import { defaultsText } from './thresholds.ts';

export const alertsSample = `
# Minimum counts below: quiet doubles them, sensitive halves them. Values in this file are not scaled.
profile: balanced
# An IANA name, for the digest, dates, and mute hours without a timezone of their own.
timezone: UTC
# After the first event ever, signals that need history are suppressed for this long: until then everything is new.
learning: 1h
# Delay before the first message, so that it covers more than the first failure. Critical tasks are not delayed.
wait: 20s
# For an open incident that no one has acknowledged, counted from its opening; the last interval repeats. [] for none.
reminders: [4h, 24h]
resolve:
  # Time below the clearing threshold after which an incident is resolved.
  after: 10m
  # An incident that returns within this time reopens in its old message, without a notification.
  reopen_quietly_within: 1h
  # Place of the end: thread, channel (a message of its own) or edit (only the old message turns green).
  show: thread
# Thresholds. The values are those of balanced: leave out the ones you do not change, so that the profile scales them.
defaults:${indented(`\n${defaultsText({ withDescriptions: true })}`)}
# Exceptions for some tasks. The first match applies; options it leaves out come from defaults.
#tasks:
#  - match: reports.tasks.build_report
#    # critical (at the first failure, without a delay), high or normal.
#    severity: high
#    stuck: { over: 15m }
#    # The queue of the task, for fleets that do not send task-sent events.
#    queue: reports
#    # A task that must not run twice: a second run is reported.
#    idempotent: false
#  - match: webhooks.tasks.*
#    # As in defaults; endpoints of customers are often down.
#    new_failure: { min: 10, share: 5% }
#    # Exception classes that are counted and shown in the digest, and never notified on their own.
#    ignore: [ReadTimeout, ConnectTimeout]
#    # always (never notified), or the name of mute hours.
#    mute: nights
#  - { match: "tests.*", mute: always }
#queues:
#  - { match: payments, queue_wait: { over: 20s } }
# The channel of an incident: that of the first match only. Globs, lists, or several globs with "|". Incidents without an
# owner go to slack.channel. Matches on task, exception, queue, pool, signal and class (bug, transient, resource,
# cancelled).
#owners:
#  - match: { task: "billing.*|payouts.*", class: [bug, resource] }
#    channel: "#pay-alerts"
#    mention: { critical: S0PAYTEAM, high: [U0ANNA12, U0BERT12], normal: [] }
#    mute: nights
#    # Channels that get a link to the incident.
#    also: "#operations"
#  - { match: { pool: "*-reports*" }, channel: "#data" }
#  - { match: { signal: [worker, self], queue: "*" , exception: "*Timeout" }, channel: "#operations" }
# Local time of a timezone. "to" before "from" is on the next day, and belongs to the day on which it starts. Incidents that
# are open at the end are reported then: in a summary, or as a line of the digest. A name may have a list of hours.
#mute:
#  nights: { days: mon-fri, from: "19:00", to: "08:00", timezone: America/New_York, let_through: [critical], at_end: summary }
# Permanent or long silences; short ones are set in Slack. A date is the end of that day.
#silences:
#  - { match: { task: "legacy.*", exception: DeprecationWarning }, until: 2099-12-31, reason: "removed in Q1", by: jo }
# Messages per channel, incidents and reminders; further ones are combined in one storm message. "#channel" for one channel.
budget:
  default: { burst: 5, per_hour: 20 }
# Once a day: suppressed incidents with the reasons, and open ones. at: "off" for none.
digest: { at: "09:00", days: mon-fri, skip_empty: true }
# Consequences: while an incident for a source is open, a target is notified only if it lasts five minutes longer. Signals or
# their families; equal: the labels that both must share, some of task, queue, pool. Left out, these three are built in; []
# is none.
#inhibit:
#  - { source: self.blind, target: [worker, stuck, latency, schedule] }
#  - { source: worker, target: [stuck, latency], equal: pool }
#  - { source: [stuck, latency], target: schedule, equal: queue }
# A worker may be missing for this long after a deploy of its pool. Deploys are detected by hosts (another ReplicaSet in the
# host names of a pool) and by http: POST /v1/deploys {"version": "v231", "pools": ["celery@mail*"]} at ops.listen.
deploys: { worker_grace: 3m, from: [hosts, http] }
# Messages per hour and instance while the store is unreachable, because instances cannot agree without it.
degraded: { per_hour: 10 }`;

function indented(text: string): string {
  return text.replace(/\n/g, '\n  ');
}
