import { kindOf, leaf } from './leaf.ts';

/** An http(s) URL without a login: servers log URLs, so credentials belong in headers. */
export function httpUrl(expected: string) {
  return leaf<string>((raw) => {
    const url = typeof raw === 'string' ? URL.parse(raw) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) {
      return { ok: false, reason: `expected ${expected}, got ${kindOf(raw)}` };
    }
    if (url.username !== '' || url.password !== '')
      return { ok: false, reason: `expected ${expected} without a login` };
    return { ok: true, value: raw as string };
  });
}
