/** That we hear nothing at all, although somebody ought to be heard. */

import { redactedText } from '../../event/untrusted.ts';
import { keyText } from '../key.ts';
import type { Figures, Subject } from '../signal.ts';
import { type Detections, type Evaluation, noDetections } from './condition.ts';
import { levelOf, nothing } from './level-condition.ts';

export function detectBlindness(look: Evaluation): Detections {
  const { evidence, now, policy, episodes } = look;
  if (evidence.lastEventAt === undefined) return noDetections;
  const silentMs = now - evidence.lastEventAt;
  const limit = evidence.workers.silenceLimitMs(policy.thresholds.blind.afterMs) ?? Number.POSITIVE_INFINITY;
  const isBlind = silentMs > limit;
  if (!isBlind && !episodes.has(keyText({ kind: 'self' }))) return noDetections;
  const title = redactedText`no event for ${Math.round(silentMs / 1_000)} s, although workers were there`;
  const figures: Figures = { count: silentMs, limit, withinMs: 0, baseline: undefined, of: undefined };
  const subject: Subject = { ...nothing, title };
  const level = isBlind ? 'holds' : 'clear';
  return {
    conditions: [
      levelOf(look, {
        name: 'self.blind',
        key: keyText({ kind: 'self' }),
        severity: 'high',
        level,
        firstAt: evidence.lastEventAt,
        clearMs: 30_000,
        figures,
        subject,
      }),
    ],
    held: [],
  };
}
