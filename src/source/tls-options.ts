/** How a connection to a broker is sealed, and what Node's TLS wants to hear of it. */
export interface Tls {
  /** False accepts any certificate, as `ssl_cert_reqs=none` asks. */
  readonly isVerified: boolean;
  /** False leaves the host name in the certificate unchecked, as `ssl_check_hostname=false` asks. */
  readonly checksHostname: boolean;
  /** PEM texts. */
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export function tlsOptions(tls: Tls) {
  return {
    rejectUnauthorized: tls.isVerified,
    ...(tls.checksHostname ? {} : { checkServerIdentity: () => undefined }),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  };
}
