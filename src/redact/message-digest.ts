/** A short hash of a message: differs between two messages with one task id, and reveals nothing of their texts. */
import type { TaskReceived } from '../event/task-event.ts';
import type { Untrusted } from '../event/untrusted.ts';

/**
 * 16 bits of an FNV-1a hash over what a message consists of. A redelivered message has the same digest; another message has
 * it by chance once in 65,536. Raw texts are hashed, since two redacted ones may be equal although the messages differ.
 */
export function digestOf({
  name,
  args,
  kwargs,
  parentId,
  rootId,
  retries,
  eta,
  expires,
}: TaskReceived<Untrusted>): number {
  let hash = hashOf(name?.reveal(), 0x811c9dc5);
  hash = hashOf(args?.reveal(), hash);
  hash = hashOf(kwargs?.reveal(), hash);
  hash = hashOf(parentId, hash);
  hash = hashOf(rootId, hash);
  hash = Math.imul(hash ^ retries, prime);
  hash = Math.imul(hash ^ (eta ?? 0), prime);
  hash = Math.imul(hash ^ (expires ?? 0), prime);
  return (hash ^ (hash >>> 16)) & 0xffff;
}

const prime = 0x01000193;

function hashOf(text: string | undefined, seed: number): number {
  let hash = Math.imul(seed ^ (text?.length ?? 0xffff), prime);
  if (text === undefined) return hash;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), prime);
  return hash;
}
