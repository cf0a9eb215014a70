/** The options of a daemon that a reload replaces. */
import type { Policy } from '../alert/policy.ts';
import type { Config } from '../config/config.ts';
import { policyOf } from '../config/policy/policy.ts';
import type { Event } from '../event/task-event.ts';
import type { Redacted, Untrusted } from '../event/untrusted.ts';
import { createRedactor, type Redactor } from '../redact/redact.ts';
import { Taint } from '../redact/taint.ts';
import type { Report } from '../report.ts';

export interface Settings {
  readonly policy: () => Policy;
  /** The configuration in force: sections that need a restart keep their values of the start. */
  readonly config: () => Config;
  readonly redact: (event: Event<Untrusted>) => Event<Redacted>;
  /** Replaces all of them at once. Throws before the first change if one of them cannot be created. */
  readonly reload: (next: Config) => void;
}

export function createSettings(start: { readonly config: Config; readonly policy: Policy }, report: Report): Settings {
  // A value that a running task used as a secret stays one after the rules change.
  const taint = new Taint();
  let { policy } = start;
  let { config } = start;
  let redactor = createRedactorOf(start.config, taint, report);
  return {
    policy: () => policy,
    config: () => config,
    redact: (event) => redactor.redact(event),
    reload(next) {
      const nextPolicy = policyOf(next);
      redactor = createRedactorOf(next, taint, report);
      policy = nextPolicy;
      config = next;
    },
  };
}

function createRedactorOf({ redact }: Config, taint: Taint, report: Report): Redactor {
  const options = {
    ...redact,
    onRedacted: (field: string, what: string, count: number) => report({ kind: 'redacted', field, what, count }),
    onFailed: (field: string, reason: string) => report({ kind: 'redaction-failed', field, reason }),
  };
  return createRedactor(options, taint);
}
