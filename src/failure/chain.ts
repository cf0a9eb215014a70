/** Which of the exceptions that a traceback holds led to the one that came out. */
import type { ParsedException } from '../event/python/traceback.ts';
import { describesData } from './message-template.ts';

/**
 * From the exception that came out to its root cause. An exception that was merely being handled when another one
 * happened by itself is not its cause: only a `raise` in the handler means to replace it.
 */
export function chainOf(exception: ParsedException): readonly ParsedException[] {
  const chain: ParsedException[] = [];
  for (let link: ParsedException | undefined = exception; link !== undefined; ) {
    chain.push(link);
    link = link.cause ?? (link.context !== undefined && replaces(link, link.context) ? link.context : undefined);
  }
  return chain;
}

/** What the interpreter raises by itself when code is wrong, if no source line tells. */
const selfMade = /^(?:Attribute|Index|Key|Name|Type|UnboundLocal|ZeroDivision)Error$/;
/** What code of others raises on purpose, about the values that it was given. */
const aboutValues =
  /^(?:Assertion|Lookup|Overflow|Unicode\w*|Value|NotImplemented|Import|ModuleNotFound|Attribute|Index|Key|Name|Type)Error$/;

/** `raise`, and the functions that libraries of two Pythons have for it: `six.reraise(`, `compat.raise_(`. */
const raising = /^(?:raise\b|(?:\w+\.)*(?:re)?raise_?\w*\()/;

function replaces({ type, frames }: ParsedException, handled: ParsedException): boolean {
  const last = frames.at(-1);
  if (last?.source === undefined) return !selfMade.test(type);
  if (!raising.test(last.source)) return false;
  // The traceback of what was handled begins in the function that caught it. A complaint about values that comes from
  // deeper down is the accident of a call that the handler made.
  const catcher = handled.frames[0];
  const isCatcher = catcher === undefined || (catcher.function === last.function && catcher.file === last.file);
  return isCatcher || !(aboutValues.test(type) || describesData.test(type));
}
