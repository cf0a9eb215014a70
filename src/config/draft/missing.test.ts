import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineSection, option } from '../option.ts';
import { oneOf, text, unresolved } from '../values/leaf.ts';
import { ConfigDraft } from './draft.ts';
import { assumeBroker, switchOffWithoutSecrets } from './missing.ts';

const declarations = {
  broker: defineSection({ url: option(text(), { isRequired: true, placeholder: 'redis://unknown' }) }, {}),
  slack: defineSection(
    {
      token: option(text(), {
        isRequired: true,
        ifMissing: { switchesOff: 'section', consequence: 'Slack is off' },
      }),
      actions: option(oneOf(['off', 'http']), { default: 'off' }),
      secret: option(text(), {
        ifMissing: { switchesOff: { actions: 'off' }, consequence: 'there are no buttons' },
      }),
    },
    { isOptional: true },
  ),
};
const input = { declarations, env: {}, readFile: () => '' };

const cases: readonly {
  readonly title: string;
  readonly slack: unknown;
  readonly troubles?: readonly (readonly [key: string, message: string])[];
  readonly want: unknown;
  readonly warnings?: readonly string[];
  readonly left?: number;
}[] = [
  { title: 'a section with its secret stays', slack: { token: 'a' }, want: { token: 'a' } },
  {
    title: 'an absent secret switches its section off',
    slack: { actions: 'http' },
    want: undefined,
    warnings: ['slack.token: expected a token, got nothing: Slack is off'],
  },
  {
    title: 'a key without a value counts as absent',
    slack: { token: null },
    want: undefined,
    warnings: ['slack.token: expected a token, got nothing: Slack is off'],
  },
  {
    title: 'the problem of a secret that could not be fetched becomes the warning',
    slack: { token: unresolved },
    troubles: [['token_file', 'got ENOENT']],
    want: undefined,
    warnings: ['slack.token: got ENOENT: Slack is off'],
  },
  {
    title: 'other problems of the section stay',
    slack: { token: unresolved },
    troubles: [
      ['token', 'got ENOENT'],
      ['channel', 'expected a channel'],
    ],
    want: undefined,
    warnings: ['slack.token: got ENOENT: Slack is off'],
    left: 1,
  },
  {
    title: 'a missing secret of the buttons switches only the buttons off',
    slack: { token: 'a', actions: 'http', secret: unresolved },
    troubles: [['secret', 'got nothing']],
    want: { token: 'a', actions: 'off' },
    warnings: ['slack.secret: got nothing: there are no buttons'],
  },
  {
    title: 'a secret that is not required may be absent',
    slack: { token: 'a', actions: 'http' },
    want: { token: 'a', actions: 'http' },
  },
  {
    title: 'both missing: the buttons are reported before the section',
    slack: { token: unresolved, actions: 'http', secret: unresolved },
    troubles: [
      ['token', 'one'],
      ['secret', 'two'],
    ],
    want: undefined,
    warnings: ['slack.secret: two: there are no buttons', 'slack.token: one: Slack is off'],
  },
  { title: 'an absent section stays absent', slack: undefined, want: undefined },
  { title: 'a section that is no mapping is left to the schema', slack: 'text', want: 'text' },
];
for (const { title, slack, troubles = [], want, warnings = [], left = 0 } of cases) {
  test(`in sidecar mode: ${title}`, () => {
    const draft = draftOf('sidecar', slack, troubles);
    switchOffWithoutSecrets(draft, input);
    assert.deepEqual(draft.values['slack'], want);
    assert.deepEqual([draft.warnings, draft.troubles.length], [warnings, left]);
  });
}

test('in standalone mode a missing secret stays a problem', () => {
  const draft = draftOf('standalone', { token: unresolved }, [['token', 'got ENOENT']]);
  switchOffWithoutSecrets(draft, input);
  assert.deepEqual([draft.values['slack'], draft.troubles.length], [{ token: unresolved }, 1]);
});

/** Symbols do not survive the copy that a draft makes of its values, so the section is put into it afterwards. */
function draftOf(mode: string, slack: unknown, troubles: readonly (readonly [string, string])[]): ConfigDraft {
  const draft = new ConfigDraft({ mode });
  if (slack !== undefined) draft.put(['slack'], slack === null || typeof slack !== 'object' ? slack : { ...slack });
  for (const [key, message] of troubles) draft.report({ path: ['slack', key], message });
  return draft;
}

const brokers: readonly {
  readonly title: string;
  readonly values: Record<string, unknown>;
  readonly withoutSecrets: boolean;
  readonly want: Record<string, unknown>;
}[] = [
  {
    title: 'a missing broker is assumed where there are no secrets',
    values: {},
    withoutSecrets: true,
    want: { broker: { url: 'redis://unknown' } },
  },
  { title: 'a missing broker stays missing otherwise', values: {}, withoutSecrets: false, want: {} },
  {
    title: 'a broker that is there stays',
    values: { broker: { url: 'a' } },
    withoutSecrets: true,
    want: { broker: { url: 'a' } },
  },
  { title: 'several brokers stay', values: { brokers: [] }, withoutSecrets: true, want: { brokers: [] } },
];
for (const { title, values, withoutSecrets, want } of brokers) {
  test(title, () => {
    const draft = new ConfigDraft(values);
    assumeBroker(draft, { ...input, withoutSecrets });
    assert.deepEqual(draft.values, want);
  });
}
