/**
 * Parses JSON as Python writes it. `json.dumps` emits NaN, Infinity and -Infinity, which JSON.parse refuses; they become
 * null. Integers beyond 2^53 lose precision; no field that taskvigil reads needs it. Throws what JSON.parse throws.
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const repaired = withoutNotNumbers(text);
    if (repaired === undefined) throw error;
    return JSON.parse(repaired);
  }
}

// Strings are matched first, so that a word inside a string stays as it is.
const stringOrNotNumber = /"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN)\b/g;

function withoutNotNumbers(text: string): string | undefined {
  if (!text.includes('NaN') && !text.includes('Infinity')) return undefined;
  return text.replace(stringOrNotNumber, (token) => (token.startsWith('"') ? token : 'null'));
}
