import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { createResource, type ResourceOptions } from './resource.ts';

const variables = ['OTEL_RESOURCE_ATTRIBUTES', 'OTEL_SERVICE_NAME', 'OTEL_NODE_RESOURCE_DETECTORS'] as const;
type Variables = { readonly [Name in (typeof variables)[number]]?: string };

afterEach(() => {
  for (const name of variables) delete process.env[name];
});

/** The attributes of the resource under an environment. */
function attributesOf(env: Variables, options: Partial<ResourceOptions> = {}) {
  Object.assign(process.env, env);
  return createResource({ serviceName: 'taskvigil', version: '1.2.3', attributes: {}, ...options }).attributes;
}

const names: readonly {
  readonly title: string;
  readonly env: Variables;
  readonly serviceName?: string;
  readonly want: string;
}[] = [
  { title: 'the default without any setting', env: {}, want: 'taskvigil' },
  {
    title: 'OTEL_RESOURCE_ATTRIBUTES over the default',
    env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=fleet' },
    want: 'fleet',
  },
  {
    title: 'the option over OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME',
    env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=fleet', OTEL_SERVICE_NAME: 'other' },
    serviceName: 'orders-vigil',
    want: 'orders-vigil',
  },
];

for (const { title, env, serviceName, want } of names) {
  test(`service.name: ${title}`, () => {
    assert.equal(attributesOf(env, serviceName === undefined ? {} : { serviceName })['service.name'], want);
  });
}

test('the pod of a sidecar wins over the detectors and the environment', () => {
  const pod = { 'host.name': 'pod-7', 'service.instance.id': 'tv-0' };
  const attributes = attributesOf({ OTEL_RESOURCE_ATTRIBUTES: 'host.name=node-1' }, { attributes: pod });
  assert.deepEqual([attributes['host.name'], attributes['service.instance.id']], ['pod-7', 'tv-0']);
});

test('attributes of the environment win over the detectors', () => {
  const attributes = attributesOf({ OTEL_RESOURCE_ATTRIBUTES: 'os.type=plan9,deployment.environment.name=prod' });
  assert.deepEqual([attributes['os.type'], attributes['deployment.environment.name']], ['plan9', 'prod']);
});

test('the resource names the SDK and the version of taskvigil', () => {
  const attributes = attributesOf({});
  assert.equal(attributes['telemetry.sdk.language'], 'nodejs');
  assert.equal(attributes['service.version'], '1.2.3');
});

const detectors: readonly {
  readonly value: string;
  readonly has: readonly string[];
  readonly lacks: readonly string[];
}[] = [
  { value: 'all', has: ['host.name', 'os.type', 'process.pid'], lacks: [] },
  { value: 'none', has: [], lacks: ['host.name', 'os.type', 'process.pid'] },
  { value: 'host,env', has: ['host.name'], lacks: ['os.type', 'process.pid'] },
];

for (const { value, has, lacks } of detectors) {
  test(`OTEL_NODE_RESOURCE_DETECTORS=${value} chooses the detectors`, () => {
    const attributes = attributesOf({ OTEL_NODE_RESOURCE_DETECTORS: value });
    for (const name of has) assert.notEqual(attributes[name], undefined, name);
    for (const name of lacks) assert.equal(attributes[name], undefined, name);
  });
}
