/**
 * The whole configuration, as code reads it: every default filled in, every duration in milliseconds, every secret in
 * its box. `load.ts` makes it from the file and the environment; `schema.ts` says what an operator may write.
 */
import type { FailurePolicy } from '../failure/grouping-policy.ts';
import type { RedactOptions } from '../redact/redact.ts';
import type { LogFormat, LogLevel } from '../runtime/log.ts';
import type { AlertsConfig, SchedulesConfig } from './policy/schema.ts';
import type { BrokerUrl } from './values/broker-url.ts';
import type { Secret } from './values/secret.ts';

export interface Config {
  readonly version: 1;
  readonly mode: DeploymentMode;
  /** One or more, with unique names. */
  readonly brokers: readonly BrokerConfig[];
  /** `on` may ask workers to send events, and what they run. */
  readonly source: { readonly control: 'off' | 'on' };
  /** Where sidecars keep what they must agree on; `url` undefined keeps it in memory. */
  readonly store: { readonly url: Secret | undefined; readonly namespace: string };
  readonly otlp: OtlpConfig;
  /** undefined: off. */
  readonly sentry: SentryConfig | undefined;
  /** undefined: off. */
  readonly slack: SlackConfig | undefined;
  /** Globs of task names that are told at their first failure. */
  readonly critical: readonly string[];
  /** The noise policy as it was written, with what `critical` and `schedules` add; `policyOf` makes the Policy of them. */
  readonly alerts: AlertsConfig;
  readonly schedules: SchedulesConfig;
  /** Which failures are one group, which are none, and what class they have, beside what is built in. */
  readonly failures: FailurePolicy;
  readonly redact: RedactConfig;
  readonly limits: LimitsConfig;
  readonly workers: { readonly silentAfterMs: number };
  /** Health, readiness and metrics. */
  readonly ops: { readonly listen: Listen };
  /** The page; `listen` undefined: off. */
  readonly ui: { readonly listen: Listen | undefined };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  readonly shutdownTimeoutMs: number;
  /** Unique among replicas: the configured one, or the machine's host name. */
  readonly instanceId: string;
  /** In sidecar mode, the host part of the node names of the workers beside it. */
  readonly hostname: string;
}

export type DeploymentMode = 'sidecar' | 'standalone';

export interface BrokerConfig {
  /** In reports and metrics. */
  readonly name: string;
  readonly url: BrokerUrl;
  /** kombu's transport options of the same names. */
  readonly globalKeyprefix: string;
  readonly fanoutPrefix: boolean | string;
  readonly fanoutPatterns: boolean;
  /** The exchange of Celery's `event_exchange`. */
  readonly eventExchange: string;
  /** Only for the Sentinels themselves; the password in the URL is the Redis server's. */
  readonly sentinelPassword: Secret | undefined;
  /** Celery's `control_exchange`. */
  readonly controlExchange: string;
  /** kombu's transport option: how long Redis waits for an acknowledgement before it delivers again. */
  readonly visibilityTimeoutMs: number;
  /** Where the tasks of this broker leave their results, as a second witness; a Redis. */
  readonly resultBackend: BrokerUrl | undefined;
  /** kombu's `global_keyprefix` in the result backend's transport options. */
  readonly resultKeyprefix: string;
  /** RabbitMQ only: our own queue of events. `name` undefined: made of the mode and the instance. */
  readonly queue: {
    readonly name: string | undefined;
    readonly bytesMax: number;
    readonly ttlMs: number;
    readonly expiresMs: number;
  };
}

/** `isOn` is false when neither the file nor the environment names an endpoint: then nothing is sent. */
export interface OtlpConfig {
  readonly isOn: boolean;
  /** Base URL; undefined leaves it to `OTEL_EXPORTER_OTLP_ENDPOINT` and its kin. */
  readonly endpoint: string | undefined;
  readonly headers: Readonly<Record<string, Secret>>;
  /** undefined leaves it to `OTEL_EXPORTER_OTLP_COMPRESSION`. */
  readonly compression: 'gzip' | 'none' | undefined;
  readonly traces: boolean;
  readonly logs: boolean;
  readonly serviceName: string;
  /** Share of the traces that leave, 0 .. 1; those with a failure or a slow attempt always do. */
  readonly sample: number;
  readonly sampleSlowMs: number;
  /** Share of the tasks whose success is told in log records, 0 .. 1. */
  readonly sampleLogs: number;
}

export interface SentryConfig {
  readonly dsn: Secret;
  readonly environment: string;
  readonly release: string | undefined;
  /** `taskvigil`: our fingerprint decides; `default`: Sentry's grouping; `both`: ours within Sentry's. */
  readonly grouping: 'taskvigil' | 'default' | 'both';
  /** `report`: workers have an SDK of their own, and we tell only what it cannot see. */
  readonly workers: 'silent' | 'report';
  /** Events of one group in an hour. */
  readonly eventsPerGroupMax: number;
  /** Where a browser finds the issues, for links to them. */
  readonly issuesUrl: string | undefined;
}

export interface SlackConfig {
  readonly token: Secret;
  /** Where the token came from, to be read again when it rotates; undefined when it was not a file. */
  readonly tokenFile: string | undefined;
  readonly channel: string;
  /** undefined: Slack's own. */
  readonly apiUrl: string | undefined;
  /** Ids mentioned by critical incidents: users `U…`/`W…`, groups `S…`. */
  readonly mentions: readonly string[];
  /** Links under each root message, with `{trace_id}`, `{task_id}`, `{fingerprint}`, `{incident}`. */
  readonly links: readonly { readonly label: string; readonly url: string }[];
  /** Where people reach the page; undefined: they do not. */
  readonly pageUrl: string | undefined;
  readonly actions: SlackActionsConfig;
  /** Users who may silence and archive; empty: everybody in the channel. */
  readonly allow: readonly string[];
}

/** How the buttons under a message reach us; without a way there are no buttons. */
export type SlackActionsConfig =
  | { readonly over: 'off' }
  | { readonly over: 'socket'; readonly appToken: Secret }
  | { readonly over: 'http'; readonly signingSecret: Secret };

/** Names of tasks and texts of the daemon's own log are always redacted. */
export type RedactConfig = Required<
  Pick<
    RedactOptions,
    | 'modes'
    | 'profiles'
    | 'sensitiveKeys'
    | 'safeKeys'
    | 'sensitivePaths'
    | 'allowedPaths'
    | 'actions'
    | 'hashKey'
    | 'patterns'
  >
>;

export interface LimitsConfig {
  readonly openTasks: number;
  readonly settleMs: number;
  readonly rememberMs: number;
  readonly workers: number;
  readonly vanishedAfterMs: number;
  readonly overdueAfterMs: number;
}

/** `host` undefined: every address of the machine. */
export interface Listen {
  readonly host: string | undefined;
  readonly port: number;
}
