/** The exception that a task raised, without the wrappers in which it travelled between processes. */
import { partOf, type Redacted } from '../untrusted.ts';
import { raisedClassIn, shortName } from './class-name.ts';
import { readAngled, readCall, readPrinted } from './exception-repr.ts';
import { locateStandardLibrary } from './library-paths.ts';
import type { ParsedException } from './parsed-exception.ts';
import { parseTraceback } from './traceback.ts';

/**
 * The traceback's exception, or undefined for a text without one. The class inside `UnpickleableExceptionWrapper` stands in
 * the wrapper's place, and the traceback of another process in the place of the exception that only quotes it. Frames of the standard library are
 * marked where their path alone does not show it.
 */
export function parseRaised(traceback: Redacted): ParsedException | undefined {
  const parsed = parseTraceback(traceback);
  if (parsed === undefined) return undefined;
  return locateStandardLibrary(wrappers.some((name) => traceback.includes(name)) ? unwrapped(parsed) : parsed);
}

const wrappers = ['UnpickleableExceptionWrapper', 'RemoteTraceback', 'RayTaskError'];

function unwrapped(exception: ParsedException): ParsedException {
  const { cause, context, exceptions } = exception;
  const links = {
    ...(cause !== undefined && { cause: unwrapped(cause) }),
    ...(context !== undefined && { context: unwrapped(context) }),
    ...(exceptions !== undefined && { exceptions: exceptions.map(unwrapped) }),
  };
  const name = shortName(exception.type);
  if (name === 'UnpickleableExceptionWrapper') return { ...exception, ...inner(exception), ...links };
  if (!quotesTraceback.test(name)) return { ...exception, ...links };
  const quoted = parseTraceback(partOf(exception.value, exception.value.replace(/^\s*"""\n?|"""\s*$/g, '')));
  if (quoted === undefined || quoted.frames.length === 0) return { ...exception, ...links };
  // Ray's exception is one of its own; the others only carry the text.
  return name.startsWith('Ray')
    ? { ...exception, cause: unwrapped(quoted), ...links }
    : { ...unwrapped(quoted), ...links };
}

/** The standard library, billiard, loky; Ray names the class that it quotes: `RayTaskError(ValueError)`. */
const quotesTraceback = /^_?RemoteTraceback$|^RayTaskError(?:\(|$)/;

/** The exception in the wrapper, by its repr, or by the raising line for a repr of any other form. */
function inner({ value, frames }: ParsedException): Pick<ParsedException, 'type' | 'value'> | undefined {
  const certain = readCall(value) ?? readPrinted(value);
  if (certain !== undefined) return { type: certain.type, value: certain.message };
  const raised = raisedClassIn(frames.at(-1)?.source ?? partOf(value, ''));
  const angled = readAngled(value);
  if (raised === undefined || (angled !== undefined && shortName(angled.type) === raised))
    return angled && { type: angled.type, value: angled.message };
  return { type: raised, value };
}
