/** A mapping of the configuration file. */
import { z } from 'zod';

/** Refuses unknown keys. The message lists the allowed keys, and `problems.ts` suggests one of them. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : undefined),
  });
}
