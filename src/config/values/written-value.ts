import { parse } from 'yaml';

/** YAML on one line: `[4h, 24h]`, `{ burst: 5 }`, `"09:00"`. */
export function writtenValue(value: unknown): string {
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writtenValue).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${writtenValue(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** False for texts that YAML 1.2 reads as another value, and for booleans and times of YAML 1.1, which other tools read. */
function isPlain(text: string): boolean {
  const isOtherInYaml11 = /^(?:on|off|yes|no|y|n|\d+(?::\d+)+)$/i.test(text);
  return /^[\w/][^\s#"',[\]{}]*$/.test(text) && !isOtherInYaml11 && parse(text) === text;
}
