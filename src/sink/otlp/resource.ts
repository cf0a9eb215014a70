/**
 * The resource of all spans and log records. From lowest to highest precedence:
 *
 *   1. the SDK's defaults (`telemetry.sdk.*`)
 *   2. the default of `otlp.service_name`
 *   3. the SDK's detectors, `OTEL_RESOURCE_ATTRIBUTES` last
 *   4. options of the configuration: a service name other than the default, the version, the pod of a sidecar
 */
import { getStringListFromEnv } from '@opentelemetry/core';
import {
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  osDetector,
  processDetector,
  type Resource,
  type ResourceDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';

export interface ResourceOptions {
  /** `otlp.service_name`, which is `OTEL_SERVICE_NAME` where the file does not set it. */
  readonly serviceName: string;
  /** Version of taskvigil. */
  readonly version: string;
  /** Attributes of the pod, in sidecar mode. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Default of `otlp.service_name`. */
const defaultServiceName = 'taskvigil';

export function createResource({ serviceName, version, attributes }: ResourceOptions): Resource {
  const isNamed = serviceName !== defaultServiceName;
  return defaultResource()
    .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: defaultServiceName }))
    .merge(detectResources({ detectors: detectorsInUse() }))
    .merge(
      resourceFromAttributes({
        ...(isNamed ? { [ATTR_SERVICE_NAME]: serviceName } : {}),
        [ATTR_SERVICE_VERSION]: version,
        ...attributes,
      }),
    );
}

/** By the names of `OTEL_NODE_RESOURCE_DETECTORS`, in the order in which NodeSDK merges them. */
const detectors: ReadonlyMap<string, ResourceDetector> = new Map([
  ['serviceinstance', serviceInstanceIdDetector],
  ['process', processDetector],
  ['host', hostDetector],
  ['os', osDetector],
  ['env', envDetector],
]);

function detectorsInUse(): ResourceDetector[] {
  const named = getStringListFromEnv('OTEL_NODE_RESOURCE_DETECTORS') ?? [];
  if (named.includes('none')) return [];
  if (named.length === 0 || named.includes('all')) return [...detectors.values()];
  return [...detectors].flatMap(([name, detector]) => (named.includes(name) ? [detector] : []));
}
