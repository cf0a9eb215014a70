/**
 * `${env:NAME}`, `${env:NAME:-default}` and `${file:/path}` inside single values, after the YAML was read, so that what
 * they stand for can never become structure. Only in addresses and secrets: elsewhere they would carry a secret into
 * texts that are shown.
 */
import type { Environment } from './environment.ts';

export type Interpolated =
  | { readonly ok: true; readonly text: string; readonly isChanged: boolean }
  | { readonly ok: false; readonly reason: string };

const reference = /\$\{(env|file):([^}]*)\}/g;

export function hasReference(text: string): boolean {
  return /\$\{(env|file):/.test(text);
}

/** The text with `by` in place of each reference. */
export function withoutReferences(text: string, by: string): string {
  return text.replace(reference, by);
}

/** What is fetched is put in as it is: a reference inside of it is not followed. */
export function interpolate(text: string, env: Environment, readFile: (path: string) => string): Interpolated {
  const reasons: string[] = [];
  const result = text.replace(reference, (_whole, kind: string, inner: string) => {
    const fetched = kind === 'env' ? fetchVariable(inner, env) : fetchFile(inner, readFile);
    if (fetched.ok) return fetched.text;
    reasons.push(fetched.reason);
    return '';
  });
  const [reason] = reasons;
  if (reason !== undefined) return { ok: false, reason };
  return { ok: true, text: result, isChanged: result !== text };
}

type Fetched = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

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

/** The content of a file that holds one secret, without the newline that editors and `echo` leave behind. */
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
