/** Standard `OTEL_*` variables that have no effect on taskvigil, each with the option or the reason instead. */

interface IgnoredVariable {
  readonly name: RegExp;
  /** Values that agree with what taskvigil does anyway. */
  readonly agrees?: readonly string[];
  readonly instead: string;
}

const ignored: readonly IgnoredVariable[] = [
  { name: /^OTEL_TRACES_SAMPLER(_ARG)?$/, instead: 'set otlp.sample' },
  { name: /^OTEL_(BSP|BLRP)_/, instead: 'batches have a fixed size of 1024 items and wait at most 1 s' },
  {
    name: /^OTEL_((SPAN|LOGRECORD)_)?ATTRIBUTE_(COUNT|VALUE_LENGTH)_LIMIT$/,
    instead: 'set the length limits of redact',
  },
  { name: /^OTEL_(SPAN_(EVENT|LINK)|EVENT_ATTRIBUTE|LINK_ATTRIBUTE)_COUNT_LIMIT$/, instead: 'these limits are fixed' },
  { name: /^OTEL_TRACES_EXPORTER$/, agrees: ['otlp'], instead: 'set otlp.traces' },
  { name: /^OTEL_LOGS_EXPORTER$/, agrees: ['otlp'], instead: 'set otlp.logs' },
  { name: /^OTEL_METRICS_EXPORTER$/, agrees: ['none'], instead: 'metrics are served to Prometheus on ops.listen' },
  {
    name: /^OTEL_EXPORTER_OTLP_((TRACES|LOGS)_)?PROTOCOL$/,
    agrees: ['http/json'],
    instead: 'spans and records are sent as JSON over HTTP (http/json)',
  },
  { name: /^OTEL_PROPAGATORS$/, instead: 'no context is propagated; trace ids are computed from task ids' },
];

/** One warning for each variable of `env` that is set and has no effect. */
export function ignoredVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const match = ignored.find((variable) => variable.name.test(name));
    if (match === undefined || value === undefined || value === '') return [];
    return match.agrees?.includes(value) === true ? [] : [`${name}: has no effect; ${match.instead}`];
  });
}
