/** Slack as a receiver of incidents, and the way back for its buttons. */
import { issueTemplate } from '../../failure/issue-link.ts';
import { type ConfigDraft, type ConfigTrouble, isMapping } from '../draft/draft.ts';
import { type Configured, configured, defineSection, option, type Written } from '../option.ts';
import { httpUrl } from '../values/http-url.ts';
import { oneOf, text, texts } from '../values/leaf.ts';
import { channel, channelExpected, mention, mentionExpected } from '../values/names.ts';
import type { Secret } from '../values/secret.ts';
import { secret } from '../values/secret-text.ts';

export const slack = defineSection(
  {
    token: option(secret('a bot token (xoxb-…)', /^xox[a-z]-[\w-]+$/), {
      isRequired: true,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the configuration file.
      sample: '${env:SLACK_BOT_TOKEN}',
      isSecret: true,
      fileKey: '/run/secrets/slack-token',
      placeholder: 'xoxb-unknown',
      variable: 'TASKVIGIL_SLACK_BOT_TOKEN',
      conventional: ['SLACK_BOT_TOKEN'],
      ignoredNote: 'but slack.channel is not: Slack is off',
      ifMissing: { switchesOff: 'section', consequence: 'Slack is off' },
    }),
    channel: option(text(channelExpected, channel), {
      about: 'Quoted, because of the "#". The id of a channel works too.',
      isRequired: true,
      sample: '"#celery-alerts"',
      variable: 'TASKVIGIL_SLACK_CHANNEL',
    }),
    mention: option(texts(mentionExpected, mention), {
      about: 'Users (U…) and groups (S…) to mention in critical incidents whose owner mentions no one else.',
      default: [],
    }),
    trace_url: option(httpUrl('a URL like "https://jaeger/trace/{trace_id}"'), {
      about: 'Links under each message. {trace_id}, {task_id}, {fingerprint} and {incident} are filled in.',
      sample: 'https://jaeger.example/trace/{trace_id}',
    }),
    task_url: option(httpUrl('a URL like "https://flower/task/{task_id}"'), {
      sample: 'https://flower.example/task/{task_id}',
    }),
    page_url: option(httpUrl('the URL that people reach the page at'), {
      about: 'URL of the status page in a browser, for a link to it.',
      sample: 'https://taskvigil.example',
    }),
    actions: option(oneOf(['off', 'socket', 'http']), {
      about:
        'Buttons (acknowledge, snooze, resolve, silence, archive, why). socket: over Socket Mode, which needs no inbound ' +
        'connection, only an app-level token with connections:write. http: Slack calls taskvigil and signs its requests.',
      default: 'off',
      sample: 'socket',
      needsRestart: 'over',
    }),
    app_token: option(secret('an app-level token (xapp-…)', /^xapp-[\w-]+$/), {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the configuration file.
      sample: '${env:SLACK_APP_TOKEN}',
      isSecret: true,
      fileKey: '/run/secrets/slack-app-token',
      placeholder: 'xapp-unknown',
      variable: 'TASKVIGIL_SLACK_APP_TOKEN',
      ifMissing: { switchesOff: { actions: 'off' }, consequence: 'there are no buttons' },
    }),
    signing_secret: option(secret('the signing secret of the app', /^[0-9a-f]{16,128}$/i), {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the configuration file.
      sample: '${env:SLACK_SIGNING_SECRET}',
      isSecret: true,
      fileKey: '/run/secrets/slack-signing-secret',
      placeholder: '0'.repeat(32),
      variable: 'TASKVIGIL_SLACK_SIGNING_SECRET',
      ifMissing: { switchesOff: { actions: 'off' }, consequence: 'there are no buttons' },
    }),
    allow: option(texts('the id of a user (U…, W…)', /^[UW][A-Z0-9]{5,}$/), {
      about: 'Users (U…) who may silence and archive. Default: every member of the channel.',
      default: [],
      sample: '[U0ONCALL]',
    }),
    api_url: option(httpUrl('the URL of Slack’s API'), {
      about: 'Only for a proxy or a test.',
      sample: 'https://slack.com/api/',
      placeholder: 'http://unknown',
      needsRestart: true,
    }),
  },
  {
    about:
      'Alerts as Slack messages. Off without a channel. The bot needs chat:write, and channels:history and channels:read ' +
      'to find a message whose response was lost.',
    isOptional: true,
    isReloadable: true,
  },
);

type WrittenSlack = Written<typeof slack.options>;
type PlainKeys = 'token' | 'channel' | 'api_url' | 'page_url' | 'allow';

export interface SlackConfig extends Configured<typeof slack.options, PlainKeys> {
  /** The file of the token, to read it again after a rotation; undefined when it did not come from a file. */
  readonly tokenFile: string | undefined;
  /** Ids to mention in critical incidents: users `U…`/`W…`, groups `S…`. */
  readonly mentions: readonly string[];
  /** Links under each root message, with `{trace_id}`, `{task_id}`, `{fingerprint}`, `{incident}`. */
  readonly links: readonly { readonly label: string; readonly url: string }[];
  readonly actions: SlackActionsConfig;
}

/** The way of button presses to taskvigil. Without one, messages have no buttons. */
export type SlackActionsConfig =
  | { readonly over: 'off' }
  | { readonly over: 'socket'; readonly appToken: Secret }
  | { readonly over: 'http'; readonly signingSecret: Secret };

export function slackConfig(written: WrittenSlack, issuesUrl: string | undefined): SlackConfig {
  const { mention, trace_url, task_url, actions: _, app_token: __, signing_secret: ___, ...plain } = written;
  return {
    ...configured(slack.options, plain),
    tokenFile: written.token_file,
    mentions: mention,
    links: [
      ...(trace_url === undefined ? [] : [{ label: 'Trace', url: trace_url }]),
      ...(task_url === undefined ? [] : [{ label: 'Task', url: task_url }]),
      ...(issuesUrl === undefined ? [] : [{ label: 'Sentry issue', url: issueTemplate(issuesUrl) }]),
    ],
    actions: actionsConfig(written),
  };
}

function actionsConfig({ actions, app_token, signing_secret }: WrittenSlack): SlackActionsConfig {
  if (actions === 'socket' && app_token !== undefined) return { over: 'socket', appToken: app_token };
  if (actions === 'http' && signing_secret !== undefined) return { over: 'http', signingSecret: signing_secret };
  return { over: 'off' };
}

const secretOfActions = {
  socket: { key: 'app_token', expected: 'the app-level token (xapp-…)' },
  http: { key: 'signing_secret', expected: 'the signing secret of the app' },
} as const;

/** Each way of the buttons needs its secret. */
export function slackTroubles({ values }: ConfigDraft): ConfigTrouble[] {
  const written = values['slack'];
  if (!isMapping(written)) return [];
  const actions = written['actions'];
  if (actions !== 'socket' && actions !== 'http') return [];
  const { key, expected } = secretOfActions[actions];
  if (written[key] !== undefined && written[key] !== null) return [];
  return [{ path: ['slack', key], message: `expected ${expected} for actions: ${actions}, got nothing` }];
}
