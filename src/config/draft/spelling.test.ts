import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { defineSection, option } from '../option.ts';
import { text } from '../values/leaf.ts';
import { ConfigDraft } from './draft.ts';
import { spellOut } from './spelling.ts';

const broker = defineSection({ url: option(text(), { isRequired: true }) }, { isOptional: true, shorthand: 'url' });
const declarations = {
  broker,
  brokers: option(z.array(broker.schema), { items: broker }),
  store: option(text(), { placeholder: 'redis://unknown' }),
  name: option(text(), {}),
  classes: option(z.record(z.string(), text()), { default: {} }),
  rules: option(z.array(text()), { default: [] }),
  limits: defineSection({ size: option(text(), {}) }, {}),
};

const filled = { classes: {}, limits: {} };
const cases: readonly (readonly [title: string, values: Record<string, unknown>, want: Record<string, unknown>])[] = [
  ['sections with defaults and mappings are filled in', {}, filled],
  ['a section without a value is filled in', { limits: null, classes: null }, filled],
  ['a section that is written stays', { limits: { size: 'a' } }, { ...filled, limits: { size: 'a' } }],
  ['an optional section without a value is off', { broker: null }, filled],
  ['an address without a value is off', { store: null }, filled],
  [
    'another option without a value is left to the schema',
    { name: null, rules: null },
    { ...filled, name: null, rules: null },
  ],
  ['a text stands for the section', { broker: 'redis://a' }, { ...filled, broker: { url: 'redis://a' } }],
  ['a text does not stand for a section without a short form', { limits: 'a' }, { ...filled, limits: 'a' }],
  ['a section in its long form stays', { broker: { url: 'a' } }, { ...filled, broker: { url: 'a' } }],
  [
    'items of a list may have the short form',
    { brokers: ['redis://a', { url: 'b' }, 5] },
    { ...filled, brokers: [{ url: 'redis://a' }, { url: 'b' }, 5] },
  ],
  ['a list that is none is left to the schema', { brokers: 'redis://a' }, { ...filled, brokers: 'redis://a' }],
  [
    'one entry of mute hours becomes a list',
    { alerts: { mute: { nights: { from: '19:00' }, days: [{}] } } },
    { ...filled, alerts: { mute: { nights: [{ from: '19:00' }], days: [{}] } } },
  ],
];
for (const [title, values, want] of cases) {
  test(title, () => {
    const draft = new ConfigDraft(values);
    spellOut(draft, declarations);
    assert.deepEqual(draft.values, want);
  });
}
