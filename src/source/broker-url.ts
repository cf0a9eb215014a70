/** A broker's address as the configuration holds it. Types only; config/values/broker-url.ts parses the text. */

/** A password that prints as a placeholder. */
interface Password {
  expose(): string;
}

export interface BrokerTls {
  /** False accepts any certificate, as `ssl_cert_reqs=none` asks. */
  readonly isVerified: boolean;
  /** False does not compare the certificate with the host name, as `ssl_check_hostname=false` asks. */
  readonly checksHostname: boolean;
  /** Paths of PEM files. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
}

interface RedisLogin {
  readonly db: number;
  readonly username: string | undefined;
  readonly password: Password | undefined;
}

export type RedisUrl =
  | (RedisLogin & {
      readonly kind: 'redis';
      readonly host: string;
      readonly port: number;
      readonly tls: BrokerTls | undefined;
    })
  | (RedisLogin & { readonly kind: 'redis-socket'; readonly path: string })
  | (RedisLogin & {
      readonly kind: 'redis-sentinel';
      readonly nodes: readonly { readonly host: string; readonly port: number }[];
      /** From `?master_name=`; undefined if the URL does not name it. */
      readonly masterName: string | undefined;
      readonly tls: BrokerTls | undefined;
    });

export interface AmqpUrl {
  readonly kind: 'amqp';
  readonly host: string;
  readonly port: number;
  readonly vhost: string;
  readonly username: string;
  readonly password: Password;
  readonly tls: BrokerTls | undefined;
}

export type BrokerUrl = RedisUrl | AmqpUrl;
