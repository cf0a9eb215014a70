/**
 * The signed token in the buttons of a message: fleet, incident, and the incident's state when the buttons were shown.
 * A button of another fleet or a forged one has no effect, and a press on an outdated button is refused with the
 * current state.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Incident } from '../../alert/incident.ts';

export interface ButtonToken {
  readonly namespace: string;
  readonly incident: string;
  readonly stateCode: string;
}

/** Prefix of the action ids, which distinguishes these buttons from those of other features of the app. */
export const actionPrefix = 'taskvigil:';

const version = 'tv1';
/** 128 of the 256 bits. */
const macChars = 22;
/** Slack's limit for the id of a block. */
const tokenCharsMax = 255;

/** The part of the state that a reader decides by. A higher count does not change it, an acknowledgement does. */
export function stateCodeOf({ phase, ack, snoozedUntil, reopens }: Incident): string {
  const isOver = phase.name === 'resolved';
  return `${isOver ? 'r' : 'o'}${reopens}${ack === undefined ? '' : 'a'}${snoozedUntil === undefined ? '' : `z${Math.floor(snoozedUntil / 1000)}`}`;
}

/** The token as the id of a block; undefined if it is too long for one. */
export function signButtonToken({ namespace, incident, stateCode }: ButtonToken, key: string): string | undefined {
  const payload = [version, namespace, incident, stateCode]
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('|');
  const token = `${payload}|${macOf(payload, key)}`;
  return token.length > tokenCharsMax ? undefined : token;
}

/** undefined if the token was not signed with `key`, or was changed. */
export function verifyButtonToken(token: string, key: string): ButtonToken | undefined {
  const end = token.lastIndexOf('|');
  if (token.length > tokenCharsMax || end < 0 || !isEqual(token.slice(end + 1), macOf(token.slice(0, end), key)))
    return undefined;
  const [tokenVersion, namespace, incident, stateCode] = token.slice(0, end).split('|').map(decodeURIComponent);
  if (tokenVersion !== version || namespace === undefined || incident === undefined || stateCode === undefined)
    return undefined;
  return { namespace, incident, stateCode };
}

function macOf(payload: string, key: string): string {
  // A derived key, so that a token reveals nothing about other signatures made with the same secret.
  const buttonSecret = createHmac('sha256', key).update('taskvigil buttons').digest();
  return createHmac('sha256', buttonSecret).update(payload).digest('base64url').slice(0, macChars);
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
