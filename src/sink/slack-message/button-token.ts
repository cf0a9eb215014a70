/**
 * What the buttons of a message carry: which incident of which fleet, and how it stood when they were shown, signed. So a
 * button of another fleet, or one that somebody made up, does nothing; and one that shows what is no longer so answers
 * instead of acting.
 *
 * Exports: ButtonToken, stateCodeOf, signButtonToken, verifyButtonToken.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Incident } from '../../alert/incident.ts';

export interface ButtonToken {
  readonly namespace: string;
  readonly incident: string;
  readonly stateCode: string;
}

const version = 'tv1';
/** 128 of the 256 bits. */
const macChars = 22;
/** Slack's limit for a block's id. */
const ticketMax = 255;

/** What a reader decides by: a count that went on is no reason to refuse a press, an acknowledgement is. */
export function stateCodeOf({ phase, ack, snoozedUntil, reopens }: Incident): string {
  const isOver = phase.name === 'resolved';
  return `${isOver ? 'r' : 'o'}${reopens}${ack === undefined ? '' : 'a'}${snoozedUntil === undefined ? '' : `z${Math.floor(snoozedUntil / 1000)}`}`;
}

/** The ticket as a block's id; undefined when it would be too long for one. */
export function signButtonToken({ namespace, incident, stateCode }: ButtonToken, key: string): string | undefined {
  const open = [version, namespace, incident, stateCode]
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('|');
  const sealed = `${open}|${macOf(open, key)}`;
  return sealed.length > ticketMax ? undefined : sealed;
}

/** undefined when it is none of ours, or not as we made it. */
export function verifyButtonToken(sealed: string, key: string): ButtonToken | undefined {
  const end = sealed.lastIndexOf('|');
  if (sealed.length > ticketMax || end < 0 || !isEqual(sealed.slice(end + 1), macOf(sealed.slice(0, end), key)))
    return undefined;
  const [made, namespace, incident, stateCode] = sealed.slice(0, end).split('|').map(decodeURIComponent);
  if (made !== version || namespace === undefined || incident === undefined || stateCode === undefined)
    return undefined;
  return { namespace, incident, stateCode };
}

function macOf(open: string, key: string): string {
  // A key of its own, so that no answer of ours helps with what else the secret signs.
  const own = createHmac('sha256', key).update('taskvigil buttons').digest();
  return createHmac('sha256', own).update(open).digest('base64url').slice(0, macChars);
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
