/** Reads fields of JSON whose shape is not guaranteed: answers of Slack's Web API and interactions that Slack sends. */

export type SlackFields = Readonly<Record<string, unknown>>;

/** The objects of a JSON array; an item that is no object becomes an empty one. Empty for anything but an array. */
export function listOf(value: unknown): SlackFields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** The fields of a JSON object; none for anything else. */
export function fieldsOf(value: unknown): SlackFields {
  return typeof value === 'object' && value !== null ? (value as SlackFields) : {};
}

/** A string, or undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
