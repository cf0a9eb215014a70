/** Warnings about a valid configuration: options without an effect, and names that Sentry refuses. */
import type { Config } from './config.ts';
import { policyOf } from './policy/policy.ts';
import { isPlainText } from './sections/webhook.ts';

/** `now` undefined: no silence has ended. */
export function warningsAbout(config: Config, now: number | undefined): string[] {
  const { mode, store, sentry, webhook } = config;
  const warnings = policyWarnings(config, now);
  if (mode === 'sidecar' && store.url === undefined) {
    warnings.push(
      'store: without it every sidecar posts on its own, and no instance reports a pod that died with its sidecar',
    );
  }
  if (/[/\\]/.test(sentry?.release ?? '')) {
    warnings.push('sentry.release: Sentry refuses names with "/" or "\\", and shows the events without it');
  }
  if (/[/\\]|^none$/i.test(sentry?.environment ?? '')) {
    warnings.push(
      'sentry.environment: Sentry refuses names with "/" or "\\", and "none", and shows the events without it',
    );
  }
  if (webhook !== undefined && isPlainText(webhook)) {
    warnings.push('webhook.url: http sends incidents over the network without encryption, expected https');
  }
  return warnings;
}

function policyWarnings(config: Config, now: number | undefined): string[] {
  const { silences, owners, budgets, mutes, tasks } = policyOf(config);
  const channels = new Set(owners.flatMap(({ channel, also }) => [channel, ...also]));
  const muteNames = new Set([...owners, ...tasks].map(({ mute }) => mute));
  return [
    ...silences.flatMap(({ until, reason }, index) =>
      now !== undefined && until !== undefined && until <= now
        ? [`alerts.silences[${index}]: over since ${new Date(until).toISOString()} (${reason})`]
        : [],
    ),
    ...Object.keys(budgets.byChannel)
      .filter((channel) => !channels.has(channel))
      .map((channel) => `alerts.budget: no owner has the channel ${channel}`),
    ...[...new Set(mutes.map(({ name }) => name))]
      .filter((name) => !muteNames.has(name))
      .map((name) => `alerts.mute.${name}: no owner and no task has it`),
  ];
}
