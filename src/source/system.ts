/**
 * A broker system: everything that depends on the task framework and on how it uses its broker. A new one is a folder in
 * source/ that exports a `System`, and a line in daemon/systems.ts.
 */
import type { TaskId } from '../event/ids.ts';
import type { Report } from '../report.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Decoded, Message, Source } from './source.ts';
import type { Witness } from './witness.ts';

/** Text formats of a system. Needs no connection, so replays use it alone. */
export interface MessageFormat {
  /**
   * The events of one message in the order in which the sender wrote them. Never throws; an unreadable event becomes a
   * rejection and costs no other. Runs for every message received.
   */
  decode(message: Message): readonly Decoded[];
  /**
   * The message in one line of a raw capture (`fields` is `line` parsed), or undefined if the line has another form. See
   * recording.ts for the lines that are no captures.
   */
  readCapture(fields: Readonly<Record<string, unknown>>, line: string): Message | undefined;
}

export interface System<Settings> extends MessageFormat {
  readonly name: string;
  /** Queues that exist although no event names them. */
  readonly defaultQueues: readonly string[];
  /** True if this system observes the broker with these settings. The first such system of the list is used. */
  observes(settings: Settings): boolean;
  /** Creates everything that talks to one broker. Opens no connection. Throws if a certificate file cannot be read. */
  connect(settings: Settings, services: SystemServices): BrokerAccess;
}

/** Services of the daemon that a system may use. */
export interface SystemServices {
  readonly clock: Clock;
  /** 0 .. 1. */
  readonly random: () => number;
  readonly report: Report;
  /** False forbids everything that publishes to the broker, questions to workers included. */
  readonly isControlAllowed: boolean;
  /** Set in a sidecar, which drops the messages of other hosts before parsing them. */
  readonly sidecar: SidecarServices | undefined;
  /** Name for a durable queue of this deployment, used if the operator configured none. */
  readonly queueName: string;
  /** Node names of the workers that are online. */
  readonly workers: () => readonly string[];
  /** Every queue that the configuration or an event named, at most 1,000. */
  readonly queues: () => Iterable<string>;
}

export interface SidecarServices {
  /** Host part of the node names of the workers beside this sidecar. */
  readonly host: string;
  /** True if this sidecar owns the events of the node. Runs for every message received. */
  readonly accepts: (hostname: string) => boolean;
  /** True if the task is open or recent in this sidecar. */
  readonly isTracked: (id: TaskId) => boolean;
}

export interface BrokerAccess {
  /** A gap in one of these is a gap in the events. */
  readonly eventSources: readonly Source[];
  /** Results repeat what events report, so a gap here is logged and has no other effect. */
  readonly resultSources: readonly Source[];
  readonly witnesses: readonly Witness[];
  /** Asks all workers to send events. Undefined if control is not allowed. */
  readonly enableEvents: (() => Promise<void>) | undefined;
  /** Undefined if the broker does not report queue lengths to an ordinary user. */
  readonly queueDepths: QueueDepths | undefined;
}

export interface QueueDepths {
  /** Messages waiting, by queue. Rejects if the broker does not answer in time. */
  read(): Promise<ReadonlyMap<string, number>>;
  stop(): void;
}
