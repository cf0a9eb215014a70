/** Export of failures to Sentry. */
import { type Configured, configured, defineSection, option, type Written } from '../option.ts';
import { httpUrl } from '../values/http-url.ts';
import { count, oneOf, text } from '../values/leaf.ts';
import { secret } from '../values/secret-text.ts';

/** The grammar of the Sentry client, which ignores a DSN that it cannot read without reporting it. */
const dsn = /^https?:\/\/\w+(:\w*)?@(\[[\w:.%]+\]|[\w.-]+)(:\d+)?\/(\S+\/)?\d+$/;

export const sentry = defineSection(
  {
    dsn: option(secret('a DSN like "https://key@host/1"', dsn), {
      isRequired: true,
      sample: 'https://key@sentry.example/1',
      isSecret: true,
      fileKey: '/run/secrets/sentry-dsn',
      placeholder: 'https://unknown@unknown/1',
      variable: 'TASKVIGIL_SENTRY_DSN',
      conventional: ['SENTRY_DSN'],
      enablesSection: true,
      ifMissing: { switchesOff: 'section', consequence: 'Sentry is off' },
    }),
    // Sentry truncates longer names.
    environment: option(text('a name of at most 64 characters', /^[^\u0000-\u001f]{1,64}$/), {
      default: 'production',
      conventional: ['SENTRY_ENVIRONMENT'],
    }),
    release: option(text('a name of at most 200 characters', /^[^\u0000-\u001f]{1,200}$/), {
      sample: '"1.0"',
      conventional: ['SENTRY_RELEASE'],
    }),
    grouping: option(oneOf(['taskvigil', 'default', 'both']), {
      about:
        'taskvigil: one issue per cause, as in Slack. default: the grouping of Sentry. both: the issues of Sentry, ' +
        'divided by cause.',
      default: 'taskvigil',
    }),
    workers: option(oneOf(['silent', 'report']), {
      about:
        'report: an SDK in the workers reports the failures it can observe, and taskvigil reports the others: killed, ' +
        'lost, vanished and unregistered tasks, hard time limits, results that cannot be encoded, poison loops. silent: ' +
        'taskvigil reports every failure.',
      default: 'silent',
    }),
    max_events_per_group: option(count(1, 1_000_000), {
      about:
        'Events of one group in an hour. The next event carries the number of suppressed ones, so that every failure ' +
        'is counted.',
      default: 10,
    }),
    issues_url: option(httpUrl('the address of the list of issues like "https://acme.sentry.io/issues/?project=1"'), {
      about:
        'URL of the list of issues in a browser. With it, every Slack message links to its issue. Add ?project=7 if ' +
        'there are several projects.',
      sample: 'https://acme.sentry.io/issues/',
    }),
  },
  { about: 'Failures as Sentry issues. Off without a DSN here or in SENTRY_DSN.', isOptional: true },
);

type PlainKeys = Exclude<keyof typeof sentry.options, 'max_events_per_group'>;

export interface SentryConfig extends Configured<typeof sentry.options, PlainKeys> {
  /** Events of one group in an hour. */
  readonly eventsPerGroupMax: number;
}

export function sentryConfig(written: Written<typeof sentry.options>): SentryConfig {
  const { max_events_per_group, ...plain } = written;
  return { ...configured(sentry.options, plain), eventsPerGroupMax: max_events_per_group };
}
