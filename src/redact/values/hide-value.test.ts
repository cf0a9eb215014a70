import { describe } from 'node:test';
import { testDetector } from '../../../test/fakes/text-scan.ts';
import type { KeyMeaning } from '../names/key-meaning.ts';
import { hideValue } from './hide-value.ts';
import type { TextScan } from './text-scan.ts';

/** Hides the whole text as a value of that meaning. */
const whole =
  (kind: KeyMeaning['kind'], isWeak = false) =>
  (scan: TextScan) =>
    hideValue(scan, { from: 0, to: scan.text.length, meaning: { kind, isWeak } });

describe('a value under a strong name', () => {
  testDetector(['«mango7»', '«two words»'], whole('password'), { kind: 'password' });
  testDetector(['', 'None', 'This field is required.'], whole('password'));
});

describe('a credential with a scheme', () => {
  testDetector(
    ['Bearer «x7»', 'Basic «YW5uOng=»', 'token «x7»', 'Negotiate «abc»', 'GenieKey «x7»', '«Bearer»', '«Beare x7»'],
    whole('token'),
    { kind: 'token' },
  );
  testDetector(['Bearer None', 'Basic ***'], whole('token'));
});

describe('a login under a weak name', () => {
  testDetector(['robot:«x7!»', 'ann@x.org:«abc»'], whole('token', true), { kind: 'password' });
  testDetector(['robot:x7', 'a b:cdef', 'http://x', 'robot'], whole('token', true));
  testDetector(['robot:x7!'], whole('key', true));
});

describe('a cookie header', () => {
  testDetector(
    [
      'sid=«ab12cd34»',
      'theme=dark; sid=«ab12cd34»; lang=de-CH',
      'a="«x 7»"; b=«9999»',
      'sid=; csrf=«q7»',
      'sid=«ab12cd34»; Secure; HttpOnly',
      'sid=«ab12»«"trailing"»',
    ],
    whole('cookie'),
    { kind: 'cookie' },
  );
  testDetector(['theme=dark; lang=de', 'pref=wide'], whole('cookie'));
});
