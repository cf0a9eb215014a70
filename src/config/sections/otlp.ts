/** Export of traces and logs over OTLP. */
import { z } from 'zod';
import type { Environment } from '../draft/environment.ts';
import { type Configured, configured, defineSection, option, type Written } from '../option.ts';
import { dayMs, duration } from '../values/duration.ts';
import { httpUrl } from '../values/http-url.ts';
import { flag, oneOf, ratio, text } from '../values/leaf.ts';
import { secret } from '../values/secret-text.ts';

export const otlp = defineSection(
  {
    endpoint: option(httpUrl('the base URL of a collector like "http://collector:4318"'), {
      about:
        'Base URL of a collector (OTLP over HTTP). Default: OTEL_EXPORTER_OTLP_ENDPOINT. Without either, OTLP is off.',
      sample: 'http://localhost:4318',
      placeholder: 'http://unknown',
      variable: 'TASKVIGIL_OTLP_ENDPOINT',
      readElsewhere: '`OTEL_EXPORTER_OTLP_…`, read by the OpenTelemetry SDK itself',
    }),
    headers: option(z.record(z.string(), secret('a text', /^[^\r\n]{1,8192}$/)), {
      about: 'Sent with every request, for example the credentials of a hosted collector.',
      default: {},
      placeholder: 'unknown',
      isMapping: true,
    }),
    compression: option(oneOf(['gzip', 'none']), {
      about: 'gzip or none. Default: OTEL_EXPORTER_OTLP_COMPRESSION.',
      sample: 'gzip',
    }),
    traces: option(flag(), {
      about: 'A span for every attempt, and a log record for every change of state of a task.',
      default: true,
    }),
    logs: option(flag(), { default: true }),
    service_name: option(text(), { default: 'taskvigil', conventional: ['OTEL_SERVICE_NAME'] }),
    sample: option(ratio(), {
      about:
        'Share of the traces that are exported, 0 to 1, by trace id. Traces with a failure, a second attempt or an ' +
        'attempt longer than sample_slow are always exported completely.',
      default: 1,
    }),
    sample_slow: option(duration(1, dayMs), { default: '10s' }),
    sample_logs: option(ratio(), {
      about: 'Share of the tasks whose success is logged. Anything but a success is always logged.',
      default: 1,
    }),
  },
  {},
);

export interface OtlpConfig extends Configured<typeof otlp.options> {
  /** False when neither the file nor the environment names an endpoint. */
  readonly isOn: boolean;
}

/** A signal without an address is off, because the SDK would send it to this machine. */
export function otlpConfig(written: Written<typeof otlp.options>, env: Environment): OtlpConfig {
  const isDisabled = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true';
  const hasAddress = (signal: 'TRACES' | 'LOGS'): boolean =>
    written.endpoint !== undefined ||
    Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT']) ||
    Boolean(env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]);
  const traces = !isDisabled && written.traces && hasAddress('TRACES');
  const logs = !isDisabled && written.logs && hasAddress('LOGS');
  return { ...configured(otlp.options, written), isOn: traces || logs, traces, logs };
}
