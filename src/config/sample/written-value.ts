import { parse, stringify } from 'yaml';

/** YAML on one line. Words that YAML 1.1 reads as a boolean are quoted, for tools that still read it so. */
export function writtenValue(value: unknown): string {
  if (typeof value !== 'string') return stringify(value, { collectionStyle: 'flow' }).trimEnd();
  const isPlain = /^[\w/][^\s#"']*$/.test(value) && !/^(?:on|off|yes|no|y|n)$/i.test(value) && parse(value) === value;
  return isPlain ? value : JSON.stringify(value);
}
