/** The exceptions of a traceback that caused the raised one. */
import type { ParsedException } from '../event/python/parsed-exception.ts';

/**
 * From the raised exception to its root cause. An exception that was being handled counts as the cause only if the handler
 * replaced it with a `raise`; an error that occurred in the handler by itself has another cause.
 */
export function chainOf(exception: ParsedException): readonly ParsedException[] {
  const chain: ParsedException[] = [];
  for (let link: ParsedException | undefined = exception; link !== undefined; ) {
    chain.push(link);
    link = link.cause ?? (link.context !== undefined && replaces(link, link.context) ? link.context : undefined);
  }
  return chain;
}

/** Exceptions that the interpreter raises for wrong code. They decide if the source line is missing. */
const interpreterRaised = /^(?:Attribute|Index|Key|Name|Type|UnboundLocal|ZeroDivision)Error$/;
/** Exceptions that libraries raise about the values they were given. */
const valueErrors =
  /^(?:Assertion|Lookup|Overflow|Unicode\w*|Value|NotImplemented|Import|ModuleNotFound|Attribute|Index|Key|Name|Type)Error$/;

/**
 * Exceptions of decoders and parsers, and of libraries that wrap them. Their messages describe the position in the data,
 * which differs between documents.
 */
export const describesData =
  /(?:Decode|Encode|JSON|Syntax|Parse|Parser|Parsing|Scanner|Lexer|Token|Expat|Unpickling|Pattern)Error$|^(?:re|binascii|zlib|csv)\.[eE]rror$|^binascii\.Incomplete$/;

/** `raise`, and its replacements in libraries that support Python 2 as well: `six.reraise(`, `compat.raise_(`. */
const raising = /^(?:raise\b|(?:\w+\.)*(?:re)?raise_?\w*\()/;

function replaces({ type, frames }: ParsedException, handled: ParsedException): boolean {
  const last = frames.at(-1);
  if (last?.source === undefined) return !interpreterRaised.test(type);
  if (!raising.test(last.source)) return false;
  // The traceback of the handled exception starts in the function that caught it. A value error from a deeper function
  // occurred in a call that the handler made, and does not replace the handled exception.
  const catcher = handled.frames[0];
  const isCatcher = catcher === undefined || (catcher.function === last.function && catcher.file === last.file);
  return isCatcher || !(valueErrors.test(type) || describesData.test(type));
}
