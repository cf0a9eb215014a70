/** Checks at each start, before any event is received, that the configured redactor hides built-in canaries. */
import type { Field } from './field.ts';
import { KeyNames } from './names/key-names.ts';
import type { RedactOptions } from './options.ts';
import { createRedactor } from './redact.ts';

interface Canary {
  readonly field: Field;
  /** The key that makes it secret, unless the operator lists the key as safe; undefined if its shape does. */
  readonly key: string | undefined;
  readonly secret: string;
  readonly text: string;
}

const made = 'qZ7-canary-4Kx91mP2';
const github = 'ghp_7Kx91mP2qZ4vT8wR3nB6yC5dF0gH1jL9sA';

const canaries: readonly Canary[] = [
  { field: 'args', key: undefined, secret: github, text: `('${github}', 7)` },
  { field: 'args', key: 'api_key', secret: made, text: `('{"api_key": "${made}"}', 7)` },
  { field: 'kwargs', key: 'password', secret: made, text: `{'user': 'ann', 'password': '${made}'}` },
  { field: 'kwargs', key: 'password', secret: made, text: `{'dir': 'C:\\x\\', 'password': '${made}'}` },
  { field: 'kwargs', key: undefined, secret: made, text: `{'url': 'postgres://app:${made}@db.internal/shop'}` },
  { field: 'kwargs', key: 'password', secret: made, text: `{'password': '${made.slice(0, 12)}...', ...}` },
  { field: 'result', key: 'access_token', secret: made, text: `{'access_token': '${made}'}` },
  { field: 'exception', key: 'password', secret: made, text: `AuthError("refused", {'password': '${made}'})` },
  { field: 'exception', key: undefined, secret: '4111 1111 1111 1111', text: "CardError('4111 1111 1111 1111')" },
  { field: 'exception', key: undefined, secret: 'ann@mail.example.org', text: "Bounced('ann@mail.example.org')" },
  {
    field: 'traceback',
    key: 'password',
    secret: made,
    text: `Traceback (most recent call last):\n  File "/a.py", line 1, in go\n    connect(password="${made}")\napp.E: no\n`,
  },
  { field: 'traceback', key: 'token', secret: made, text: `app.E: {'token': '${made}'}` },
  { field: 'log', key: 'secret', secret: made, text: `secret=${made}` },
];

/** A sentence for each canary that was not hidden, without its value. Empty if all were hidden. */
export function failedCanaries(options: RedactOptions, create = createRedactor): string[] {
  const names = new KeyNames(options);
  const redactor = create(options);
  const failed = canaries.flatMap(({ field, key, secret, text }, index) => {
    if (options.modes[field] === 'raw' || (key !== undefined && names.meaningOf(key) === undefined)) return [];
    const shown = redactor.redactText(field, text);
    const halves = [secret.slice(0, 12), secret.slice(-8)];
    return halves.some((half) => shown.includes(half))
      ? [`canary ${index + 1} in ${field}${key === undefined ? '' : ` under "${key}"`} was not hidden`]
      : [];
  });
  return [...new Set(failed)];
}
