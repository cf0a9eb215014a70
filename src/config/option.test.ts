import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import {
  type ConfigOption,
  configKeyOf,
  configured,
  defineSection,
  fileKeyOf,
  option,
  placedOptions,
} from './option.ts';
import { duration } from './values/duration.ts';
import { count, text } from './values/leaf.ts';

const size = count(1, 10);
const expected = 'expected a whole number between 1 and 10';

const read: readonly {
  readonly title: string;
  readonly option: ConfigOption;
  readonly raw: unknown;
  readonly want: unknown;
}[] = [
  { title: 'a default is used for an absent value', option: option(size, { default: 5 }), raw: undefined, want: 5 },
  { title: 'a written value takes precedence', option: option(size, { default: 5 }), raw: 7, want: 7 },
  {
    title: 'null is not an absent value',
    option: option(size, { default: 5 }),
    raw: null,
    want: `${expected}, got nothing`,
  },
  {
    title: 'a default is written as in the file',
    option: option(duration(0, 10_000), { default: '1500ms' }),
    raw: undefined,
    want: 1_500,
  },
  {
    title: 'a default that the leaf refuses is refused',
    option: option(size, { default: 11 }),
    raw: undefined,
    want: `${expected}, got 11`,
  },
  {
    title: 'without a default an absent value is undefined',
    option: option(size, {}),
    raw: undefined,
    want: undefined,
  },
  {
    title: 'a required value may not be absent',
    option: option(size, { isRequired: true }),
    raw: undefined,
    want: `${expected}, got nothing`,
  },
];
for (const { title, option: declared, raw, want } of read) {
  test(title, () => {
    const { data, error } = declared.schema.safeParse(raw);
    assert.deepEqual(error === undefined ? data : error.issues[0]?.message, want);
  });
}

const limits = defineSection(
  {
    open_tasks: option(size, { default: 5 }),
    settle: option(duration(0, 10_000), { default: '1s' }),
    name: option(text(), {}),
  },
  {},
);

test('a section fills in the defaults and contains every key', () => {
  assert.deepEqual(limits.schema.parse({}), { open_tasks: 5, settle: 1_000, name: undefined });
});

test('a section refuses unknown keys and lists the known ones', () => {
  const { error } = limits.schema.safeParse({ opentasks: 1 });
  assert.deepEqual(
    error?.issues.map(({ code, message }) => [code, message]),
    [['unrecognized_keys', 'open_tasks settle name']],
  );
});

const nested = defineSection(
  { limits, slack: defineSection({ size: option(size, { default: 5 }) }, { isOptional: true }) },
  {},
);

test('an absent section has its defaults, an absent optional section is undefined', () => {
  assert.deepEqual(nested.schema.parse({}), {
    limits: { open_tasks: 5, settle: 1_000, name: undefined },
    slack: undefined,
  });
  assert.deepEqual(nested.schema.parse({ slack: {} }).slack, { size: 5 });
  assert.deepEqual([limits.isAlwaysPresent, nested.options.slack.isAlwaysPresent], [true, false]);
});

test('an option with a file key accepts the path beside it', () => {
  const section = defineSection({ token: option(text(), { isRequired: true, fileKey: '/run/token' }) }, {});
  const written = section.schema.parse({ token: 'a', token_file: '/b' });
  assert.deepEqual(written, { token: 'a', token_file: '/b' });
  assert.equal(fileKeyOf('token'), 'token_file');
  const { error } = defineSection({ token: option(text(), {}) }, {}).schema.safeParse({ token_file: '/b' });
  assert.equal(error?.issues[0]?.code, 'unrecognized_keys');
});

test('values get the names that code uses, a duration with its unit', () => {
  const written = limits.schema.parse({ name: 'a' });
  assert.deepEqual(configured(limits.options, written), { openTasks: 5, settleMs: 1_000, name: 'a' });
});

test('only the given values are renamed, and keys that are no options are left out', () => {
  const { settle: _, ...rest } = limits.schema.parse({});
  assert.deepEqual(configured(limits.options, rest), { openTasks: 5, name: undefined });
  const withFile = { name: 'a', name_file: '/b' };
  assert.deepEqual(configured(limits.options, withFile), { name: 'a' });
});

const keys: readonly (readonly [string, ConfigOption | undefined, string])[] = [
  ['name', undefined, 'name'],
  ['open_tasks', undefined, 'openTasks'],
  ['max_events_per_group', undefined, 'maxEventsPerGroup'],
  ['settle', option(duration(0, 1), { default: '0s' }), 'settleMs'],
  ['sample_slow', option(duration(0, 1), {}), 'sampleSlowMs'],
];
for (const [key, node, want] of keys) {
  test(`the key ${key} is ${want} in code`, () => assert.equal(configKeyOf(key, node), want));
}

test('options are listed in the order of declaration, with those of the items of a list', () => {
  const broker = defineSection({ url: option(text(), { isRequired: true }), name: option(text(), {}) }, {});
  const tree = {
    mode: option(text(), {}),
    limits,
    brokers: option(z.array(broker.schema), { items: broker }),
  };
  assert.deepEqual(
    placedOptions(tree).map(({ path }) => path.join('.')),
    ['mode', 'limits.open_tasks', 'limits.settle', 'limits.name', 'brokers', 'brokers.*.url', 'brokers.*.name'],
  );
});
