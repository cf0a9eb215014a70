/** The brokers that taskvigil receives events from, and the result backends of their tasks. */
import { z } from 'zod';
import type { BrokerUrl } from '../../source/broker-url.ts';
import { type ConfigDraft, type ConfigTrouble, isMapping } from '../draft/draft.ts';
import { type Configured, configured, defineSection, option, type Written } from '../option.ts';
import { brokerUrl } from '../values/broker-url.ts';
import { dayMs, duration, minuteMs, secondMs } from '../values/duration.ts';
import { count, flag, leafOf, text } from '../values/leaf.ts';
import { name, nameExpected } from '../values/names.ts';
import { secret } from '../values/secret-text.ts';
import { repeatedNames } from './repeated-names.ts';

const placeholder = 'redis://unknown/0';

const broker = defineSection(
  {
    url: option(brokerUrl(), {
      isRequired: true,
      sample: 'redis://localhost:6379/0',
      isSecret: true,
      fileKey: '/run/secrets/broker-url',
      placeholder,
      variable: 'TASKVIGIL_BROKER_URL',
      conventional: ['CELERY_BROKER_READ_URL', 'CELERY_BROKER_URL'],
      enablesSection: true,
      replacedBy: 'brokers',
    }),
    name: option(text(nameExpected, name), {
      about: 'Name in metrics and on the status page. Default: celery, and celery-1, celery-2 … for several brokers.',
      shown: 'celery',
    }),
    global_keyprefix: option(text('a text', /^[^\s]{0,128}$/), {
      about:
        'The options of the same names in broker_transport_options of Celery. They determine the channels of the events.',
      default: '',
    }),
    fanout_prefix: option(fanoutPrefix(), { default: true }),
    fanout_patterns: option(flag(), { default: true }),
    event_exchange: option(text('the name of an exchange', /^[^\s]{1,128}$/), {
      about: 'The setting event_exchange of Celery.',
      default: 'celeryev',
    }),
    master_name: option(text(), {
      about:
        'Only with sentinel://: the name under which the Sentinels watch the server, and the password of the Sentinels.',
      sample: 'mymaster',
    }),
    sentinel_password: option(secret('the password of the Sentinels', /^.{1,512}$/), {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the configuration file.
      sample: '${env:SENTINEL_PASSWORD}',
      placeholder: 'unknown',
    }),
    control_exchange: option(text('the name of an exchange', /^[^\s]{1,128}$/), {
      about: 'The setting control_exchange of Celery, for source.control.',
      default: 'celery',
    }),
    visibility_timeout: option(duration(secondMs, 30 * dayMs), {
      about:
        'The transport option visibility_timeout of Celery: Redis waits this long for an acknowledgement before it ' +
        'delivers a task again.',
      default: '1h',
    }),
    result_backend: option(brokerUrl(), {
      about:
        'Redis with the results of these tasks, as a second source of outcomes: it holds outcomes whose events were ' +
        'lost, and the group of a task. With a single broker, the top-level key result_backend is equivalent.',
      sample: 'redis://localhost:6379/1',
      placeholder,
    }),
    result_keyprefix: option(text('a text', /^[^\s]{0,128}$/), {
      about: 'global_keyprefix in result_backend_transport_options of Celery.',
      default: '',
    }),
    queue: option(text('the name of a queue', /^[\w.:@-]{1,200}$/), {
      about:
        'RabbitMQ only: the queue that buffers events while taskvigil restarts. Its default name contains the ' +
        'store_namespace and, in sidecar mode, the host name. RabbitMQ drops the oldest events beyond queue_bytes or ' +
        'queue_ttl, and deletes a queue without a consumer after queue_expires, so that a dead taskvigil cannot fill ' +
        'the broker.',
      sample: 'taskvigil.events.default',
    }),
    queue_bytes: option(count(1_000_000, 100_000_000_000), { default: 67_108_864 }),
    queue_ttl: option(duration(secondMs, 7 * dayMs), { default: '1h' }),
    queue_expires: option(duration(minuteMs, 30 * dayMs), { default: '1d' }),
  },
  {
    about:
      'The broker of Celery, as the workers name it: redis://, rediss://, redis+socket://, unix://, sentinel://, amqp:// ' +
      'or amqps://. One line is usually enough: "broker: redis://redis:6379/0". Default: CELERY_BROKER_READ_URL, then ' +
      'CELERY_BROKER_URL. Several brokers are a list of such sections under "brokers".',
    isOptional: true,
    isShown: true,
    shorthand: 'url',
  },
);

export const brokers = {
  broker,
  brokers: option(z.array(broker.schema).min(1).max(16), { isHidden: true, items: broker }),
  result_backend: option(brokerUrl(), {
    about: 'Redis with the results, for a single broker.',
    sample: 'redis://localhost:6379/1',
    isSecret: true,
    placeholder,
    variable: 'TASKVIGIL_RESULT_BACKEND',
  }),
};

type WrittenBroker = Written<typeof broker.options>;
type PlainKeys = Exclude<keyof typeof broker.options, 'name' | 'url' | 'result_backend' | 'master_name' | QueueKeys>;
type QueueKeys = 'queue' | 'queue_bytes' | 'queue_ttl' | 'queue_expires';

export interface BrokerConfig extends Configured<typeof broker.options, PlainKeys> {
  /** In reports and metrics; unique. */
  readonly name: string;
  readonly url: BrokerUrl;
  /** The Redis with the results of the tasks of this broker. */
  readonly resultBackend: BrokerUrl | undefined;
  /** RabbitMQ only: the event queue of taskvigil. `name` undefined: derived from the mode and the instance. */
  readonly queue: {
    readonly name: string | undefined;
    readonly bytesMax: number;
    readonly ttlMs: number;
    readonly expiresMs: number;
  };
}

/** One or more brokers with unique names. */
export function brokersConfig({
  broker: only,
  brokers: several,
  result_backend,
}: Written<typeof brokers>): BrokerConfig[] {
  if (only !== undefined) return [brokerConfig(only, 'celery', result_backend)];
  return (several ?? []).map((one, index) => brokerConfig(one, `celery-${index + 1}`, undefined));
}

function brokerConfig(written: WrittenBroker, name: string, resultBackend: BrokerUrl | undefined): BrokerConfig {
  const { master_name, queue, queue_bytes, queue_ttl, queue_expires, ...plain } = written;
  return {
    ...configured(broker.options, plain),
    name: written.name ?? name,
    url: withMaster(written.url, master_name),
    resultBackend: written.result_backend ?? resultBackend,
    queue: { name: queue, bytesMax: queue_bytes, ttlMs: queue_ttl, expiresMs: queue_expires },
  };
}

function withMaster(url: BrokerUrl, masterName: string | undefined): BrokerUrl {
  return url.kind === 'redis-sentinel' && masterName !== undefined ? { ...url, masterName } : url;
}

/** kombu's transport option: a prefix of its own, or the default one on or off. */
function fanoutPrefix() {
  return leafOf(
    'true, false or a text like "/{db}."',
    (raw) => (typeof raw === 'boolean' || (typeof raw === 'string' && /^[^\s]{1,128}$/.test(raw)) ? raw : undefined),
    { type: ['boolean', 'string'] },
  );
}

/** A missing broker, two ways to name it, Sentinels without the name of their server, repeated names. */
export function brokerTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const { broker: only, brokers: several } = draft.values;
  if (only === undefined && several === undefined) {
    const message =
      'expected the URL of Celery’s broker, here or in TASKVIGIL_BROKER_URL or CELERY_BROKER_URL, got nothing';
    return [{ path: ['broker'], message }];
  }
  if (only !== undefined && several !== undefined) {
    return [{ path: ['brokers'], message: 'expected either broker or brokers, got both', isAboutKey: true }];
  }
  return writtenBrokers(draft).flatMap(({ path, written }): ConfigTrouble[] => {
    const url = written['url'];
    if (typeof url !== 'string' || !/^sentinel:/i.test(url.trim())) return [];
    if (written['master_name'] !== undefined || /[?&]master_name=/.test(url)) return [];
    const message = 'expected the name that the Sentinels watch the server under, as Celery’s master_name, got nothing';
    return [{ path: [...path, 'master_name'], message }];
  });
}

/** Results are read from Redis, and each of several brokers has its own result backend. */
export function resultTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const shared = draft.values['result_backend'];
  const places = [
    { path: ['result_backend'], url: shared },
    ...writtenBrokers(draft).map(({ path, written }) => ({
      path: [...path, 'result_backend'],
      url: written['result_backend'],
    })),
  ];
  const troubles = places.flatMap(({ path, url }): ConfigTrouble[] =>
    typeof url === 'string' && /^\s*(?:amqps?|pyamqp|librabbitmq):/i.test(url)
      ? [{ path, message: 'expected a result backend in Redis, RabbitMQ keeps results for their callers only' }]
      : [],
  );
  const { brokers: several } = draft.values;
  if (shared !== undefined && Array.isArray(several) && several.length > 0) {
    const message = 'expected it with each of the brokers that it belongs to, got it beside them';
    troubles.push({ path: ['result_backend'], message, isAboutKey: true });
  }
  return troubles;
}

export function brokerNameTroubles(draft: ConfigDraft): ConfigTrouble[] {
  return repeatedNames(draft, ['brokers']);
}

interface WrittenPlace {
  readonly path: readonly (string | number)[];
  readonly written: Readonly<Record<string, unknown>>;
}

function writtenBrokers({ values }: ConfigDraft): WrittenPlace[] {
  const several: unknown[] = Array.isArray(values['brokers']) ? values['brokers'] : [];
  const all: { readonly path: readonly (string | number)[]; readonly written: unknown }[] = [
    { path: ['broker'], written: values['broker'] },
    ...several.map((written, index) => ({ path: ['brokers', index], written })),
  ];
  return all.flatMap(({ path, written }) => (isMapping(written) ? [{ path, written }] : []));
}
