/** A message as kombu writes it to Redis, to the letter: a fast reader relies on its order of keys and its spaces. */

/** `{"body": "<base64>", ...}` as kombu's virtual transport publishes an event. */
export function envelopeOf(key: string, hostname: string, body: string, deliveryTag: string): string {
  return `{"body": "${Buffer.from(body).toString('base64')}", "content-encoding": "utf-8", "content-type": "application/json", "headers": {"hostname": "${hostname}"}, "properties": {"delivery_mode": 1, "delivery_info": {"exchange": "celeryev", "routing_key": "${key}"}, "priority": 0, "body_encoding": "base64", "delivery_tag": "${deliveryTag}"}}`;
}

/** JSON with the spaces and the plain ASCII of Python's `json.dumps`. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${asciiJson(key)}: ${pythonJson(inner)}`)
      .join(', ')}}`;
  }
  return typeof value === 'string' ? asciiJson(value) : (JSON.stringify(value) ?? 'null');
}

function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
