/** Addresses to listen on. */
import { gotOf, leaf, leafOf } from './leaf.ts';

/** `host` undefined: every address of the machine. */
export interface Listen {
  readonly host: string | undefined;
  readonly port: number;
}

export function listen() {
  return leafOf('an address like ":9464" or "127.0.0.1:9464"', parseListen);
}

/** The status page has no login, so only clients on this machine may reach it. */
export function loopbackListen() {
  return leaf<Listen | 'off'>(
    (raw) => {
      if (raw === 'off' || raw === false) return { ok: true, value: 'off' };
      const address = parseListen(raw);
      if (address?.host !== undefined && /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(address.host)) {
        return { ok: true, value: address };
      }
      const why = 'the page has no login, so it listens on this machine only';
      return {
        ok: false,
        reason: `expected "off" or a loopback address like "127.0.0.1:8080" (${why}), got ${gotOf(raw)}`,
      };
    },
    { type: ['string', 'boolean'] },
  );
}

function parseListen(raw: unknown): Listen | undefined {
  const match = typeof raw === 'string' ? /^(\[[0-9a-f:.]+\]|[\w.-]*):(\d{1,5})$/i.exec(raw) : null;
  if (match === null) return undefined;
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  const port = Number(match[2]);
  return port <= 65_535 ? { host: host === '' ? undefined : host, port } : undefined;
}
