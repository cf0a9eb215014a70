/** Messages, incidents and suppressed signals of one policy, collected while a recording is played. */
import type { Decision, SuppressReason } from '../../alert/decision.ts';
import type { Incident } from '../../alert/incident.ts';
import type { KeyText } from '../../alert/key.ts';
import type { Notification } from '../../alert/outbox/notification.ts';
import type { Figures, SignalName } from '../../alert/signal.ts';
import type { Millis } from '../../event/ids.ts';

/** A message in a channel: the root of an incident, a reminder, or a bulletin about many incidents. */
export interface PostedMessage {
  readonly at: Millis;
  readonly what: 'root' | 'reminder' | 'storm' | 'digest' | 'summary' | 'self';
  readonly channel: string;
  /** Id of the incident; undefined for a bulletin. */
  readonly incident: string | undefined;
}

/** The highest count of one key relative to its threshold, posted or not. */
export interface Peak {
  readonly key: KeyText;
  readonly signal: SignalName;
  readonly task: string | undefined;
  readonly exception: string | undefined;
  readonly at: Millis;
  readonly figures: Figures;
}

export interface History {
  readonly onDecision: (decision: Decision) => void;
  readonly onNotification: (notification: Notification, now: Millis) => void;
  readonly messages: readonly PostedMessage[];
  /** Last posted revision, by id. */
  readonly incidents: ReadonlyMap<string, Incident>;
  /** The peak of each key. */
  readonly peaks: ReadonlyMap<KeyText, Peak>;
  /** The peak within each incident of each of its keys: `<incident> <key>`. */
  readonly peaksOf: ReadonlyMap<string, Peak>;
  /** Reason of the last suppression of each key. */
  readonly suppressed: ReadonlyMap<KeyText, SuppressReason>;
  /** Failures that were suppressed for want of a baseline. */
  readonly learningFailures: () => number;
}

/** A recording of a year contains fewer. */
const keysMax = 200_000;
const messagesMax = 100_000;

export function createHistory(): History {
  const messages: PostedMessage[] = [];
  const incidents = new Map<string, Incident>();
  const peaks = new Map<KeyText, Peak>();
  const peaksOf = new Map<string, Peak>();
  const suppressed = new Map<KeyText, SuppressReason>();
  let learningFailures = 0;
  return {
    messages,
    incidents,
    peaks,
    peaksOf,
    suppressed,
    learningFailures: () => learningFailures,
    onDecision(decision) {
      const { verdict, key, incident, failures } = decision;
      if (!verdict.notify && verdict.reason === 'learning') learningFailures += failures;
      const peak = peakOf(decision);
      if (peak === undefined || key === undefined || peaks.size >= keysMax) return;
      keepGreater(peaks, key, peak);
      if (incident !== undefined) keepGreater(peaksOf, `${incident} ${key}`, peak);
      if (!verdict.notify && verdict.reason !== 'already-told' && verdict.reason !== 'collecting')
        suppressed.set(key, verdict.reason);
    },
    onNotification({ action, about, channel }, now) {
      const incident = about.kind === 'incident' ? about.incident : undefined;
      if (incident !== undefined) incidents.set(incident.id, incident);
      if ((action !== 'post' && action !== 'reminder') || messages.length >= messagesMax) return;
      const what = about.kind === 'bulletin' ? about.bulletin.kind : action === 'post' ? 'root' : 'reminder';
      messages.push({ at: now, what, channel, incident: incident?.id });
    },
  };
}

function peakOf({ key, signal, task, exception, at, figures }: Decision): Peak | undefined {
  if (key === undefined || signal === undefined || figures === undefined) return undefined;
  return { key, signal, task, exception, at, figures };
}

function keepGreater(peaks: Map<string, Peak>, key: string, peak: Peak): void {
  const known = peaks.get(key);
  if (known === undefined || nearness(peak) > nearness(known)) peaks.set(key, peak);
}

/** Share of the threshold; 1 is the threshold itself. */
export function nearness({ figures: { count, limit } }: Peak): number {
  return limit > 0 ? count / limit : 0;
}
