/** Config → the rules of the noise policy, in the order in which they are tried. */
import { defaultRules, type Rule } from '../alert/rule.ts';
import type { Config, RuleConfig } from './config.ts';

/**
 * The critical tasks come first, so that no later rule can make them wait; then the operator's own rules as they stand;
 * then everything else. A channel of '' means that Slack is off and nothing is posted.
 */
export function rulesOf(config: Pick<Config, 'alerts' | 'critical' | 'slack'>): Rule[] {
  const { alerts, critical, slack } = config;
  const builtIn = defaultRules({ channel: slack?.channel ?? '', critical });
  const { windowMs, repeatIntervalMs, resolveAfterMs } = alerts;
  return [
    ...builtIn
      .filter(({ name }) => name === 'critical')
      .map((rule) => ({ ...rule, windowMs, repeatIntervalMs, resolveAfterMs, mentions: slack?.mentions ?? [] })),
    ...alerts.rules.map((rule) => ruleOf(rule, config)),
    ...builtIn.filter(({ name }) => name !== 'critical').map((rule) => ({ ...rule, ...termsOf(config) })),
  ];
}

function ruleOf(rule: RuleConfig, config: Pick<Config, 'alerts' | 'slack'>): Rule {
  const terms = termsOf(config);
  return {
    name: rule.name,
    match: rule.match,
    threshold: rule.threshold ?? terms.threshold,
    windowMs: rule.windowMs ?? terms.windowMs,
    waitMs: rule.waitMs ?? terms.waitMs,
    repeatIntervalMs: rule.repeatIntervalMs ?? terms.repeatIntervalMs,
    resolveAfterMs: rule.resolveAfterMs ?? terms.resolveAfterMs,
    channel: rule.channel ?? config.slack?.channel ?? '',
    severity: rule.severity,
    mentions: rule.mentions,
  };
}

function termsOf({ alerts }: Pick<Config, 'alerts'>) {
  const { threshold, windowMs, waitMs, repeatIntervalMs, resolveAfterMs } = alerts;
  return { threshold, windowMs, waitMs, repeatIntervalMs, resolveAfterMs };
}
