/** Options that are understood and change nothing yet: said aloud, so that nobody relies on them. */
import type { Config } from './config.ts';

export function withoutEffect({ brokers, mode, resultBackend, source, store }: Config): string[] {
  const sentences: string[] = [];
  if (mode === 'sidecar') {
    const advice = store.url === undefined ? ': set store, or every sidecar posts for itself' : '';
    sentences.push(`mode: a sidecar hears the events of all workers for now, not only of those beside it${advice}`);
  }
  if (resultBackend !== undefined) sentences.push('result_backend: not read yet, ignored');
  if (source.control === 'on') sentences.push('source.control: workers are asked nothing yet, ignored');
  for (const { name, url } of brokers) {
    if ('tls' in url && url.tls !== undefined && url.tls.isVerified && !url.tls.checksHostname) {
      sentences.push(`broker "${name}": ssl_check_hostname=false is not followed yet, the host name is checked`);
    }
  }
  return sentences;
}
