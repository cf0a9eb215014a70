/** A stable hash of a failure's grouping: the same cause gives the same fingerprint on every instance. */
import { hash } from 'node:crypto';
import type { Fingerprint } from '../event/ids.ts';
import type { FailureFacts } from './facts.ts';
import { type Grouping, groupingOf } from './grouping.ts';
import type { GroupingRule } from './grouping-policy.ts';

/** One algorithm. Its name is part of the hash, so that two algorithms never give the same value by accident. */
export interface FingerprintVersion {
  readonly name: string;
  readonly groupingOf: (facts: FailureFacts, rules: readonly GroupingRule[]) => Grouping;
}

/** Newest first. After a change the previous algorithm stays for one release, so that open groups are found by alias. */
const versions: readonly FingerprintVersion[] = [{ name: 'v1', groupingOf }];

/**
 * One fingerprint per version, newest first: twenty characters of base32 each. The first is the failure's fingerprint, the
 * others are the aliases under which earlier releases stored the same group.
 */
export function fingerprintsOf(
  facts: FailureFacts,
  rules: readonly GroupingRule[] = [],
  algorithms: readonly FingerprintVersion[] = versions,
): readonly [Fingerprint, ...Fingerprint[]] {
  const [fingerprint, ...aliases] = algorithms.map((version) => {
    const parts = `${version.name}\0${JSON.stringify(version.groupingOf(facts, rules))}`;
    return base32(hash('sha256', parts, 'buffer').subarray(0, hashBytes)) as Fingerprint;
  });
  if (fingerprint === undefined) throw new Error('expected at least one fingerprint version');
  return [fingerprint, ...aliases];
}

/** 104 bits, of which twenty characters of base32 encode the first hundred. */
const hashBytes = 13;

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** Lower-case base32 without padding; trailing bits that fill no character are dropped. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let rest = 0;
  for (const byte of bytes) {
    rest = (rest << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(rest >> bits) & 31];
    }
    rest &= 31;
  }
  return text;
}
