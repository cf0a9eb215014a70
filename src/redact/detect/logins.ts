/** `user:password@host` and `user/password@host:1521` without a scheme in front. */
import { note, type ScanState } from '../text/scan-state.ts';

const userAndPassword = /(?:^|[\s'"(=,/:])([\w.%+-]{1,64})([:/])([^\s'"@:/,;()<>]{3,128})$/;
const host = /@\/?\/?(?:[A-Za-z][\w-]*(?:\.[\w-]+)*|\d{1,3}(?:\.\d{1,3}){3})(?::\d{2,5})?(?=[/\s'",;)\\]|$)/y;

/** Around the `@` at `at`; answers its end, or -1. */
export function addLogin(pass: ScanState, at: number): number {
  const { text, start } = pass;
  host.lastIndex = at;
  if (!host.test(text)) return -1;
  const match = userAndPassword.exec(text.slice(Math.max(start, at - 200), at));
  if (match === null) return -1;
  const [, user = '', sign, password = ''] = match;
  // With a slash it may be a path: only Oracle writes logins so, and names its port or its service.
  const isOracle =
    sign === '/' &&
    /\b(?:sqlplus|sqlldr|expdp|impdp|rman|sqlcl|imp|exp)[\s"',]/.test(text.slice(Math.max(start, at - 120), at));
  if (sign === '/' && !isOracle && !/^@\/?\/?[\w.-]+:\d{2,5}\/|^@[A-Z][A-Z0-9_]*\b/.test(text.slice(at, at + 128)))
    return -1;
  if (/^(?:sha\d+|tag|version)$/.test(user) || /^\d+(?:\.\d+)*$/.test(password)) return -1;
  return note(pass, at - password.length, at, 'password');
}
