/**
 * Kombu's remote control: a command is published to all workers, and replies come back to a queue of the sender. Source:
 * kombu/pidbox.py.
 */

export interface PidboxCommand {
  readonly method: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Address for replies. */
export interface ReplyTo {
  readonly ticket: string;
  readonly exchange: string;
  readonly routingKey: string;
}

/** Transport of commands and replies. */
export interface Pidbox {
  publish(command: PidboxCommand): Promise<void>;
  /** Passes the body of each reply to `receive` until that returns true, or until `signal` aborts. */
  request(command: PidboxCommand, receive: (body: unknown) => boolean, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** The JSON body of a command. Without `replyTo` the workers send no replies. */
export function commandBody({ method, arguments: given }: PidboxCommand, replyTo: ReplyTo | undefined): string {
  const body = { method, arguments: given, destination: null, pattern: null, matcher: null };
  if (replyTo === undefined) return JSON.stringify(body);
  const { ticket, exchange, routingKey } = replyTo;
  return JSON.stringify({ ...body, ticket, reply_to: { exchange, routing_key: routingKey } });
}
