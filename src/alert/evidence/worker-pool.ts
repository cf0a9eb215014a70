/**
 * Pool of a worker, derived from its node name. Celery has no pools of workers; Kubernetes names pods after the object that
 * made them, and operators number their machines.
 */

export interface PoolName {
  /** Common part of the names of a Deployment, StatefulSet or numbered fleet: `celery@worker-mail`. */
  readonly pool: string;
  /** Hash of the ReplicaSet: another hash in the same pool is another release. Undefined if the name has none. */
  readonly release: string | undefined;
}

/** Kubernetes writes hashes without vowels and ambiguous letters; other tools use hexadecimal digits. */
const deployment = /^(.+)-([0-9a-z]{8,10})-([0-9a-z]{5})$/;
/** A number at the end. With a number before it, both are part of an address unless letters are between: `eu2-0`, `10-0-17`. */
const numbered = /^(.*?[^\d.-])[-_.]?\d+$|^(.*[a-z][a-z\d]*)[-_]\d+$/i;

/** `celery@mail-6f7c9d8b5-x2vkq` → pool `celery@mail`, release `6f7c9d8b5`. A name without such an ending is its own pool. */
export function poolOf(hostname: string): PoolName {
  const at = hostname.indexOf('@');
  const node = hostname.slice(0, at + 1);
  // A host in another subdomain is in another network, not in another pool. An address contains no name.
  const host = hostname.slice(at + 1);
  const pod = deployment.exec(host);
  if (pod !== null && isHash(pod[2] as string)) {
    return { pool: `${unnumbered(node)}${pod[1]}`, release: pod[2] };
  }
  const [, plain, afterNumber] = /^[\d.]+$/.test(host) ? [] : (numbered.exec(host) ?? []);
  return {
    pool: `${unnumbered(node)}${plain ?? afterNumber ?? host}`,
    release: undefined,
  };
}

export function poolsOf(hosts: Iterable<string>): string[] {
  return [...new Set([...hosts].map((host) => poolOf(host).pool))];
}

/** `worker3@host` and `worker4@host` share a pool. */
function unnumbered(node: string): string {
  return node.replace(/[-_.]?\d+@$/, '@');
}

/** Words have vowels. Hashes of Kubernetes have none; others have digits or only hexadecimal letters. */
function isHash(part: string): boolean {
  return /\d/.test(part) || !/[aeiou]/.test(part) || /^[a-f]+$/.test(part);
}
