/**
 * Which workers stand in for one another. Celery knows no pools; Kubernetes names its pods after what made them, and
 * people number their machines, so the node name tells.
 */

export interface PoolName {
  /** What the pods of one Deployment, StatefulSet or numbered fleet have in common: `celery@worker-mail`. */
  readonly pool: string;
  /** The ReplicaSet's hash: another one in the same pool is another release. undefined when the name holds none. */
  readonly release: string | undefined;
}

/** Kubernetes writes its hashes without vowels and look-alikes; other tools use hexadecimal digits. */
const deployment = /^(.+)-([0-9a-z]{8,10})-([0-9a-z]{5})$/;
/** A number at the end; if there is a number before it as well, both are an address unless letters stand between: `eu2-0`, `10-0-17`. */
const numbered = /^(.*?[^\d.-])[-_.]?\d+$|^(.*[a-z][a-z\d]*)[-_]\d+$/i;

/** `celery@mail-6f7c9d8b5-x2vkq` → pool `celery@mail`, release `6f7c9d8b5`. A name without such an ending is its own pool. */
export function poolOf(hostname: string): PoolName {
  const at = hostname.indexOf('@');
  const node = hostname.slice(0, at + 1);
  // Another subdomain is another network, not another pool; an address has no name in it.
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

/** `worker3@host` and `worker4@host` share a pool. */
function unnumbered(node: string): string {
  return node.replace(/[-_.]?\d+@$/, '@');
}

/** Words have vowels; Kubernetes' hashes have none, and others have digits or hexadecimal letters only. */
function isHash(part: string): boolean {
  return /\d/.test(part) || !/[aeiou]/.test(part) || /^[a-f]+$/.test(part);
}
