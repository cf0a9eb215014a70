/** Rules of the operator for the groups and classes of failures. */
import { z } from 'zod';
import { type FailurePolicy, partNames } from '../../failure/grouping-policy.ts';
import { type ConfigDraft, type ConfigTrouble, isMapping } from '../draft/draft.ts';
import { defineSection, option, type Written } from '../option.ts';
import { flag, gotOf, leaf, listed, oneOf, text, texts, textsHint } from '../values/leaf.ts';
import { name, nameExpected } from '../values/names.ts';
import { section } from '../values/section.ts';
import { repeatedNames } from './repeated-names.ts';

const failureClass = () => oneOf(['bug', 'transient', 'resource', 'cancelled']);

const rule = section({
  name: text(nameExpected, name),
  match: section({
    task: texts('a glob like "mail.tasks.*"').default([]),
    exception: texts('a glob like "requests.*Timeout"').default([]),
    message: texts('a glob like "*quota*"').default([]),
    frame: texts('a glob like "shop.gateway.*"').default([]),
  }),
  parts: parts(partNames).optional(),
  split: parts(partNames).optional(),
  ignore: flag().default(false),
  class: failureClass().optional(),
});

export const grouping = {
  grouping: defineSection(
    {
      rules: option(z.array(rule).max(200), {
        about: 'Tried in order; the first rule that matches applies.',
        default: [],
        sample: `
- name: partner-quota
  match: { task: "partners.*", exception: "*.PartnerError", message: "*quota*", frame: "shop.gateway.*" }
  parts: [partner quota]
  class: transient
- name: per-task
  match: { exception: redis.exceptions.ConnectionError }
  split: ["{task}"]
- name: sandbox
  match: { task: "sandbox.*" }
  ignore: true`,
      }),
    },
    {
      about:
        'Rules for the groups of failures, tried before the built-in ones; docs/grouping.md explains how a group is ' +
        'formed. match: globs of the name of the task, the class of the exception, its message and the module.function ' +
        'of any frame; all given ones must match. Then one or more of: parts, the components of the group, from texts ' +
        'of your own and {default}, {task}, {exception}, {message}, {codes}, {place}, {path}; split, components in ' +
        'addition to the built-in ones; class; or ignore: true, which reports no failure. `taskvigil fingerprint explain ' +
        '-c FILE` shows the effect of a rule.',
    },
  ),
  classes: option(z.record(z.string(), failureClass()), {
    about:
      'The class of an exception, by a glob of its name with or without its module: bug, transient, resource or ' +
      'cancelled. Applied before the built-in classes, to the raised exception and to each exception that led to it.',
    default: {},
    sample: `
shop.errors.CarrierClosed: transient`,
  }),
};

/** The components of `split` are added to the built-in group. */
export function failurePolicyOf({ grouping: { rules }, classes }: Written<typeof grouping>): FailurePolicy {
  return {
    rules: rules.map((rule) => ({
      name: rule.name,
      match: {
        tasks: rule.match.task,
        exceptions: rule.match.exception,
        messages: rule.match.message,
        frames: rule.match.frame,
      },
      parts: rule.parts ?? (rule.split === undefined ? undefined : ['{default}', ...rule.split]),
      isIgnored: rule.ignore,
      class: rule.class,
    })),
    classes: Object.entries(classes).map(([exception, failureClass]) => ({ exception, class: failureClass })),
  };
}

/** Texts of the operator, and `{names}` from a closed list. */
function parts(names: readonly string[]) {
  const expected = `expected texts and some of ${listed(names.map((name) => `{${name}}`))}`;
  return leaf<readonly string[]>((raw) => {
    const list: unknown[] = Array.isArray(raw) ? raw : [raw];
    const odd = list.find((item) => !isPart(item, names));
    if (odd === undefined && list.length > 0 && list.length <= 16) return { ok: true, value: list as string[] };
    return {
      ok: false,
      reason: `${expected}, got ${typeof odd === 'string' ? JSON.stringify(odd.slice(0, 40)) : gotOf(odd)}`,
    };
  }, textsHint);
}

function isPart(item: unknown, names: readonly string[]): item is string {
  if (typeof item !== 'string' || !/^[^\u0000-\u001f]{1,256}$/.test(item)) return false;
  return !/[{}]/.test(item) || names.some((name) => item === `{${name}}`);
}

/** A rule has a condition and an effect, and a rule that ignores failures has no other effect. */
export function groupingTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const rules = draft.valueAt(['grouping', 'rules']);
  if (!Array.isArray(rules)) return [];
  const troubles = rules.flatMap((rule: unknown, index) =>
    isMapping(rule) ? ruleTroubles(rule, ['grouping', 'rules', index]) : [],
  );
  return [...repeatedNames(draft, ['grouping', 'rules']), ...troubles];
}

function ruleTroubles(rule: Readonly<Record<string, unknown>>, path: readonly (string | number)[]): ConfigTrouble[] {
  const isIgnored = rule['ignore'] === true || rule['ignore'] === 'true';
  const effects = ['parts', 'split', 'class'].filter((key) => rule[key] !== undefined);
  const troubles: ConfigTrouble[] = [];
  if (isMapping(rule['match']) && Object.keys(rule['match']).length === 0) {
    const message = 'expected at least one of task, exception, message, frame';
    troubles.push({ path: [...path, 'match'], message });
  }
  if (effects.length === 0 && !isIgnored) {
    troubles.push({ path, message: 'expected one of parts, split, ignore, class' });
  }
  if (isIgnored && effects.length > 0) {
    troubles.push({ path: [...path, 'ignore'], message: `expected either ignore or ${effects[0]}, got both` });
  }
  if (effects.includes('parts') && effects.includes('split')) {
    troubles.push({ path: [...path, 'split'], message: 'expected either parts or split, got both' });
  }
  return troubles;
}
