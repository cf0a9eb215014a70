/** Access for operators: health, metrics, the status page and the log. */
import { defineSection, option, type Written } from '../option.ts';
import { oneOf } from '../values/leaf.ts';
import { type Listen, listen, loopbackListen } from '../values/listen.ts';

export const ops = defineSection(
  {
    listen: option(listen(), {
      about:
        '/healthz, /readyz, /metrics and /version, for probes and Prometheus. They show no task data and no addresses.',
      default: ':9464',
      variable: 'TASKVIGIL_OPS_LISTEN',
    }),
  },
  {},
);

export const ui = defineSection(
  {
    listen: option(loopbackListen(), {
      about: 'The status page shows tasks and has no login, so it listens on this machine only. "off" switches it off.',
      default: '127.0.0.1:8080',
      variable: 'TASKVIGIL_UI_LISTEN',
    }),
  },
  {},
);

export const log = defineSection(
  {
    level: option(oneOf(['debug', 'info', 'warn', 'error']), {
      about: 'debug, info, warn or error.',
      default: 'info',
      variable: 'TASKVIGIL_LOG_LEVEL',
    }),
    format: option(oneOf(['json', 'text']), {
      about: 'json for log collectors, text for people.',
      default: 'json',
      variable: 'TASKVIGIL_LOG_FORMAT',
    }),
  },
  {},
);

/** `listen` undefined: no status page. */
export interface UiConfig {
  readonly listen: Listen | undefined;
}

export function uiConfig(written: Written<typeof ui.options>): UiConfig {
  return { listen: written.listen === 'off' ? undefined : written.listen };
}
