/** Exceeded rate limits and quotas, and overloaded servers, in the words of services. */
import { exceptAboutValues, type Rule } from './rule.ts';

/** Names of errors, which no prose contains. */
const limitNames =
  /\b(?:\w*rate_?limit(?:_?exceeded|_error|ed)?|(?:user|daily|usage)\w*limit_?exceeded|\w*quota_?exceeded|insufficient_quota|too_?many_?requests|request_?limit_?exceeded|request_?throttled|\w*throttling(?:_?exception|_?error)?|overloaded(?:_error)?|server_?busy|slow_?down)\b/i;
/** `exceeded the rate limit`, `rate limit reached`: a limit together with its excess. A limit alone is a rule or a setting. */
const limitReached =
  /\b(?:rate|request|requests|call|calls|api|usage|burst|concurrency)(?: |-)?limits?(?:ing)?\b[^.:;]{0,40}\b(?:exceeded|reached|hit|exhausted)\b|\b(?:exceed(?:ed|s|ing)?|reached|hit|over)\b[^.:;]{0,40}\b(?:(?:rate|request|call|api)(?: |-)?(?:limits?|quotas?)|quotas?\b(?! must)|(?:requests|calls|queries|messages) per (?:second|minute|hour|day))\b|\bquotas?\b[^.:;]{0,40}\b(?:exceeded|exhausted)\b/i;
const overload =
  /\btoo many requests\b|\b(?:was|were|been|being|is|are|request) (?:rate.limited|throttled)\b|\b(?:server|service|system|model|engine|api|backend|upstream)\b[^.:;]{0,30}\b(?:overloaded|too busy|is busy|at capacity|temporarily unavailable)\b|\bservice (?:is )?(?:temporarily )?unavailable\b|\b(?:bad gateway|gateway time-?out)\b/i;
/** Room for data, which waiting does not give back. */
const storage =
  /\b(?:storage|disk|capacity|space|mailbox)\b[^.:;]{0,20}\b(?:quota|limit|full)|\bstorageQuotaExceeded\b/i;

/** A rule about the value of a limit: `rate_limit must be positive`. */
const isSentenceAboutLimit =
  /\b(?:must|should|cannot|can't|invalid|expected|unknown|missing|required|not set|undefined)\b/i;

/** One of these stands in every message that the longer patterns match. */
const mentionsLimit = /limit|quota|throttl|exceed|too.?many|busy|slow|overload|capacity|available|gateway| per /i;

export const limitRules: readonly Rule[] = [
  exceptAboutValues([
    (_, __, message) => {
      if (!mentionsLimit.test(message)) return undefined;
      const isExceeded =
        (limitNames.test(message) && !isSentenceAboutLimit.test(message)) ||
        limitReached.test(message) ||
        overload.test(message);
      if (!isExceeded) return undefined;
      return storage.test(message) ? 'resource' : 'transient';
    },
  ]),
];
