/** What no single value shows: things that are missing, that exclude each other or that share a name. */
import type { ConfigTrouble, Draft } from './draft.ts';
import { isMapping } from './draft.ts';
import type { Environment } from './environment.ts';
import { policyTroubles } from './policy/problems.ts';
import { unresolved } from './values/leaf.ts';

export function troublesAcross(draft: Draft, env: Environment, hostname: string | undefined): ConfigTrouble[] {
  return [
    ...brokerTroubles(draft),
    ...resultTroubles(draft),
    ...redactTroubles(draft),
    ...nameTroubles(draft, ['brokers']),
    ...slackTroubles(draft),
    ...policyTroubles(draft),
    ...nameTroubles(draft, ['grouping', 'rules']),
    ...groupingTroubles(draft),
    ...environmentTroubles(draft, env, hostname),
  ];
}

function brokerTroubles(draft: Draft): ConfigTrouble[] {
  const { broker, brokers } = draft.values;
  if (broker === undefined && brokers === undefined) {
    const message =
      'expected the URL of Celery’s broker, here or in TASKVIGIL_BROKER_URL or CELERY_BROKER_URL, got nothing';
    return [{ path: ['broker'], message }];
  }
  if (broker !== undefined && brokers !== undefined) {
    return [{ path: ['brokers'], message: 'expected either broker or brokers, got both', isAboutKey: true }];
  }
  const all: [readonly (string | number)[], unknown][] = Array.isArray(brokers)
    ? brokers.map((one: unknown, index) => [['brokers', index], one])
    : [[['broker'], broker]];
  return all.flatMap(([path, one]): ConfigTrouble[] => {
    if (!isMapping(one) || typeof one['url'] !== 'string' || !/^sentinel:/i.test(one['url'].trim())) return [];
    if (one['master_name'] !== undefined || /[?&]master_name=/.test(one['url'])) return [];
    const message = 'expected the name that the Sentinels watch the server under, as Celery’s master_name, got nothing';
    return [{ path: [...path, 'master_name'], message }];
  });
}

/** Results are read from Redis, and where there are several brokers each has its own. */
function resultTroubles({ values }: Draft): ConfigTrouble[] {
  const brokers: unknown[] = Array.isArray(values['brokers']) ? values['brokers'] : [];
  const places: [readonly (string | number)[], unknown][] = [
    [['result_backend'], values['result_backend']],
    ...[values['broker']]
      .filter(isMapping)
      .map((one): [string[], unknown] => [['broker', 'result_backend'], one['result_backend']]),
    ...brokers
      .filter(isMapping)
      .map((one, index): [(string | number)[], unknown] => [
        ['brokers', index, 'result_backend'],
        one['result_backend'],
      ]),
  ];
  const troubles = places.flatMap(([path, url]): ConfigTrouble[] =>
    typeof url === 'string' && /^\s*(?:amqps?|pyamqp|librabbitmq):/i.test(url)
      ? [{ path, message: 'expected a result backend in Redis, RabbitMQ keeps results for their callers only' }]
      : [],
  );
  if (values['result_backend'] !== undefined && brokers.length > 0) {
    const message = 'expected it with each of the brokers that it belongs to, got it beside them';
    troubles.push({ path: ['result_backend'], message, isAboutKey: true });
  }
  return troubles;
}

/** What shows more than the default, or needs a key, has to be meant. */
function redactTroubles(draft: Draft): ConfigTrouble[] {
  const { redact } = draft.values;
  if (!isMapping(redact)) return [];
  const profiles: unknown[] = Array.isArray(redact['profiles']) ? redact['profiles'] : [];
  const places: [readonly (string | number)[], Record<string, unknown>][] = [
    [['redact'], redact],
    ...profiles.flatMap((one, index): typeof places => (isMapping(one) ? [[['redact', 'profiles', index], one]] : [])),
  ];
  const isRawMeant = redact['allow_raw'] === true || redact['allow_raw'] === 'true';
  const troubles = places.flatMap(([path, one]) =>
    Object.entries(one).flatMap(([field, mode]): ConfigTrouble[] =>
      mode === 'raw' && !isRawMeant
        ? [
            {
              path: [...path, field],
              message: 'expected redact.allow_raw: true beside it, because raw shows every secret',
            },
          ]
        : [],
    ),
  );
  const allows = places.find(([, one]) => Object.values(one).includes('allow'));
  const paths = redact['allowed_paths'];
  if (allows !== undefined && (paths === undefined || (Array.isArray(paths) && paths.length === 0)))
    troubles.push({ path: allows[0], message: 'expected redact.allowed_paths for the treatment "allow", got none' });
  const actions = isMapping(redact['actions']) ? Object.entries(redact['actions']) : [];
  const hashed = actions.find(([, action]) => action === 'hash');
  if (hashed !== undefined && redact['hash_key'] === undefined) {
    const message =
      'expected redact.hash_key or hash_key_file for the action "hash": without a key anybody could try all values';
    troubles.push({ path: ['redact', 'actions', hashed[0]], message });
  }
  return troubles;
}

function nameTroubles(draft: Draft, path: readonly string[]): ConfigTrouble[] {
  const list = draft.valueAt(path);
  if (!Array.isArray(list)) return [];
  const seen = new Set<unknown>();
  return list.flatMap((item: unknown, index): ConfigTrouble[] => {
    const name = isMapping(item) ? (item['name'] ?? `celery-${index + 1}`) : undefined;
    if (name === undefined || name === unresolved) return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    const message = 'expected a name of its own, another one has it already';
    return [{ path: [...path, index, 'name'], message }];
  });
}

/** A way for the buttons to reach us needs the secret that goes with it. */
function slackTroubles({ values }: Draft): ConfigTrouble[] {
  const slack = values['slack'];
  if (!isMapping(slack)) return [];
  const needs = { socket: 'app_token', http: 'signing_secret' } as const;
  const key = needs[slack['actions'] as keyof typeof needs];
  if (key === undefined || (slack[key] !== undefined && slack[key] !== null)) return [];
  const message = `expected ${key === 'app_token' ? 'the app-level token (xapp-…)' : 'the signing secret of the app'} for actions: ${slack['actions']}, got nothing`;
  return [{ path: ['slack', key], message }];
}

/** A rule asks for something and does something; one that ignores failures cannot say how to group them as well. */
function groupingTroubles(draft: Draft): ConfigTrouble[] {
  const rules = draft.valueAt(['grouping', 'rules']);
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule: unknown, index): ConfigTrouble[] => {
    if (!isMapping(rule)) return [];
    const path = ['grouping', 'rules', index];
    const isIgnored = rule['ignore'] === true || rule['ignore'] === 'true';
    const said = ['parts', 'split', 'class'].filter((key) => rule[key] !== undefined);
    const isAnything = isMapping(rule['match']) && Object.keys(rule['match']).length === 0;
    return [
      ...(isAnything
        ? [{ path: [...path, 'match'], message: 'expected at least one of task, exception, message, frame' }]
        : []),
      ...(said.length === 0 && !isIgnored ? [{ path, message: 'expected one of parts, split, ignore, class' }] : []),
      ...(isIgnored && said.length > 0
        ? [{ path: [...path, 'ignore'], message: `expected either ignore or ${said[0]}, got both` }]
        : []),
      ...(said.includes('parts') && said.includes('split')
        ? [{ path: [...path, 'split'], message: 'expected either parts or split, got both' }]
        : []),
    ];
  });
}

function environmentTroubles(draft: Draft, env: Environment, hostname: string | undefined): ConfigTrouble[] {
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
