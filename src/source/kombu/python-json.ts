import { isRecord } from '../is-record.ts';

/**
 * Parses JSON as Python writes it. `json.dumps` emits NaN, Infinity and -Infinity, which JSON.parse refuses; they become
 * null. A task id that is a number becomes its text, so that a long integer keeps its digits; other integers beyond 2^53 lose
 * precision. Throws what JSON.parse throws.
 */
export function parsePythonJson(text: string): unknown {
  const value = parse(text);
  return hasNumericId(value) ? parse(text, numericIdsAsText) : value;
}

function hasNumericId(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isNumberedEvent);
  return isNumberedEvent(value);
}

function isNumberedEvent(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return (
    typeof value['uuid'] === 'number' || typeof value['root_id'] === 'number' || typeof value['parent_id'] === 'number'
  );
}

const idFields: ReadonlySet<string> = new Set(['uuid', 'root_id', 'parent_id']);

function numericIdsAsText(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && idFields.has(key) ? (context?.source ?? value) : value;
}

function parse(text: string, reviver?: typeof numericIdsAsText): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (error) {
    const repaired = withoutNotNumbers(text);
    if (repaired === undefined) throw error;
    return JSON.parse(repaired, reviver);
  }
}

// Strings are matched first, so that a word inside a string stays as it is.
const stringOrNotNumber = /"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN)\b/g;

function withoutNotNumbers(text: string): string | undefined {
  if (!text.includes('NaN') && !text.includes('Infinity')) return undefined;
  return text.replace(stringOrNotNumber, (token) => (token.startsWith('"') ? token : 'null'));
}
