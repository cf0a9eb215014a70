/** The thresholds of the signals in the configuration: schema, values of the file, and text of the sample file. */
import type { z } from 'zod';
import type { ThresholdField, ThresholdFields, ThresholdSet } from '../../alert/detection/thresholds.ts';
import { type Terms, type Thresholds, withOverrides } from '../../alert/policy.ts';
import { defaultThresholds, thresholdSets } from '../../alert/signals/registry.ts';
import { duration, durationText } from '../values/duration.ts';
import { count } from '../values/leaf.ts';
import { section } from '../values/section.ts';
import { factor, share, shareText } from './leaf.ts';

/** Values of one option as the file has them, in the units of the policy. */
interface WrittenTerms {
  readonly [key: string]: number | WrittenTerms | undefined;
}

interface WrittenThresholds {
  readonly [option: string]: WrittenTerms | undefined;
}

type FieldSchema = z.ZodType<number | WrittenTerms | undefined>;

/** `newFailure` → `new_failure`. */
export function optionKey(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `withinMs` → `within`: the file states the unit with the value. */
function fieldKey(name: string): string {
  return optionKey(name.replace(/Ms$/, ''));
}

/** Keys of all options, or of those that an entry of `tasks` or `queues` may override. Every value is optional. */
export function thresholdShape(of?: ThresholdSet['overriddenBy']): Record<string, z.ZodType<WrittenTerms | undefined>> {
  const sets = thresholdSets.filter(({ overriddenBy }) => of === undefined || overriddenBy === of);
  return Object.fromEntries(sets.map(({ option, fields }) => [optionKey(option), termsSchema(fields).optional()]));
}

function termsSchema(fields: ThresholdFields): z.ZodType<WrittenTerms> {
  const shape = Object.entries(fields).map(([name, field]) => [fieldKey(name), fieldSchema(field)] as const);
  return section(Object.fromEntries(shape));
}

function fieldSchema(field: ThresholdField): FieldSchema {
  switch (field.type) {
    case 'count':
      return count(field.least, field.most).optional();
    case 'duration':
      return duration(field.leastMs, field.mostMs).optional();
    case 'share':
      return share().optional();
    case 'factor':
      return factor(field.most).optional();
    case 'group':
      return termsSchema(field.fields).optional();
    default:
      return field satisfies never;
  }
}

/** The values that an entry of the file contains. A group that is written in part is completed from `base`. */
export function overridesOf(base: Thresholds, entry: object): Thresholds {
  const written = entry as WrittenThresholds;
  const overrides = thresholdSets.flatMap(({ option, fields }) => {
    const own = written[optionKey(option)];
    return own === undefined ? [] : [[option, writtenTerms(fields, own, base[option])] as const];
  });
  return Object.fromEntries(overrides);
}

/** `base` with the values of `entry`. */
export function thresholdsWith(base: Thresholds, entry: object): Thresholds {
  return withOverrides(base, overridesOf(base, entry));
}

/** Keys of one option that an entry of the file contains. */
export function writtenKeys(entry: object | undefined, { option }: ThresholdSet): string[] {
  return Object.keys((entry as WrittenThresholds | undefined)?.[optionKey(option)] ?? {});
}

function writtenTerms(fields: ThresholdFields, written: WrittenTerms, base: Terms | undefined): Terms {
  const terms = Object.entries(fields).flatMap(([name, field]) => {
    const value = written[fieldKey(name)];
    if (value === undefined) return [];
    if (field.type !== 'group' || typeof value === 'number') return [[name, value] as const];
    const group = base?.[name];
    const known = typeof group === 'object' ? group : {};
    return [[name, { ...known, ...writtenTerms(field.fields, value, known) }] as const];
  });
  return Object.fromEntries(terms) as Terms;
}

/** One line for each option: `surge: { min: 8, factor: 4, within: 10m }`. */
export function defaultsText({ withDescriptions }: { readonly withDescriptions: boolean }): string {
  const defaults = defaultThresholds('balanced');
  return thresholdSets
    .flatMap(({ option, fields, description }) => [
      ...(withDescriptions ? [`# ${description}`] : []),
      `${optionKey(option)}: ${termsText(fields, defaults[option])}`,
    ])
    .join('\n');
}

function termsText(fields: ThresholdFields, terms: Terms | undefined): string {
  const parts = Object.entries(fields).flatMap(([name, field]) => {
    const text = valueText(field, terms?.[name]);
    return text === undefined ? [] : [`${fieldKey(name)}: ${text}`];
  });
  return `{ ${parts.join(', ')} }`;
}

function valueText(field: ThresholdField, value: Terms[string]): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object') return field.type === 'group' ? termsText(field.fields, value) : undefined;
  if (field.type === 'duration') return durationText(value);
  return field.type === 'share' ? shareText(value) : `${value}`;
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** `values` without the keys that are undefined. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
