/**
 * Replaces `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}` inside single values, after the YAML was parsed, so
 * that a fetched text can never become structure. Allowed only in addresses and secrets, because other values are shown.
 */
import type { Environment } from './environment.ts';

type Fetched = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

const reference = /\$\{(env|file):([^}]*)\}/g;

export function hasReference(text: string): boolean {
  return /\$\{(env|file):/.test(text);
}

/** The text with each reference replaced by `by`. */
export function withoutReferences(text: string, by: string): string {
  return text.replace(reference, by);
}

/** A fetched text is inserted literally: references inside it are not resolved. */
export function interpolate(text: string, env: Environment, readFile: (path: string) => string): Fetched {
  const reasons: string[] = [];
  const result = text.replace(reference, (_whole, kind: string, inner: string) => {
    const fetched = kind === 'env' ? fetchVariable(inner, env) : fetchFile(inner, readFile);
    if (fetched.ok) return fetched.text;
    reasons.push(fetched.reason);
    return '';
  });
  const [reason] = reasons;
  if (reason !== undefined) return { ok: false, reason };
  return { ok: true, text: result };
}

function fetchVariable(inner: string, env: Environment): Fetched {
  const match = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inner);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is the syntax itself, in a message about it.
  if (match === null) return { ok: false, reason: 'expected ${env:NAME} or ${env:NAME:-default}' };
  const [, name = '', otherwise] = match;
  const value = env[name];
  if (value !== undefined && value !== '') return { ok: true, text: value };
  if (otherwise !== undefined) return { ok: true, text: otherwise };
  return { ok: false, reason: `expected the environment variable ${name} to be set, got nothing` };
}

/** The content of a file with one secret, without the newline that editors and `echo` append. */
export function fetchFile(path: string, readFile: (path: string) => string): Fetched {
  let content: string;
  try {
    content = readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return { ok: false, reason: `expected a readable file at ${path}, got ${code}` };
  }
  const text = content.replace(/\r?\n$/, '');
  return text === ''
    ? { ok: false, reason: `expected the file at ${path} to hold a value, it is empty` }
    : { ok: true, text };
}
