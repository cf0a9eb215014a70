/** taskvigil check: is this configuration right, and what does it mean? */

import type { Config } from '../config/config.ts';
import { type LoadInput, loadConfig } from '../config/load.ts';
import { policyOf } from '../config/policy/policy.ts';
import { problemLine } from '../config/problems.ts';
import type { BrokerConfig } from '../config/sections/broker.ts';
import type { SentryConfig } from '../config/sections/sentry.ts';
import type { BrokerUrl } from '../config/values/broker-url.ts';
import { durationText } from '../config/values/duration.ts';
import type { Listen } from '../config/values/listen.ts';
import { policyLines } from './policy-lines.ts';

export interface CheckOptions extends LoadInput {
  /** Gets one line at a time, without its newline. */
  readonly print: (line: string) => void;
  /** `json` prints one object: `{ ok, problems, warnings, meaning }`. */
  readonly format: 'text' | 'json';
}

/** The exit code: 0, or 1 when there are problems. Secrets are never printed. */
export function check(options: CheckOptions): number {
  const { print, format, file } = options;
  const loaded = loadConfig(options);
  const problems = loaded.ok ? [] : loaded.problems;
  const meaning = loaded.ok ? meaningOf(loaded.config) : [];
  if (format === 'json') {
    print(JSON.stringify({ ok: loaded.ok, problems, warnings: loaded.warnings, meaning }));
    return loaded.ok ? 0 : 1;
  }
  for (const problem of problems) print(problemLine(problem));
  for (const warning of loaded.warnings) print(`warning: ${warning}`);
  if (loaded.ok) {
    print(`${file}: right`);
    for (const line of meaning) print(line);
    return 0;
  }
  print(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
  return 1;
}

/** What the configuration means, in plain words, one thing a line. */
export function meaningOf(config: Config): string[] {
  return [
    config.mode === 'sidecar'
      ? `Runs beside the workers on ${config.hostname}.`
      : 'Runs on its own and takes the events of all workers.',
    ...config.brokers.map(brokerLine),
    'Only listens; writes nothing to the broker.',
    ...redactLines(config),
    ...sinkLines(config),
    ...policyLines(policyOf(config)),
    ...groupLines(config),
    storeLine(config),
    `Tracks up to ${config.limits.openTasks} tasks; a worker is lost after ${durationText(config.workers.silentAfterMs)} of silence.`,
    `Health and metrics on ${listenText(config.ops.listen)}; ${config.ui.listen === undefined ? 'no page' : `the page on ${listenText(config.ui.listen)}`}.`,
    `Logs ${config.log.level} and above as ${config.log.format}; stops within ${durationText(config.shutdownTimeoutMs)}.`,
  ];
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
    shape: 'reduced to their shape',
    allow: 'reduced to the allowed paths',
    raw: 'shown with every secret in them',
  } as const;
  const said = (entries: readonly (readonly [string, keyof typeof words])[]): string =>
    entries.map(([field, mode]) => `${field} ${words[mode]}`).join(', ');
  const lines = [`From tasks: ${said(modes)}.`];
  for (const { tasks, modes: own } of redact.profiles)
    lines.push(`From ${tasks.join(' or ')}: ${said(Object.entries(own))}.`);
  const { sensitiveKeys, safeKeys, sensitivePaths, allowedPaths, patterns } = redact;
  const actions = Object.entries(redact.actions);
  if (sensitivePaths.length > 0) lines.push(`Always secret: what is at ${sensitivePaths.join(', ')}.`);
  if (allowedPaths.length > 0) lines.push(`Shown where only allowed paths are: ${allowedPaths.join(', ')}.`);
  if (patterns.length > 0) lines.push(`Also looked for: ${patterns.map(({ name }) => name).join(', ')}.`);
  if (actions.length > 0)
    lines.push(`In place of: ${actions.map(([kind, action]) => `${kind} ${action}`).join(', ')}.`);
  if (sensitiveKeys.length > 0) lines.push(`Always secret: ${sensitiveKeys.join(', ')}.`);
  if (safeKeys.length > 0) lines.push(`Never secret: ${safeKeys.join(', ')}.`);
  return lines;
}

function sinkLines({ otlp, sentry, slack }: Config): string[] {
  const signals = [otlp.traces ? 'Traces' : '', otlp.logs ? 'logs' : '']
    .filter((signal) => signal !== '')
    .join(' and ');
  return [
    otlp.isOn
      ? `${signals} go to ${otlp.endpoint === undefined ? 'where OTEL_EXPORTER_OTLP_* says' : new URL(otlp.endpoint).origin} as ${otlp.serviceName}.`
      : 'OTLP is off: neither otlp.endpoint nor OTEL_EXPORTER_OTLP_ENDPOINT is set.',
    sentry === undefined ? 'Sentry is off.' : sentryLine(sentry),
    slack === undefined
      ? 'Slack is off: incidents are shown on the page only.'
      : `Incidents go to Slack, ${slack.channel} unless an owner has them; ${{ off: 'no buttons', socket: 'buttons over Socket Mode', http: 'buttons over HTTP' }[slack.actions.over]}.`,
  ];
}

function sentryLine({ environment, grouping, workers, eventsPerGroupMax }: SentryConfig): string {
  const by = { taskvigil: 'our fingerprint', default: 'Sentry', both: 'Sentry and our fingerprint' }[grouping];
  const which = { silent: 'Failures', report: 'Failures that an SDK in the workers cannot see' }[workers];
  return `${which} go to Sentry as ${environment}, grouped by ${by}, at most ${eventsPerGroupMax} events of a group in an hour.`;
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
  const alone = 'Keeps alert state in memory: a restart forgets it';
  return mode === 'sidecar' ? `${alone}, and each sidecar posts for itself; set store to share it.` : `${alone}.`;
}

function listenText({ host, port }: Listen): string {
  return `${host === undefined ? '' : hostText(host)}:${port}`;
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
