/** Top-level options of the process. */
import { option } from '../option.ts';
import { duration, minuteMs, secondMs } from '../values/duration.ts';
import { oneOf, oneOfNumber, text } from '../values/leaf.ts';

export const formatOptions = {
  version: option(oneOfNumber(1), {
    about: 'Format of this file. A release that needs another format will report it.',
    default: 1,
  }),
  mode: option(oneOf(['sidecar', 'standalone']), {
    about:
      'standalone: one process for all workers. A second one with the same store stands by and takes over. sidecar: runs ' +
      'beside one worker, handles only the events of that worker (by host name), and starts even if a Slack or Sentry ' +
      'secret is missing, because it must never keep its worker from starting. Sidecars need a store: they share alerts ' +
      'through it, and report a pod that died together with its sidecar.',
    default: 'standalone',
    variable: 'TASKVIGIL_MODE',
  }),
};

export const processOptions = {
  shutdown_timeout: option(duration(secondMs, 10 * minuteMs), {
    about: 'Kubernetes kills a pod after 30 s by default, and a sidecar shares that time with its worker.',
    default: '8s',
    variable: 'TASKVIGIL_SHUTDOWN_TIMEOUT',
  }),
  instance_id: option(text('a short name', /^[\w.:@-]{1,128}$/), {
    about: 'Unique among replicas. Default: the host name.',
    sample: 'taskvigil-0',
    variable: 'TASKVIGIL_INSTANCE_ID',
  }),
  hostname: option(text('a host name', /^[\w.-]{1,253}$/), {
    about:
      'In sidecar mode, the host name in the node names of the workers (celery@<host>). Default: HOSTNAME, or that of this machine.',
    sample: 'worker-0',
    variable: 'TASKVIGIL_HOSTNAME',
    readElsewhere: '`HOSTNAME`',
  }),
};
