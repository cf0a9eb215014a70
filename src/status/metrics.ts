/** The metrics that Prometheus scrapes: the declarations of `notice-metrics.ts`, and those of the process. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Notice } from '../report.ts';
import { type MetricDeclaration, noticeMetrics, type Sample } from './notice-metrics.ts';

export interface Metrics {
  count(notice: Notice): void;
  /** The exposition text, served as `contentType`. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Limit for the values of one label of one metric; further values are counted as `other`. */
const labelValuesMax = 100;

/** Each call has a registry of its own, so that two daemons in one process do not share their counts. */
export function createMetrics({ version, mode }: { readonly version: string; readonly mode: string }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const build = {
    name: 'build_info',
    help: 'Version and mode, as labels of a constant 1.',
    labels: ['version', 'mode'],
  };
  createGauge(registry, build).set({ version, mode }, 1);
  const recorders = new Map<string, Recorder[]>();
  for (const declaration of noticeMetrics()) {
    const record = createRecorder(registry, declaration);
    for (const kind of Object.keys(declaration.from)) recorders.set(kind, [...(recorders.get(kind) ?? []), record]);
  }
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count(notice) {
      for (const record of recorders.get(notice.kind) ?? []) record(notice);
    },
  };
}

type Recorder = (notice: Notice) => void;

function createRecorder(registry: Registry, declaration: MetricDeclaration): Recorder {
  const { type, initial, from } = declaration;
  const limited = createLabelLimit();
  const store = type === 'counter' ? counterStore(registry, declaration) : gaugeStore(registry, declaration);
  if (initial !== undefined) store({}, initial);
  return (notice) => {
    // The type of `from` pairs each kind of notice with a function of that notice.
    const sampleOf = from[notice.kind] as ((notice: Notice) => Sample | undefined) | undefined;
    const sample = sampleOf?.(notice);
    if (sample !== undefined) store(limited(sample.labels ?? {}), sample.value);
  };
}

type Store = (labels: Record<string, string>, value: number) => void;

function counterStore(registry: Registry, { name, help, labels }: NamedMetric): Store {
  const counter = new Counter({ name: prefixed(name), help, labelNames: [...labels], registers: [registry] });
  return (given, value) => counter.inc(given, value);
}

function gaugeStore(registry: Registry, metric: NamedMetric): Store {
  const gauge = createGauge(registry, metric);
  return (given, value) => gauge.set(given, value);
}

type NamedMetric = Pick<MetricDeclaration, 'name' | 'help' | 'labels'>;

function createGauge(registry: Registry, { name, help, labels }: NamedMetric): Gauge {
  return new Gauge({ name: prefixed(name), help, labelNames: [...labels], registers: [registry] });
}

function prefixed(name: string): string {
  return `taskvigil_${name}`;
}

/** Replaces the values of a label beyond the limit, so that no name from outside can exhaust the memory of a scraper. */
function createLabelLimit(): (labels: Readonly<Record<string, string>>) => Record<string, string> {
  const values = new Map<string, Set<string>>();
  return (labels) => Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, limit(name, value)]));

  function limit(name: string, value: string): string {
    const known = values.get(name) ?? new Set();
    values.set(name, known);
    if (known.has(value)) return value;
    if (known.size >= labelValuesMax) return 'other';
    known.add(value);
    return value;
  }
}
