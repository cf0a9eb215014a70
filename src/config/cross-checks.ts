/** Problems that no single value shows: missing options, options that exclude each other, repeated names. `policy/problems.ts` has those of the noise policy. */
import type { ConfigDraft, ConfigTrouble } from './draft/draft.ts';
import type { Environment } from './draft/environment.ts';
import { brokerNameTroubles, brokerTroubles, resultTroubles } from './sections/broker.ts';
import { groupingTroubles } from './sections/grouping.ts';
import { redactTroubles } from './sections/redact.ts';
import { slackTroubles } from './sections/slack.ts';

export function troublesAcross(draft: ConfigDraft, env: Environment, hostname: string | undefined): ConfigTrouble[] {
  return [
    ...brokerTroubles(draft),
    ...resultTroubles(draft),
    ...redactTroubles(draft),
    ...brokerNameTroubles(draft),
    ...slackTroubles(draft),
    ...groupingTroubles(draft),
    ...environmentTroubles(draft, env, hostname),
  ];
}

function environmentTroubles(draft: ConfigDraft, env: Environment, hostname: string | undefined): ConfigTrouble[] {
  const troubles: ConfigTrouble[] = [];
  if (env['OTEL_CONFIG_FILE']) {
    const message = 'expected not to be set: two files that configure the same thing would contradict each other';
    troubles.push({ path: [], message, variable: 'OTEL_CONFIG_FILE' });
  }
  if (draft.mode === 'sidecar' && draft.values['hostname'] === undefined && (hostname ?? '') === '') {
    const message = 'expected the host name of the workers beside this sidecar, here or in HOSTNAME, got nothing';
    troubles.push({ path: ['hostname'], message });
  }
  return troubles;
}
