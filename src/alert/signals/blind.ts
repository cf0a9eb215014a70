/** No event received from any worker, although workers are online. */
import { redactedText } from '../../event/untrusted.ts';
import { emptySubject, levelCondition, plainFigures } from '../detection/condition.ts';
import { defineSignal } from '../detection/definition.ts';
import { defineThresholds, duration } from '../detection/thresholds.ts';
import type { SignalKey } from '../key.ts';

const second = 1_000;
const clearMs = 30 * second;
const key: SignalKey = { kind: 'self' };

export const blindThresholds = defineThresholds({
  option: 'blind',
  description: 'No events at all while workers were online.',
  overriddenBy: undefined,
  fields: { afterMs: duration(20 * second, 5 * second, 3_600 * second) },
  sentence: ({ afterMs }, format) =>
    `No event received from any worker for ${format.duration(afterMs)} while workers are online.`,
});

export const blind = defineSignal({
  name: 'self.blind',
  severity: 'high',
  thresholds: blindThresholds,
  silences: 'signal',
  joins: [],
  words: {
    headline: 'No events received',
    short: 'no events',
    about: 'nothing',
    meaning:
      'taskvigil receives no events from any worker. Until it does, it cannot detect late, stuck or missing tasks.',
    counts: undefined,
    isException: false,
    measure: ({ count }, format) => `no events from any worker for ${format.duration(count)}`,
    unit: 'duration',
  },
  firesWhen: 'no event arrives for `after` and two and a half heartbeats, while workers are online',
  per: 'fleet',
  detect({ evidence, now, episodes, silenceLimitMs }) {
    if (evidence.lastEventAt === undefined) return [];
    const silentMs = now - evidence.lastEventAt;
    const isBlind = silentMs > silenceLimitMs;
    if (!isBlind && !episodes.has(key)) return [];
    const title = redactedText`no events for ${Math.round(silentMs / second)} s, although workers are online`;
    return [
      levelCondition(now, {
        key,
        level: isBlind ? 'holds' : 'clear',
        firstAt: evidence.lastEventAt,
        clearMs,
        figures: plainFigures(silentMs, silenceLimitMs),
        subject: { ...emptySubject, title },
      }),
    ];
  },
});
