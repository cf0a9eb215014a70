import type { Config } from '../../config/config.ts';
import { Secret } from '../../config/values/secret.ts';
import type { CanaryReceiver } from './receiver.ts';

/** The operator's configuration with all sinks on, without sampling and delays, and the receivers of this machine. */
export function localConfig(config: Config, receiver: CanaryReceiver): Config {
  return {
    ...config,
    mode: 'standalone',
    source: { control: 'off' },
    store: { ...config.store, url: undefined },
    otlp: {
      ...config.otlp,
      isOn: true,
      endpoint: receiver.otlpEndpoint,
      headers: {},
      compression: 'none',
      traces: true,
      logs: true,
      sample: 1,
      sampleLogs: 1,
    },
    sentry: {
      environment: 'canary',
      release: undefined,
      grouping: 'taskvigil',
      issuesUrl: undefined,
      ...config.sentry,
      workers: 'silent',
      eventsPerGroupMax: 10_000,
      dsn: new Secret(receiver.sentryDsn),
    },
    slack: {
      mentions: [],
      links: [],
      pageUrl: undefined,
      allow: [],
      ...config.slack,
      actions: { over: 'off' },
      token: new Secret('xoxb-canary'),
      tokenFile: undefined,
      channel: '#canary',
      apiUrl: receiver.slackApiUrl,
    },
    webhook: {
      url: new Secret(receiver.webhookUrl),
      secret: new Secret(`whsec_${'0'.repeat(32)}`),
      timeoutMs: 4_000,
    },
    critical: ['*'],
    alerts: { ...config.alerts, learning: 0, tasks: [], owners: [], silences: [] },
  };
}
