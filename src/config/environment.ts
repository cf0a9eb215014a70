/**
 * Environment → values of the configuration. Ours (`TASKVIGIL_…`) win over the file; those that Celery, Sentry and Slack
 * have made a habit only fill what the file leaves open. A secret may be in a file that `…_FILE` names.
 */

import type { Path } from './document.ts';
import { closest } from './values/closest.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Variable {
  readonly name: string;
  readonly path: Path;
  /** May come from the file that `<name>_FILE` names. */
  readonly isSecret?: true;
  /** Other ways to say the same in the file: they give way to this variable, or come before it. */
  readonly instead?: readonly Path[];
}

export const ours: readonly Variable[] = [
  { name: 'TASKVIGIL_MODE', path: ['mode'] },
  { name: 'TASKVIGIL_BROKER_URL', path: ['broker', 'url'], isSecret: true, instead: [['broker', 'url_file']] },
  { name: 'TASKVIGIL_RESULT_BACKEND', path: ['result_backend'], isSecret: true },
  { name: 'TASKVIGIL_STORE_URL', path: ['store'], isSecret: true },
  { name: 'TASKVIGIL_STORE_NAMESPACE', path: ['store_namespace'] },
  { name: 'TASKVIGIL_OTLP_ENDPOINT', path: ['otlp', 'endpoint'] },
  { name: 'TASKVIGIL_SENTRY_DSN', path: ['sentry', 'dsn'], isSecret: true, instead: [['sentry', 'dsn_file']] },
  { name: 'TASKVIGIL_SLACK_BOT_TOKEN', path: ['slack', 'token'], isSecret: true, instead: [['slack', 'token_file']] },
  { name: 'TASKVIGIL_SLACK_CHANNEL', path: ['slack', 'channel'] },
  {
    name: 'TASKVIGIL_SLACK_APP_TOKEN',
    path: ['slack', 'app_token'],
    isSecret: true,
    instead: [['slack', 'app_token_file']],
  },
  {
    name: 'TASKVIGIL_SLACK_SIGNING_SECRET',
    path: ['slack', 'signing_secret'],
    isSecret: true,
    instead: [['slack', 'signing_secret_file']],
  },
  { name: 'TASKVIGIL_OPS_LISTEN', path: ['ops', 'listen'] },
  { name: 'TASKVIGIL_UI_LISTEN', path: ['ui', 'listen'] },
  { name: 'TASKVIGIL_LOG_LEVEL', path: ['log', 'level'] },
  { name: 'TASKVIGIL_LOG_FORMAT', path: ['log', 'format'] },
  { name: 'TASKVIGIL_SHUTDOWN_TIMEOUT', path: ['shutdown_timeout'] },
  { name: 'TASKVIGIL_INSTANCE_ID', path: ['instance_id'] },
  { name: 'TASKVIGIL_HOSTNAME', path: ['hostname'] },
];

/** In the order in which they are asked. */
export const conventional: readonly Variable[] = [
  {
    name: 'CELERY_BROKER_READ_URL',
    path: ['broker', 'url'],
    isSecret: true,
    instead: [['broker', 'url_file'], ['brokers']],
  },
  {
    name: 'CELERY_BROKER_URL',
    path: ['broker', 'url'],
    isSecret: true,
    instead: [['broker', 'url_file'], ['brokers']],
  },
  { name: 'SENTRY_DSN', path: ['sentry', 'dsn'], isSecret: true, instead: [['sentry', 'dsn_file']] },
  { name: 'SENTRY_ENVIRONMENT', path: ['sentry', 'environment'] },
  { name: 'SENTRY_RELEASE', path: ['sentry', 'release'] },
  { name: 'SLACK_BOT_TOKEN', path: ['slack', 'token'], isSecret: true, instead: [['slack', 'token_file']] },
  { name: 'OTEL_SERVICE_NAME', path: ['otlp', 'service_name'] },
];

const prefix = 'TASKVIGIL_';

/** Kubernetes sets these in every pod beside a Service that is called `taskvigil…`. */
const ofKubernetes =
  /^TASKVIGIL_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP)(_(ADDR|PORT|PROTO))?)$/;

/** One sentence for each variable that looks like ours and is not. */
export function unknownVariables(env: Environment): string[] {
  const known = ours.flatMap(({ name, isSecret }) => (isSecret ? [name, `${name}_FILE`] : [name]));
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name) && !ofKubernetes.test(name))
    .sort()
    .map((name) => {
      const meant = closest(
        name.slice(prefix.length),
        known.map((one) => one.slice(prefix.length)),
      );
      return `${name}: unknown variable, ignored${meant === undefined ? '' : `; did you mean ${prefix}${meant}?`}`;
    });
}
