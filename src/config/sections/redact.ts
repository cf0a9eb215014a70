/** Treatment of the values that tasks carry. */
import { z } from 'zod';
import { defaultModes } from '../../redact/field.ts';
import type { RedactOptions } from '../../redact/options.ts';
import { last4Kinds } from '../../redact/render/marks.ts';
import { type ConfigDraft, type ConfigTrouble, isMapping } from '../draft/draft.ts';
import { defineSection, option, type Written } from '../option.ts';
import { flag, oneOf, text, texts } from '../values/leaf.ts';
import { pattern } from '../values/pattern.ts';
import { secret } from '../values/secret-text.ts';
import { section } from '../values/section.ts';

const treatment = () => oneOf(['drop', 'shape', 'redact', 'raw']);
const valueTreatment = () => oneOf(['drop', 'shape', 'allow', 'redact', 'raw']);
const keyName = 'the name of a key';
const keyPath = /^(?:args|kwargs|result|\*)(?:\.[^\s.]{1,64}){1,16}$/;
const keyPathExpected = 'a path like "kwargs.user.*.zip"';

const action = (kind: string) =>
  option(oneOf(last4Kinds.includes(kind) ? ['mark', 'mask', 'hash', 'last4'] : ['mark', 'mask', 'hash']), {
    default: 'mark',
  });

const actions = defineSection(
  {
    password: action('password'),
    token: action('token'),
    key: action('key'),
    secret: action('secret'),
    cookie: action('cookie'),
    code: action('code'),
    jwt: action('jwt'),
    hash: action('hash'),
    pem: action('pem'),
    card: action('card'),
    iban: action('iban'),
    id: action('id'),
    phone: action('phone'),
    email: action('email'),
    ip: action('ip'),
  },
  {
    about:
      'Replacement of a secret, by its kind. mark: [redacted:email]. mask: asterisks. last4, for card, iban and phone: ' +
      '[redacted:card-4242]. hash: [email:3fa9c01b7e], equal for equal values, to correlate a value without showing it.',
  },
);

const profile = section({
  task: texts('a glob like "mail.tasks.*"'),
  args: valueTreatment().optional(),
  kwargs: valueTreatment().optional(),
  result: valueTreatment().optional(),
  exception: treatment().optional(),
  traceback: treatment().optional(),
});

export const redact = defineSection(
  {
    sensitive_keys: option(texts(keyName), {
      about: 'Names whose values are always secret, or never, in addition to the built-in names.',
      default: [],
    }),
    safe_keys: option(texts(keyName), { default: [] }),
    sensitive_paths: option(texts(keyPathExpected, keyPath), {
      about:
        'Values that are always secret, by their place in args, kwargs and result, with all values below them: "*" is ' +
        'one name or number, "**" any number of them. Example:\n[kwargs.user.*.zip]',
      default: [],
    }),
    allowed_paths: option(texts(keyPathExpected, keyPath), {
      about: 'Places that the treatment allow shows. A secret there is still redacted.',
      default: [],
    }),
    patterns: option(
      z
        .array(
          section({ name: text('a short name of small letters and "-"', /^[a-z][a-z-]{0,23}$/), pattern: pattern() }),
        )
        .max(32),
      {
        about:
          'Additional patterns in the syntax of RE2 (no look-around, no back-references), applied after the built-in ' +
          'ones to texts of at most 64 KiB; longer texts are cut. The name becomes the kind in the mark, ' +
          "[redacted:patient]. Example:\n[{ name: patient, pattern: 'PAT-\\d{6}' }]",
        default: [],
      },
    ),
    actions,
    hash_key: option(secret('a text of at least 16 characters', /^.{16,1024}$/s), {
      about:
        'Key of the hashes, required for the action hash. Anyone who has it can test guesses, and taskvigil never ' +
        'generates one.',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the syntax of the configuration file.
      sample: '${env:REDACT_HASH_KEY}',
      fileKey: '/run/secrets/redact-hash-key',
      placeholder: 'unknown-unknown-unknown',
    }),
    allow_raw: option(flag(), {
      about: 'Must be true where a treatment is raw, because traces, Slack and the status page then show passwords.',
      default: false,
    }),
    profiles: option(z.array(profile).max(100), {
      about:
        'Other treatments by the name of the task; the first match applies. A task whose name is not yet known, because ' +
        'taskvigil started in the middle of its life, gets the strictest treatment of all. Example:\n' +
        '[{ task: "payroll.*", args: drop, kwargs: shape, exception: shape, traceback: shape }]',
      default: [],
    }),
    args: option(valueTreatment(), { default: defaultModes.args }),
    kwargs: option(valueTreatment(), { default: defaultModes.kwargs }),
    result: option(valueTreatment(), {
      about: 'Results have the least use and the highest risk, so they are dropped.',
      default: defaultModes.result,
    }),
    exception: option(treatment(), { default: defaultModes.exception }),
    traceback: option(treatment(), { default: defaultModes.traceback }),
  },
  {
    about:
      'Treatment of the values that tasks carry, before they are stored or exported. drop: removed. shape: brackets, ' +
      'keys and kinds of values. allow: the shape, and the values at allowed_paths. redact: everything except secrets ' +
      'and personal data. raw: everything.',
    isReloadable: true,
  },
);

/** Names of tasks and texts of the daemon's own log are always redacted. */
export type RedactConfig = Required<
  Pick<
    RedactOptions,
    | 'modes'
    | 'profiles'
    | 'sensitiveKeys'
    | 'safeKeys'
    | 'sensitivePaths'
    | 'allowedPaths'
    | 'actions'
    | 'hashKey'
    | 'patterns'
  >
>;

export function redactConfig(written: Written<typeof redact.options>): RedactConfig {
  const { args, kwargs, result, exception, traceback } = written;
  return {
    modes: { args, kwargs, result, exception, traceback, name: defaultModes.name, log: defaultModes.log },
    profiles: written.profiles.map(({ task, ...modes }) => ({ tasks: task, modes: given(modes) })),
    sensitiveKeys: written.sensitive_keys,
    safeKeys: written.safe_keys,
    sensitivePaths: written.sensitive_paths,
    allowedPaths: written.allowed_paths,
    actions: Object.fromEntries(Object.entries(written.actions).filter(([, action]) => action !== 'mark')),
    hashKey: written.hash_key,
    patterns: written.patterns.map(({ name, pattern }) => ({ name, ...pattern })),
  };
}

/** Without the keys that the file leaves out. */
function given<Value>(values: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** A treatment that shows more than the default needs a second option that confirms it. */
export function redactTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const written = draft.values['redact'];
  if (!isMapping(written)) return [];
  const profiles: unknown[] = Array.isArray(written['profiles']) ? written['profiles'] : [];
  const places: TreatmentPlace[] = [
    { path: ['redact'], treatments: written },
    ...profiles.flatMap((one, index): TreatmentPlace[] =>
      isMapping(one) ? [{ path: ['redact', 'profiles', index], treatments: one }] : [],
    ),
  ];
  return [...rawTroubles(written, places), ...allowTroubles(written, places), ...hashTroubles(written)];
}

interface TreatmentPlace {
  readonly path: readonly (string | number)[];
  readonly treatments: Readonly<Record<string, unknown>>;
}

type WrittenRedact = Readonly<Record<string, unknown>>;

function rawTroubles(written: WrittenRedact, places: readonly TreatmentPlace[]): ConfigTrouble[] {
  if (written['allow_raw'] === true || written['allow_raw'] === 'true') return [];
  const message = 'expected redact.allow_raw: true beside it, because raw shows every secret';
  return places.flatMap(({ path, treatments }) =>
    Object.keys(treatments)
      .filter((field) => treatments[field] === 'raw')
      .map((field) => ({ path: [...path, field], message })),
  );
}

function allowTroubles(written: WrittenRedact, places: readonly TreatmentPlace[]): ConfigTrouble[] {
  const paths = written['allowed_paths'];
  if (paths !== undefined && !(Array.isArray(paths) && paths.length === 0)) return [];
  const allows = places.find(({ treatments }) => Object.values(treatments).includes('allow'));
  const message = 'expected redact.allowed_paths for the treatment "allow", got none';
  return allows === undefined ? [] : [{ path: allows.path, message }];
}

function hashTroubles(written: WrittenRedact): ConfigTrouble[] {
  const actions = isMapping(written['actions']) ? Object.entries(written['actions']) : [];
  const hashed = actions.find(([, action]) => action === 'hash');
  if (hashed === undefined || written['hash_key'] !== undefined) return [];
  const message =
    'expected redact.hash_key or hash_key_file for the action "hash": without a key anyone could try all values';
  return [{ path: ['redact', 'actions', hashed[0]], message }];
}
