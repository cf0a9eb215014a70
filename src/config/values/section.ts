/** A mapping of the configuration file. */
import { z } from 'zod';

/** Refuses unknown keys. Its message for them is the list of those it knows, out of which `load.ts` suggests one. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined),
  });
}
