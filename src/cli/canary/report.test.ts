import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { defaultModes, type Modes } from '../../redact/field.ts';
import { type CanaryRun, type CanarySink, reportLines, reportOn } from './report.ts';
import type { Canary } from './tasks.ts';

function configOf(text = ''): Config {
  const loaded = loadConfig({
    text: `broker: redis://canary/0\n${text}`,
    file: 'tv.yaml',
    env: {},
    readFile: () => assert.fail('no files'),
    hostname: 'pod',
  });
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

const value = 'Kx7pQ2vT9bW4mN1s';
const canary: Canary = { position: 'kwargs: a key', field: 'kwargs', value, isPlain: false, key: 'password' };

function runOf(change: Partial<Canary> = {}, modes: Partial<Modes> = {}): CanaryRun {
  return {
    name: 'canary.tasks.run',
    modes: { ...defaultModes, ...modes },
    task: { canaries: [{ ...canary, ...change }], fields: {} },
  };
}

/** Every sink reports the task; `texts` adds to some of them. */
function textsOf(texts: Partial<Record<CanarySink, string>> = {}): Record<CanarySink, string> {
  const sinks = ['traces', 'logs', 'sentry', 'slack', 'webhook', 'page', 'metrics', 'log', 'recording'] as const;
  return Object.fromEntries(sinks.map((sink) => [sink, `canary.tasks.run ${texts[sink] ?? ''}`])) as Record<
    CanarySink,
    string
  >;
}

describe('a leak', () => {
  test('is a canary in a sink, with its position and its form', () => {
    const { leaks, canaries } = reportOn(
      [runOf()],
      textsOf({ page: value, log: Buffer.from(value).toString('hex') }),
      configOf(),
    );
    assert.equal(canaries, 1);
    assert.deepEqual(leaks, [
      { sink: 'page', task: 'canary.tasks.run', position: 'kwargs: a key', form: 'as it is' },
      { sink: 'log', task: 'canary.tasks.run', position: 'kwargs: a key', form: 'in hex' },
    ]);
  });

  test('is none in a text without it', () => {
    assert.deepEqual(reportOn([runOf()], textsOf(), configOf()).leaks, []);
  });
});

describe('a canary that the configuration shows', () => {
  const shown: readonly (readonly [name: string, run: CanaryRun, because: string, config?: string])[] = [
    ['in a raw field', runOf({}, { kwargs: 'raw' }), 'kwargs is raw'],
    ['under a safe key', runOf(), '"password" is a safe key', 'redact: { safe_keys: [password] }'],
  ];
  for (const [name, run, because, config] of shown) {
    test(`${name} is no leak in the traces`, () => {
      const { leaks, meant } = reportOn([run], textsOf({ traces: value, page: value }), configOf(config));
      assert.deepEqual(leaks, []);
      assert.deepEqual(meant, [{ position: 'canary.tasks.run, kwargs: a key', because }]);
    });

    for (const sink of ['slack', 'webhook', 'metrics', 'log'] as const)
      test(`${name} is a leak in ${sink}`, () => {
        const { leaks } = reportOn([run], textsOf({ [sink]: value }), configOf(config));
        assert.deepEqual(
          leaks.map((leak) => leak.sink),
          [sink],
        );
      });
  }

  test('as an ordinary value is not listed', () => {
    const { leaks, meant } = reportOn([runOf({ isPlain: true })], textsOf({ traces: value }), configOf());
    assert.deepEqual([leaks, meant], [[], []]);
  });

  test('as an ordinary value is a leak with the treatment shape', () => {
    const { leaks } = reportOn([runOf({ isPlain: true }, { kwargs: 'shape' })], textsOf({ traces: value }), configOf());
    assert.equal(leaks.length, 1);
  });

  test('in a raw exception may be in Slack too', () => {
    const run = runOf({ field: 'exception', key: undefined }, { exception: 'raw' });
    assert.deepEqual(reportOn([run], textsOf({ slack: value }), configOf()).leaks, []);
  });
});

describe('a sink', () => {
  const reached = (texts: Record<CanarySink, string>) =>
    reportOn([runOf()], texts, configOf())
      .sinks.filter(({ isReached }) => !isReached)
      .map(({ name }) => name);

  test('is reached if it contains the task', () => assert.deepEqual(reached(textsOf()), []));
  test('is not reached without the task', () => assert.deepEqual(reached({ ...textsOf(), sentry: 'x' }), ['sentry']));
  test('of metrics or logs is reached with any text', () => {
    assert.deepEqual(reached({ ...textsOf(), metrics: 'x', log: '' }), ['log']);
  });
});

describe('the table', () => {
  const lines = (texts: Record<CanarySink, string>, config = configOf()): string[] =>
    reportLines(reportOn([runOf()], texts, config), config);

  test('has one row for each sink and a last line', () => {
    const table = lines(textsOf({ page: value }));
    assert.equal(table[0], '1 canaries, sent to receivers on this machine only.');
    assert.equal(table[1], 'sink         searched  found');
    assert.ok(table.includes('page               33  1 LEAKED'), table.join('\n'));
    assert.ok(table.includes('LEAK in page: canary.tasks.run, kwargs: a key, as it is'));
    assert.equal(table.at(-1), '1 canaries leaked.');
  });

  test('names sinks that are off or were not reached', () => {
    const table = lines({ ...textsOf(), sentry: '' });
    assert.ok(
      table.includes(
        'sentry              0  NOT REACHED: the canary tasks are missing here (off in this configuration)',
      ),
      table.join('\n'),
    );
    assert.ok(table.includes('slack              17  none (off in this configuration)'), table.join('\n'));
    assert.ok(table.includes('page               17  none'));
    assert.equal(table.at(-1), 'No canary leaked.');
  });

  test('lists values that are shown on purpose', () => {
    const config = configOf('redact: { safe_keys: [password] }');
    assert.ok(
      lines(textsOf(), config).includes(
        'shown on purpose: canary.tasks.run, kwargs: a key, because "password" is a safe key',
      ),
    );
  });
});
