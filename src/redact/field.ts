/** Fields of an event that hold text of a worker or a producer. */
export type Field = 'args' | 'kwargs' | 'result' | 'exception' | 'traceback' | 'name' | 'log';

/**
 * `drop` shows nothing, `shape` brackets, keys and kinds of values, `allow` the shape and the values at listed paths,
 * `redact` everything but secrets, `raw` everything.
 */
export type Treatment = 'drop' | 'shape' | 'allow' | 'redact' | 'raw';

/** The treatment of each field. */
export type Modes = Readonly<Record<Field, Treatment>>;

/** From the one that shows most to the one that shows least. */
const strictness: readonly Treatment[] = ['raw', 'redact', 'allow', 'shape', 'drop'];

export function stricterTreatment(one: Treatment, other: Treatment): Treatment {
  return strictness.indexOf(one) >= strictness.indexOf(other) ? one : other;
}

/** Length limits in characters. Celery itself cuts arguments at about 1,000 characters, and exceptions and tracebacks never. */
export const defaultCharsMax: Readonly<Record<Field, number>> = {
  args: 16_384,
  kwargs: 16_384,
  result: 16_384,
  exception: 65_536,
  traceback: 262_144,
  name: 1_024,
  log: 65_536,
};

/** Results are of least use and most risk. */
export const defaultModes: Modes = {
  args: 'redact',
  kwargs: 'redact',
  result: 'drop',
  exception: 'redact',
  traceback: 'redact',
  name: 'redact',
  log: 'redact',
};
