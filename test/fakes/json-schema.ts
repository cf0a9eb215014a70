/** A validator for the part of JSON Schema that this project's schemas use. */

type Json = Readonly<Record<string, unknown>>;

/** The places of a value that the schema refuses. A keyword that is not implemented here is an error. */
export function faultsOf(schema: object, value: unknown, path: string): string[] {
  const faults: string[] = [];
  const fail = (isRight: boolean, place = path): void => {
    if (!isRight && !faults.includes(place)) faults.push(place);
  };
  const inner = (one: object, part: unknown, name: string | number): void => {
    faults.push(...faultsOf(one, part, `${path}/${name}`));
  };
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isMapping ? (value as Json) : {};
  for (const [word, rule] of Object.entries(schema)) {
    switch (word) {
      case 'type':
        fail([rule].flat().some((type) => isOfType(value, String(type))));
        break;
      case 'enum':
        fail((rule as unknown[]).includes(value));
        break;
      case 'const':
        fail(rule === value);
        break;
      case 'pattern':
        fail(typeof value !== 'string' || new RegExp(rule as string, 'u').test(value));
        break;
      case 'minimum':
        fail(typeof value !== 'number' || value >= (rule as number));
        break;
      case 'maximum':
        fail(typeof value !== 'number' || value <= (rule as number));
        break;
      case 'minItems':
        fail(!Array.isArray(value) || value.length >= (rule as number));
        break;
      case 'maxItems':
        fail(!Array.isArray(value) || value.length <= (rule as number));
        break;
      case 'anyOf':
        fail((rule as object[]).some((one) => faultsOf(one, value, path).length === 0));
        break;
      case 'items':
        if (Array.isArray(value)) for (const [index, item] of value.entries()) inner(rule as object, item, index);
        break;
      case 'properties':
        for (const [key, one] of Object.entries(rule as object))
          if (Object.hasOwn(fields, key)) inner(one, fields[key], key);
        break;
      case 'required':
        for (const key of rule as string[]) fail(!isMapping || Object.hasOwn(fields, key), `${path}/${key}`);
        break;
      case 'propertyNames':
        for (const key of Object.keys(fields)) inner(rule as object, key, key);
        break;
      case 'additionalProperties': {
        const known = Object.keys((schema as Json)['properties'] ?? {});
        for (const key of Object.keys(fields).filter((one) => !known.includes(one))) {
          if (rule === false) fail(false, `${path}/${key}`);
          else inner(rule as object, fields[key], key);
        }
        break;
      }
      case '$schema':
      case '$id':
      case 'format':
      case 'examples':
      case 'title':
      case 'description':
      case 'default':
        break;
      default:
        throw new Error(`expected a known keyword of JSON Schema, got "${word}"`);
    }
  }
  return faults;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
