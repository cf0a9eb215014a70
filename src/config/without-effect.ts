/** Options that are understood and change nothing yet: said aloud, so that nobody relies on them. */
import type { Config } from './config.ts';

export function withoutEffect({ brokers, mode, store, sentry }: Config): string[] {
  const sentences: string[] = [];
  if (mode === 'sidecar' && store.url === undefined) {
    sentences.push('store: without it every sidecar posts for itself, and nobody tells of a pod that died whole');
  }
  if (/[/\\]/.test(sentry?.release ?? '')) {
    sentences.push('sentry.release: Sentry refuses names with "/" or "\\", and shows the events without it');
  }
  if (/[/\\]|^none$/i.test(sentry?.environment ?? '')) {
    sentences.push(
      'sentry.environment: Sentry refuses names with "/" or "\\", and "none", and shows the events without it',
    );
  }
  for (const { name, url } of brokers) {
    if ('tls' in url && url.tls !== undefined && url.tls.isVerified && !url.tls.checksHostname) {
      sentences.push(`broker "${name}": ssl_check_hostname=false is not followed yet, the host name is checked`);
    }
  }
  return sentences;
}
