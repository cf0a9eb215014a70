/** What the schema has accepted → Config. Nothing can fail here any more. */

import type { FailurePolicy } from '../failure/grouping-policy.ts';
import { issueTemplate } from '../failure/issue-link.ts';
import type { BrokerConfig, Config, OtlpConfig, RedactConfig, SlackActionsConfig, SlackConfig } from './config.ts';
import type { Environment } from './environment.ts';
import type { Written, WrittenBroker } from './schema.ts';
import type { BrokerUrl } from './values/broker-url.ts';

type WrittenRedact = Written['redact'];

export function buildConfig(written: Written, env: Environment, machine: string | undefined): Config {
  const hostname = written.hostname ?? machine ?? '';
  const { redact, limits, sentry } = written;
  return {
    version: 1,
    mode: written.mode,
    brokers: brokersOf(written),
    source: written.source,
    store: { url: written.store, namespace: written.store_namespace },
    otlp: otlpOf(written.otlp, env),
    sentry: sentry && {
      dsn: sentry.dsn,
      environment: sentry.environment,
      release: sentry.release,
      grouping: sentry.grouping,
      workers: sentry.workers,
      eventsPerGroupMax: sentry.max_events_per_group,
      issuesUrl: sentry.issues_url,
    },
    slack: written.slack && slackOf(written.slack, sentry?.issues_url),
    critical: written.critical,
    alerts: written.alerts,
    schedules: written.schedules,
    failures: failuresOf(written),
    redact: redactOf(redact),
    limits: {
      openTasks: limits.open_tasks,
      settleMs: limits.settle,
      rememberMs: limits.remember,
      vanishedAfterMs: limits.vanished_after,
      overdueAfterMs: limits.overdue_after,
      workers: limits.workers,
    },
    workers: { silentAfterMs: written.workers.silent_after },
    ops: written.ops,
    ui: { listen: written.ui.listen === 'off' ? undefined : written.ui.listen },
    log: written.log,
    shutdownTimeoutMs: written.shutdown_timeout,
    instanceId: written.instance_id ?? (hostname === '' ? 'taskvigil' : hostname),
    hostname,
  };
}

/** What a rule splits by comes on top of what is built in. */
function failuresOf({ grouping, classes }: Written): FailurePolicy {
  return {
    rules: grouping.rules.map((rule) => ({
      name: rule.name,
      match: {
        tasks: rule.match.task,
        exceptions: rule.match.exception,
        messages: rule.match.message,
        frames: rule.match.frame,
      },
      parts: rule.parts ?? (rule.split === undefined ? undefined : ['{default}', ...rule.split]),
      isIgnored: rule.ignore,
      class: rule.class,
    })),
    classes: Object.entries(classes).map(([exception, failureClass]) => ({ exception, class: failureClass })),
  };
}

function redactOf(redact: WrittenRedact): RedactConfig {
  const { args, kwargs, result, exception, traceback } = redact;
  return {
    modes: { args, kwargs, result, exception, traceback, name: 'redact', log: 'redact' },
    profiles: redact.profiles.map(({ task, ...modes }) => ({ tasks: task, modes: said(modes) })),
    sensitiveKeys: redact.sensitive_keys,
    safeKeys: redact.safe_keys,
    sensitivePaths: redact.sensitive_paths,
    allowedPaths: redact.allowed_paths,
    actions: Object.fromEntries(Object.entries(said(redact.actions)).filter(([, action]) => action !== 'mark')),
    hashKey: redact.hash_key,
    patterns: redact.patterns.map(({ name, pattern }) => ({ name, ...pattern })),
  };
}

/** Without the keys that were left out. */
function said<Value>(values: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Record<string, Value>;
}

function brokersOf({ broker, brokers, result_backend }: Written): BrokerConfig[] {
  if (broker !== undefined) return [brokerOf(broker, 'celery', result_backend)];
  return (brokers ?? []).map((one, index) => brokerOf(one, `celery-${index + 1}`, undefined));
}

function brokerOf(written: WrittenBroker, name: string, resultBackend: BrokerUrl | undefined): BrokerConfig {
  return {
    name: written.name ?? name,
    url: withMaster(written.url, written.master_name),
    globalKeyprefix: written.global_keyprefix,
    fanoutPrefix: written.fanout_prefix,
    fanoutPatterns: written.fanout_patterns,
    eventExchange: written.event_exchange,
    sentinelPassword: written.sentinel_password,
    controlExchange: written.control_exchange,
    visibilityTimeoutMs: written.visibility_timeout,
    resultBackend: written.result_backend ?? resultBackend,
    resultKeyprefix: written.result_keyprefix,
    queue: {
      name: written.queue,
      bytesMax: written.queue_bytes,
      ttlMs: written.queue_ttl,
      expiresMs: written.queue_expires,
    },
  };
}

function withMaster(url: BrokerUrl, masterName: string | undefined): BrokerUrl {
  return url.kind === 'redis-sentinel' && masterName !== undefined ? { ...url, masterName } : url;
}

/** Which signals leave depends on who was given an address: without one, the SDK would try this very machine. */
function otlpOf(otlp: Written['otlp'], env: Environment): OtlpConfig {
  const isDisabled = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true';
  const hasAddress = (signal: 'TRACES' | 'LOGS'): boolean =>
    otlp.endpoint !== undefined ||
    Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT']) ||
    Boolean(env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]);
  const traces = !isDisabled && otlp.traces && hasAddress('TRACES');
  const logs = !isDisabled && otlp.logs && hasAddress('LOGS');
  return {
    isOn: traces || logs,
    endpoint: otlp.endpoint,
    headers: otlp.headers,
    compression: otlp.compression,
    traces,
    logs,
    serviceName: otlp.service_name,
    sample: otlp.sample,
    sampleSlowMs: otlp.sample_slow,
    sampleLogs: otlp.sample_logs,
  };
}

function slackOf(slack: NonNullable<Written['slack']>, issuesUrl: string | undefined): SlackConfig {
  return {
    token: slack.token,
    tokenFile: slack.token_file,
    channel: slack.channel,
    apiUrl: slack.api_url,
    mentions: slack.mention,
    links: [
      ...(slack.trace_url === undefined ? [] : [{ label: 'Trace', url: slack.trace_url }]),
      ...(slack.task_url === undefined ? [] : [{ label: 'Task', url: slack.task_url }]),
      ...(issuesUrl === undefined ? [] : [{ label: 'Sentry issue', url: issueTemplate(issuesUrl) }]),
    ],
    pageUrl: slack.page_url,
    actions: actionsOf(slack),
    allow: slack.allow,
  };
}

function actionsOf({ actions, app_token, signing_secret }: NonNullable<Written['slack']>): SlackActionsConfig {
  if (actions === 'socket' && app_token !== undefined) return { over: 'socket', appToken: app_token };
  if (actions === 'http' && signing_secret !== undefined) return { over: 'http', signingSecret: signing_secret };
  return { over: 'off' };
}
