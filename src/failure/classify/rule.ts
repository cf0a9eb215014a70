/** One rule of the tables of classes: an exception, by its class and its message, has a class of failure. */
import { shortName } from '../../event/python/class-name.ts';
import type { FailureClass } from '../facts.ts';

/** The class that the rule gives to an exception; undefined if it does not apply. */
export type Rule = (type: string, name: string, message: string) => FailureClass | undefined;

/** By the name of the exception class, in any module. */
export function named(result: FailureClass, pattern: RegExp): Rule {
  return (_, name) => (pattern.test(name) ? result : undefined);
}

/** By the class with its module. */
export function typed(result: FailureClass, pattern: RegExp): Rule {
  return (type) => (pattern.test(type) ? result : undefined);
}

/** By the class with its module, and by the message. */
export function worded(result: FailureClass, type: RegExp, pattern: RegExp): Rule {
  return (whole, _, message) => (type.test(whole) && pattern.test(message) ? result : undefined);
}

/** By the message alone. */
export function saying(result: FailureClass, pattern: RegExp): Rule {
  return (_, __, message) => (pattern.test(message) ? result : undefined);
}

/** Rules for the exceptions of one family; `type` matches the class with its module. */
export function within(type: RegExp, rules: readonly Rule[]): Rule {
  return (whole, name, message) => (type.test(whole) ? firstOf(rules, whole, name, message) : undefined);
}

/** Rules that read words of a protocol, for exceptions that are not about a value. */
export function exceptAboutValues(rules: readonly Rule[]): Rule {
  return (type, name, message) => (aboutValues.test(name) ? undefined : firstOf(rules, type, name, message));
}

/** The class of the first rule that applies; undefined if none does. */
export function classByRules(rules: readonly Rule[], type: string, message: string): FailureClass | undefined {
  return firstOf(rules, type, shortName(type), message);
}

function firstOf(rules: readonly Rule[], type: string, name: string, message: string): FailureClass | undefined {
  for (const rule of rules) {
    const result = rule(type, name, message);
    if (result !== undefined) return result;
  }
  return undefined;
}

/**
 * Exceptions about a value that the program had in its hands. Words of a protocol in their messages are data: `KeyError:
 * 'quota'`, `ValueError: 503 items`.
 */
export const aboutValues =
  /^(?:Assertion|Attribute|Import|Index|Key|Lookup|ModuleNotFound|Name|NotImplemented|Overflow|Recursion|Type|UnboundLocal|Unicode\w*|Value|ZeroDivision)Error$|(?:Validation|Config\w*|Settings|Schema|Serializer|Parse\w*)Error$|(?:Decode|Encode|Syntax)Error$|Violation(?:Error)?$|^(?:Integrity|Data|Programming)Error$/;
