/**
 * The configuration: the declarations of every option in the order of the sample file, and the `Config` that code reads,
 * with defaults filled in, durations in milliseconds and secrets in their boxes.
 */
import type { Environment } from './draft/environment.ts';
import { configured, defineSection, type Written } from './option.ts';
import { noisePolicy } from './policy/declarations.ts';
import { brokers, brokersConfig } from './sections/broker.ts';
import { formatOptions, processOptions } from './sections/general.ts';
import { failurePolicyOf, grouping } from './sections/grouping.ts';
import { limits, limitsConfig } from './sections/limits.ts';
import { log, ops, ui, uiConfig } from './sections/ops.ts';
import { otlp, otlpConfig } from './sections/otlp.ts';
import { redact, redactConfig } from './sections/redact.ts';
import { sentry, sentryConfig } from './sections/sentry.ts';
import { slack, slackConfig } from './sections/slack.ts';
import { source, workers } from './sections/source.ts';
import { store, storeConfig } from './sections/store.ts';
import { webhook, webhookConfig } from './sections/webhook.ts';

export const configuration = defineSection(
  {
    ...formatOptions,
    ...brokers,
    source,
    ...store,
    otlp,
    sentry,
    slack,
    webhook,
    ...noisePolicy,
    ...grouping,
    redact,
    limits,
    workers,
    ops,
    ui,
    log,
    ...processOptions,
  },
  {},
);

/** Cannot fail: the schema has accepted `written`. `machine` is the host name of this machine. */
export function buildConfig(
  written: Written<typeof configuration.options>,
  env: Environment,
  machine: string | undefined,
) {
  const hostname = written.hostname ?? machine ?? '';
  return {
    version: written.version,
    mode: written.mode,
    brokers: brokersConfig(written),
    source: configured(source.options, written.source),
    store: storeConfig(written),
    otlp: otlpConfig(written.otlp, env),
    /** undefined: off. */
    sentry: written.sentry && sentryConfig(written.sentry),
    /** undefined: off. */
    slack: written.slack && slackConfig(written.slack, written.sentry?.issues_url),
    /** undefined: off. */
    webhook: written.webhook && webhookConfig(written.webhook),
    critical: written.critical,
    alerts: written.alerts,
    schedules: written.schedules,
    /** Groups and classes of failures, in addition to the built-in ones. */
    failures: failurePolicyOf(written),
    redact: redactConfig(written.redact),
    limits: limitsConfig(written.limits),
    workers: configured(workers.options, written.workers),
    ops: configured(ops.options, written.ops),
    ui: uiConfig(written.ui),
    log: configured(log.options, written.log),
    ...configured(processOptions, { shutdown_timeout: written.shutdown_timeout }),
    /** Unique among replicas. */
    instanceId: written.instance_id ?? (hostname === '' ? 'taskvigil' : hostname),
    /** In sidecar mode, the host part of the node names of the workers beside it. */
    hostname,
  };
}

export type Config = Readonly<ReturnType<typeof buildConfig>>;
