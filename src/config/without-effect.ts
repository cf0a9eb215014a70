/** What a configuration that is right cannot keep: said aloud, so that nobody relies on it. */
import type { Config } from './config.ts';

export function withoutEffect({ mode, store }: Config): string[] {
  const sentences: string[] = [];
  if (mode === 'sidecar' && store.url === undefined) {
    sentences.push('store: without it every sidecar posts for itself, and nobody tells of a pod that died whole');
  }
  return sentences;
}
