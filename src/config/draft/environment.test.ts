import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { defineSection, option } from '../option.ts';
import { text } from '../values/leaf.ts';
import {
  alternativesOf,
  conventionalVariables,
  type Environment,
  fileVariableOf,
  ownVariables,
  unknownVariables,
} from './environment.ts';

const broker = defineSection(
  {
    url: option(text(), {
      isRequired: true,
      isSecret: true,
      fileKey: '/run/url',
      variable: 'TASKVIGIL_BROKER_URL',
      conventional: ['CELERY_BROKER_READ_URL', 'CELERY_BROKER_URL'],
      replacedBy: 'brokers',
    }),
  },
  { isOptional: true },
);
const declarations = {
  mode: option(text(), { default: 'standalone', variable: 'TASKVIGIL_MODE' }),
  broker,
  brokers: option(z.array(broker.schema), { items: broker }),
  log: defineSection({ level: option(text(), { default: 'info', variable: 'TASKVIGIL_LOG_LEVEL' }) }, {}),
};

test('variables are listed with the path of their option, and not for the items of lists', () => {
  assert.deepEqual(
    ownVariables(declarations).map(({ name, path }) => [name, path.join('.')]),
    [
      ['TASKVIGIL_MODE', 'mode'],
      ['TASKVIGIL_BROKER_URL', 'broker.url'],
      ['TASKVIGIL_LOG_LEVEL', 'log.level'],
    ],
  );
  assert.deepEqual(
    conventionalVariables(declarations).map(({ name }) => name),
    ['CELERY_BROKER_READ_URL', 'CELERY_BROKER_URL'],
  );
});

test('the other ways to write an option are its file and the key that replaces it', () => {
  const [mode, url] = ownVariables(declarations);
  assert.deepEqual(alternativesOf(mode!), []);
  assert.deepEqual(alternativesOf(url!), [['broker', 'url_file'], ['brokers']]);
});

test('only a secret may come from a file that a variable names', () => {
  const [mode, url] = ownVariables(declarations);
  assert.equal(fileVariableOf(mode!), undefined);
  assert.equal(fileVariableOf(url!), 'TASKVIGIL_BROKER_URL_FILE');
});

const unknown: readonly { readonly title: string; readonly env: Environment; readonly want: readonly string[] }[] = [
  { title: 'a known variable', env: { TASKVIGIL_MODE: 'sidecar' }, want: [] },
  { title: 'the file of a secret', env: { TASKVIGIL_BROKER_URL_FILE: '/a' }, want: [] },
  { title: 'a variable of another tool', env: { CELERY_BROKER_URL: 'a', HOME: '/' }, want: [] },
  {
    title: 'the file of an option that is not secret',
    env: { TASKVIGIL_MODE_FILE: '/a' },
    want: ['TASKVIGIL_MODE_FILE: unknown variable, ignored'],
  },
  {
    title: 'a typing error',
    env: { TASKVIGIL_LOG_LEVL: 'x' },
    want: ['TASKVIGIL_LOG_LEVL: unknown variable, ignored; did you mean TASKVIGIL_LOG_LEVEL?'],
  },
  {
    title: 'several, in alphabetical order',
    env: { TASKVIGIL_ZEBRA: 'x', TASKVIGIL_APPLE: 'y' },
    want: ['TASKVIGIL_APPLE: unknown variable, ignored', 'TASKVIGIL_ZEBRA: unknown variable, ignored'],
  },
  {
    title: 'variables of a Kubernetes Service',
    env: {
      TASKVIGIL_PORT: 'tcp://10.0.0.1:9464',
      TASKVIGIL_SERVICE_HOST: '10.0.0.1',
      TASKVIGIL_SERVICE_PORT: '1',
      TASKVIGIL_SERVICE_PORT_OPS: '1',
      TASKVIGIL_PORT_9464_TCP: 'x',
      TASKVIGIL_PORT_9464_UDP_ADDR: 'x',
      TASKVIGIL_EXTRA_SERVICE_HOST: 'x',
    },
    want: [],
  },
  {
    title: 'a variable that only resembles those of Kubernetes',
    env: { TASKVIGIL_PORT_X: '1' },
    want: ['TASKVIGIL_PORT_X: unknown variable, ignored'],
  },
];
for (const { title, env, want } of unknown) {
  test(`unknown variables: ${title}`, () => assert.deepEqual(unknownVariables(env, declarations), want));
}
