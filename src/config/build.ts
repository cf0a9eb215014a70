/** What the schema has accepted → Config. Nothing can fail here any more. */
import type { BrokerUrl } from './broker-url.ts';
import type { BrokerConfig, Config, OtlpConfig, RedactConfig, RuleConfig, SlackConfig } from './config.ts';
import type { Environment } from './environment.ts';
import type { Written, WrittenBroker } from './schema.ts';

type WrittenRedact = Written['redact'];

export function buildConfig(written: Written, env: Environment, machine: string | undefined): Config {
  const hostname = written.hostname ?? machine ?? '';
  const { alerts, redact, limits, sentry } = written;
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
    },
    slack: written.slack && slackOf(written.slack),
    critical: written.critical,
    alerts: {
      threshold: alerts.threshold,
      windowMs: alerts.window,
      waitMs: alerts.wait,
      repeatIntervalMs: alerts.repeat_interval,
      resolveAfterMs: alerts.resolve_after,
      rules: alerts.rules.map(ruleOf),
    },
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

function slackOf(slack: NonNullable<Written['slack']>): SlackConfig {
  return {
    token: slack.token,
    tokenFile: slack.token_file,
    channel: slack.channel,
    apiUrl: slack.api_url,
    mentions: slack.mention,
    links: [
      ...(slack.trace_url === undefined ? [] : [{ label: 'Trace', url: slack.trace_url }]),
      ...(slack.task_url === undefined ? [] : [{ label: 'Task', url: slack.task_url }]),
    ],
  };
}

function ruleOf(rule: Written['alerts']['rules'][number]): RuleConfig {
  return {
    name: rule.name,
    match: { tasks: rule.match.task, queues: rule.match.queue, causes: rule.match.cause },
    threshold: rule.threshold,
    windowMs: rule.window,
    waitMs: rule.wait,
    repeatIntervalMs: rule.repeat_interval,
    resolveAfterMs: rule.resolve_after,
    channel: rule.channel,
    severity: rule.severity,
    mentions: rule.mention,
  };
}
