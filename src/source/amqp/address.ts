/** Address and login of a RabbitMQ. */
import type { AmqpUrl } from '../broker-url.ts';
import { type TlsOptions, tlsOptionsOf } from '../tls-options.ts';

export interface AmqpAddress {
  readonly host: string;
  readonly port: number;
  readonly vhost: string;
  readonly username: string;
  readonly password: string;
  readonly tls: TlsOptions | undefined;
}

/** Throws if a certificate file cannot be read. */
export function amqpAddressOf(url: AmqpUrl): AmqpAddress {
  const { host, port, vhost, username, password, tls } = url;
  return { host, port, vhost, username, password: password.expose(), tls: tls && tlsOptionsOf(tls) };
}
