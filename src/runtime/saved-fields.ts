/**
 * Fields of an object as plain JSON, and back. The object that receives them decides how each is read, so a saved text needs
 * no names of classes, and a field that is added later is saved without further code. Pure.
 */

export type SavedFields = Readonly<Record<string, unknown>>;

/** A field with a form of its own. */
interface Savable {
  save(): unknown;
  load(saved: unknown): void;
}

/** Public fields: plain values, sets, maps and savable parts. Objects of other classes are left out. */
export function saveFields(object: object): SavedFields {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) => (isSaved(value) ? [[name, savedValue(value)]] : [])),
  );
}

/** Writes saved fields into a new object of the same class and returns it. A field that the object lacks is left out. */
export function loadFields<Target extends object>(target: Target, saved: SavedFields): Target {
  const fields = target as Record<string, unknown>;
  for (const [name, value] of Object.entries(saved)) {
    if (!Object.hasOwn(target, name)) continue;
    const own = fields[name];
    if (own instanceof Set) for (const item of value as unknown[]) own.add(item);
    else if (own instanceof Map) for (const [key, item] of value as [unknown, unknown][]) own.set(key, item);
    else if (isSavable(own)) own.load(value);
    else if (Array.isArray(own)) own.splice(0, own.length, ...(value as unknown[]));
    else fields[name] = value;
  }
  return target;
}

function savedValue(value: unknown): unknown {
  if (value instanceof Set || value instanceof Map) return [...value];
  return isSavable(value) ? value.save() : value;
}

function isSaved(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value !== undefined;
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return isPlain || value instanceof Set || value instanceof Map || isSavable(value);
}

function isSavable(value: unknown): value is Savable {
  return typeof value === 'object' && value !== null && 'save' in value && 'load' in value;
}
