import { describe } from 'node:test';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import type { KeyMeaning } from '../names/key-meaning.ts';
import { hideIndentedValue } from './indented-value.ts';
import type { TextScan } from './text-scan.ts';

/** ¦ is the place after the colon and its spaces. */
const below = (meaning: KeyMeaning) => (scan: TextScan, valueFrom: number) => {
  const sign = scan.text.lastIndexOf(':', valueFrom);
  const place = scan.keyBefore(sign);
  return place === undefined ? -1 : hideIndentedValue(scan, { place, meaning, separator: ':', valueFrom });
};
const secret: KeyMeaning = { kind: 'secret', isWeak: false };

describe('a list below its name', () => {
  testDetector(
    [
      'keys:¦\n  - «aa11»\n  - «bb22»\nnext: 1',
      'keys:¦\n- «aa11»\n- «bb22»\n',
      'keys:¦\\n  - «aa11»\\n  - «bb22»\\nnext: 1',
      'a:\n  keys:¦\n    - «aa11»\n  next: 1',
      'keys:¦\n  - «aa11»\n  plain\n',
      "keys:¦\n  - «aa11»'}",
    ],
    below(secret),
    { kind: 'secret' },
  );
});

describe('a block scalar below its name', () => {
  testDetector(
    [
      'key: ¦|\n  «first line»\n  «second line»\nnext: 1',
      'key: ¦>-\n  «folded»\n',
      'key: ¦|2\n    «indented»\n',
      'key: ¦|\n  «a: 1»\n',
    ],
    below(secret),
  );
});

describe('lines that are no value', () => {
  testDetector(
    [
      'key:¦\nnext: aa11',
      'key:¦\n  name: aa11',
      'key:¦\n  - name: aa11',
      'key:¦\n  - None\n',
      'key:¦ aa11',
      'key:¦\n\n- aa11',
      'key:¦',
    ],
    below(secret),
  );
  testDetector(['key:¦\n  - aa11'], below({ ...secret, isWeak: true }));
  testDetector(["'key':¦\n  - aa11"], below(secret));
});

describe('64 lines are read', () => {
  const lines = (count: number, hidden: number): string =>
    `key:¦\n${Array.from({ length: count }, (_, index) => (index < hidden ? `  - «v${index}x»\n` : `  - v${index}x\n`)).join('')}`;
  testDetector([lines(64, 64), lines(66, 64)], below(secret));
});
