/** Reads Celery's events from AMQP deliveries: sender, message, time and heartbeat interval, without parsing the body. Pure. */
import type { Millis } from '../../event/ids.ts';
import type { DeliveryReader } from '../amqp/gap-detector.ts';
import { headerSenderOf, messageOf } from '../kombu/amqp-message.ts';
import type { Message } from '../source.ts';

/** Celery's default interval, for a worker that does not state its own. */
const heartbeatMsDefault = 2_000;

export const celeryDeliveries: DeliveryReader = {
  senderOf: headerSenderOf,
  messageOf,
  sentAtOf,
  heartbeatMsOf({ fields }, { payload }) {
    if (fields.routingKey !== 'worker.heartbeat') return undefined;
    const seconds = lastNumber(payload, '"freq"');
    return seconds !== undefined && seconds > 0 && seconds < 86_400 ? seconds * 1_000 : heartbeatMsDefault;
  },
};

/** Time of the last event in a JSON body, within the limits that the decoder sets: 2001 to 2286. */
function sentAtOf({ payload, form }: Message): Millis | undefined {
  const seconds = form === 'event-body' ? lastNumber(payload, '"timestamp"') : undefined;
  return seconds !== undefined && seconds >= 1e9 && seconds < 1e10 ? seconds * 1_000 : undefined;
}

/** A quote inside a text is escaped, so a match is a key. */
function lastNumber(payload: string, key: string): number | undefined {
  const at = payload.lastIndexOf(key);
  if (at < 0) return undefined;
  const value = /^\s*:\s*(\d{1,12}(?:\.\d{1,12})?)/.exec(payload.slice(at + key.length, at + key.length + 40))?.[1];
  return value === undefined ? undefined : Number(value);
}
