/** Settings of one broker as Celery and kombu use it, and the parts of the system that depend on the transport. */
import type { Millis } from '../../event/ids.ts';
import type { BrokerUrl } from '../broker-url.ts';
import type { Pidbox } from '../kombu/pidbox.ts';
import type { Source } from '../source.ts';
import type { QueueDepths } from '../system.ts';
import type { Witness } from '../witness.ts';

export interface CelerySettings {
  /** In reports and metrics. */
  readonly name: string;
  readonly url: BrokerUrl;
  /** kombu's transport options of the same names. */
  readonly globalKeyprefix: string;
  readonly fanoutPrefix: boolean | string;
  /** Celery's `event_exchange`. */
  readonly eventExchange: string;
  /** Password of the Sentinels; the one in the URL is the server's. */
  readonly sentinelPassword: { expose(): string } | undefined;
  /** Celery's `control_exchange`. */
  readonly controlExchange: string;
  /** kombu's transport option: Redis delivers a message again after this time without an acknowledgement. */
  readonly visibilityTimeoutMs: Millis;
  /** Result backend of the tasks of this broker; a Redis. */
  readonly resultBackend: BrokerUrl | undefined;
  /** kombu's `global_keyprefix` in the result backend's transport options. */
  readonly resultKeyprefix: string;
  /** RabbitMQ only: the queue of events. `name` undefined: derived from mode and instance. */
  readonly queue: {
    readonly name: string | undefined;
    readonly bytesMax: number;
    readonly ttlMs: Millis;
    readonly expiresMs: Millis;
  };
}

export interface CeleryTransport {
  readonly events: Source;
  readonly createPidbox: () => Pidbox;
  /** Undefined if the transport does not let a client search its queues. */
  readonly queueWitness: Witness | undefined;
  readonly queueDepths: QueueDepths | undefined;
}
