/** A webhook as a receiver of incidents. */
import { type Configured, configured, defineSection, option, type Written } from '../option.ts';
import { duration, secondMs } from '../values/duration.ts';
import { secret } from '../values/secret-text.ts';

/** Without a login. The path may hold a token, so the URL is treated as a secret. */
const url = /^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/i;
/** The key of a Standard Webhooks signature: 24 to 64 bytes in base64. */
const signingSecret = /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/;

export const webhook = defineSection(
  {
    url: option(secret('a URL like "https://ops.example/taskvigil" without a login', url), {
      isRequired: true,
      sample: 'https://ops.example/hooks/taskvigil',
      isSecret: true,
      fileKey: '/run/secrets/webhook-url',
      placeholder: 'https://unknown',
      variable: 'TASKVIGIL_WEBHOOK_URL',
      ifMissing: { switchesOff: 'section', consequence: 'the webhook is off' },
    }),
    secret: option(secret('whsec_ and 24 to 64 random bytes in base64', signingSecret), {
      about: 'Signs each request: whsec_ and the output of "openssl rand -base64 32".',
      isRequired: true,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the configuration file.
      sample: '${env:WEBHOOK_SECRET}',
      isSecret: true,
      fileKey: '/run/secrets/webhook-secret',
      placeholder: `whsec_${'0'.repeat(32)}`,
      variable: 'TASKVIGIL_WEBHOOK_SECRET',
      ifMissing: { switchesOff: 'section', consequence: 'the webhook is off' },
    }),
    timeout: option(duration(secondMs, 5 * secondMs), {
      about: 'A request without a response for this long is repeated.',
      default: '4s',
    }),
  },
  {
    about:
      'Incidents as signed JSON over HTTP, beside Slack or without it. Signature: Standard Webhooks. Off without a URL.',
    isOptional: true,
    isReloadable: true,
  },
);

export type WebhookConfig = Configured<typeof webhook.options>;

export function webhookConfig(written: Written<typeof webhook.options>): WebhookConfig {
  const { url, secret, timeout } = written;
  return configured(webhook.options, { url, secret, timeout });
}

/** True if requests cross a network without encryption. */
export function isPlainText({ url }: WebhookConfig): boolean {
  const { protocol, hostname } = URL.parse(url.expose()) ?? {};
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname ?? '');
}
