/** A valid configuration in plain words, for `taskvigil check`. Never prints a secret. */
import type { Config } from '../config/config.ts';
import { forgottenAtRestart } from '../config/memory-only.ts';
import { policyOf } from '../config/policy/policy.ts';
import type { BrokerConfig } from '../config/sections/broker.ts';
import type { SentryConfig } from '../config/sections/sentry.ts';
import { durationText } from '../config/values/duration.ts';
import type { Listen } from '../config/values/listen.ts';
import type { BrokerUrl } from '../source/broker-url.ts';
import { policyLines } from './policy-lines.ts';

/** The effect of the configuration in plain words, one statement per line. */
export function meaningOf(config: Config): string[] {
  return [
    config.mode === 'sidecar'
      ? `Runs beside the workers on ${config.hostname}.`
      : 'Runs on its own and processes the events of all workers.',
    ...config.brokers.map(brokerLine),
    brokerWrites(config),
    ...redactLines(config),
    ...sinkLines(config),
    ...policyLines(policyOf(config)),
    ...groupLines(config),
    storeLine(config),
    `Tracks up to ${config.limits.openTasks} tasks; a worker is lost after ${durationText(config.workers.silentAfterMs)} without a heartbeat.`,
    `Health and metrics on ${listenText(config.ops.listen)}; ${config.ui.listen === undefined ? 'no status page' : `status page on ${listenText(config.ui.listen)}`}.`,
    `Logs ${config.log.level} and above as ${config.log.format}; stops within ${durationText(config.shutdownTimeoutMs)}.`,
  ];
}

/** Everything that is written to a broker: over RabbitMQ a queue of our own, and control messages where they are allowed. */
function brokerWrites({ source, brokers }: Config): string {
  const writes = [
    ...(source.control === 'on' ? ['asks workers to send events and for the tasks they execute'] : []),
    ...(brokers.some(({ url }) => url.kind === 'amqp') ? ['declares and binds its own event queue in RabbitMQ'] : []),
  ];
  if (writes.length === 0) return 'Only reads; writes nothing to the broker.';
  const text = writes.join(', and ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}; writes nothing else to the broker.`;
}

function brokerLine({ name, url, eventExchange }: BrokerConfig): string {
  return `Events from "${name}": ${addressOf(url)}, exchange ${eventExchange}.`;
}

function addressOf(url: BrokerUrl): string {
  const login = url.password === undefined ? '' : ', with a password';
  switch (url.kind) {
    case 'redis':
      return `Redis at ${hostText(url.host)}:${url.port}, database ${url.db}${url.tls === undefined ? '' : ' over TLS'}${login}`;
    case 'redis-socket':
      return `Redis at the socket ${url.path}, database ${url.db}${login}`;
    case 'redis-sentinel': {
      const nodes = url.nodes.map(({ host, port }) => `${hostText(host)}:${port}`).join(', ');
      return `Redis "${url.masterName ?? ''}" found by the Sentinels ${nodes}, database ${url.db}${login}`;
    }
    case 'amqp':
      return `RabbitMQ at ${hostText(url.host)}:${url.port}, vhost ${url.vhost}${url.tls === undefined ? '' : ' over TLS'}${login}`;
    default:
      return url satisfies never;
  }
}

function redactLines({ redact }: Config): string[] {
  const modes = Object.entries(redact.modes).filter(([field]) => field !== 'name' && field !== 'log');
  const words = {
    drop: 'removed',
    redact: 'redacted',
    shape: 'reduced to its shape',
    allow: 'reduced to the allowed paths',
    raw: 'shown with all secrets',
  } as const;
  const describe = (entries: readonly (readonly [string, keyof typeof words])[]): string =>
    entries.map(([field, mode]) => `${field} ${words[mode]}`).join(', ');
  const lines = [`From tasks: ${describe(modes)}.`];
  for (const { tasks, modes: own } of redact.profiles)
    lines.push(`From ${tasks.join(' or ')}: ${describe(Object.entries(own))}.`);
  const { sensitiveKeys, safeKeys, sensitivePaths, allowedPaths, patterns } = redact;
  const actions = Object.entries(redact.actions);
  if (sensitivePaths.length > 0) lines.push(`Always secret: values at ${sensitivePaths.join(', ')}.`);
  if (allowedPaths.length > 0) lines.push(`Allowed paths: ${allowedPaths.join(', ')}.`);
  if (patterns.length > 0) lines.push(`Additional patterns: ${patterns.map(({ name }) => name).join(', ')}.`);
  if (actions.length > 0)
    lines.push(`Replacement of secrets: ${actions.map(([kind, action]) => `${kind} ${action}`).join(', ')}.`);
  if (sensitiveKeys.length > 0) lines.push(`Always secret: values of ${sensitiveKeys.join(', ')}.`);
  if (safeKeys.length > 0) lines.push(`Never secret: values of ${safeKeys.join(', ')}.`);
  return lines;
}

function sinkLines({ otlp, sentry, slack, webhook }: Config): string[] {
  const signals = [otlp.traces ? 'Traces' : '', otlp.logs ? 'logs' : '']
    .filter((signal) => signal !== '')
    .join(' and ');
  return [
    otlp.isOn
      ? `${signals} go to ${otlp.endpoint === undefined ? 'the endpoint in OTEL_EXPORTER_OTLP_*' : new URL(otlp.endpoint).origin} as ${otlp.serviceName}.`
      : 'OTLP is off: neither otlp.endpoint nor OTEL_EXPORTER_OTLP_ENDPOINT is set.',
    sentry === undefined ? 'Sentry is off.' : sentryLine(sentry),
    slack === undefined
      ? 'Slack is off: incidents are shown only on the status page.'
      : `Incidents go to Slack, ${slack.channel} unless they have an owner with another channel; ${{ off: 'no buttons', socket: 'buttons over Socket Mode', http: 'buttons over HTTP' }[slack.actions.over]}.`,
    ...(webhook === undefined ? [] : ['All incidents also go to the webhook, as signed JSON.']),
  ];
}

function sentryLine({ environment, grouping, workers, eventsPerGroupMax }: SentryConfig): string {
  const by = {
    taskvigil: 'the fingerprint of taskvigil',
    default: 'Sentry',
    both: 'Sentry and the fingerprint of taskvigil',
  }[grouping];
  const which = { silent: 'Failures', report: 'Failures that an SDK in the workers cannot observe' }[workers];
  return `${which} go to Sentry as ${environment}, grouped by ${by}, at most ${eventsPerGroupMax} events per group and hour.`;
}

function groupLines({ failures: { rules, classes } }: Config): string[] {
  return [
    ...rules.map(({ name, parts, isIgnored, class: given }) => {
      const grouped = parts === undefined ? [] : [`are grouped by ${parts.join(', ')}`];
      const classed = given === undefined ? [] : [`are ${given}`];
      return `Failures of the rule "${name}" ${isIgnored ? 'are ignored' : [...grouped, ...classed].join(' and ')}.`;
    }),
    ...classes.map((one) => `An exception ${one.exception} is ${one.class}.`),
  ];
}

function storeLine({ store, mode }: Config): string {
  if (store.url !== undefined) return `Shares alert state in Redis as "${store.namespace}".`;
  const inMemory = `Keeps its state in memory: a restart forgets ${forgottenAtRestart}`;
  return mode === 'sidecar' ? `${inMemory}, and each sidecar posts on its own; set store to share it.` : `${inMemory}.`;
}

function listenText({ host, port }: Listen): string {
  return `${host === undefined ? '' : hostText(host)}:${port}`;
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
