/** The headline of an incident, and the people to mention. */
import type { Incident } from '../../alert/incident.ts';
import { headingOf } from '../../alert/incidents/heading.ts';
import type { Severity } from '../../alert/policy.ts';
import { type Inline, mention, text } from './blocks.ts';
import { objectOf, wordsOf } from './signal-text.ts';

/** In characters. With marker and signal below Slack's 150 for a header. */
const objectMax = 90;
const mentionsMax = 10;

const circles: Readonly<Record<Severity, string>> = { critical: '🔴', high: '🟠', normal: '🟡' };

/** `🟡 New failure · billing.tasks.charge` */
export function headlineOf(incident: Incident): string {
  const heading = headingOf(incident);
  const { headline: plain, outage } = wordsOf(heading.signal);
  const weight = incident.phase.name === 'resolved' ? heading.peak : heading.gravity;
  const headline = (weight ?? 0) > 0 ? (outage ?? plain) : plain;
  const object = objectOf(incident, objectMax);
  return `${markerOf(incident)} ${headline}${object === '' ? '' : ` · ${object}`}`;
}

/** Green: resolved. White: nothing shows that it is over. Eyes: acknowledged. Asleep: snoozed. Otherwise the severity. */
function markerOf({ phase, severity, ack, snoozedUntil }: Incident): string {
  if (phase.name === 'resolved') return phase.isForgotten === true ? '⚪ No longer watched:' : '🟢 Resolved:';
  if (snoozedUntil !== undefined) return '💤';
  return ack === undefined ? circles[severity] : '👀';
}

/** The ids of the policy that Slack can mention, with a blank after each. */
export function mentionsOf({ mentions }: Incident): Inline[] {
  return mentions
    .flatMap((id) => mention(id) ?? [])
    .slice(0, mentionsMax)
    .flatMap((element) => [element, text(' ')]);
}
