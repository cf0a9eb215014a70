/** TLS of a connection to a broker: from the configuration to the options of Node's `tls.connect`. */
import { readFileSync } from 'node:fs';
import type { BrokerTls } from './broker-url.ts';

export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  /** Set to accept a certificate for another host name. */
  readonly checkServerIdentity?: () => undefined;
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads the PEM files. Throws if one cannot be read. */
export function tlsOptionsOf({ isVerified, checksHostname, caFile, certFile, keyFile }: BrokerTls): TlsOptions {
  return {
    rejectUnauthorized: isVerified,
    ...(checksHostname ? {} : { checkServerIdentity: () => undefined }),
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile, 'utf8') }),
  };
}
